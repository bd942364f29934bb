#include "simulator/azure/workspaces.h"

#include "simulator/azure/locations.h"

namespace twinlake::simulator {

namespace {
constexpr const char* workspace_type = "Microsoft.Databricks/workspaces";

/// Each parameter is shown with the type that it has.
json typed_parameters(const json& given) {
  json out = json::object();
  for (const auto& [name, parameter] : given.items()) {
    const json value = parameter.is_object() ? parameter.value("value", json()) : json();
    const char* type = value.is_boolean() ? "Bool" : value.is_object() ? "Object" : "String";
    out[name] = json::object({{"type", type}, {"value", value}});
  }
  return out;
}

void default_parameter(json& parameters, const char* name, const json& value) {
  if (parameters.contains(name)) return;
  parameters[name] = json::object({{"type", value.is_boolean()  ? "Bool"
                                            : value.is_object() ? "Object"
                                                                : "String"},
                                   {"value", value}});
}

/// The group that the service fills and nobody else may touch.
void make_managed_group(Cloud& cloud, const json& workspace) {
  const json& properties = workspace.at("properties");
  const std::string group = text_of(properties, "managedResourceGroupId");
  const std::string id = text_of(workspace, "id");
  const std::string location = text_of(workspace, "location");
  if (group.empty()) return;
  cloud.resources().put(json::object({{"id", group},
                                      {"type", "Microsoft.Resources/resourceGroups"},
                                      {"name", ResourceId::parse(group).group},
                                      {"location", location},
                                      {"managedBy", id},
                                      {"properties", {{"provisioningState", "Succeeded"}}}}));
  const std::string account = parameter_of(properties, "storageAccountName").get<std::string>();
  const json sku = parameter_of(properties, "storageAccountSkuName");
  const std::string account_id = group + "/providers/Microsoft.Storage/storageAccounts/" + account;
  json body = json::object({{"id", account_id}, {"location", location}, {"kind", "StorageV2"}});
  body["sku"]["name"] = sku;
  body["managedBy"] = id;
  body["properties"]["isHnsEnabled"] = true;
  if (const json* before = cloud.resources().find(account_id)) {
    body = *before;
    body["sku"] = json::object({{"name", sku}});
  }
  cloud.add(std::move(body));
  const std::string name = "System deny assignment created by Azure Databricks " + id;
  cloud.resources().put(json::object(
      {{"id", group + "/providers/Microsoft.Authorization/denyAssignments/" + uuid_from(id)},
       {"name", uuid_from(id)},
       {"properties",
        {{"denyAssignmentName", name},
         {"scope", group},
         {"isSystemProtected", true},
         {"principals", json::array({{{"id", "00000000-0000-0000-0000-000000000000"},
                                      {"type", "SystemDefined"}}})},
         {"excludePrincipals", json::array()},
         {"permissions", json::array({{{"actions", json::array({"*"})},
                                       {"notActions", json::array({"*/read"})},
                                       {"dataActions", json::array()},
                                       {"notDataActions", json::array()}}})}}}}));
}

/// What the workspace is given before it is there.
void accept_workspace(ArmCall& call, json& workspace) {
  json& properties = workspace["properties"];
  const std::int64_t now = call.cloud.now_millis();
  properties["createdDateTime"] = instant(now);
  properties["createdBy"] =
      json::object({{"oid", uuid_from(call.caller)}, {"applicationId", call.caller}});
  workspace["systemData"] = json::object(
      {{"createdBy", call.caller}, {"createdByType", "Application"}, {"createdAt", instant(now)}});
}

/// The wanted body over what only the service writes.
json merged(ArmCall& call, const json* before) {
  json out = json::object();
  out["id"] = before == nullptr ? call.id.text : before->at("id").get<std::string>();
  out["name"] = before == nullptr ? call.id.name() : before->at("name").get<std::string>();
  out["type"] = workspace_type;
  out["location"] = find_location(text_of(call.body, "location"))->name;
  for (const char* member : {"sku", "tags"})
    if (const json* value = field(call.body, member)) out[member] = *value;
  json properties = call.body.value("properties", json::object());
  for (const char* member :
       {"createdBy", "updatedBy", "storageAccountIdentity", "managedDiskIdentity"})
    properties.erase(member);
  properties["parameters"] = typed_parameters(properties.value("parameters", json::object()));
  if (before == nullptr && text_of(properties, "computeMode") != "Serverless")
    default_parameter(properties["parameters"], "enableNoPublicIp",
                      default_no_public_ip(call.api_version));
  if (before != nullptr) {
    const json& old = before->at("properties");
    for (const char* member :
         {"workspaceId", "workspaceUrl", "createdDateTime", "createdBy", "isUcEnabled",
          "diskEncryptionSetId", "managedDiskIdentity", "storageAccountIdentity",
          "privateEndpointConnections", "managedResourceGroupId", "computeMode", "defaultCatalog"})
      if (old.contains(member)) properties[member] = old.at(member);
    fill(properties["parameters"], old.value("parameters", json::object()));
    out["systemData"] = before->value("systemData", json::object());
  }
  out["properties"] = std::move(properties);
  return out;
}

void seat_workspace(Cloud& cloud, json& workspace) {
  json& properties = workspace["properties"];
  const Cloud::Taken seat = cloud.take_seat(text_of(workspace, "location"));
  std::string id, address;
  if (seat.region != nullptr) {
    id = std::to_string(seat.region->options().workspace_id);
    address = seat.seat.address;
    seat.region->set_absent(false);
    cloud.sit_down(id, seat);
  } else {
    id = cloud.ids().digits(16);
    address = "adb-" + id + "." + std::to_string(id.back() - '0') + ".azuredatabricks.net";
  }
  properties["workspaceId"] = id;
  properties["workspaceUrl"] = address;
}

/// The operation has ended, well or not. A workspace that failed stays, with its managed group.
void finish_workspace(Cloud& cloud, const std::string& id, const std::optional<WorkspaceEnd>& bad,
                      Operation& ended) {
  json* workspace = cloud.resources().find(id);
  if (workspace == nullptr) return;
  if (bad && ended.status == "Succeeded") {
    ended.status = bad->status;
    ended.error = json::object({{"code", bad->code}, {"message", bad->message}});
  }
  if (ended.status == "Succeeded") {
    if (!workspace->at("properties").contains("workspaceId")) seat_workspace(cloud, *workspace);
    settle_workspace(cloud, *workspace);
    return;
  }
  (*workspace)["properties"]["provisioningState"] = ended.status;
  const std::string group = text_of(workspace->at("properties"), "managedResourceGroupId");
  if (group.empty() || cloud.resources().find(group) != nullptr) return;
  cloud.resources().put(json::object({{"id", group},
                                      {"type", "Microsoft.Resources/resourceGroups"},
                                      {"name", ResourceId::parse(group).group},
                                      {"location", text_of(*workspace, "location")},
                                      {"managedBy", id},
                                      {"properties", {{"provisioningState", "Succeeded"}}}}));
}

Refusal busy(ArmCall& call) {
  if (call.cloud.operations().running_on(call.id.text) == nullptr) return std::nullopt;
  return arm_error(409, "ApplianceBeingUpdated",
                   "The workspace '" + call.id.name() +
                       "' has an operation in progress. Try again when it has ended.");
}

std::optional<WorkspaceEnd> bad_end(Cloud& cloud) {
  if (cloud.workspace_ends().empty()) return std::nullopt;
  WorkspaceEnd end = cloud.workspace_ends().front();
  cloud.workspace_ends().erase(cloud.workspace_ends().begin());
  return end;
}

http::Response put_workspace(ArmCall& call) {
  if (auto refusal = busy(call)) return *refusal;
  const json* before = call.cloud.resources().find(call.id.text);
  if (auto refusal = refuse_workspace(call, before)) return *refusal;
  const bool is_new = before == nullptr;
  std::optional<WorkspaceEnd> bad;
  if (is_new) bad = bad_end(call.cloud);
  if (bad && bad->at_once != 0) return arm_error(bad->at_once, bad->code, bad->message);
  json wanted = merged(call, before);
  if (is_new) accept_workspace(call, wanted);
  wanted["properties"]["provisioningState"] = is_new ? "Creating" : "Updating";
  const json& stored = call.cloud.resources().put(std::move(wanted));
  Operation operation;
  operation.gives_resource = true;
  Cloud& cloud = call.cloud;
  operation.finish = [&cloud, id = text_of(stored, "id"), bad](Operation& ended) {
    finish_workspace(cloud, id, bad, ended);
  };
  const auto takes = is_new ? cloud.options().workspace_time : cloud.options().operation_time;
  return begin(call, std::move(operation), takes, is_new ? 201 : 200, shown(call, stored));
}

http::Response patch_workspace(ArmCall& call) {
  json* workspace = call.cloud.resources().find(call.id.text);
  if (workspace == nullptr) return not_found(call);
  for (const auto& [name, value] : call.body.items())
    if (name != "tags")
      return arm_error(400, "InvalidRequestContent",
                       "Could not find member '" + name +
                           "' on object of type 'WorkspaceUpdate'. A patch changes tags only.");
  if (auto refusal = busy(call)) return *refusal;
  const json* tags = field(call.body, "tags");
  (*workspace)["tags"] = tags == nullptr ? json::object() : *tags;
  (*workspace)["properties"]["parameters"]["resourceTags"] =
      json::object({{"type", "Object"}, {"value", workspace->at("tags")}});
  return answer(shown(call, *workspace));
}

http::Response delete_workspace(ArmCall& call) {
  json* workspace = call.cloud.resources().find(call.id.text);
  if (workspace == nullptr) return {204, ""};
  if (auto refusal = busy(call)) return *refusal;
  (*workspace)["properties"]["provisioningState"] = "Deleting";
  Operation operation;
  Cloud& cloud = call.cloud;
  operation.finish = [&cloud, id = text_of(*workspace, "id")](Operation& ended) {
    json* found = cloud.resources().find(id);
    if (ended.status == "Succeeded")
      remove_workspace(cloud, id);
    else if (found != nullptr)
      (*found)["properties"]["provisioningState"] = ended.status;
  };
  return begin(call, std::move(operation), cloud.options().workspace_time, 202);
}

json endpoint(const std::string& domain, int port) {
  return json::object(
      {{"domainName", domain}, {"endpointDetails", json::array({{{"port", port}}})}});
}

/// The hosts of a region's control plane: two workspaces that share one name the same ones here.
http::Response outbound_endpoints(ArmCall& call) {
  const json* workspace = call.cloud.resources().find(call.id.parent());
  if (workspace == nullptr) return not_found(call);
  const std::string region = text_of(*workspace, "location");
  const std::string plane = std::string(control_plane_of(region));
  const json account = parameter_of(workspace->at("properties"), "storageAccountName");
  json out = json::array();
  const auto category = [&](const char* name, json endpoints) {
    out.push_back(json::object({{"category", name}, {"endpoints", std::move(endpoints)}}));
  };
  category("Webapp", json::array({endpoint(plane + ".azuredatabricks.net", 443)}));
  category("SCC Relay", json::array({endpoint("tunnel." + plane + ".azuredatabricks.net", 443)}));
  category("azure-mysql",
           json::array({endpoint(
               "consolidated-" + plane + "-prod-metastore.mysql.database.azure.com", 3306)}));
  const std::string root = account.is_string() ? account.get<std::string>() : "dbstorage";
  category("azure-storage",
           json::array({endpoint(root + ".dfs.core.windows.net", 443),
                        endpoint("arprod" + plane + ".blob.core.windows.net", 443)}));
  return answer(out);
}

http::Response private_link_resources(ArmCall& call) {
  if (call.cloud.resources().find(call.id.parent()) == nullptr) return not_found(call);
  json all = json::array();
  for (const char* group : {"databricks_ui_api", "browser_authentication"})
    all.push_back(json::object(
        {{"id", call.id.text + "/" + group},
         {"name", group},
         {"type", std::string(workspace_type) + "/privateLinkResources"},
         {"properties",
          {{"groupId", group},
           {"requiredMembers", json::array({group})},
           {"requiredZoneNames", json::array({"privatelink.azuredatabricks.net"})}}}}));
  return page_of(call, all);
}
}  // namespace

void settle_workspace(Cloud& cloud, json& workspace) {
  json& properties = workspace["properties"];
  json& parameters = properties["parameters"];
  if (!parameters.is_object()) parameters = json::object();
  const std::string id = text_of(workspace, "id");
  const bool hybrid = text_of(properties, "computeMode", "Hybrid") == "Hybrid";
  properties["computeMode"] = hybrid ? "Hybrid" : "Serverless";
  properties["provisioningState"] = "Succeeded";
  fill(properties, json::object({{"publicNetworkAccess", "Enabled"},
                                 {"requiredNsgRules", "AllRules"},
                                 {"defaultStorageFirewall", "Disabled"},
                                 {"isUcEnabled", true},
                                 {"createdDateTime", instant(cloud.now_millis())}}));
  if (!hybrid) return;
  const std::string letters = sha256_hex(id).substr(0, 13);
  if (!properties.contains("managedResourceGroupId"))
    properties["managedResourceGroupId"] =
        cloud.subscription_id() + "/resourceGroups/databricks-rg-" + ResourceId::parse(id).name();
  default_parameter(parameters, "enableNoPublicIp", true);
  default_parameter(parameters, "storageAccountName", "dbstorage" + letters);
  default_parameter(parameters, "storageAccountSkuName", "Standard_GRS");
  default_parameter(parameters, "prepareEncryption", false);
  default_parameter(parameters, "requireInfrastructureEncryption", false);
  if (!parameters.contains("customVirtualNetworkId")) {
    default_parameter(parameters, "natGatewayName", "nat-gateway");
    default_parameter(parameters, "publicIpName", "nat-gw-public-ip");
    default_parameter(parameters, "vnetAddressPrefix", "10.139");
  }
  parameters["resourceTags"] =
      json::object({{"type", "Object"}, {"value", workspace.value("tags", json::object())}});
  if (flag_of(parameters.at("prepareEncryption"), "value") &&
      !properties.contains("storageAccountIdentity"))
    properties["storageAccountIdentity"] = json::object({{"principalId", uuid_from(id + "/root")},
                                                         {"tenantId", cloud.options().tenant},
                                                         {"type", "SystemAssigned"}});
  make_managed_group(cloud, workspace);
}

void remove_workspace(Cloud& cloud, const std::string& id) {
  const json* workspace = cloud.resources().find(id);
  if (workspace == nullptr) return;
  const json properties = workspace->at("properties");
  const std::string group = text_of(properties, "managedResourceGroupId");
  if (!group.empty()) cloud.resources().remove(group);
  cloud.leave_seat(text_of(properties, "workspaceId"));
  cloud.resources().remove(id);
}

void add_workspace_routes(ArmRoutes& routes) {
  using http::Method;
  const std::string one = "microsoft.databricks/workspaces/{}";
  routes.add(Method::put, one, put_workspace);
  routes.add(Method::patch, one, patch_workspace);
  routes.add(Method::del, one, delete_workspace);
  routes.add(Method::get, one + "/outboundNetworkDependenciesEndpoints", outbound_endpoints);
  routes.add(Method::get, one + "/privateLinkResources", private_link_resources);
}

}  // namespace twinlake::simulator
