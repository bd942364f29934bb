#include "simulator/azure/arm.h"

#include "simulator/azure/locations.h"
#include "simulator/azure/workspaces.h"

namespace twinlake::simulator {

std::string ArmCall::query(std::string_view name) const {
  for (const auto& [key, value] : request.query)
    if (same_id(key, name)) return value;
  return {};
}

void ArmRoutes::add(http::Method method, std::string_view route, ArmHandler handler) {
  handlers_.insert_or_assign({method, lower(route)}, std::move(handler));
}

const ArmHandler* ArmRoutes::find(http::Method method, const std::string& route) const {
  const auto found = handlers_.find({method, route});
  return found == handlers_.end() ? nullptr : &found->second;
}

http::Response with_status(int status, const json& body) {
  http::Response response = answer(body);
  response.status = status;
  return response;
}

http::Response arm_error(int status, std::string_view code, std::string_view message) {
  json inner = json::object();
  inner["code"] = code;
  inner["message"] = message;
  return with_status(status, json::object({{"error", std::move(inner)}}));
}

http::Response not_found(const ArmCall& call) {
  const std::string what = call.id.type() + "/" + call.id.name();
  if (call.id.group.empty())
    return arm_error(404, "ResourceNotFound", "The Resource '" + what + "' was not found.");
  return arm_error(404, "ResourceNotFound",
                   "The Resource '" + what + "' under resource group '" + call.id.group +
                       "' was not found. For more details please go to "
                       "https://aka.ms/ARMResourceNotFoundFix");
}

http::Response page_of(const ArmCall& call, const json& all) {
  std::size_t from = 0;
  if (const std::string token = call.query("$skiptoken"); !token.empty()) {
    const auto position = position_of(token);
    if (!position || *position < 0)
      return arm_error(400, "InvalidSkipToken", "The $skiptoken is not valid.");
    from = static_cast<std::size_t>(*position);
  }
  const std::size_t size = std::max<std::size_t>(1, call.cloud.options().page_size);
  json body = json::object({{"value", json::array()}});
  for (std::size_t i = from; i < all.size() && i < from + size; ++i)
    body["value"].push_back(all[i]);
  if (from + size < all.size()) {
    auto query = call.request.query;
    std::erase_if(query, [](const auto& entry) { return same_id(entry.first, "$skiptoken"); });
    query.emplace_back("$skiptoken", token_for(static_cast<std::int64_t>(from + size)));
    body["nextLink"] =
        call.cloud.address_for(call.request) + call.request.path + "?" + http::encode_query(query);
  }
  return answer(body);
}

json shown(const ArmCall& call, const json& resource) {
  if (same_id(text_of(resource, "type"), "Microsoft.Databricks/workspaces"))
    return workspace_as_of(resource, call.api_version);
  json out = resource;
  if (!out.contains("properties") || !out["properties"].contains("geoReplicationStats")) return out;
  json& stats = out["properties"]["geoReplicationStats"];
  const std::string expand = lower(call.query("$expand"));
  if (expand.find("georeplicationstats") == std::string::npos) {
    out["properties"].erase("geoReplicationStats");
  } else if (!stats.contains("lastSyncTime") && text_of(stats, "status") == "Live") {
    // Unless a test says otherwise, the copy follows a few minutes behind.
    stats["lastSyncTime"] = instant(call.cloud.now_millis() - std::int64_t{5} * 60'000);
  }
  return out;
}

Refusal without_group(const ArmCall& call) {
  if (call.id.group.empty() || call.cloud.resources().find(call.id.group_id()) != nullptr)
    return std::nullopt;
  return arm_error(404, "ResourceGroupNotFound",
                   "Resource group '" + call.id.group + "' could not be found.");
}

Refusal denied_by_workspace(const ArmCall& call) {
  if (call.id.group.empty()) return std::nullopt;
  const json* group = call.cloud.resources().find(call.id.group_id());
  const std::string owner = group == nullptr ? "" : text_of(*group, "managedBy");
  if (owner.empty()) return std::nullopt;
  return arm_error(403, "DenyAssignmentAuthorizationFailed",
                   "The client '" + call.caller +
                       "' has permission to perform the action on scope '" + call.id.text +
                       "'; however, the access is denied because of the deny assignment with name "
                       "'System deny assignment created by Azure Databricks " +
                       owner + "'.");
}

Refusal misplaced(const ArmCall& call, const std::string& location) {
  const std::string type = call.id.type();
  const ResourceType* known = find_type(call.id.provider, type.substr(call.id.provider.size() + 1));
  const Location* place = find_location(location);
  if (place == nullptr || (known != nullptr && !known->everywhere && !place->has_databricks))
    return arm_error(400, "LocationNotAvailableForResourceType",
                     "The provided location '" + location +
                         "' is not available for resource type '" + type +
                         "'. List of available regions for the resource type is '" +
                         names_of_locations(known == nullptr || known->everywhere) + "'.");
  const json tags =
      call.body.is_object() ? call.body.value("tags", json::object()) : json::object();
  if (call.cloud.registration(call.id.provider) != "Registered")
    return arm_error(409, "MissingSubscriptionRegistration",
                     "The subscription is not registered to use namespace '" + call.id.provider +
                         "'. See https://aka.ms/rps-not-found for how to register subscriptions.");
  if (const std::string policy = call.cloud.policy_against(type, location, tags); !policy.empty())
    return arm_error(403, "RequestDisallowedByPolicy",
                     "Resource '" + call.id.name() +
                         "' was disallowed by policy. Policy identifiers: "
                         "'[{\"policyAssignment\":{\"name\":\"" +
                         policy + "\"}}]'.");
  return std::nullopt;
}

}  // namespace twinlake::simulator
