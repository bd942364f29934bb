#include "simulator/secrets/secrets.h"

#include <algorithm>

#include "simulator/identity/identity.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t value_limit = 128UL * 1024;
constexpr std::size_t secret_limit = 1000;  ///< in one scope

http::Response no_secret(const std::string& scope, const std::string& key) {
  return absent("Secret does not exist with scope: " + scope + " and key: " + key);
}

/// The value of a put, from either of its two forms.
Refusal read_value(const json& body, std::string& bytes) {
  const json* text = field(body, "string_value");
  const json* encoded = field(body, "bytes_value");
  if ((text == nullptr) == (encoded == nullptr))
    return invalid("Exactly one of string_value and bytes_value must be given.");
  const json& given = text == nullptr ? *encoded : *text;
  if (!given.is_string()) return invalid("The value of a secret must be a string.");
  bytes = given.get<std::string>();
  if (encoded != nullptr) {
    auto decoded = base64_decode(bytes);
    if (!decoded) return invalid("bytes_value is not base64.");
    bytes = std::move(*decoded);
  }
  if (bytes.size() > value_limit) return invalid("A secret may have at most 128 KB.");
  return std::nullopt;
}
}  // namespace

bool is_secret_name(std::string_view name) {
  if (name.empty() || name.size() > 128) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.@/-").find(c) != std::string_view::npos;
  });
}

http::Response no_scope(const std::string& name) {
  return absent("Scope " + name + " does not exist!");
}

http::Response not_allowed(const std::string& caller, std::string_view right,
                           const std::string& scope) {
  return error(403, "PERMISSION_DENIED",
               caller + " does not have " + std::string(right) + " permission on scope: " + scope);
}

Secrets::Secrets(Region& region) : region_(region) {
  using http::Method;
  Router& router = region.router();
  const std::string root = "/api/2.0/secrets/";
  router.add(Method::get, root + "list", [this](Call& call) { return list(call); });
  router.add(Method::get, root + "get", [this](Call& call) { return get(call); });
  router.add(Method::post, root + "put", [this](Call& call) { return put(call); });
  router.add(Method::post, root + "delete", [this](Call& call) { return remove(call); });
  router.add(Method::post, "/sim/secrets", [this](Call& call) { return plant(call); });
  add_grant_routes();
}

const Secrets::Scope* Secrets::find(const std::string& name) const {
  const auto found = scopes_.find(lower(name));
  return found == scopes_.end() ? nullptr : &found->second;
}

void Secrets::scope_made(const std::string& scope, Backend backend, const std::string& manager) {
  Scope& made = scopes_[lower(scope)];
  made = Scope{};
  made.name = scope;
  made.backend = backend;
  if (const Principal* principal = region_.get<Identity>().find_any(manager))
    made.grants[principal->id] = Right::manage;
}

void Secrets::scope_removed(const std::string& scope) { scopes_.erase(lower(scope)); }

std::vector<std::string> Secrets::keys(const std::string& scope) const {
  std::vector<std::string> keys;
  if (const Scope* found = find(scope))
    for (const auto& [key, secret] : found->secrets) keys.push_back(key);
  return keys;
}

std::optional<std::string> Secrets::value(const std::string& name, const std::string& key) const {
  const Scope* scope = find(name);
  if (scope == nullptr) return std::nullopt;
  const auto found = scope->secrets.find(key);
  if (found == scope->secrets.end()) return std::nullopt;
  return found->second.bytes;
}

Secrets::Right Secrets::right_of(const Scope& scope, const std::string& caller) const {
  const auto& identity = region_.get<Identity>();
  if (identity.is_admin(caller)) return Right::manage;
  const Principal* principal = identity.find_any(caller);
  if (principal == nullptr) return Right::none;
  std::set<std::string> holders = identity.group_ids_of(principal->id);
  holders.insert(principal->id);
  Right best = Right::none;
  for (const auto& [holder, right] : scope.grants)
    if (holders.contains(holder)) best = std::max(best, right);
  return best;
}

std::string_view Secrets::name_of(Right right) {
  switch (right) {
    case Right::none: break;
    case Right::read: return "READ";
    case Right::write: return "WRITE";
    case Right::manage: return "MANAGE";
  }
  return "";
}

bool Secrets::may_read(const std::string& name, const std::string& caller) const {
  const Scope* scope = find(name);
  return scope != nullptr && right_of(*scope, caller) >= Right::read;
}

