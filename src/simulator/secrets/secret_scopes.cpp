#include "simulator/secrets/secret_scopes.h"

#include <algorithm>

#include "simulator/identity/auth.h"
#include "simulator/secrets/secrets.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t scope_limit = 1000;

/// The vault of a request; nothing, or the refusal, where there is none that is whole.
Refusal read_vault(const Call& call, json& vault) {
  const json* asked = field(call.body, "backend_azure_keyvault");
  if (asked == nullptr || text_of(*asked, "resource_id").empty() ||
      text_of(*asked, "dns_name").empty())
    return invalid("Missing required field: backend_azure_keyvault.resource_id and dns_name");
  // Neither personal access tokens nor Databricks OAuth tokens can reach a vault.
  if (!call.region.get<Auth>().carries_entra_token(call.request))
    return invalid("Scope with Azure KeyVault must have userAADToken defined!");
  vault = json::object(
      {{"resource_id", asked->at("resource_id")}, {"dns_name", asked->at("dns_name")}});
  return std::nullopt;
}
}  // namespace

SecretScopes::SecretScopes(Region& region)
    : Collection(region, {.kind = "secret_scope",
                          .world_key = "secret_scopes",
                          .route = "/api/2.0/secrets/scopes",
                          .list_key = "scopes",
                          .id_field = "name"}) {
  using http::Method;
  Router& router = region.router();
  router.add(Method::post, shape_.route + "/create", [this](Call& call) { return create(call); });
  router.add(Method::post, shape_.route + "/delete", [this](Call& call) { return remove(call); });
  router.add(Method::get, shape_.route + "/list", [this](Call&) { return list_scopes(); });
}

const json* SecretScopes::find_named(const std::string& name) const {
  for (const json* scope : items_.all())
    if (lower(text_of(*scope, "name")) == lower(name)) return scope;
  return nullptr;
}

json& SecretScopes::keep(json scope, const std::string& manager) {
  const std::string name = text_of(scope, "name");
  const bool in_vault = text_of(scope, "backend_type") == "AZURE_KEYVAULT";
  region_.get<Secrets>().scope_made(
      name, in_vault ? Secrets::Backend::key_vault : Secrets::Backend::databricks, manager);
  return add(std::move(scope), manager);
}

json SecretScopes::plant(const json& body, const std::string& creator) {
  json scope = body.is_object() ? body : json::object();
  fill(scope, json::object({{"name", new_id()}, {"backend_type", "DATABRICKS"}}));
  return keep(std::move(scope), creator);
}

http::Response SecretScopes::create(Call& call) {
  const std::string name = text_of(call.body, "scope");
  if (!is_secret_name(name))
    return invalid(
        "Scope name may have letters, digits and the characters _.@/- up to 128 in all.");
  if (find_named(name) != nullptr)
    return error(400, "RESOURCE_ALREADY_EXISTS", "Scope " + name + " already exists!");
  if (items_.size() >= scope_limit)
    return error(400, "RESOURCE_LIMIT_EXCEEDED", "Cannot have more than 1000 scopes.");
  const std::string manager = text_of(call.body, "initial_manage_principal");
  if (!manager.empty() && manager != "users")
    return invalid("initial_manage_principal can only be \"users\".");
  const std::string backend = text_of(call.body, "scope_backend_type", "DATABRICKS");
  json scope = json::object({{"name", name}, {"backend_type", backend}});
  if (backend == "AZURE_KEYVAULT") {
    if (auto refusal = read_vault(call, scope["keyvault_metadata"])) return *refusal;
    scope["is_databricks_managed"] = false;
  } else if (backend != "DATABRICKS") {
    return invalid("Unknown scope_backend_type: " + backend);
  }
  keep(std::move(scope), manager.empty() ? call.caller : manager);
  return done();
}

http::Response SecretScopes::remove(Call& call) {
  const json* scope = find_named(text_of(call.body, "scope"));
  if (scope == nullptr) return no_scope(text_of(call.body, "scope"));
  const std::string name = text_of(*scope, "name");
  if (flag_of(*scope, "is_databricks_managed"))
    return error(400, "BAD_REQUEST", "Scope " + name + " is managed by Databricks.");
  auto& secrets = region_.get<Secrets>();
  if (!secrets.may_manage(name, call.caller)) return not_allowed(call.caller, "MANAGE", name);
  secrets.scope_removed(name);
  erase(name);
  return done();
}

http::Response SecretScopes::list_scopes() {
  json body = json::object();
  for (const json* scope : items_.all()) body["scopes"].push_back(*scope);
  return answer(body);
}

}  // namespace twinlake::simulator
