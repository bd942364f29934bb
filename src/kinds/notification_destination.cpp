#include "kinds/calls.h"
#include "model/sensitive.h"
#include "workspace/given.h"

namespace twinlake::kinds::notification_destination {

using namespace model;
using nlohmann::json;

namespace {

/// Only addresses of mail can be read; of the rest just whether it is set (facts, core 25).
json shape(const json& item) {
  json destination = json::object();
  for (const char* field : {"display_name", "destination_type", "config"})
    if (const auto found = item.find(field); found != item.end()) destination[field] = *found;
  return destination;
}

bool is_readable(const json& definition) {
  return text_at(definition, "/destination_type") == "EMAIL";
}

const Secret* given_config(const json& definition, const workspace::Workspace& to) {
  const auto found = to.given().destinations.find(text_at(definition, "/display_name"));
  return found == to.given().destinations.end() ? nullptr : &found->second;
}

std::optional<Error> cannot_write(const json& definition, const workspace::Workspace& to) {
  if (is_readable(definition) || given_config(definition, to) != nullptr) return std::nullopt;
  return Error(Fault::refused, "its address and keys cannot be read from any API",
               "Put its `config` into the file of `values`, below notification_destinations, or "
               "make it by hand "
               "under the same name");
}

json body_of(const Write& write) {
  json body = json::object();
  body["display_name"] = text_at(*write.definition, "/display_name");
  const Secret* const given =
      is_readable(*write.definition) ? nullptr : given_config(*write.definition, *write.to);
  if (given != nullptr) {
    body["config"] = json::parse(given->reveal(), nullptr, false);
  } else {
    body["config"] = write.definition->value("config", json::object());
  }
  return body;
}

/// What the service says of a config that it does not like may repeat the keys in it.
Task<Result<json>> send(Write write, const Endpoint* endpoint) {
  const json body = body_of(write);
  auto answer =
      co_await write.to->call(workspace::request_of(*write.kind, *endpoint, write.id, &body));
  if (answer) co_return answer;
  Error error = std::move(answer).error();
  if (!is_readable(*write.definition)) hide_texts(body["config"], error);
  co_return fail(std::move(error));
}

Task<Result<std::string>> create(Write write) {
  CO_TRY(const json answer, co_await send(write, &write.kind->create));
  std::string id = text_at(answer, "/id");
  if (id.empty())
    co_return fail(Fault::in_doubt, "the service did not say the id of what it created");
  co_return id;
}

Task<Result<std::string>> update(Write write) {
  CO_CHECK(co_await send(write, &write.kind->update));
  co_return write.id;
}

constexpr Unordered unordered[] = {{"/config/email/addresses", ""}};
constexpr std::string_view immutable[] = {"/destination_type"};
bool must_read(const json&) { return true; }

constexpr Kind kind{
    .name = "notification_destination",
    .plural = "notification destinations",
    .about = "where jobs and alerts send their messages",
    .list = {.endpoint = {.path = "/api/2.0/notification-destinations", .query = "page_size=100"},
             .items = "/results",
             .pages = PageStyle::token},
    .detail = Detail::definition,
    .read = {.path = "/api/2.0/notification-destinations/{id}"},
    .must_read = must_read,
    .id_at = "/id",
    .key_at = "/display_name",
    .key_is_unique = false,
    .shape = shape,
    .unordered = unordered,
    .immutable = immutable,
    .cannot_write = cannot_write,
    .left_to_people =
        "addresses and keys of webhooks, Slack, Teams and PagerDuty come from the file of `values`",
    .create = {.method = Method::post,
               .path = "/api/2.0/notification-destinations",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .update = {.method = Method::patch,
               .path = "/api/2.0/notification-destinations/{id}",
               .effect = Effect::writes},
    .remove = {.method = Method::del,
               .path = "/api/2.0/notification-destinations/{id}",
               .effect = Effect::writes},
    .created_id_at = "/id",
    .create_verb = create,
    .update_verb = update,
};

}  // namespace

const Kind& notification_destination_kind() { return kind; }

}  // namespace twinlake::kinds::notification_destination
