// Microsoft.Databricks/accessConnectors: the identity with which a workspace reaches the lake; and
// private endpoints, as far as a workspace sees them.
#include "simulator/azure/arm.h"
#include "simulator/azure/locations.h"

namespace twinlake::simulator {

namespace {
constexpr const char* workspace_type_name = "Microsoft.Databricks/workspaces";

Refusal bad_identity(const json& identity) {
  const std::string type = text_of(identity, "type", "None");
  const bool by_user = type.find("UserAssigned") != std::string::npos;
  if (type != "None" && type != "SystemAssigned" && type != "UserAssigned" &&
      type != "SystemAssigned,UserAssigned" && type != "SystemAssigned, UserAssigned")
    return arm_error(400, "InvalidIdentityType", "The identity type '" + type + "' is not known.");
  const json* users = field(identity, "userAssignedIdentities");
  if (by_user != (users != nullptr && !users->empty()))
    return arm_error(400, "InvalidIdentity",
                     "userAssignedIdentities belongs to the type UserAssigned, and only there.");
  return std::nullopt;
}

/// The workspaces that use it, under the name that the service gives this member.
json users_of(const Cloud& cloud, const std::string& connector) {
  json out = json::array();
  for (const json* workspace :
       cloud.resources().of_type(workspace_type_name, cloud.subscription_id())) {
    const json used = workspace->at("properties").value("accessConnector", json::object());
    if (same_id(text_of(used, "id"), connector)) out.push_back(text_of(*workspace, "id"));
  }
  return out;
}

json shown_connector(const Cloud& cloud, const json& connector) {
  json out = connector;
  out["properties"]["referedBy"] = users_of(cloud, text_of(connector, "id"));
  return out;
}

http::Response begin_connector(ArmCall& call, json connector, bool is_new) {
  json& stored = call.cloud.add(std::move(connector));
  stored["properties"]["provisioningState"] = is_new ? "Creating" : "Updating";
  Operation operation;
  Cloud& cloud = call.cloud;
  operation.gives_resource = true;
  operation.finish = [&cloud, id = text_of(stored, "id")](Operation& ended) {
    if (json* found = cloud.resources().find(id))
      (*found)["properties"]["provisioningState"] = ended.status;
  };
  return begin(call, std::move(operation), cloud.options().operation_time, is_new ? 201 : 202,
               shown_connector(cloud, stored));
}

http::Response put_connector(ArmCall& call) {
  if (!call.body.is_object())
    return arm_error(400, "InvalidRequestContent", "The request content is missing.");
  const std::string location = text_of(call.body, "location");
  if (auto refusal = misplaced(call, location)) return *refusal;
  if (auto refusal = bad_identity(call.body.value("identity", json::object()))) return *refusal;
  const json* before = call.cloud.resources().find(call.id.text);
  json wanted = json::object({{"id", before == nullptr ? call.id.text : text_of(*before, "id")}});
  wanted["location"] = find_location(location)->name;
  for (const char* member : {"identity", "tags"})
    if (const json* value = field(call.body, member)) wanted[member] = *value;
  if (before != nullptr && text_of(*before, "location") != text_of(wanted, "location"))
    return arm_error(409, "InvalidResourceLocation",
                     "The access connector is in another location.");
  return begin_connector(call, std::move(wanted), before == nullptr);
}

http::Response patch_connector(ArmCall& call) {
  const json* before = call.cloud.resources().find(call.id.text);
  if (before == nullptr) return not_found(call);
  json wanted = *before;
  for (const char* member : {"identity", "tags"})
    if (const json* value = field(call.body, member)) wanted[member] = *value;
  if (auto refusal = bad_identity(wanted.value("identity", json::object()))) return *refusal;
  return begin_connector(call, std::move(wanted), false);
}

http::Response show_connector(ArmCall& call) {
  const json* connector = call.cloud.resources().find(call.id.text);
  return connector == nullptr ? not_found(call) : answer(shown_connector(call.cloud, *connector));
}

http::Response delete_connector(ArmCall& call) {
  const json* connector = call.cloud.resources().find(call.id.text);
  if (connector == nullptr) return {204, ""};
  if (!users_of(call.cloud, text_of(*connector, "id")).empty())
    return arm_error(409, "AccessConnectorInUse", "A workspace uses the access connector.");
  Operation operation;
  Cloud& cloud = call.cloud;
  operation.finish = [&cloud, id = text_of(*connector, "id")](Operation& ended) {
    if (ended.status == "Succeeded") cloud.resources().remove(id);
  };
  return begin(call, std::move(operation), cloud.options().operation_time, 202);
}

/// The workspace gets a connection, approved at once: both are in one subscription.
http::Response put_private_endpoint(ArmCall& call) {
  const json properties =
      call.body.is_object() ? call.body.value("properties", json::object()) : json::object();
  const std::string subnet = text_of(properties.value("subnet", json::object()), "id");
  if (call.cloud.resources().find(subnet) == nullptr)
    return arm_error(400, "InvalidResourceReference", "The subnet '" + subnet + "' was not found.");
  http::Response made = serve_plainly(call);
  if (!made.ok()) return made;
  for (const json& link : list_of(properties, "privateLinkServiceConnections")) {
    const json wanted = link.value("properties", json::object());
    json* target = call.cloud.resources().find(text_of(wanted, "privateLinkServiceId"));
    if (target == nullptr || !same_id(text_of(*target, "type"), workspace_type_name)) continue;
    json connection = json::object(
        {{"id", text_of(*target, "id") + "/privateEndpointConnections/" + call.id.name()},
         {"name", call.id.name()}});
    connection["properties"] = {{"provisioningState", "Succeeded"},
                                {"groupIds", list_of(wanted, "groupIds")},
                                {"privateEndpoint", {{"id", call.id.text}}},
                                {"privateLinkServiceConnectionState", {{"status", "Approved"}}}};
    call.cloud.resources().put(connection);
    (*target)["properties"]["privateEndpointConnections"].push_back(std::move(connection));
  }
  return made;
}
}  // namespace

void add_connector_routes(ArmRoutes& routes) {
  using http::Method;
  const std::string one = "microsoft.databricks/accessconnectors/{}";
  routes.add(Method::get, one, show_connector);
  routes.add(Method::put, one, put_connector);
  routes.add(Method::patch, one, patch_connector);
  routes.add(Method::del, one, delete_connector);
  routes.add(Method::put, "microsoft.network/privateendpoints/{}", put_private_endpoint);
}

}  // namespace twinlake::simulator
