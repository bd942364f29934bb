#include "kinds/calls.h"

namespace twinlake::kinds::secret_acl {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

json child_item(const Kind&, const json&) { return json::object(); }

Task<Result<std::vector<json>>> list_entries(Workspace& side, std::string scope) {
  http::Request request = http::Request::get("/api/2.0/secrets/acls/list");
  request.with_query("scope", std::move(scope));
  co_return co_await http::list_all(side.transport(), std::move(request), PageStyle::none,
                                    "/items");
}

Task<Result<json>> read(Workspace& side, const Kind&, const Kind*, std::string scope, json) {
  CO_TRY(std::vector<json> entries, co_await list_entries(side, std::move(scope)));
  json item = json::object();
  item["items"] = std::move(entries);
  co_return item;
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

Task<Result<void>> put(Workspace& to, std::string scope, json entry) {
  entry["scope"] = scope;
  auto done = co_await to.call(repeatable(http::Method::post, "/api/2.0/secrets/acls/put", entry));
  if (done) co_return Result<void>{};
  if (done.error().fault != Fault::already_exists) co_return fail(std::move(done).error());
  // Some back ends refuse to change an entry that is there (facts, core 34).
  CO_CHECK(co_await take_away(to, scope, text_at(entry, "/principal")));
  CO_CHECK(co_await to.call(repeatable(http::Method::post, "/api/2.0/secrets/acls/put", entry)));
  co_return Result<void>{};
}

bool has_principal(const json& entries, const std::string& principal) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const json& entry) { return text_at(entry, "/principal") == principal; });
}

/// What turns one list into the other.
struct Changes {
  json granted = json::array();
  std::vector<std::string> taken;
  [[nodiscard]] bool empty() const { return granted.empty() && taken.empty(); }
};

Changes between(const json& current, const json& wanted) {
  Changes changes{.granted = missing_in(wanted, current), .taken = {}};
  for (const json& entry : current)
    if (std::string principal = text_at(entry, "/principal"); !has_principal(wanted, principal))
      changes.taken.push_back(std::move(principal));
  return changes;
}

/// Those of the first changes that do not show yet. What others changed meanwhile is not ours.
Changes not_shown(const Changes& made, const json& shown) {
  Changes open{.granted = missing_in(made.granted, shown), .taken = made.taken};
  std::erase_if(open.taken, [&](const std::string& who) { return !has_principal(shown, who); });
  return open;
}

Task<Result<void>> apply(Workspace& to, std::string scope, Changes changes) {
  for (json& entry : changes.granted) CO_CHECK(co_await put(to, scope, std::move(entry)));
  for (std::string& who : changes.taken) CO_CHECK(co_await take_away(to, scope, std::move(who)));
  co_return Result<void>{};
}

/// Entry by entry and one after the other: the service has no call for the whole list, and writes
/// to one scope side by side get lost. A write may show late, or never: it is repeated until it
/// shows (facts, core 19.2). What is granted comes before what is taken away.
Task<Result<std::string>> write_list(Write write) {
  constexpr int looks = 8;  // 1, 2, 4 ... seconds: about four minutes in all
  std::string scope = owner_id(write);
  const Changes wanted =
      between(array_at(write.current.get(), "/items"), array_at(write.definition.get(), "/items"));
  Changes open = wanted;
  for (int look = 0; !open.empty(); ++look) {
    if (look == looks)
      co_return fail(Fault::unavailable,
                     "the access list of the scope does not keep what is written to it",
                     "Run `twinlake sync` again; somebody else may be changing it");
    if (look > 0) co_await write.to->loop().sleep(std::chrono::seconds(1 << (look - 1)));
    CO_CHECK(co_await apply(*write.to, scope, open));
    CO_TRY(const std::vector<json> shown, co_await list_entries(*write.to, scope));
    open = not_shown(wanted, shown);
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
    .part = Part::secret,
};

}  // namespace

const Kind& secret_acl_kind() { return kind; }

}  // namespace twinlake::kinds::secret_acl