bool Secrets::may_manage(const std::string& name, const std::string& caller) const {
  const Scope* scope = find(name);
  return scope != nullptr && right_of(*scope, caller) >= Right::manage;
}

Secrets::Scope* Secrets::scope_for(const Call& call, const std::string& name, Right needed,
                                   Refusal& refusal) {
  const auto found = scopes_.find(lower(name));
  if (name.empty())
    refusal = invalid("Missing required field: scope");
  else if (found == scopes_.end())
    refusal = no_scope(name);
  else if (right_of(found->second, call.caller) < needed)
    refusal = not_allowed(call.caller, name_of(needed), name);
  return refusal ? nullptr : &found->second;
}

http::Response Secrets::list(Call& call) {
  Refusal refusal;
  const Scope* scope = scope_for(call, call.query("scope"), Right::read, refusal);
  if (refusal) return *refusal;
  const bool as_text = region_.options().unsettled.secret_times_as_text;
  json body = json::object();
  for (const auto& [key, secret] : scope->secrets) {
    json row = json::object({{"key", key}});
    row["last_updated_timestamp"] =
        as_text ? json(std::to_string(secret.updated_at)) : json(secret.updated_at);
    body["secrets"].push_back(std::move(row));
  }
  return answer(body);
}

http::Response Secrets::get(Call& call) {
  if (region_.options().secrets_stay_inside)
    return error(400, "BAD_REQUEST", "Secrets can be read by DBUtils only.");
  Refusal refusal;
  const Scope* scope = scope_for(call, call.query("scope"), Right::read, refusal);
  if (refusal) return *refusal;
  const std::string key = call.query("key");
  const auto found = scope->secrets.find(key);
  if (found == scope->secrets.end()) return no_secret(scope->name, key);
  return answer(json::object({{"key", key}, {"value", base64_encode(found->second.bytes)}}));
}

http::Response Secrets::put(Call& call) {
  Refusal refusal;
  Scope* scope = scope_for(call, text_of(call.body, "scope"), Right::write, refusal);
  if (refusal) return *refusal;
  if (scope->backend == Backend::key_vault)
    return error(400, "BAD_REQUEST", "Cannot write to the Azure KeyVault of scope " + scope->name);
  const std::string key = text_of(call.body, "key");
  if (!is_secret_name(key))
    return invalid("A key may have letters, digits and the characters _.@/- up to 128 in all.");
  std::string bytes;
  refusal = read_value(call.body, bytes);
  if (refusal) return *refusal;
  if (scope->secrets.size() >= secret_limit && !scope->secrets.contains(key))
    return error(400, "RESOURCE_LIMIT_EXCEEDED", "Cannot have more than 1000 secrets in a scope.");
  scope->secrets[key] = {std::move(bytes), region_.now_millis()};
  return done();
}

http::Response Secrets::remove(Call& call) {
  Refusal refusal;
  Scope* scope = scope_for(call, text_of(call.body, "scope"), Right::write, refusal);
  if (refusal) return *refusal;
  if (scope->backend == Backend::key_vault)
    return error(400, "BAD_REQUEST",
                 "Cannot delete from the Azure KeyVault of scope " + scope->name);
  const std::string key = text_of(call.body, "key");
  if (scope->secrets.erase(key) == 0) return no_secret(scope->name, key);
  return done();
}

http::Response Secrets::plant(Call& call) {
  const std::string name = text_of(call.body, "scope");
  const auto scope = scopes_.find(lower(name));
  if (scope == scopes_.end()) return no_scope(name);
  std::string bytes;
  if (auto refusal = read_value(call.body, bytes)) return *refusal;
  scope->second.secrets[text_of(call.body, "key")] = {std::move(bytes), region_.now_millis()};
  return done();
}

json Secrets::world() const {
  json all = json::array();
  for (const auto& [name, scope] : scopes_)
    for (const auto& [key, secret] : scope.secrets)
      all.push_back(json::object({{"scope", scope.name},
                                  {"key", key},
                                  {"value", base64_encode(secret.bytes)},
                                  {"last_updated_timestamp", secret.updated_at}}));
  return json::object({{"secrets", std::move(all)}, {"secret_acls", grants_of_world()}});
}

}  // namespace twinlake::simulator
