#include "kinds/calls.h"
#include "workspace/given.h"
#include "workspace/network_access.h"

namespace twinlake::kinds::ip_access_list {

using namespace model;
using nlohmann::json;

namespace {

json shape(const json& item) {
  json list = json::object();
  for (const char* field : {"label", "list_type", "ip_addresses", "enabled"})
    if (const auto found = item.find(field); found != item.end()) list[field] = *found;
  return list;
}

/// A list that blocks ourselves would end the replication, and lock the operator out.
std::optional<Error> cannot_write(const json& definition, const workspace::Workspace& to) {
  if (text_at(definition, "/list_type") != "BLOCK") return std::nullopt;
  // One that is switched off counts all the same: what is created counts at once.
  json counting = definition;
  counting["enabled"] = true;
  const std::string victim = workspace::locked_out({counting}, to.given().own_addresses);
  if (victim.empty()) return std::nullopt;
  return Error(
      Fault::refused, "it would lock out " + victim + ", from where the workspace is managed",
      "Take that address out of the list where it comes from, or out of `own_addresses` in "
      "twinlake.yml");
}

Task<Result<void>> replace(workspace::Workspace& to, const Kind& row, std::string id, json list) {
  list["enabled"] = list.value("enabled", true);
  CO_CHECK(co_await to.call(workspace::request_of(row, row.update, id, &list)));
  co_return Result<void>{};
}

/// What is created counts at once; one that should not is switched off right after.
Task<Result<std::string>> create(Write write) {
  json body = *write.definition;
  body.erase("enabled");
  CO_TRY(const json answer, co_await write.to->call(
                                workspace::request_of(*write.kind, write.kind->create, "", &body)));
  std::string id = text_at(answer, "/ip_access_list/list_id");
  if (id.empty())
    co_return fail(Fault::in_doubt, "the service did not say the id of what it created");
  if (!write.definition->value("enabled", true))
    CO_CHECK(co_await replace(*write.to, *write.kind, id, *write.definition));
  co_return id;
}

Task<Result<std::string>> update(Write write) {
  CO_CHECK(co_await replace(*write.to, *write.kind, write.id, *write.definition));
  co_return write.id;
}

constexpr std::string_view types[] = {"LIST"};
constexpr std::string_view named_by[] = {"/label"};
constexpr Default defaults[] = {{"/enabled", "true"}};
constexpr Unordered unordered[] = {{"/ip_addresses", ""}};

constexpr Kind kind{
    .name = "ip_access_list",
    .plural = "IP access lists",
    .about = "addresses that may or may not reach the workspace; none that would lock us out",
    .list = {.match_at = "/object", .match_any = types},
    .list_verb = workspace::list_network_access,
    .id_at = "/list_id",
    .key_at = "/name",
    .key_is_unique = false,
    .shape = shape,
    .defaults = defaults,
    .unordered = unordered,
    .named_by = named_by,
    .cannot_write = cannot_write,
    .create = {.method = Method::post,
               .path = "/api/2.0/ip-access-lists",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .update = {.method = Method::put,
               .path = "/api/2.0/ip-access-lists/{id}",
               .effect = Effect::writes},
    .remove = {.method = Method::del,
               .path = "/api/2.0/ip-access-lists/{id}",
               .effect = Effect::writes},
    .create_verb = create,
    .update_verb = update,
};

}  // namespace

const Kind& ip_access_list_kind() { return kind; }

}  // namespace twinlake::kinds::ip_access_list
