// Virtual networks with their subnets, and what derives from the rest of a resource.
#include <algorithm>

#include "simulator/azure/arm.h"
#include "simulator/azure/workspaces.h"

namespace twinlake::simulator {

namespace {
constexpr const char* subnet_type = "Microsoft.Network/virtualNetworks/subnets";

/// A network shows its subnets inside.
json with_subnets(const ArmCall& call, const json& network) {
  json out = network;
  out["properties"]["subnets"] = json::array();
  for (const json* subnet : call.cloud.resources().of_type(subnet_type, text_of(network, "id")))
    out["properties"]["subnets"].push_back(*subnet);
  return out;
}

Refusal bad_subnet(const json& subnet) {
  const json properties = subnet.value("properties", json::object());
  const std::string range =
      text_of(properties, "addressPrefix",
              list_of(properties, "addressPrefixes").empty()
                  ? ""
                  : list_of(properties, "addressPrefixes").front().get<std::string>());
  if (prefix_length(range) <= 29) return std::nullopt;
  return arm_error(400, "InvalidAddressPrefixFormat",
                   "The address prefix '" + range + "' of the subnet is not valid.");
}

/// Not the service itself, but the delegation is what takes subnets from others.
Refusal used_subnet(const ArmCall& call, const ResourceId& subnet) {
  for (const json* workspace : call.cloud.resources().of_type("Microsoft.Databricks/workspaces",
                                                              call.cloud.subscription_id())) {
    const json& properties = workspace->at("properties");
    const json network = parameter_of(properties, "customVirtualNetworkId");
    if (!network.is_string() || !same_id(network.get<std::string>(), subnet.parent())) continue;
    if (parameter_of(properties, "customPublicSubnetName") == subnet.name() ||
        parameter_of(properties, "customPrivateSubnetName") == subnet.name())
      return arm_error(400, "InUseSubnetCannotBeDeleted",
                       "Subnet " + subnet.name() + " is in use by " + text_of(*workspace, "id") +
                           " and cannot be deleted.");
  }
  return std::nullopt;
}

json store_subnet(ArmCall& call, const std::string& id, const json& subnet) {
  json stored =
      json::object({{"id", id}, {"properties", subnet.value("properties", json::object())}});
  json& properties = stored["properties"];
  properties["provisioningState"] = "Succeeded";
  if (!properties.contains("addressPrefix") && !list_of(properties, "addressPrefixes").empty())
    properties["addressPrefix"] = list_of(properties, "addressPrefixes").front();
  return call.cloud.resources().put(std::move(stored));
}

http::Response put_network(ArmCall& call) {
  if (!call.body.is_object())
    return arm_error(400, "InvalidRequestContent", "The request content is missing.");
  json subnets = call.body.value("properties", json::object()).value("subnets", json::array());
  for (const json& subnet : subnets)
    if (auto refusal = bad_subnet(subnet)) return *refusal;
  const json space =
      call.body.value("properties", json::object()).value("addressSpace", json::object());
  if (list_of(space, "addressPrefixes").empty())
    return arm_error(400, "InvalidAddressSpace", "addressSpace.addressPrefixes is required.");
  http::Response made = serve_plainly(call);
  if (!made.ok()) return made;
  json* network = call.cloud.resources().find(call.id.text);
  (*network)["properties"].erase("subnets");
  const std::string id = text_of(*network, "id");
  for (const json& subnet : subnets)
    store_subnet(call, id + "/subnets/" + text_of(subnet, "name"), subnet);
  return with_status(made.status, with_subnets(call, *network));
}

http::Response show_network(ArmCall& call) {
  const json* network = call.cloud.resources().find(call.id.text);
  return network == nullptr ? not_found(call) : answer(with_subnets(call, *network));
}

http::Response list_networks(ArmCall& call) {
  json all = json::array();
  for (const json* network : call.cloud.resources().of_type(call.id.type(), call.id.parent()))
    all.push_back(with_subnets(call, *network));
  return page_of(call, all);
}

http::Response put_subnet(ArmCall& call) {
  if (call.cloud.resources().find(call.id.parent()) == nullptr)
    return arm_error(404, "ParentResourceNotFound",
                     "The virtual network '" + call.id.parent() + "' could not be found.");
  if (!call.body.is_object())
    return arm_error(400, "InvalidRequestContent", "The request content is missing.");
  if (auto refusal = bad_subnet(call.body)) return *refusal;
  const bool is_new = call.cloud.resources().find(call.id.text) == nullptr;
  return with_status(is_new ? 201 : 200, store_subnet(call, call.id.text, call.body));
}

http::Response delete_subnet(ArmCall& call) {
  if (auto refusal = used_subnet(call, call.id)) return *refusal;
  return {call.cloud.resources().remove(call.id.text) ? 200 : 204, ""};
}

bool is_type(const json& resource, std::string_view type) {
  return same_id(text_of(resource, "type"), type);
}

http::Response check_vault_name(ArmCall& call) {
  const std::string name = text_of(call.body, "name");
  bool taken = call.cloud.options().foreign_names.contains(name);
  for (const json* vault :
       call.cloud.resources().of_type("Microsoft.KeyVault/vaults", call.cloud.subscription_id()))
    taken = taken || same_id(text_of(*vault, "name"), name);
  for (const json& vault : call.cloud.deleted_vaults())
    taken = taken || same_id(text_of(vault, "name"), name);
  json body = json::object({{"nameAvailable", !taken}});
  if (taken) {
    body["reason"] = "AlreadyExists";
    body["message"] = "The vault name '" + name + "' is already in use.";
  }
  return answer(body);
}
/// Its name stays taken until it is purged.
http::Response delete_vault(ArmCall& call) {
  const json* vault = call.cloud.resources().find(call.id.text);
  if (vault == nullptr) return {204, ""};
  json deleted = json::object(
      {{"id", call.cloud.subscription_id() + "/providers/Microsoft.KeyVault/locations/" +
                  text_of(*vault, "location") + "/deletedVaults/" + text_of(*vault, "name")},
       {"name", text_of(*vault, "name")},
       {"type", "Microsoft.KeyVault/deletedVaults"}});
  deleted["properties"] = {{"vaultId", text_of(*vault, "id")},
                           {"location", text_of(*vault, "location")},
                           {"deletionDate", instant(call.cloud.now_millis())}};
  call.cloud.deleted_vaults().push_back(std::move(deleted));
  call.cloud.resources().remove(call.id.text);
  return {200, ""};
}
}  // namespace

void complete(json& resource) {
  const std::string name = text_of(resource, "name");
  json& properties = resource["properties"];
  if (is_type(resource, "Microsoft.Storage/storageAccounts")) return complete_account(resource);
  if (is_type(resource, "Microsoft.KeyVault/vaults"))
    fill(properties, json::object({{"vaultUri", "https://" + name + ".vault.azure.net/"},
                                   {"enableSoftDelete", true},
                                   {"softDeleteRetentionInDays", 90}}));
  if (is_type(resource, "Microsoft.Sql/servers"))
    fill(properties, json::object({{"fullyQualifiedDomainName", name + ".database.windows.net"},
                                   {"state", "Ready"},
                                   {"version", "12.0"}}));
  if (is_type(resource, "Microsoft.DBforMySQL/flexibleServers"))
    fill(properties, json::object({{"fullyQualifiedDomainName", name + ".mysql.database.azure.com"},
                                   {"state", "Ready"},
                                   {"version", "8.0.21"},
                                   {"replicationRole", "None"}}));
  if (is_type(resource, "Microsoft.DBforPostgreSQL/flexibleServers"))
    fill(properties,
         json::object({{"fullyQualifiedDomainName", name + ".postgres.database.azure.com"},
                       {"state", "Ready"},
                       {"replicationRole", "None"}}));
  if (is_type(resource, "Microsoft.Databricks/accessConnectors")) {
    json& identity = resource["identity"];
    if (text_of(identity, "type").starts_with("SystemAssigned")) {
      identity["principalId"] = uuid_from(text_of(resource, "id"));
      identity["tenantId"] = "0c0ffee0-7e11-4a11-9a11-000000000001";
    }
    fill(properties, json::object({{"referedBy", json::array()}}));
  }
}

void add_network_routes(ArmRoutes& routes) {
  using http::Method;
  const std::string network = "microsoft.network/virtualnetworks/{}";
  routes.add(Method::get, "microsoft.network/virtualnetworks", list_networks);
  routes.add(Method::get, network, show_network);
  routes.add(Method::put, network, put_network);
  routes.add(Method::put, network + "/subnets/{}", put_subnet);
  routes.add(Method::del, network + "/subnets/{}", delete_subnet);
  routes.add(Method::del, "microsoft.keyvault/vaults/{}", delete_vault);
  routes.add(Method::get, "microsoft.keyvault/deletedVaults",
             [](ArmCall& call) { return page_of(call, call.cloud.deleted_vaults()); });
  routes.add(Method::post, "microsoft.keyvault/checkNameAvailability", check_vault_name);
}

}  // namespace twinlake::simulator
