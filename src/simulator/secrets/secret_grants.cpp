// Who may read, write and manage the secrets of a scope: /api/2.0/secrets/acls.
#include "simulator/audit/audit_log.h"
#include "simulator/identity/identity.h"
#include "simulator/secrets/secrets.h"

namespace twinlake::simulator {

namespace {
http::Response no_grant(const std::string& principal, const std::string& scope) {
  return absent("No permission of " + principal + " exists on scope " + scope + ".");
}
void tell(Region& region, const Call& call, std::string action) {
  AuditLog::Event event{.service = "secrets", .action = std::move(action), .caller = call.caller};
  event.params["scope"] = text_of(call.body, "scope");
  event.params["principal"] = text_of(call.body, "principal");
  region.get<AuditLog>().record(std::move(event));
}
json row_of(const Principal& principal, std::string_view right) {
  return json::object({{"principal", principal.name}, {"permission", right}});
}
}  // namespace

void Secrets::add_grant_routes() {
  using http::Method;
  Router& router = region_.router();
  const std::string root = "/api/2.0/secrets/acls/";
  router.add(Method::get, root + "list", [this](Call& call) { return list_grants(call); });
  router.add(Method::get, root + "get", [this](Call& call) { return get_grant(call); });
  router.add(Method::post, root + "put", [this](Call& call) { return put_grant(call); });
  router.add(Method::post, root + "delete", [this](Call& call) { return remove_grant(call); });
}

void Secrets::change_grant(Scope& scope, const std::string& principal_id, Right right) {
  const auto old = scope.grants.find(principal_id);
  const Right before = old == scope.grants.end() ? Right::none : old->second;
  if (region_.options().eventual_consistency) scope.stale.try_emplace(principal_id, before);
  if (right == Right::none)
    scope.grants.erase(principal_id);
  else
    scope.grants[principal_id] = right;
}

http::Response Secrets::list_grants(Call& call) {
  Refusal refusal;
  Scope* scope = scope_for(call, call.query("scope"), Right::manage, refusal);
  if (refusal) return *refusal;
  std::map<std::string, Right> shown = scope->grants;
  for (const auto& [principal_id, right] : scope->stale) shown[principal_id] = right;
  scope->stale.clear();
  json body = json::object();
  for (const auto& [principal_id, right] : shown) {
    const Principal* principal = region_.get<Identity>().find_id(principal_id);
    if (principal != nullptr && right != Right::none)  // a principal's grants go with it
      body["items"].push_back(row_of(*principal, name_of(right)));
  }
  return answer(body);
}

http::Response Secrets::get_grant(Call& call) {
  Refusal refusal;
  Scope* scope = scope_for(call, call.query("scope"), Right::manage, refusal);
  if (refusal) return *refusal;
  const std::string name = call.query("principal");
  const Principal* principal = region_.get<Identity>().find_any(name);
  if (principal == nullptr) return no_grant(name, scope->name);
  Right right = Right::none;
  if (const auto held = scope->grants.find(principal->id); held != scope->grants.end())
    right = held->second;
  if (const auto late = scope->stale.extract(principal->id)) right = late.mapped();
  if (right == Right::none) return no_grant(name, scope->name);
  return answer(row_of(*principal, name_of(right)));
}

http::Response Secrets::put_grant(Call& call) {
  Refusal refusal;
  Scope* scope = scope_for(call, text_of(call.body, "scope"), Right::manage, refusal);
  if (refusal) return *refusal;
  Right right = Right::none;
  for (const Right known : {Right::read, Right::write, Right::manage})
    if (text_of(call.body, "permission") == name_of(known)) right = known;
  if (right == Right::none) return invalid("permission must be one of READ, WRITE and MANAGE.");
  const std::string name = text_of(call.body, "principal");
  const Principal* principal = region_.get<Identity>().find_any(name);
  if (principal == nullptr) return invalid("Principal " + name + " does not exist.");
  if (region_.options().unsettled.secret_grants_once && scope->grants.contains(principal->id))
    return error(400, "RESOURCE_ALREADY_EXISTS",
                 "A permission of " + name + " already exists on scope " + scope->name + ".");
  change_grant(*scope, principal->id, right);
  tell(region_, call, "putAcl");
  return done();
}

http::Response Secrets::remove_grant(Call& call) {
  Refusal refusal;
  Scope* scope = scope_for(call, text_of(call.body, "scope"), Right::manage, refusal);
  if (refusal) return *refusal;
  const std::string name = text_of(call.body, "principal");
  const Principal* principal = region_.get<Identity>().find_any(name);
  if (principal == nullptr || !scope->grants.contains(principal->id))
    return no_grant(name, scope->name);
  change_grant(*scope, principal->id, Right::none);
  tell(region_, call, "deleteAcl");
  return done();
}

json Secrets::grants_of_world() const {
  json all = json::array();
  for (const auto& [name, scope] : scopes_)
    for (const auto& [principal_id, right] : scope.grants) {
      const Principal* principal = region_.get<Identity>().find_id(principal_id);
      if (principal == nullptr) continue;
      json row = row_of(*principal, name_of(right));
      row["scope"] = scope.name;
      all.push_back(std::move(row));
    }
  return all;
}

}  // namespace twinlake::simulator
