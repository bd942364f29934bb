// `parameters` of a workspace: storage account, keys, and the network it is put into.
#include <algorithm>
#include <array>
#include <charconv>

#include "simulator/azure/locations.h"
#include "simulator/azure/storage.h"
#include "simulator/azure/workspaces.h"

namespace twinlake::simulator {

namespace {
constexpr std::array<std::string_view, 15> known_parameters{"amlWorkspaceId",
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
                                                            "requireInfrastructureEncryption"};

Refusal bad_parameter(const std::string& message) {
  return arm_error(400, "InvalidParameter", message);
}

Refusal check_shapes(const json& parameters) {
  for (const auto& [name, parameter] : parameters.items()) {
    if (std::find(known_parameters.begin(), known_parameters.end(), name) == known_parameters.end())
      return bad_parameter("The parameter '" + name + "' is unknown or read-only.");
    if (!parameter.is_object() || !parameter.contains("value"))
      return bad_parameter("The parameter '" + name + "' must be an object with a value.");
    if (parameter.contains("type"))
      return bad_parameter("The type of the parameter '" + name + "' is read-only.");
    const json& value = parameter.at("value");
    const bool wants_flag = name == "enableNoPublicIp" || name == "prepareEncryption" ||
                            name == "requireInfrastructureEncryption";
    const bool fits = name == "encryption" ? value.is_object()
                      : wants_flag         ? value.is_boolean()
                                           : value.is_string();
    if (!fits)
      return bad_parameter("The value of the parameter '" + name + "' has the wrong type.");
  }
  return std::nullopt;
}

/// This one has an odd spelling of its own.
Refusal check_root_key(const json& properties, const json* before) {
  const json value = parameter_of(properties, "encryption");
  if (value.is_null()) return std::nullopt;
  constexpr std::array<std::string_view, 4> keys{"keySource", "KeyName", "keyversion",
                                                 "keyvaulturi"};
  for (const auto& [name, unused] : value.items())
    if (std::find(keys.begin(), keys.end(), name) == keys.end())
      return bad_parameter("Could not find member '" + name + "' on object of type 'Encryption'.");
  const std::string source = text_of(value, "keySource");
  if (source != "Default" && source != "Microsoft.Keyvault")
    return bad_parameter("keySource must be Default or Microsoft.Keyvault.");
  // The account needs an identity, and that one its right on the vault, before the key can be used.
  const bool prepared =
      before != nullptr && parameter_of(before->at("properties"), "prepareEncryption") == true;
  if (source == "Microsoft.Keyvault" && !prepared)
    return bad_parameter("The root storage must be prepared by prepareEncryption first.");
  return std::nullopt;
}

Refusal check_storage(const ArmCall& call, const json& properties) {
  const std::string location = text_of(call.body, "location");
  const json sku = parameter_of(properties, "storageAccountSkuName");
  const json* before = call.cloud.resources().find(call.id.text);
  // Standard_GRS is what one gets who says nothing.
  const std::string wanted = sku.is_string() ? sku.get<std::string>() : "Standard_GRS";
  if (sku.is_string() || before == nullptr)
    if (auto refusal = refuse_storage_sku(wanted, location)) return refusal;
  const json name = parameter_of(properties, "storageAccountName");
  if (!name.is_string() || before != nullptr) return std::nullopt;
  const std::string text = name.get<std::string>();
  if (!is_account_name(text))
    return arm_error(
        400, "AccountNameInvalid",
        text +
            " is not a valid storage account name. Storage account name must be "
            "between 3 and 24 characters in length and use numbers and lower-case letters "
            "only.");
  if (is_account_taken(call.cloud, text))
    return arm_error(409, "StorageAccountAlreadyTaken",
                     "The storage account named " + text + " is already taken.");
  return std::nullopt;
}

/// The subnets of a workspace, and of which one it is.
Refusal check_subnet(const ArmCall& call, const std::string& network, const std::string& name) {
  const std::string id = network + "/subnets/" + name;
  const json* subnet = call.cloud.resources().find(id);
  if (subnet == nullptr)
    return arm_error(400, "SubnetNotFound", "The subnet '" + id + "' was not found.");
  const json& properties = subnet->at("properties");
  const json& delegations = list_of(properties, "delegations");
  const bool delegated = std::any_of(delegations.begin(), delegations.end(), [](const json& each) {
    return same_id(text_of(each.value("properties", json::object()), "serviceName"),
                   "Microsoft.Databricks/workspaces");
  });
  if (!delegated)
    return arm_error(
        400, "SubnetDelegationMissing",
        "The subnet '" + name + "' is not delegated to Microsoft.Databricks/workspaces.");
  if (field(properties, "networkSecurityGroup") == nullptr)
    return arm_error(400, "SubnetNetworkSecurityGroupMissing",
                     "The subnet '" + name + "' has no network security group.");
  const int prefix = prefix_length(text_of(properties, "addressPrefix"));
  if (prefix > 26)
    return arm_error(400, "SubnetTooSmall",
                     "The subnet '" + name + "' has a prefix of /" + std::to_string(prefix) +
                         "; at least /26 is needed.");
  if (!list_of(properties, "ipConfigurations").empty())
    return arm_error(400, "SubnetNotEmpty", "The subnet '" + name + "' holds other resources.");
  return std::nullopt;
}

/// Each pair of subnets serves one workspace.
Refusal check_shared(const ArmCall& call, const std::string& network, const std::string& name) {
  for (const json* other : call.cloud.resources().of_type("Microsoft.Databricks/workspaces",
                                                          call.cloud.subscription_id())) {
    if (same_id(text_of(*other, "id"), call.id.text)) continue;
    const json& properties = other->at("properties");
    const json used = parameter_of(properties, "customVirtualNetworkId");
    if (!used.is_string() || !same_id(used.get<std::string>(), network)) continue;
    if (parameter_of(properties, "customPublicSubnetName") == name ||
        parameter_of(properties, "customPrivateSubnetName") == name)
      return arm_error(
          409, "SubnetInUse",
          "The subnet '" + name + "' is used by the workspace '" + text_of(*other, "name") + "'.");
  }
  return std::nullopt;
}
}  // namespace

int prefix_length(const std::string& address) {
  const std::size_t slash = address.find('/');
  int prefix = 33;
  if (slash != std::string::npos)
    std::from_chars(address.data() + slash + 1, address.data() + address.size(), prefix);
  return prefix;
}

Refusal refuse_network(const ArmCall& call, const json& properties) {
  const json network = parameter_of(properties, "customVirtualNetworkId");
  const json host = parameter_of(properties, "customPublicSubnetName");
  const json container = parameter_of(properties, "customPrivateSubnetName");
  const int given =
      (network.is_null() ? 0 : 1) + (host.is_null() ? 0 : 1) + (container.is_null() ? 0 : 1);
  if (given == 0) return std::nullopt;
  if (given != 3 || host == container)
    return arm_error(400, "InvalidNetworkConfiguration",
                     "customVirtualNetworkId, customPublicSubnetName and customPrivateSubnetName "
                     "belong together, and the subnets must be two.");
  const ResourceId id = ResourceId::parse(network.get<std::string>());
  if (!same_id(id.subscription, call.id.subscription))
    return arm_error(400, "InvalidNetworkConfiguration",
                     "The virtual network must be in the subscription of the workspace.");
  const json* found = call.cloud.resources().find(id.text);
  if (found == nullptr)
    return arm_error(400, "VirtualNetworkNotFound",
                     "The virtual network '" + id.text + "' was not found.");
  if (find_location(text_of(*found, "location")) != find_location(text_of(call.body, "location")))
    return arm_error(400, "InvalidNetworkConfiguration",
                     "The virtual network is in '" + text_of(*found, "location") +
                         "' and the workspace is not.");
  const json space = found->at("properties").value("addressSpace", json::object());
  for (const json& range : list_of(space, "addressPrefixes"))
    if (const int prefix = prefix_length(range.get<std::string>()); prefix < 16 || prefix > 24)
      return arm_error(400, "InvalidNetworkConfiguration",
                       "The address space of the virtual network must be between /16 and /24.");
  for (const json& subnet : {host, container}) {
    const std::string name = subnet.get<std::string>();
    if (auto refusal = check_subnet(call, id.text, name)) return refusal;
    if (auto refusal = check_shared(call, id.text, name)) return refusal;
  }
  return std::nullopt;
}

Refusal refuse_parameters(const ArmCall& call, const json& properties) {
  const json parameters = properties.value("parameters", json::object());
  if (!parameters.is_object()) return bad_parameter("parameters must be an object.");
  if (auto refusal = check_shapes(parameters)) return refusal;
  if (text_of(properties, "computeMode", "Hybrid") == "Serverless") return std::nullopt;
  if (!parameter_of(properties, "loadBalancerId").is_null() &&
      text_of(properties, "publicNetworkAccess") == "Disabled")
    return bad_parameter("loadBalancerId is not valid when publicNetworkAccess is Disabled.");
  if (auto refusal = check_root_key(properties, call.cloud.resources().find(call.id.text)))
    return refusal;
  if (auto refusal = check_storage(call, properties)) return refusal;
  return refuse_network(call, properties);
}

}  // namespace twinlake::simulator
