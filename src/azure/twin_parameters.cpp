// `properties.parameters`: network and storage of the twin.
#include <algorithm>
#include <array>

#include "azure/arm.h"
#include "azure/twin_builder.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

constexpr std::array known_parameters{
    "amlWorkspaceId",
    "customVirtualNetworkId",
    "customPublicSubnetName",
    "customPrivateSubnetName",
    "enableNoPublicIp",
    "loadBalancerId",
    "loadBalancerBackendPoolName",
    "natGatewayName",
    "publicIpName",
    "vnetAddressPrefix",
    "storageAccountName",
    "storageAccountSkuName",
    "prepareEncryption",
    "encryption",
    "requireInfrastructureEncryption",
    "resourceTags",
};

bool is_known_parameter(const std::string& name) {
  return std::find(known_parameters.begin(), known_parameters.end(), name) !=
         known_parameters.end();
}

/// Storage names are global: 3 to 24 lower-case letters and digits.
bool fits_storage_name(const std::string& name) {
  return name.size() >= 3 && name.size() <= 24 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
}

std::string storage_name_from(const std::string& name, const std::string& suffix) {
  constexpr std::size_t room = 16;
  std::string made = "db";
  for (const char c : name) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fits = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (fits && made.size() < room + 2) made += small;
  }
  return made + suffix;
}

json delegated_subnet(const std::string& name, const std::string& prefix,
                      const std::string& security_group) {
  json delegation = json::object();
  delegation["name"] = "databricks";
  delegation["properties"]["serviceName"] = "Microsoft.Databricks/workspaces";
  json subnet = json::object();
  subnet["name"] = name;
  subnet["properties"]["addressPrefix"] = prefix;
  subnet["properties"]["networkSecurityGroup"]["id"] = security_group;
  subnet["properties"]["delegations"] = json::array({delegation});
  return subnet;
}

}  // namespace

void TwinBuilder::take_parameters() {
  take_network();
  take_storage();
  for (const char* const name : {"requireInfrastructureEncryption"})
    if (!parameter(name).is_null()) set_parameter(name, parameter(name), Fate::copied);
  if (const std::string ml = text_parameter("amlWorkspaceId"); !ml.empty()) {
    if (!settings_.ml_workspace.empty()) {
      set_parameter("amlWorkspaceId", settings_.ml_workspace, Fate::mapped);
    } else {
      skip("properties.parameters.amlWorkspaceId", Fate::dropped);
      tell(Level::warning, "amlWorkspaceId",
           "the primary is linked to the Azure Machine Learning workspace " + ml +
               ", which is of its region; the twin is linked to none",
           "Set " + setting("ml_workspace") + " to the id of one in " + twin_.region);
    }
  }
  const json& all = from("properties.parameters");
  if (!all.is_object()) return;
  for (const auto& [name, value] : all.items()) {
    if (is_known_parameter(name)) continue;
    skip("properties.parameters." + name, Fate::dropped);
    tell(Level::warning, "properties.parameters." + name,
         "the primary has the parameter `" + name + "`, which this version does not know",
         "Set it by hand where it matters");
  }
}

void TwinBuilder::take_network() {
  if (is_serverless()) return;
  const std::string own = text_parameter("customVirtualNetworkId");
  const json& hidden = parameter("enableNoPublicIp");
  // Its default was false before 2024-05-01 and is true since: what is not said would change.
  set_parameter("enableNoPublicIp", hidden.is_boolean() ? hidden : json(true), Fate::copied);
  if (hidden.is_null())
    tell(Level::note, "enableNoPublicIp",
         "the primary does not say whether its machines have public addresses; the twin's have "
         "none");
  const bool injected = !own.empty() || !settings_.network.vnet.empty();
  if (injected && !settings_.network.managed) {
    take_own_network(own);
  } else {
    for (const char* const name : {"natGatewayName", "publicIpName"})
      if (!parameter(name).is_null()) set_parameter(name, parameter(name), Fate::copied);
    if (!settings_.address_prefix.empty())
      set_parameter("vnetAddressPrefix", settings_.address_prefix, Fate::mapped);
    else if (!parameter("vnetAddressPrefix").is_null())
      set_parameter("vnetAddressPrefix", parameter("vnetAddressPrefix"), Fate::copied);
  }
  take_load_balancer();
}

void TwinBuilder::take_own_network(const std::string& from_vnet) {
  const NetworkSettings& network = settings_.network;
  if (network.vnet.empty())
    return tell(Level::blocker, "customVirtualNetworkId",
                "the primary is in the network " + from_vnet + ", which is of its region",
                "Set " + setting("network") + " to {vnet, public_subnet, private_subnet} in " +
                    twin_.region +
                    ", with address_space, public_prefix and private_prefix to have it made, or "
                    "to `managed` to let Databricks make one");
  twin_.vnet_id = network.vnet.starts_with('/')
                      ? network.vnet
                      : "/subscriptions/" + twin_.subscription + "/resourceGroups/" +
                            twin_.resource_group + "/providers/Microsoft.Network/virtualNetworks/" +
                            network.vnet;
  const auto id = resource_id(twin_.vnet_id);
  if (!id || !same_id(id->type, "virtualNetworks"))
    return tell(Level::blocker, "customVirtualNetworkId",
                "`" + network.vnet + "` is no id of a virtual network",
                "Correct " + setting("network.vnet"));
  if (!same_id(id->subscription, twin_.subscription))
    tell(Level::blocker, "customVirtualNetworkId",
         "the network is in another subscription than the workspace, which is not possible",
         "Correct " + setting("network.vnet") + " or " + setting("subscription"));
  if (!from_vnet.empty() && same_id(from_vnet, twin_.vnet_id))
    tell(Level::blocker, "customVirtualNetworkId", "that is the network of the primary",
         "Set " + setting("network.vnet") + " to one in " + twin_.region);
  set_parameter("customVirtualNetworkId", twin_.vnet_id, Fate::mapped);
  for (const auto& [name, given] :
       {std::pair<std::string, std::string>("customPublicSubnetName", network.public_subnet),
        std::pair<std::string, std::string>("customPrivateSubnetName", network.private_subnet)}) {
    const std::string value = given.empty() ? text_parameter(name) : given;
    if (value.empty()) {
      tell(Level::blocker, name, "the name of the subnet is not known",
           "Set " + setting("network") + ".public_subnet and .private_subnet");
      continue;
    }
    set_parameter(name, value, given.empty() ? Fate::copied : Fate::mapped);
  }
  if (network.may_be_made()) plan_network();
}

