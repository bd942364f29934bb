#include "kinds/calls.h"

namespace twinlake::kinds {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

json child_item(const Kind&, const json&) { return json::object(); }

Task<Result<json>> read(Workspace& side, const Kind&, const Kind*, std::string scope, json) {
  http::Request request = http::Request::get("/api/2.0/secrets/acls/list");
  request.with_query("scope", scope);
  CO_TRY(json answer, co_await side.call(std::move(request)));
  json item = json::object();
  item["items"] = array_at(&answer, "/items");
  co_return item;
}

Task<Result<void>> put(Workspace& to, std::string scope, json entry) {
  entry["scope"] = scope;
  auto done = co_await to.call(repeatable(http::Method::post, "/api/2.0/secrets/acls/put", entry));
  if (done) co_return Result<void>{};
  if (done.error().fault != Fault::already_exists) co_return fail(std::move(done).error());
  // Some back ends refuse to change an entry that is there (facts, core 34).
  json gone = json::object();
  gone["scope"] = scope;
  gone["principal"] = text_at(entry, "/principal");
  CO_CHECK(co_await to.call(repeatable(http::Method::post, "/api/2.0/secrets/acls/delete", gone)));
  CO_CHECK(co_await to.call(repeatable(http::Method::post, "/api/2.0/secrets/acls/put", entry)));
  co_return Result<void>{};
}

Task<Result<void>> take_away(Workspace& to, std::string scope, std::string principal) {
  json body = json::object();
  body["scope"] = scope;
  body["principal"] = principal;
  auto done =
      co_await to.call(repeatable(http::Method::post, "/api/2.0/secrets/acls/delete", body));
  if (!done && done.error().fault != Fault::not_found) co_return fail(std::move(done).error());
  co_return Result<void>{};
}

bool has_principal(const json& entries, const std::string& principal) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const json& entry) { return text_at(entry, "/principal") == principal; });
}

/// Entry by entry and one after the other: the service has no call for the whole list, and writes
/// to one scope side by side get lost (facts, core 19.2). What is granted comes before what is
/// taken away.
Task<Result<std::string>> write_list(Write write) {
  std::string scope = owner_id(write);
  const json wanted = array_at(write.definition.get(), "/items");
  const json current = array_at(write.current.get(), "/items");
  for (const json& entry : missing_in(wanted, current))
    CO_CHECK(co_await put(*write.to, scope, entry));
  for (const json& entry : current) {
    const std::string principal = text_at(entry, "/principal");
    if (has_principal(wanted, principal)) continue;
    CO_CHECK(co_await take_away(*write.to, scope, principal));
  }
  co_return scope;
}

constexpr std::string_view principals[] = {"user", "group", "service_principal"};
constexpr Reference references[] = {{.path = "/items/*/principal",
                                     .kinds = principals,
                                     .match = Match::key,
                                     .missing = IfMissing::drop,
                                     .drop_levels = 1}};
constexpr Unordered unordered[] = {{"/items", "/principal"}};
constexpr std::string_view leave_out_self[] = {"/items/*/principal"};
constexpr Endpoint put_endpoint{
    .method = Method::post, .path = "/api/2.0/secrets/acls/put", .effect = Effect::writes};

constexpr Kind kind{
    .name = "secret_acl",
    .plural = "access lists of secret scopes",
    .about = "who may read, write and manage a scope; the replicator's own entry is left out",
    .child_of = "secret_scope",
    .child_item = child_item,
    .detail = Detail::definition,
    .read = {.path = "/api/2.0/secrets/acls/list"},
    .read_verb = read,
    .unordered = unordered,
    .references = references,
    .leave_out_self = leave_out_self,
    .create = put_endpoint,
    .update = put_endpoint,
    .create_verb = write_list,
    .update_verb = write_list,
    .never_removed = true,
};

}  // namespace

const Kind& secret_acl_kind() { return kind; }

}  // namespace twinlake::kinds
