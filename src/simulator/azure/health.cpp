// Service Health and Resource Health.
#include "simulator/azure/arm.h"
#include "simulator/azure/locations.h"

namespace twinlake::simulator {

namespace {
/// `region eq 'West US'` and `service eq 'Storage'`, joined by `or` and `and` as clients do; what a
/// filter says beyond that is not looked at.
bool event_fits(const json& event, const std::string& filter) {
  const std::string small = lower(filter);
  const std::string text = lower(event.at("properties").dump());
  bool asked = false;
  for (const std::string word : {"region eq '", "service eq '"}) {
    const std::size_t at = small.find(word);
    if (at == std::string::npos) continue;
    asked = true;
    const std::size_t from = at + word.size();
    const std::string wanted = small.substr(from, small.find('\'', from) - from);
    if (text.find("\"" + wanted + "\"") != std::string::npos) return true;
  }
  return !asked;
}

http::Response list_events(ArmCall& call) {
  const std::string filter = call.query("$filter");
  json all = json::array();
  for (const json& event : call.cloud.events())
    if (event_fits(event, filter)) all.push_back(event);
  return page_of(call, all);
}

http::Response show_event(ArmCall& call) {
  for (const json& event : call.cloud.events())
    if (same_id(text_of(event, "name"), call.id.name())) return answer(event);
  return not_found(call);
}

/// Is there an active issue in the region of this resource?
bool in_trouble(const Cloud& cloud, const json& events, const std::string& location) {
  (void)cloud;
  const Location* place = find_location(location);
  if (place == nullptr) return false;
  for (const json& event : events) {
    const json& properties = event.at("properties");
    if (text_of(properties, "status") != "Active") continue;
    for (const json& impact : list_of(properties, "impact"))
      for (const json& region : list_of(impact, "impactedRegions"))
        if (same_id(text_of(region, "impactedRegion"), place->display)) return true;
  }
  return false;
}

json availability(ArmCall& call, const json& resource) {
  const bool bad = in_trouble(call.cloud, call.cloud.events(), text_of(resource, "location"));
  const std::string state = text_of(resource.at("properties"), "simulatedAvailability",
                                    bad ? "Unavailable" : "Available");
  json properties = json::object(
      {{"availabilityState", state},
       {"title", state},
       {"summary", state == "Available" ? "There aren't any known Azure platform problems "
                                          "affecting this resource."
                                        : "This resource is affected by a problem."},
       {"reasonType", bad ? "Unplanned" : ""},
       {"reasonChronicity", "Persistent"},
       {"occuredTime", instant(call.cloud.now_millis())},
       {"reportedTime", instant(call.cloud.now_millis())}});
  return json::object(
      {{"id", text_of(resource, "id") +
                  "/providers/Microsoft.ResourceHealth/availabilityStatuses/current"},
       {"name", "current"},
       {"type", "Microsoft.ResourceHealth/AvailabilityStatuses"},
       {"location", text_of(resource, "location")},
       {"properties", std::move(properties)}});
}

/// Whether it knows workspaces is not settled: here it does not.
bool has_health(const json& resource) {
  return !same_id(text_of(resource, "type"), "Microsoft.Databricks/workspaces") &&
         !ResourceId::parse(text_of(resource, "id")).provider.empty();
}

http::Response show_availability(ArmCall& call) {
  const json* resource = call.cloud.resources().find(call.id.scope);
  if (resource == nullptr)
    return arm_error(404, "ResourceNotFound",
                     "The resource '" + call.id.scope + "' was not found.");
  if (!has_health(*resource))
    return arm_error(400, "UnsupportedResourceType",
                     "The resource type '" + text_of(*resource, "type") + "' is not supported.");
  return answer(availability(call, *resource));
}

http::Response list_availability(ArmCall& call) {
  json all = json::array();
  const json* itself = call.cloud.resources().find(call.id.scope);
  if (itself != nullptr && has_health(*itself)) all.push_back(availability(call, *itself));
  for (const json* resource : call.cloud.resources().below(call.id.scope))
    if (has_health(*resource) && resource->contains("location"))
      all.push_back(availability(call, *resource));
  return page_of(call, all);
}
}  // namespace

void add_health_routes(ArmRoutes& routes) {
  using http::Method;
  routes.add(Method::get, "microsoft.resourcehealth/events", list_events);
  routes.add(Method::get, "microsoft.resourcehealth/events/{}", show_event);
  routes.add(Method::get, "microsoft.resourcehealth/availabilityStatuses", list_availability);
  routes.add(Method::get, "microsoft.resourcehealth/availabilityStatuses/{}", show_availability);
}

}  // namespace twinlake::simulator
