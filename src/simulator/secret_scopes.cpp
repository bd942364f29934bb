#include "simulator/secret_scopes.h"

#include <algorithm>

namespace twinlake::simulator {

namespace {
constexpr std::size_t scope_limit = 1000;

bool is_valid_name(const std::string& name) {
  if (name.empty() || name.size() > 128) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.@/-").find(c) != std::string_view::npos;
  });
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

http::Response SecretScopes::create(Call& call) {
  const std::string name = text_of(call.body, "scope");
  if (!is_valid_name(name))
    return invalid(
        "Scope name may have letters, digits and the characters _.@/- up to 128 in all.");
  for (const json* other : items_.all())  // names ignore case
    if (lower(text_of(*other, "name")) == lower(name))
      return error(400, "RESOURCE_ALREADY_EXISTS", "Scope " + name + " already exists!");
  if (items_.size() >= scope_limit)
    return error(400, "RESOURCE_LIMIT_EXCEEDED", "Cannot have more than 1000 scopes.");
  const std::string manager = text_of(call.body, "initial_manage_principal");
  if (!manager.empty() && manager != "users")
    return invalid("initial_manage_principal can only be \"users\".");
  const std::string backend = text_of(call.body, "scope_backend_type", "DATABRICKS");
  json scope = json::object({{"name", name}, {"backend_type", backend}});
  if (backend == "AZURE_KEYVAULT") {
    const json* vault = field(call.body, "backend_azure_keyvault");
    if (vault == nullptr || text_of(*vault, "resource_id").empty() ||
        text_of(*vault, "dns_name").empty())
      return invalid("Missing required field: backend_azure_keyvault.resource_id and dns_name");
    // Neither personal access tokens nor Databricks OAuth tokens can reach a vault.
    if (http::find_header(call.request.headers, "X-Databricks-Azure-SP-Management-Token") ==
        nullptr)
      return invalid("Scope with Azure KeyVault must have userAADToken defined!");
    scope["keyvault_metadata"] = *vault;
  } else if (backend != "DATABRICKS") {
    return invalid("Unknown scope_backend_type: " + backend);
  }
  add(std::move(scope), call.caller);
  return done();
}

http::Response SecretScopes::remove(Call& call) {
  const std::string name = text_of(call.body, "scope");
  const json* scope = find(name);
  if (scope == nullptr) return absent("Scope " + name + " does not exist!");
  if (flag_of(*scope, "is_databricks_managed"))
    return error(400, "BAD_REQUEST", "Scope " + name + " is managed by Databricks.");
  erase(name);
  return done();
}

http::Response SecretScopes::list_scopes() {
  json body = json::object();
  for (const json* scope : items_.all()) body["scopes"].push_back(*scope);
  return answer(body);
}

}  // namespace twinlake::simulator
