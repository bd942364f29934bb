// What the service refuses of a workspace: names, places, members that it alone writes, and changes
// of what is fixed for good. Codes are those that ARM uses where a source names them; the others
// are made up, so clients must not depend on them.
#include <algorithm>
#include <array>

#include "simulator/azure/locations.h"
#include "simulator/azure/workspaces.h"

namespace twinlake::simulator {

namespace {
constexpr std::array<std::string_view, 5> top_members{"location", "sku", "tags", "properties",
                                                      "kind"};
/// Members that clients send; all others only the service writes, or nobody knows.
constexpr std::array<std::string_view, 12> sent_members{"managedResourceGroupId",
                                                        "parameters",
                                                        "computeMode",
                                                        "publicNetworkAccess",
                                                        "requiredNsgRules",
                                                        "encryption",
                                                        "accessConnector",
                                                        "defaultStorageFirewall",
                                                        "defaultCatalog",
                                                        "enhancedSecurityCompliance",
                                                        "authorizations",
                                                        "uiDefinitionUri"};

/// Read-only members that the official SDK sends back after a read: taken, and not looked at.
constexpr std::array<std::string_view, 4> ignored_members{
    "createdBy", "updatedBy", "storageAccountIdentity", "managedDiskIdentity"};

template <std::size_t size>
bool is_among(const std::array<std::string_view, size>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Refusal bad_content(const std::string& message) {
  return arm_error(400, "InvalidRequestContent", message);
}

Refusal check_members(const json& body) {
  for (const auto& [name, value] : body.items())
    if (!is_among(top_members, name) && name != "id" && name != "name" && name != "type")
      return bad_content("Could not find member '" + name + "' on object of type 'Workspace'.");
  const json properties = body.value("properties", json());
  if (!properties.is_object())
    return bad_content("The property 'properties' is required for a workspace.");
  for (const auto& [name, value] : properties.items())
    if (!is_among(sent_members, name) && !is_among(ignored_members, name))
      return bad_content("The property 'properties." + name +
                         "' is unknown or read-only and must not be sent.");
  return std::nullopt;
}

Refusal check_name(const std::string& name) {
  const bool letters = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (letters && name.size() >= 3 && name.size() <= 64) return std::nullopt;
  return arm_error(
      400, "InvalidResourceName",
      "The workspace name '" + name + "' is invalid: 3 to 64 letters, digits, - and _.");
}

Refusal check_enum(const json& properties, const char* name,
                   std::initializer_list<std::string_view> allowed) {
  const std::string value = text_of(properties, name);
  if (value.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end())
    return std::nullopt;
  return bad_content("The value '" + value + "' of '" + name + "' is not one of those allowed.");
}

Refusal check_sku(const json& body, const json* before) {
  const json sku = body.value("sku", json::object());
  const std::string name = lower(text_of(sku, "name"));
  if (name.empty() && before != nullptr) return std::nullopt;
  if (name != "standard" && name != "premium" && name != "trial")
    return arm_error(400, "InvalidSku",
                     "The SKU '" + name + "' is not one of standard, premium, trial.");
  if (name == "trial" && before != nullptr && text_of(before->at("sku"), "name") != "trial")
    return arm_error(400, "InvalidSkuChange", "A workspace cannot be changed to the SKU trial.");
  return std::nullopt;
}

Refusal check_managed_group(const ArmCall& call, const json& properties, const json* before) {
  const std::string mode = text_of(properties, "computeMode", "Hybrid");
  const std::string group = text_of(properties, "managedResourceGroupId");
  if (mode == "Serverless")
    return group.empty() ? std::nullopt
                         : bad_content(
                               "managedResourceGroupId is not allowed with computeMode "
                               "Serverless.");
  if (before != nullptr) return std::nullopt;
  const ResourceId id = ResourceId::parse(group);
  if (id.group.empty() || !id.provider.empty())
    return bad_content(
        "The property 'managedResourceGroupId' is required and must be the id of a "
        "resource group.");
  if (!same_id(id.subscription, call.id.subscription))
    return arm_error(400, "InvalidManagedResourceGroup",
                     "The managed resource group must be in the subscription of the workspace.");
  if (call.cloud.resources().find(group) != nullptr)
    return arm_error(409, "ManagedResourceGroupAlreadyExists",
                     "The managed resource group '" + id.group +
                         "' exists already. Choose a name that no resource group has.");
  return std::nullopt;
}

Refusal check_access(const ArmCall& call, const json& properties) {
  if (auto refusal = check_enum(properties, "computeMode", {"Hybrid", "Serverless"}))
    return refusal;
  if (auto refusal = check_enum(properties, "publicNetworkAccess", {"Enabled", "Disabled"}))
    return refusal;
  if (auto refusal = check_enum(properties, "defaultStorageFirewall", {"Enabled", "Disabled"}))
    return refusal;
  if (auto refusal = check_enum(properties, "requiredNsgRules",
                                {"AllRules", "NoAzureDatabricksRules", "NoAzureServiceRules"}))
    return refusal;
  if (text_of(properties, "publicNetworkAccess") == "Disabled" &&
      text_of(properties, "requiredNsgRules", "AllRules") == "AllRules")
    return arm_error(
        400, "InvalidNetworkConfiguration",
        "requiredNsgRules AllRules is not valid when publicNetworkAccess is Disabled.");
  const json* connector = field(properties, "accessConnector");
  if (connector == nullptr)
    return text_of(properties, "defaultStorageFirewall") == "Enabled"
               ? bad_content("defaultStorageFirewall Enabled requires accessConnector.")
               : std::nullopt;
  const bool by_user = text_of(*connector, "identityType") == "UserAssigned";
  if (by_user == text_of(*connector, "userAssignedIdentityId").empty())
    return bad_content("userAssignedIdentityId is required for UserAssigned and only there.");
  if (call.cloud.resources().find(text_of(*connector, "id")) == nullptr)
    return arm_error(400, "AccessConnectorNotFound",
                     "The access connector '" + text_of(*connector, "id") + "' was not found.");
  return std::nullopt;
}

bool is_enabled(const json& compliance, const char* part) {
  return text_of(compliance.value(part, json::object()), "value") == "Enabled";
}

Refusal check_compliance(const json& properties, const json* before) {
  const json wanted = properties.value("enhancedSecurityCompliance", json::object());
  const json old =
      before == nullptr
          ? json::object()
          : before->at("properties").value("enhancedSecurityCompliance", json::object());
  const bool on = is_enabled(wanted, "complianceSecurityProfile");
  if (!on && is_enabled(old, "complianceSecurityProfile"))
    return arm_error(400, "ComplianceSecurityProfileCannotBeDisabled",
                     "The compliance security profile cannot be switched off again.");
  if (!on) return std::nullopt;
  if (!is_enabled(wanted, "automaticClusterUpdate") ||
      !is_enabled(wanted, "enhancedSecurityMonitoring"))
    return bad_content(
        "The compliance security profile needs automaticClusterUpdate and "
        "enhancedSecurityMonitoring enabled.");
  const json& profile = wanted.at("complianceSecurityProfile");
  if (list_of(profile, "complianceStandards").empty())
    return bad_content("complianceStandards must not be empty; send [\"NONE\"].");
  const json old_profile = old.value("complianceSecurityProfile", json::object());
  const json& kept = list_of(profile, "complianceStandards");
  for (const json& standard : list_of(old_profile, "complianceStandards"))
    if (standard != "NONE" && std::find(kept.begin(), kept.end(), standard) == kept.end())
      return arm_error(400, "ComplianceStandardCannotBeRemoved",
                       "A compliance standard cannot be removed: " + standard.dump() + ".");
  return std::nullopt;
}

/// What only the premium tier has.
Refusal check_tier(const json& body) {
  if (lower(text_of(body.value("sku", json::object()), "name")) == "premium") return std::nullopt;
  const json& properties = body.at("properties");
  std::string what;
  if (properties.contains("encryption")) what = "encryption";
  if (text_of(properties, "defaultStorageFirewall") == "Enabled") what = "defaultStorageFirewall";
  if (properties.contains("enhancedSecurityCompliance")) what = "enhancedSecurityCompliance";
  for (const char* name : {"prepareEncryption", "requireInfrastructureEncryption"})
    if (parameter_of(properties, name) == true) what = name;
  if (what.empty()) return std::nullopt;
  return arm_error(400, "PremiumSkuRequired", "'" + what + "' needs the SKU premium.");
}

Refusal check_catalog(const json& properties) {
  const json catalog = properties.value("defaultCatalog", json::object());
  if (auto refusal = check_enum(catalog, "initialType", {"HiveMetastore", "UnityCatalog"}))
    return refusal;
  if (text_of(catalog, "initialName").empty()) return std::nullopt;
  return arm_error(400, "InvalidInitialCatalogName", "initialName must be empty.");
}

/// `keyVaultProperties` here is spelt as usual, unlike in the parameter of the same name.
Refusal check_keys(const json& properties, const json* before) {
  const json entities =
      properties.value("encryption", json::object()).value("entities", json::object());
  for (const auto& [entity, key] : entities.items()) {
    if (entity != "managedServices" && entity != "managedDisk")
      return bad_content("Could not find member '" + entity +
                         "' on 'EncryptionEntitiesDefinition'.");
    const json given = key.value("keyVaultProperties", json::object());
    for (const auto& [name, value] : given.items())
      if (name != "keyVaultUri" && name != "keyName" && name != "keyVersion")
        return bad_content("Could not find member '" + name + "' on 'KeyVaultProperties'.");
  }
  if (before == nullptr) return std::nullopt;
  const json old = before->at("properties")
                       .value("encryption", json::object())
                       .value("entities", json::object());
  for (const auto& [entity, key] : old.items())
    if (!entities.contains(entity))
      return arm_error(400, "EncryptionCannotBeRemoved",
                       "The encryption of '" + entity + "' cannot be removed.");
  return std::nullopt;
}
}  // namespace

json parameter_of(const json& properties, std::string_view name) {
  const json* parameters = field(properties, "parameters");
  const json* parameter = parameters == nullptr ? nullptr : field(*parameters, name);
  const json* value = parameter == nullptr ? nullptr : field(*parameter, "value");
  return value == nullptr ? json() : *value;
}

Refusal refuse_change(const json& before, const json& wanted) {
  if (!same_id(text_of(before, "location"), text_of(wanted, "location")))
    return arm_error(
        409, "InvalidResourceLocation",
        "The resource already exists in location '" + text_of(before, "location") + "'.");
  const auto immutable = [](const std::string& name) {
    return arm_error(400, "PropertyChangeNotAllowed",
                     "Changing property '" + name + "' of a workspace is not allowed.");
  };
  const json& old = before.at("properties");
  const json& properties = wanted.at("properties");
  for (const char* name : {"managedResourceGroupId", "computeMode"})
    if (properties.contains(name) && !same_id(text_of(old, name), text_of(properties, name)))
      return immutable(name);
  for (const char* name :
       {"amlWorkspaceId", "customVirtualNetworkId", "customPublicSubnetName",
        "customPrivateSubnetName", "loadBalancerId", "loadBalancerBackendPoolName",
        "natGatewayName", "publicIpName", "vnetAddressPrefix", "storageAccountName",
        "requireInfrastructureEncryption"}) {
    const json value = parameter_of(properties, name);
    if (!value.is_null() && value != parameter_of(old, name)) return immutable(name);
  }
  if (parameter_of(properties, "enableNoPublicIp") == false &&
      parameter_of(old, "enableNoPublicIp") == true)
    return immutable("enableNoPublicIp");
  if (parameter_of(properties, "enableNoPublicIp") == true &&
      parameter_of(old, "enableNoPublicIp") == false &&
      parameter_of(old, "customVirtualNetworkId").is_null())
    return immutable("enableNoPublicIp");
  if (parameter_of(properties, "prepareEncryption") == false &&
      parameter_of(old, "prepareEncryption") == true)
    return immutable("prepareEncryption");
  return std::nullopt;
}

Refusal refuse_workspace(const ArmCall& call, const json* before) {
  if (!call.body.is_object()) return bad_content("The request content is missing.");
  if (auto refusal = check_name(call.id.name())) return refusal;
  if (auto refusal = check_members(call.body)) return refusal;
  if (const std::string member = too_new_in(call.body, call.api_version); !member.empty())
    return bad_content("Could not find member '" + member + "' in api-version " + call.api_version +
                       ".");
  const std::string location = text_of(call.body, "location");
  if (location.empty())
    return arm_error(400, "LocationRequired",
                     "The location property is required for this definition.");
  if (auto refusal = misplaced(call, location)) return refusal;
  if (auto refusal = check_sku(call.body, before)) return refusal;
  const json& properties = call.body.at("properties");
  if (call.api_version >= "2026" && text_of(properties, "computeMode").empty())
    return bad_content("The property 'computeMode' is required.");
  if (before != nullptr && text_of(before->at("properties"), "provisioningState") != "Succeeded")
    return arm_error(409, "ApplianceProvisioningFailed",
                     "The workspace is in a failed state. Delete it and create it again.");
  if (auto refusal = check_managed_group(call, properties, before)) return refusal;
  if (auto refusal = check_access(call, properties)) return refusal;
  if (auto refusal = check_tier(call.body)) return refusal;
  if (auto refusal = check_compliance(properties, before)) return refusal;
  if (auto refusal = check_catalog(properties)) return refusal;
  if (auto refusal = check_keys(properties, before)) return refusal;
  if (before != nullptr)
    if (auto refusal = refuse_change(*before, call.body)) return refusal;
  return refuse_parameters(call, properties);
}

}  // namespace twinlake::simulator
