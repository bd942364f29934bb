// Azure SQL servers with their failover groups and links, MySQL flexible servers with their
// replicas.
#include <algorithm>

#include "simulator/azure/arm.h"

namespace twinlake::simulator {

namespace {
/// The group as the other server shows it, or nullptr.
json* partner_group(Cloud& cloud, const json& group) {
  for (const json& partner : list_of(group.at("properties"), "partnerServers"))
    if (json* found = cloud.resources().find(text_of(partner, "id") + "/failoverGroups/" +
                                             text_of(group, "name")))
      return found;
  return nullptr;
}

void set_role(json& group, const char* role, const char* partner_role) {
  group["properties"]["replicationRole"] = role;
  for (json& partner : group["properties"]["partnerServers"])
    partner["replicationRole"] = partner_role;
}

/// Sent to the server that is to become primary.
http::Response fail_over_group(ArmCall& call) {
  const std::string id = call.id.parent();
  json* group = call.cloud.resources().find(id);
  if (group == nullptr) return not_found(call);
  if (text_of(group->at("properties"), "replicationRole") == "Primary")
    return arm_error(400, "FailoverGroupAlreadyPrimary",
                     "The server is the primary of the failover group already.");
  Operation operation;
  Cloud& cloud = call.cloud;
  operation.resource = text_of(*group, "id");
  operation.gives_resource = true;
  operation.finish = [&cloud, id](Operation& ended) {
    json* found = cloud.resources().find(id);
    if (found == nullptr || ended.status != "Succeeded") return;
    if (json* other = partner_group(cloud, *found)) set_role(*other, "Secondary", "Primary");
    set_role(*found, "Primary", "Secondary");
  };
  return begin(call, std::move(operation), call.cloud.options().operation_time, 202);
}

/// Those of all databases of a server.
http::Response list_links(ArmCall& call) {
  json all = json::array();
  for (const json* link : call.cloud.resources().of_type(
           "Microsoft.Sql/servers/databases/replicationLinks", call.id.parent()))
    all.push_back(*link);
  return page_of(call, all);
}

/// What one side of a failover group shows when the other one is written.
void mirror_group(Cloud& cloud, const json& group) {
  const ResourceId id = ResourceId::parse(text_of(group, "id"));
  const json* server = cloud.resources().find(id.parent());
  for (const json& partner : list_of(group.at("properties"), "partnerServers")) {
    json other = group;
    other["id"] = text_of(partner, "id") + "/failoverGroups/" + id.name();
    other["properties"]["partnerServers"] =
        json::array({{{"id", id.parent()},
                      {"location", server == nullptr ? "" : text_of(*server, "location")}}});
    cloud.resources().put(other);
    set_role(*cloud.resources().find(text_of(other, "id")), "Secondary", "Primary");
  }
}

http::Response put_group_of_servers(ArmCall& call) {
  const json* server = call.cloud.resources().find(call.id.parent());
  const json wanted = call.body.is_object() ? call.body.value("properties", json()) : json();
  if (list_of(wanted, "partnerServers").empty())
    return arm_error(400, "InvalidFailoverGroup", "partnerServers is required.");
  for (const json& partner : list_of(wanted, "partnerServers")) {
    const json* other = call.cloud.resources().find(text_of(partner, "id"));
    if (other == nullptr)
      return arm_error(400, "PartnerServerNotFound", "The partner server was not found.");
    if (server != nullptr && text_of(*other, "location") == text_of(*server, "location"))
      return arm_error(400, "FailoverGroupSameRegion",
                       "The partner server must be in another region.");
  }
  http::Response made = serve_plainly(call);
  if (!made.ok()) return made;
  json* group = call.cloud.resources().find(call.id.text);
  (*group)["properties"]["replicationState"] = "CATCH_UP";
  set_role(*group, "Primary", "Secondary");
  mirror_group(call.cloud, *group);
  return with_status(made.status, *group);
}

/// A replica names its source, and is one from the moment it is there.
http::Response put_mysql(ArmCall& call) {
  const json wanted =
      call.body.is_object() ? call.body.value("properties", json::object()) : json();
  const std::string source_id = text_of(wanted, "sourceServerResourceId");
  const bool replica = text_of(wanted, "createMode") == "Replica";
  json* source = replica ? call.cloud.resources().find(source_id) : nullptr;
  if (replica && source == nullptr)
    return arm_error(400, "SourceServerNotFound", "The server '" + source_id + "' was not found.");
  http::Response made = serve_plainly(call);
  json* server = call.cloud.resources().find(call.id.text);
  if (!made.ok() || server == nullptr) return made;
  (*server)["properties"].erase("createMode");  // only ever written
  if (replica) {
    (*server)["properties"]["replicationRole"] = "Replica";
    (*source)["properties"]["replicationRole"] = "Source";
  }
  return with_status(made.status, *server);
}

http::Response list_replicas(ArmCall& call) {
  const json* source = call.cloud.resources().find(call.id.parent());
  if (source == nullptr) return not_found(call);
  json all = json::array();
  for (const json* server : call.cloud.resources().of_type("Microsoft.DBforMySQL/flexibleServers",
                                                           call.cloud.subscription_id()))
    if (same_id(text_of(server->at("properties"), "sourceServerResourceId"),
                text_of(*source, "id")))
      all.push_back(*server);
  return page_of(call, all);
}

/// Promotion: `replicationRole` None. It cannot be taken back.
http::Response patch_mysql(ArmCall& call) {
  json* server = call.cloud.resources().find(call.id.text);
  if (server == nullptr) return not_found(call);
  const json wanted = call.body.value("properties", json::object());
  if (text_of(wanted, "replicationRole") != "None") return serve_plainly(call);
  if (text_of(server->at("properties"), "replicationRole") != "Replica")
    return arm_error(400, "ReplicationRoleNotChangeable", "The server is no replica.");
  Operation operation;
  Cloud& cloud = call.cloud;
  operation.gives_resource = true;
  operation.finish = [&cloud, id = text_of(*server, "id")](Operation& ended) {
    json* found = cloud.resources().find(id);
    if (found == nullptr || ended.status != "Succeeded") return;
    (*found)["properties"]["replicationRole"] = "None";
    (*found)["properties"].erase("sourceServerResourceId");
  };
  return begin(call, std::move(operation), std::chrono::minutes(2), 202);
}
}  // namespace

void add_database_routes(ArmRoutes& routes) {
  using http::Method;
  const std::string group = "microsoft.sql/servers/{}/failovergroups/{}/";
  routes.add(Method::post, group + "failover", fail_over_group);
  routes.add(Method::post, group + "forceFailoverAllowDataLoss", fail_over_group);
  const std::string mysql = "microsoft.dbformysql/flexibleservers/{}";
  routes.add(Method::put, "microsoft.sql/servers/{}/failovergroups/{}", put_group_of_servers);
  routes.add(Method::get, "microsoft.sql/servers/{}/replicationlinks", list_links);
  routes.add(Method::put, mysql, put_mysql);
  routes.add(Method::get, mysql + "/replicas", list_replicas);
  routes.add(Method::patch, mysql, patch_mysql);
}

}  // namespace twinlake::simulator