void TwinBuilder::plan_network() {
  const NetworkSettings& network = settings_.network;
  if (network.public_prefix.empty() || network.private_prefix.empty())
    return tell(Level::blocker, "network", "a network to be made needs the ranges of both subnets",
                "Set " + setting("network") + ".public_prefix and .private_prefix");
  const auto id = resource_id(twin_.vnet_id);
  const json& parameters = twin_.body["properties"]["parameters"];
  const auto subnet = [&](const char* name) {
    const json& value = at_dotted(parameters, std::string(name) + ".value");
    return value.is_string() ? value.get<std::string>() : std::string();
  };
  TwinResource group;
  group.id =
      id->group_path() + "/providers/Microsoft.Network/networkSecurityGroups/" + id->name + "-nsg";
  group.body = json::object();
  group.body["location"] = twin_.region;
  group.body["properties"] = json::object();  // Databricks adds its rules by the delegation
  TwinResource made;
  made.id = twin_.vnet_id;
  made.body = json::object();
  made.body["location"] = twin_.region;
  made.body["properties"]["addressSpace"]["addressPrefixes"] = json::array({network.address_space});
  made.body["properties"]["subnets"] = json::array(
      {delegated_subnet(subnet("customPublicSubnetName"), network.public_prefix, group.id),
       delegated_subnet(subnet("customPrivateSubnetName"), network.private_prefix, group.id)});
  twin_.security_group = std::move(group);
  twin_.network = std::move(made);
}

void TwinBuilder::take_load_balancer() {
  if (text_parameter("loadBalancerId").empty() && settings_.network.load_balancer.empty()) return;
  if (settings_.network.load_balancer.empty())
    return tell(Level::blocker, "loadBalancerId",
                "the primary's traffic leaves through a load balancer of its region",
                "Set " + setting("network") + ".load_balancer and .backend_pool to those in " +
                    twin_.region);
  set_parameter("loadBalancerId", settings_.network.load_balancer, Fate::mapped);
  const std::string pool = settings_.network.backend_pool.empty()
                               ? text_parameter("loadBalancerBackendPoolName")
                               : settings_.network.backend_pool;
  set_parameter("loadBalancerBackendPoolName", pool, Fate::mapped);
  if (from("properties.publicNetworkAccess") == "Disabled")
    tell(Level::blocker, "loadBalancerId",
         "a load balancer and publicNetworkAccess Disabled exclude each other",
         "Correct the primary workspace first");
}

void TwinBuilder::take_storage() {
  if (is_serverless()) return;
  const json& there = existing_at("properties.parameters.storageAccountName.value");
  std::string name = settings_.storage_account;
  if (!name.empty() && !fits_storage_name(name))
    tell(Level::blocker, "storageAccountName", "`" + name + "` cannot be the name of an account",
         "Set " + setting("storage_account") + " to 3 to 24 lower-case letters and digits");
  if (name.empty()) name = storage_name_from(twin_.name, suffix());
  set_parameter("storageAccountName", there.is_string() ? there : json(name), Fate::made);
  const std::string of_primary = text_parameter("storageAccountSkuName");
  const std::string sku = !settings_.storage_sku.empty() ? settings_.storage_sku
                          : of_primary.empty()           ? "Standard_GRS"
                                                         : of_primary;
  set_parameter("storageAccountSkuName", sku,
                settings_.storage_sku.empty() ? Fate::copied : Fate::mapped);
  check_redundancy(sku);
}

void TwinBuilder::check_redundancy(const std::string& sku) {
  const RegionFacts* const region = regions_.find(twin_.region);
  const bool geo = sku.find("GRS") != std::string::npos || sku.find("GZRS") != std::string::npos;
  const bool zonal = sku.find("ZRS") != std::string::npos;
  const std::string remedy = "Set " + setting("storage_sku");
  if (region != nullptr && geo && region->pair.empty())
    tell(Level::blocker, "storageAccountSkuName",
         sku + " needs a region pair, and " + twin_.region + " has none",
         remedy + " to " + (region->zones > 0 ? "Standard_ZRS" : "Standard_LRS"));
  if (region != nullptr && zonal && region->zones == 0)
    tell(Level::blocker, "storageAccountSkuName",
         sku + " needs availability zones, and " + twin_.region + " has none",
         remedy + " to Standard_LRS, or to Standard_GRS");
  if (region != nullptr && geo)
    tell(Level::note, "storageAccountSkuName",
         sku + " keeps a copy of the twin's DBFS root in its pair" +
             (region->pair == primary_region_ ? ", the primary's region" : "") +
             "; Databricks denies access to it, so it is no copy to fail over to",
         remedy +
             " to Standard_LRS to pay for no copy: the root holds libraries and scripts, which "
             "are replicated object by object");
}

}  // namespace twinlake::azure
