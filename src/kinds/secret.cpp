#include "base/hash.h"
#include "base/hide.h"
#include "kinds/calls.h"
#include "workspace/secrets.h"

namespace twinlake::kinds::secret {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

json shape(const json& item) {
  json secret = json::object();
  for (const char* field : {"scope", "key", "value"})
    if (const auto found = item.find(field); found != item.end()) secret[field] = *found;
  return secret;
}

/// The value itself never enters a definition: its keyed fingerprint stands for it.
Task<Result<json>> read(Workspace& side, const Kind&, const Kind*, std::string, json item) {
  CO_TRY(const Secret value,
         co_await workspace::secret_value(side, text_at(item, "/scope"), text_at(item, "/key")));
  item["value"] = side.fingerprint(value.reveal());
  co_return item;
}

constexpr std::size_t most_bytes = std::size_t{128} * 1024;  // facts, core 5

/// Text as text and bytes as bytes, so that it comes out as it went in. May be sent twice.
Task<Result<std::string>> put(Write write) {
  if (write.from == nullptr)
    co_return fail(Fault::blocked, "its value cannot be read: the other side is not reachable",
                   "Run again when that side answers");
  const auto name = workspace::secret_name(write.source_id);
  CO_TRY(const Secret value, co_await workspace::secret_value(*write.from, name.scope, name.key));
  if (value.reveal().size() > most_bytes)
    co_return fail(Fault::invalid,
                   "its value has " + std::to_string(value.reveal().size()) +
                       " bytes, and a secret may have 128 KB",
                   "Give a shorter one in the file of `values`, or keep it in a file that only its "
                   "readers can open");
  json body = json::object();
  body["scope"] = text_at(*write.definition, "/scope");
  body["key"] = text_at(*write.definition, "/key");
  if (is_utf8(value.reveal())) {
    body["string_value"] = value.reveal();
  } else {
    body["bytes_value"] = base64_encode(value.reveal());
  }
  auto done = co_await write.to->call(repeatable(http::Method::post, "/api/2.0/secrets/put", body));
  if (!done) {
    Error error = std::move(done).error();
    for (std::string* words : {&error.message, &error.hint}) hide(*words, value.reveal());
    co_return fail(std::move(error));
  }
  co_return workspace::secret_id(text_at(body, "/scope"), text_at(body, "/key"));
}

Task<Result<void>> remove(Write write) {
  const auto name = workspace::secret_name(write.id);
  json body = json::object();
  body["scope"] = name.scope;
  body["key"] = name.key;
  auto done =
      co_await write.to->call(repeatable(http::Method::post, "/api/2.0/secrets/delete", body));
  // With its scope it may be gone already.
  if (!done && done.error().fault != Fault::not_found) co_return fail(std::move(done).error());
  co_return Result<void>{};
}

constexpr std::string_view types[] = {"SECRET"};
constexpr std::string_view scopes[] = {"secret_scope"};
constexpr Reference references[] = {{.path = "/scope", .kinds = scopes, .match = Match::key}};
constexpr std::string_view sensitive[] = {"/value"};
constexpr std::string_view indicator[] = {"/last_updated_timestamp"};
constexpr std::string_view named_by[] = {"/scope", "/key"};
constexpr Endpoint put_endpoint{
    .method = Method::post, .path = "/api/2.0/secrets/put", .effect = Effect::writes};

constexpr Kind kind{
    .name = "secret",
    .plural = "secrets",
    .about = "values go from side to side in memory; kept is only when they changed",
    .list = {.match_at = "/object", .match_any = types},
    .list_verb = workspace::list_secrets,
    .detail = Detail::content,
    .read = {.path = "/api/2.0/secrets/get"},
    .read_verb = read,
    .id_at = "/id",
    .key_at = "/name",
    .shape = shape,
    .references = references,
    .sensitive = sensitive,
    .named_by = named_by,
    .indicator = indicator,
    .create = put_endpoint,
    .update = put_endpoint,
    .remove = {.method = Method::post, .path = "/api/2.0/secrets/delete", .effect = Effect::writes},
    .create_verb = put,
    .update_verb = put,
    .remove_verb = remove,
    .part = Part::secret,
};

}  // namespace

const Kind& secret_kind() { return kind; }

}  // namespace twinlake::kinds::secret
