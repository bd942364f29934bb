// The subscription itself: locations, providers, resource groups and everything in them.
#include "simulator/azure/arm.h"
#include "simulator/azure/locations.h"

namespace twinlake::simulator {

namespace {
constexpr const char* group_type = "Microsoft.Resources/resourceGroups";

json subscription_body(const Cloud& cloud) {
  return json::object({{"id", cloud.subscription_id()},
                       {"subscriptionId", cloud.options().subscription},
                       {"tenantId", cloud.options().tenant},
                       {"displayName", "Lakeside"},
                       {"state", "Enabled"}});
}

http::Response list_locations(ArmCall& call) {
  json all = json::array();
  for (const Location& location : locations())
    all.push_back(location_body(location, call.cloud.subscription_id()));
  // As the service does: all at once, however many.
  return answer(json::object({{"value", std::move(all)}}));
}

http::Response no_group(const ArmCall& call) {
  return arm_error(404, "ResourceGroupNotFound",
                   "Resource group '" + call.id.group + "' could not be found.");
}

http::Response show_group(ArmCall& call) {
  const json* group = call.cloud.resources().find(call.id.text);
  return group == nullptr ? no_group(call) : answer(*group);
}

http::Response head_group(ArmCall& call) {
  return {call.cloud.resources().find(call.id.text) == nullptr ? 404 : 204, ""};
}

http::Response put_group(ArmCall& call) {
  const std::string location = text_of(call.body, "location");
  const Location* place = find_location(location);
  if (place == nullptr)
    return arm_error(400,
                     location.empty() ? "LocationRequired" : "LocationNotAvailableForResourceGroup",
                     "The provided location '" + location +
                         "' is not available for resource group. "
                         "List of available regions is '" +
                         names_of_locations(true) + "'.");
  json* before = call.cloud.resources().find(call.id.text);
  if (before != nullptr && text_of(*before, "location") != place->name)
    return arm_error(409, "InvalidResourceGroupLocation",
                     "Invalid resource group location '" + location +
                         "'. The Resource group already "
                         "exists in location '" +
                         text_of(*before, "location") + "'.");
  if (before == nullptr && !call.cloud
                                .policy_against(group_type, std::string(place->name),
                                                call.body.value("tags", json::object()))
                                .empty())
    return arm_error(403, "RequestDisallowedByPolicy",
                     "Resource '" + call.id.group + "' was disallowed by policy.");
  json group = json::object({{"id", before == nullptr ? call.id.text : text_of(*before, "id")},
                             {"type", group_type},
                             {"name", call.id.group},
                             {"location", place->name}});
  if (const json* tags = field(call.body, "tags")) group["tags"] = *tags;
  group["properties"]["provisioningState"] = "Succeeded";
  const bool is_new = before == nullptr;
  return with_status(is_new ? 201 : 200, call.cloud.resources().put(std::move(group)));
}

/// Everything in a group goes with it; a workspace in it takes its managed group along.
http::Response delete_group(ArmCall& call) {
  if (call.cloud.resources().find(call.id.text) == nullptr) return no_group(call);
  if (auto refusal = denied_by_workspace(call)) return *refusal;
  Operation operation;
  Cloud& cloud = call.cloud;
  const std::string id = call.id.text;
  operation.finish = [&cloud, id](Operation& ended) {
    if (ended.status != "Succeeded") return;
    std::vector<std::string> workspaces;
    for (const json* each : cloud.resources().of_type("Microsoft.Databricks/workspaces", id))
      workspaces.push_back(text_of(*each, "id"));
    for (const std::string& workspace : workspaces) remove_workspace(cloud, workspace);
    cloud.resources().remove(id);
  };
  return begin(call, std::move(operation), call.cloud.options().operation_time, 202);
}

http::Response list_groups(ArmCall& call) {
  json all = json::array();
  for (const json* group : call.cloud.resources().of_type(group_type, call.cloud.subscription_id()))
    all.push_back(*group);
  return page_of(call, all);
}

/// $filter knows what clients use: resourceType eq 'X' and name eq 'Y'.
bool fits_filter(const json& resource, const std::string& filter) {
  for (const auto& [word, member] :
       {std::pair("resourcetype eq '", "type"), {"name eq '", "name"}}) {
    const std::string small = lower(filter);
    const std::size_t at = small.find(word);
    if (at == std::string::npos) continue;
    const std::size_t from = at + std::string_view(word).size();
    const std::string wanted = small.substr(from, small.find('\'', from) - from);
    if (!same_id(text_of(resource, member), wanted)) return false;
  }
  return true;
}

http::Response list_resources(ArmCall& call) {
  const std::string filter = call.query("$filter");
  if (!call.id.group.empty() && call.cloud.resources().find(call.id.group_id()) == nullptr)
    return no_group(call);
  json all = json::array();
  for (const json* each : call.cloud.resources().below(call.id.parent())) {
    const ResourceId id = ResourceId::parse(text_of(*each, "id"));
    // What hangs on other resources is not listed.
    if (id.provider.empty() || same_id(id.provider, "Microsoft.Authorization") ||
        same_id(id.provider, "Microsoft.Resources"))
      continue;
    if (id.words.size() != 2 || !fits_filter(*each, filter)) continue;
    json row = json::object();
    for (const char* member :
         {"id", "name", "type", "location", "sku", "kind", "tags", "managedBy"})
      if (each->contains(member)) row[member] = each->at(member);
    all.push_back(std::move(row));
  }
  return page_of(call, all);
}
}  // namespace

void add_subscription_routes(ArmRoutes& routes) {
  using http::Method;
  routes.add(Method::get, "subscriptions", [](ArmCall& call) {
    return page_of(call, json::array({subscription_body(call.cloud)}));
  });
  routes.add(Method::get, "subscriptions/{}",
             [](ArmCall& call) { return answer(subscription_body(call.cloud)); });
  routes.add(Method::get, "subscriptions/{}/locations", list_locations);
  routes.add(Method::get, "subscriptions/{}/providers", list_providers);
  routes.add(Method::get, "subscriptions/{}/resources", list_resources);
  routes.add(Method::get, "subscriptions/{}/resourcegroups", list_groups);
  const std::string one = "subscriptions/{}/resourcegroups/{}";
  routes.add(Method::get, one, show_group);
  routes.add(Method::head, one, head_group);
  routes.add(Method::put, one, put_group);
  routes.add(Method::del, one, delete_group);
  routes.add(Method::get, one + "/resources", list_resources);
  for (const ResourceType& type : resource_types()) {
    routes.add(Method::get, lower(type.provider), show_provider);
    routes.add(Method::post, lower(type.provider) + "/register", register_provider);
  }
}

}  // namespace twinlake::simulator
