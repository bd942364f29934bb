#include "simulator/identity/tokens.h"

#include "simulator/identity/auth.h"
#include "simulator/identity/identity.h"
#include "simulator/identity/permissions.h"
#include "simulator/settings/workspace_conf.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t tokens_of_one = 600;
constexpr std::int64_t seconds_of_day = 86400;
constexpr std::int64_t longest_days = 730;
constexpr const char* managed = "/api/2.0/token-management/";

http::Response no_token(const std::string& id) {
  return absent("Token with id " + id + " does not exist.");
}
/// What their owners see of them.
json as_own(const json& info) {
  json row = json::object();
  for (const char* key : {"token_id", "comment", "creation_time", "expiry_time"})
    row[key] = info.at(key);
  return row;
}
}  // namespace

Tokens::Tokens(Region& region) : region_(region) {
  using http::Method;
  Router& router = region.router();
  const auto admin = [&](Method method, const std::string& path, auto handler) {
    router.add(method, managed + path, [handler](Call& call) {
      if (auto refusal = admins_only(call)) return *refusal;
      return handler(call);
    });
  };
  const std::string own = "/api/2.0/token/";
  router.add(Method::post, own + "create", [this](Call& call) { return create(call); });
  router.add(Method::get, own + "list", [this](Call& call) { return list_own(call); });
  router.add(Method::post, own + "delete", [this](Call& call) { return remove_own(call); });
  router.add(Method::patch, own + "{id}", [this](Call& call) { return patch(call, true); });
  admin(Method::get, "tokens", [this](Call& call) { return list_all(call); });
  admin(Method::get, "tokens/{id}", [this](Call& call) { return get(call); });
  admin(Method::patch, "tokens/{id}", [this](Call& call) { return patch(call, false); });
  admin(Method::del, "tokens/{id}", [this](Call& call) { return remove(call); });
  admin(Method::post, "on-behalf-of/tokens", [this](Call& call) { return create_on_behalf(call); });
}

Refusal Tokens::check(const Call& call, const std::string& owner) const {
  if (region_.get<WorkspaceConf>().value("enableTokensConfig") == "false")
    return error(403, "FEATURE_DISABLED", "Personal access tokens are disabled.");
  if (region_.get<Permissions>().level_of("authorization", "tokens", call.caller).empty())
    return error(403, "PERMISSION_DENIED", call.caller + " may not use tokens.");
  std::size_t held = 0;
  for (const Token* token : tokens_.all())
    if (text_of(token->info, "created_by_username") == owner) ++held;
  if (held >= tokens_of_one)
    return error(400, "QUOTA_EXCEEDED", owner + " has 600 tokens, which is the most.");
  return std::nullopt;
}

std::int64_t Tokens::lifetime(const json& body, Refusal& refusal) const {
  const json days =
      json::object({{"days", region_.get<WorkspaceConf>().value("maxTokenLifetimeDays")}});
  std::int64_t most = integer_of(days, "days").value_or(longest_days);
  if (most <= 0) most = longest_days;
  const std::int64_t limit = most * seconds_of_day;
  const std::int64_t asked = integer_of(body, "lifetime_seconds").value_or(limit);
  if (asked <= 0 || asked > limit)
    refusal = invalid("lifetime_seconds must be 1 to " + std::to_string(limit) + ".");
  return asked;
}

http::Response Tokens::make(const json& body, const std::string& owner,
                            const std::string& creator) {
  Refusal refusal;
  const std::int64_t seconds = lifetime(body, refusal);
  if (refusal) return *refusal;
  const auto& identity = region_.get<Identity>();
  const auto id_of = [&](const std::string& name) {
    const Principal* principal = identity.find_any(name);
    return principal == nullptr ? std::int64_t{0} : std::stoll(principal->id);
  };
  const std::int64_t now = region_.now_millis();
  const std::string id = region_.ids().hex(64);
  Token token;
  token.value = region_.get<Auth>().issue(owner, seconds);
  token.info = json::object({{"token_id", id},
                             {"comment", text_of(body, "comment")},
                             {"created_by_id", id_of(creator)},
                             {"created_by_username", owner},
                             {"owner_id", id_of(owner)},
                             {"creation_time", now},
                             {"expiry_time", now + seconds * 1000},
                             {"workspace_id", region_.options().workspace_id}});
  if (const json* scopes = field(body, "scopes")) token.info["scopes"] = *scopes;
  json made = json::object({{"token_value", token.value}, {"token_info", as_own(token.info)}});
  tokens_.add(id, std::move(token));
  return answer(made);
}

http::Response Tokens::create(Call& call) {
  if (auto refusal = check(call, call.caller)) return *refusal;
  return make(call.body, call.caller, call.caller);
}

http::Response Tokens::create_on_behalf(Call& call) {
  const std::string application = text_of(call.body, "application_id");
  const Principal* owner = region_.get<Identity>().find_service_principal(application);
  if (owner == nullptr)
    return absent("Service principal with application id " + application + " does not exist.");
  if (auto refusal = check(call, owner->name)) return *refusal;
  return make(call.body, owner->name, call.caller);
}

http::Response Tokens::list_own(Call& call) const {
  json body = json::object();
  for (const Token* token : tokens_.all())
    if (text_of(token->info, "created_by_username") == call.caller)
      body["token_infos"].push_back(as_own(token->info));
  return answer(body);
}

http::Response Tokens::list_all(Call& call) const {
  const std::string id = call.query("created_by_id");
  const std::string name = call.query("created_by_username");
  json body = json::object();
  for (const Token* token : tokens_.all()) {
    if (!id.empty() && text_of(token->info, "created_by_id") != id) continue;
    if (!name.empty() && !same_name(text_of(token->info, "created_by_username"), name)) continue;
    body["token_infos"].push_back(token->info);
  }
  return answer(body);
}

http::Response Tokens::get(Call& call) const {
  const std::string& id = call.arguments.at("id");
  const Token* token = tokens_.find(id);
  return token == nullptr ? no_token(id) : answer(json::object({{"token_info", token->info}}));
}

http::Response Tokens::patch(Call& call, bool own) {
  const std::string& id = call.arguments.at("id");
  Token* token = tokens_.find(id);
  if (token == nullptr || (own && text_of(token->info, "created_by_username") != call.caller))
    return no_token(id);
  const json* wrapped = field(call.body, "token");
  const json& changes = wrapped == nullptr ? call.body : *wrapped;
  for (const char* key : {"comment", "scopes"})
    if (const json* wanted = field(changes, key)) token->info[key] = *wanted;
  return done();
}

void Tokens::revoke(const std::string& id) {
  region_.get<Auth>().revoke(tokens_.find(id)->value);
  tokens_.erase(id);
}

http::Response Tokens::remove_own(Call& call) {
  const std::string id = text_of(call.body, "token_id");
  const Token* token = tokens_.find(id);
  if (token == nullptr || text_of(token->info, "created_by_username") != call.caller)
    return no_token(id);
  revoke(id);
  return done();
}

http::Response Tokens::remove(Call& call) {
  const std::string& id = call.arguments.at("id");
  if (tokens_.find(id) == nullptr) return no_token(id);
  revoke(id);
  return done();
}

json Tokens::world() const {
  json all = json::array();
  for (const Token* token : tokens_.all()) all.push_back(token->info);
  return json::object({{"tokens", std::move(all)}});
}

}  // namespace twinlake::simulator
