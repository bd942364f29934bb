#include "simulator/files/git_credentials.h"

#include "simulator/files/git_remotes.h"
#include "simulator/identity/identity.h"

namespace twinlake::simulator {

namespace {
constexpr const char* fields[] = {"git_username", "git_email", "name", "is_default_for_provider",
                                  "personal_access_token"};
constexpr const char* owner_field = "owner";  ///< only the simulator sees it
constexpr const char* token_field = "personal_access_token";

http::Response no_credential(const std::string& id) {
  return absent("Git credential with id " + id + " does not exist.");
}

json shown(const json& item) {
  json out = item;
  out.erase(owner_field);
  out.erase(token_field);
  return out;
}

Refusal check_provider(const json& body, std::string& provider) {
  const std::string asked = text_of(body, "git_provider");
  if (asked.empty()) return invalid("Missing required field: git_provider");
  provider = git_provider(asked);
  if (provider.empty()) return invalid("Unknown git provider: " + asked);
  return std::nullopt;
}
}  // namespace

GitCredentials::GitCredentials(Region& region) : region_(region) {
  using http::Method;
  Router& router = region.router();
  const std::string root = "/api/2.0/git-credentials";
  router.add(Method::get, root, [this](Call& call) { return list(call); });
  router.add(Method::post, root, [this](Call& call) { return create(call); });
  router.add(Method::get, root + "/{id}", [this](Call& call) { return get(call); });
  router.add(Method::patch, root + "/{id}", [this](Call& call) { return patch(call); });
  router.add(Method::del, root + "/{id}", [this](Call& call) { return remove(call); });
}

bool GitCredentials::has(const std::string& principal, const std::string& provider) const {
  for (const json* each : credentials_.all())
    if (text_of(*each, owner_field) == principal && text_of(*each, "git_provider") == provider)
      return true;
  return false;
}

bool GitCredentials::owns(const std::string& principal, std::int64_t credential_id) const {
  const json* found = credentials_.find(std::to_string(credential_id));
  return found != nullptr && text_of(*found, owner_field) == principal;
}

std::string GitCredentials::owner_of(const Call& call, const std::string& principal_id,
                                     Refusal& refusal) const {
  if (principal_id.empty()) return call.caller;
  const auto& identity = region_.get<Identity>();
  const Principal* principal = identity.find_id(principal_id);
  if (principal == nullptr || principal->kind != PrincipalKind::service_principal)
    refusal = invalid("principal_id " + principal_id + " is no service principal.");
  else if (!identity.is_admin(call.caller))
    refusal = error(403, "PERMISSION_DENIED", call.caller + " does not manage " + principal->name);
  return refusal ? std::string() : principal->name;
}

const json* GitCredentials::seen(const Call& call) const {
  const json* found = credentials_.find(call.arguments.at("id"));
  if (found == nullptr || text_of(*found, owner_field) == call.caller) return found;
  const auto& identity = region_.get<Identity>();
  const bool of_service = identity.find_service_principal(text_of(*found, owner_field)) != nullptr;
  return of_service && identity.is_admin(call.caller) ? found : nullptr;
}

http::Response GitCredentials::list(Call& call) const {
  Refusal refusal;
  const std::string owner = owner_of(call, call.query("principal_id"), refusal);
  if (refusal) return *refusal;
  json body = json::object();
  for (const json* each : credentials_.all())
    if (text_of(*each, owner_field) == owner) body["credentials"].push_back(shown(*each));
  return answer(body);
}

http::Response GitCredentials::create(Call& call) {
  Refusal refusal;
  const std::string owner = owner_of(call, text_of(call.body, "principal_id"), refusal);
  if (refusal) return *refusal;
  std::string provider;
  refusal = check_provider(call.body, provider);
  if (refusal) return *refusal;
  if (has(owner, provider))
    return invalid("Only one Git credential is supported for " + provider +
                   " at this time. If you would like to update your credential, please use the "
                   "PATCH endpoint.");
  // Azure DevOps knows the principal from Entra ID, without a token.
  if (provider != "azureDevOpsServices" && text_of(call.body, token_field).empty())
    return invalid("Missing required field: personal_access_token");
  const std::int64_t id = region_.ids().number();
  json item =
      json::object({{"credential_id", id}, {"git_provider", provider}, {owner_field, owner}});
  for (const char* name : fields)
    if (const json* wanted = field(call.body, name)) item[name] = *wanted;
  fill(item, json::object({{"is_default_for_provider", true}}));
  return answer(shown(credentials_.add(std::to_string(id), std::move(item))));
}

http::Response GitCredentials::get(Call& call) const {
  const json* found = seen(call);
  return found == nullptr ? no_credential(call.arguments.at("id")) : answer(shown(*found));
}

http::Response GitCredentials::patch(Call& call) {
  const std::string& id = call.arguments.at("id");
  if (seen(call) == nullptr) return no_credential(id);
  json& item = *credentials_.find(id);
  std::string provider;
  if (auto refusal = check_provider(call.body, provider)) return *refusal;
  const bool moves = provider != text_of(item, "git_provider");
  if (moves && has(text_of(item, owner_field), provider))
    return invalid("Only one Git credential is supported for " + provider + " at this time.");
  item["git_provider"] = provider;
  for (const char* name : fields)
    if (const json* wanted = field(call.body, name)) item[name] = *wanted;
  return done();
}

http::Response GitCredentials::remove(Call& call) {
  const std::string& id = call.arguments.at("id");
  if (seen(call) == nullptr) return no_credential(id);
  credentials_.erase(id);
  return done();
}

json GitCredentials::world() const {
  json all = json::array();
  for (const json* each : credentials_.all()) all.push_back(*each);
  return json::object({{"git_credentials", std::move(all)}});
}

}  // namespace twinlake::simulator
