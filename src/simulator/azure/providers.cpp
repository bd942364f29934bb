// The providers of the subscription and what they offer, with the versions of their APIs.
#include <algorithm>

#include "simulator/azure/arm.h"
#include "simulator/azure/locations.h"

namespace twinlake::simulator {

namespace {
struct TypeRow {
  std::string_view provider, name;
  std::string_view versions;  ///< newest first
};

constexpr std::string_view workspaces =
    "2026-01-01,2025-10-01-preview,2025-08-01-preview,2025-03-01-preview,2024-09-01-preview,"
    "2024-05-01,2023-09-15-preview,2023-02-01,2022-04-01-preview,2021-04-01-preview,2018-04-01";
constexpr std::string_view connectors =
    "2026-01-01,2025-10-01-preview,2025-08-01-preview,2025-03-01-preview,2024-09-01-preview,"
    "2024-05-01,2023-05-01,2022-10-01-preview,2022-04-01-preview";
constexpr std::string_view storage =
    "2025-08-01,2025-06-01,2025-01-01,2024-01-01,2023-05-01,2023-01-01,2022-09-01,2021-09-01";
constexpr std::string_view network = "2025-05-01,2025-01-01,2024-10-01,2024-05-01,2023-09-01";
constexpr std::string_view compute = "2026-03-01,2024-07-01,2024-03-01,2023-09-01,2021-07-01";
constexpr std::string_view sql = "2025-01-01,2023-08-01,2022-02-01-preview,2020-11-01-preview";
constexpr std::string_view mysql = "2024-12-30,2023-12-30,2021-05-01";
constexpr std::string_view health = "2025-05-01,2025-04-01,2024-02-01,2022-10-01";
constexpr std::string_view vaults = "2026-02-01,2025-05-01,2024-11-01,2023-07-01,2022-07-01";

constexpr TypeRow type_rows[] = {
    {"Microsoft.Databricks", "workspaces", workspaces},
    {"Microsoft.Databricks", "accessConnectors", connectors},
    {"Microsoft.Databricks", "locations", workspaces},
    {"Microsoft.Resources", "deployments",
     "2025-04-01,2024-03-01,2022-09-01,2021-04-01,2020-10-01,2019-10-01"},
    {"Microsoft.Resources", "locations", "2025-04-01,2024-03-01,2022-09-01,2021-04-01,2020-10-01"},
    {"Microsoft.Storage", "storageAccounts", storage},
    {"Microsoft.Storage", "skus", storage},
    {"Microsoft.Storage", "locations", storage},
    {"Microsoft.Storage", "checkNameAvailability", storage},
    {"Microsoft.Storage", "operations", storage},
    {"Microsoft.Compute", "locations", compute},
    {"Microsoft.Compute", "skus", compute},
    {"Microsoft.Compute", "virtualMachines", compute},
    {"Microsoft.Compute", "capacityReservationGroups", compute},
    {"Microsoft.Compute", "diskEncryptionSets", compute},
    {"Microsoft.KeyVault", "vaults", vaults},
    {"Microsoft.KeyVault", "deletedVaults", vaults},
    {"Microsoft.KeyVault", "checkNameAvailability", vaults},
    {"Microsoft.Sql", "servers", sql},
    {"Microsoft.Sql", "locations", sql},
    {"Microsoft.DBforMySQL", "flexibleServers", mysql},
    {"Microsoft.DBforMySQL", "locations", mysql},
    {"Microsoft.DBforPostgreSQL", "flexibleServers", "2025-08-01,2024-08-01,2022-12-01"},
    {"Microsoft.Network", "virtualNetworks", network},
    {"Microsoft.Network", "networkSecurityGroups", network},
    {"Microsoft.Network", "privateEndpoints", network},
    {"Microsoft.Network", "privateDnsZones", "2024-06-01,2020-06-01,2018-09-01"},
    {"Microsoft.Network", "natGateways", network},
    {"Microsoft.Network", "publicIPAddresses", network},
    {"Microsoft.Network", "routeTables", network},
    {"Microsoft.Network", "loadBalancers", network},
    {"Microsoft.Network", "locations", network},
    {"Microsoft.EventHub", "namespaces", "2024-01-01,2021-11-01"},
    {"Microsoft.DocumentDB", "databaseAccounts", "2025-04-15,2024-11-15,2021-10-15"},
    {"Microsoft.Synapse", "workspaces", "2021-06-01"},
    {"Microsoft.ContainerRegistry", "registries", "2025-04-01,2023-07-01"},
    {"Microsoft.CognitiveServices", "accounts", "2025-06-01,2024-10-01,2023-05-01"},
    {"Microsoft.DataFactory", "factories", "2018-06-01"},
    {"Microsoft.HDInsight", "clusters", "2021-06-01"},
    {"Microsoft.OperationalInsights", "workspaces", "2025-02-01,2023-09-01,2022-10-01"},
    {"Microsoft.Insights", "diagnosticSettings", "2021-05-01-preview"},
    {"Microsoft.ManagedIdentity", "userAssignedIdentities", "2024-11-30,2023-01-31"},
    {"Microsoft.ResourceHealth", "events", health},
    {"Microsoft.ResourceHealth", "emergingIssues", health},
    {"Microsoft.ResourceHealth", "availabilityStatuses", health},
    {"Microsoft.Authorization", "denyAssignments", "2022-04-01,2018-07-01-preview"},
    {"Microsoft.Authorization", "roleAssignments", "2022-04-01,2020-10-01-preview"},
    {"Microsoft.Authorization", "locks", "2020-05-01,2016-09-01"},
    {"Microsoft.Authorization", "policyAssignments", "2025-03-01,2023-04-01,2022-06-01"},
};

std::vector<std::string> split_versions(std::string_view versions) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t comma = versions.find(',');
    out.emplace_back(versions.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    versions.remove_prefix(comma + 1);
  }
}

std::vector<ResourceType> all_types() {
  std::vector<ResourceType> out;
  for (const TypeRow& row : type_rows)
    out.push_back({std::string(row.provider), std::string(row.name), split_versions(row.versions),
                   row.provider != "Microsoft.Databricks"});
  return out;
}

json type_body(const ResourceType& type) {
  json places = json::array();
  for (const Location& location : locations())
    if (type.everywhere || location.has_databricks) places.push_back(location.display);
  json body = json::object({{"resourceType", type.name},
                            {"locations", std::move(places)},
                            {"apiVersions", type.api_versions},
                            {"defaultApiVersion", type.api_versions.front()},
                            {"capabilities", "CrossResourceGroupResourceMove, SupportsTags"}});
  body["zoneMappings"] = json::array();
  return body;
}

json provider_body(const Cloud& cloud, const std::string& provider) {
  json body = json::object({{"id", cloud.subscription_id() + "/providers/" + provider},
                            {"namespace", provider},
                            {"registrationPolicy", "RegistrationRequired"},
                            {"registrationState", cloud.registration(provider)},
                            {"resourceTypes", json::array()}});
  for (const ResourceType& type : resource_types())
    if (type.provider == provider) body["resourceTypes"].push_back(type_body(type));
  return body;
}

/// The provider's own spelling; empty when there is none.
std::string known_provider(std::string_view name) {
  for (const ResourceType& type : resource_types())
    if (same_id(type.provider, name)) return type.provider;
  return {};
}

http::Response unknown_provider(const std::string& name) {
  return arm_error(404, "InvalidResourceNamespace",
                   "The resource namespace '" + name + "' is invalid.");
}
}  // namespace

const std::vector<ResourceType>& resource_types() {
  static const std::vector<ResourceType> table = all_types();
  return table;
}

const ResourceType* find_type(std::string_view provider, std::string_view name) {
  const std::string_view first = name.substr(0, name.find('/'));
  for (const ResourceType& type : resource_types())
    if (same_id(type.provider, provider) && same_id(type.name, first)) return &type;
  return nullptr;
}

http::Response show_provider(ArmCall& call) {
  const std::string provider = known_provider(call.id.provider);
  if (provider.empty()) return unknown_provider(call.id.provider);
  return answer(provider_body(call.cloud, provider));
}

http::Response register_provider(ArmCall& call) {
  const std::string provider = known_provider(call.id.provider);
  if (provider.empty()) return unknown_provider(call.id.provider);
  call.cloud.register_provider(provider);
  return answer(provider_body(call.cloud, provider));
}

http::Response list_providers(ArmCall& call) {
  std::vector<std::string> names;
  for (const ResourceType& type : resource_types()) names.push_back(type.provider);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  json all = json::array();
  for (const std::string& name : names) all.push_back(provider_body(call.cloud, name));
  return page_of(call, all);
}

}  // namespace twinlake::simulator
