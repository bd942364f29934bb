// Microsoft.Compute: quotas and the sizes of machines that are on offer.
#include "simulator/azure/arm.h"
#include "simulator/azure/locations.h"

namespace twinlake::simulator {

namespace {
http::Response compute_usages(ArmCall& call) {
  const Location* place = find_location(call.id.name());
  if (place == nullptr)
    return arm_error(
        400, "NoRegisteredProviderFound",
        "No registered resource provider found for location '" + call.id.name() + "'.");
  return page_of(call, call.cloud.capacity().usages(std::string(place->name)));
}

/// Only the filter by location exists: location eq 'westus'.
http::Response compute_skus(ArmCall& call) {
  const std::string filter = lower(call.query("$filter"));
  constexpr std::string_view start = "location eq '";
  json all = json::array();
  if (filter.empty()) {
    for (const Location& location : locations())
      for (const json& row : call.cloud.capacity().skus(std::string(location.name)))
        all.push_back(row);
  } else if (filter.starts_with(start) && filter.ends_with("'")) {
    all = call.cloud.capacity().skus(filter.substr(start.size(), filter.size() - start.size() - 1));
  } else {
    return arm_error(400, "BadRequest", "The $filter '" + filter + "' is not supported.");
  }
  return answer(json::object({{"value", std::move(all)}}));
}
}  // namespace

void add_compute_routes(ArmRoutes& routes) {
  routes.add(http::Method::get, "microsoft.compute/locations/{}/usages", compute_usages);
  routes.add(http::Method::get, "microsoft.compute/skus", compute_skus);
}

}  // namespace twinlake::simulator
