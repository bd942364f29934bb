#include "kinds/calls.h"
#include "workspace/secrets.h"

namespace twinlake::kinds::secret_scope {

using namespace model;
using nlohmann::json;

namespace {

/// As a create takes it.
json shape(const json& item) {
  json scope = json::object();
  scope["scope"] = text_at(item, "/name");
  const std::string backend = text_at(item, "/backend_type");
  scope["scope_backend_type"] = backend.empty() ? "DATABRICKS" : backend;
  for (const char* field : {"resource_id", "dns_name"})
    if (const std::string text = text_at(item, std::string("/keyvault_metadata/") + field);
        !text.empty())
      scope["backend_azure_keyvault"][field] = text;
  return scope;
}

/// Neither a personal access token nor one of Databricks OAuth reaches a vault (facts, core 19.2).
std::optional<Error> cannot_write(const json& definition, const workspace::Workspace& to) {
  if (text_at(definition, "/scope_backend_type") != "AZURE_KEYVAULT" || to.self().has_entra_token)
    return std::nullopt;
  return Error(
      Fault::refused, "a scope backed by a Key Vault can only be made by a login of Entra ID",
      "Log in there with an Azure service principal, managed identity or the Azure CLI, or make "
      "the scope by hand; the vault's access policies must admit the application "
      "AzureDatabricks");
}

Task<Result<std::string>> create(Write write) {
  std::string name = text_at(*write.definition, "/scope");
  CO_CHECK(co_await write.to->call(
      workspace::request_of(*write.kind, write.kind->create, "", write.definition.get())));
  co_return name;
}

constexpr std::string_view types[] = {"SCOPE"};
constexpr std::string_view named_by[] = {"/scope"};
constexpr std::string_view region_bound[] = {"/backend_azure_keyvault/resource_id"};
constexpr std::string_view immutable[] = {"/scope_backend_type", "/backend_azure_keyvault"};

constexpr std::string_view scope_parameter[] = {"scope"};
constexpr AuditEvent told_by[] = {
    {.service = "secrets", .action = "putAcl", .id_in = scope_parameter},
    {.service = "secrets", .action = "deleteAcl", .id_in = scope_parameter}};

constexpr Kind kind{
    .name = "secret_scope",
    .plural = "secret scopes",
    .about = "kept in Databricks, or backed by a Key Vault that a rewrite may replace by its twin",
    .list = {.match_at = "/object", .match_any = types},
    .list_verb = workspace::list_secrets,
    .id_at = "/name",
    .key_at = "/name",
    .key_ignores_case = true,
    .shape = shape,
    .region_bound = region_bound,
    .immutable = immutable,
    .named_by = named_by,
    .cannot_write = cannot_write,
    .create = {.method = Method::post,
               .path = "/api/2.0/secrets/scopes/create",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .remove = {.method = Method::post,
               .path = "/api/2.0/secrets/scopes/delete",
               .effect = Effect::writes,
               .body_id = "/scope"},
    .create_verb = create,
    .part = Part::secret,
    .told_by = told_by,
};

}  // namespace

const Kind& secret_scope_kind() { return kind; }

}  // namespace twinlake::kinds::secret_scope
