// How a cloud is filled: what lies in the subscription from the beginning.
#include <algorithm>
#include <stdexcept>

#include "simulator/azure/arm.h"
#include "simulator/azure/locations.h"
#include "simulator/azure/workspaces.h"
#include "simulator/service.h"

namespace twinlake::simulator {

namespace {
void ensure_group(Cloud& cloud, const ResourceId& id, const std::string& location) {
  if (id.group.empty() || cloud.resources().find(id.group_id()) != nullptr) return;
  cloud.resources().put(
      json::object({{"id", id.group_id()},
                    {"type", "Microsoft.Resources/resourceGroups"},
                    {"name", id.group},
                    {"location", location},
                    {"properties", json::object({{"provisioningState", "Succeeded"}})}}));
}
}  // namespace

json& Cloud::add(json resource) {
  const ResourceId id = ResourceId::parse(text_of(resource, "id"));
  if (id.words.empty() || !id.names_one() || !same_id(id.subscription, options_.subscription))
    throw std::invalid_argument("not the id of a resource in subscription " +
                                options_.subscription + ": " + text_of(resource, "id"));
  ensure_group(*this, id, text_of(resource, "location", "westeurope"));
  json& stored = resources_.put(std::move(resource));
  if (!stored["properties"].contains("provisioningState"))
    stored["properties"]["provisioningState"] = "Succeeded";
  complete(stored);
  return stored;
}

json& Cloud::add_workspace(Region& region, const Seat& seat, const std::string& id,
                           const json& more) {
  const ResourceId parsed = ResourceId::parse(id);
  json resource = json::object({{"id", id}, {"location", seat.location}});
  resource["sku"] = json::object({{"name", "premium"}});
  resource.merge_patch(more);
  ensure_group(*this, parsed, seat.location);
  json& stored = resources_.put(std::move(resource));
  const std::string workspace_id = std::to_string(region.options().workspace_id);
  stored["properties"]["workspaceId"] = workspace_id;
  stored["properties"]["workspaceUrl"] = seat.address;
  settle_workspace(*this, stored);
  sit_down(workspace_id, {&region, seat});
  return *resources_.find(id);
}

void Cloud::add_seat(Region& region, const Seat& seat) {
  region.set_absent(true);
  seats_.push_back({&region, seat});
}

Cloud::Taken Cloud::take_seat(const std::string& location) {
  const auto found = std::find_if(seats_.begin(), seats_.end(), [&](const Taken& waiting) {
    return same_id(waiting.seat.location, location);
  });
  if (found == seats_.end()) return {};
  Taken taken = *found;
  seats_.erase(found);
  return taken;
}

void Cloud::leave_seat(const std::string& workspace_id) {
  const auto found = seated_.find(workspace_id);
  if (found == seated_.end()) return;
  found->second.region->set_absent(true);
  seats_.push_back(found->second);
  seated_.erase(found);
}

void Cloud::allow_locations(const std::string& type, std::vector<std::string> locations) {
  allowed_locations_[type] = std::move(locations);
}

std::string Cloud::policy_against(const std::string& type, const std::string& location,
                                  const json& tags) const {
  for (const auto& [governed, allowed] : allowed_locations_) {
    if (governed != "*" && !same_id(governed, type)) continue;
    const bool fits = std::any_of(allowed.begin(), allowed.end(),
                                  [&](const std::string& each) { return same_id(each, location); });
    if (!fits) return "allowed-locations";
  }
  for (const auto& [governed, tag] : required_tags_)
    if ((governed == "*" || same_id(governed, type)) && field(tags, tag) == nullptr)
      return "require-tag-" + tag;
  return {};
}

void Cloud::add_event(const json& event) {
  json properties = json::object({{"eventType", "ServiceIssue"},
                                  {"eventSource", "ServiceHealth"},
                                  {"status", "Active"},
                                  {"title", "Loss of service"},
                                  {"summary", "We are investigating."},
                                  {"level", "Warning"},
                                  {"eventLevel", "Error"},
                                  {"impactStartTime", instant(now_millis())},
                                  {"lastUpdateTime", instant(now_millis())},
                                  {"isHIR", false},
                                  {"platformInitiated", true}});
  json given = event;
  const Location* place = find_location(text_of(given, "location"));
  const std::string service = text_of(given, "service", "Azure Databricks");
  given.erase("location");
  given.erase("service");
  if (place != nullptr) {
    const json region =
        json::object({{"impactedRegion", place->display},
                      {"status", "Active"},
                      {"impactedSubscriptions", json::array({options_.subscription})},
                      {"lastUpdateTime", instant(now_millis())}});
    properties["impact"] = json::array(
        {json::object({{"impactedService", service}, {"impactedRegions", json::array({region})}})});
  }
  properties.merge_patch(given);
  std::string name = ids_.upper_hex(4) + "-" + ids_.upper_hex(3);
  events_.push_back(json::object(
      {{"id", subscription_id() + "/providers/Microsoft.ResourceHealth/events/" + name},
       {"name", name},
       {"type", "/providers/Microsoft.ResourceHealth/events"},
       {"properties", std::move(properties)}}));
}

json Cloud::world() const {
  json resources = json::array();
  for (const auto& [id, resource] : resources_.all()) resources.push_back(resource);
  return json::object({{"resources", std::move(resources)},
                       {"operations", operations_.world()},
                       {"events", events_}});
}

}  // namespace twinlake::simulator
