#include "azure/capacity_reading.h"

#include <set>

#include "azure/subnets.h"
#include "base/json_path.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

/// facts, azure 11, 12.1 and 5.1
constexpr const char* usages_version = "2024-07-01";
constexpr const char* skus_version = "2021-07-01";
constexpr const char* events_version = "2022-10-01";
constexpr const char* network_version = "2025-01-01";

Task<void> ask_sizes(Arm* arm, std::string subscription, RegionCapacity* into) {
  const std::string path = "/subscriptions/" + subscription + "/providers/Microsoft.Compute/skus";
  std::vector<std::pair<std::string, std::string>> filter(
      1, {"$filter", "location eq '" + into->region + "'"});
  auto skus = co_await arm->list(path, skus_version, std::move(filter));
  if (skus)
    into->sizes = sizes_in(*skus, into->region);
  else
    into->sizes = fail(std::move(skus).error());
}

Task<void> ask_quotas(Arm* arm, std::string subscription, RegionCapacity* into) {
  const std::string path = "/subscriptions/" + subscription +
                           "/providers/Microsoft.Compute/locations/" + into->region + "/usages";
  auto usages = co_await arm->list(path, usages_version);
  if (usages)
    into->quotas = quotas_in(*usages);
  else
    into->quotas = fail(std::move(usages).error());
}

/// Events are told to the subscriptions that they concern: those of both workspaces are asked.
Task<void> ask_events(Arm* arm, std::set<std::string> subscriptions, ReadinessSight* into) {
  std::vector<json> all;
  std::set<std::string> seen;  // an event may concern both
  for (const std::string& subscription : subscriptions) {
    const std::string path =
        "/subscriptions/" + subscription + "/providers/Microsoft.ResourceHealth/events";
    auto listed = co_await arm->list(path, events_version);
    if (!listed) {
      into->events = fail(std::move(listed).error());
      co_return;
    }
    for (json& event : *listed)
      if (seen.insert(text_at(event, "/name")).second || text_at(event, "/name").empty())
        all.push_back(std::move(event));
  }
  into->events = std::move(all);
}

Task<void> ask_subnet(Arm* arm, std::string network, std::string name, RegionCapacity* into) {
  auto subnet = co_await arm->get(network + "/subnets/" + name, network_version);
  if (!subnet) {
    into->network_error = std::move(subnet).error();
    co_return;
  }
  if (const auto room = room_in(*subnet))
    into->rooms[name] = *room;
  else
    into->network_error = Error(Fault::bad_answer, "the subnet " + name + " tells no range",
                                "Look at its address ranges in the portal");
}

}  // namespace

Task<ReadinessSight> look_at_capacity(Arm& arm, const AzureSight* sight) {
  ReadinessSight seen;
  if (!sight->standby) {
    const Error& error = sight->standby.error();
    seen.capacity.region = "the region of the standby";
    seen.capacity.sizes = fail(error);
    seen.capacity.quotas = fail(error);
    seen.capacity.network_error = error;
  }
  TaskGroup questions(arm.loop());
  std::set<std::string> watched;
  for (const auto* place : {&sight->primary, &sight->standby})
    if (*place) watched.insert(lower_case((*place)->subscription));
  if (watched.empty() && !sight->subscriptions.empty())
    watched.insert(sight->subscriptions.front());
  if (!watched.empty()) questions.start(ask_events(&arm, std::move(watched), &seen));
  if (sight->standby) {
    const WorkspacePlace& place = *sight->standby;
    seen.capacity.region = place.region;
    questions.start(ask_sizes(&arm, place.subscription, &seen.capacity));
    questions.start(ask_quotas(&arm, place.subscription, &seen.capacity));
    for (const std::string* subnet : {&place.host_subnet, &place.container_subnet})
      if (!place.network.empty() && !subnet->empty())
        questions.start(ask_subnet(&arm, place.network, *subnet, &seen.capacity));
  }
  co_await questions.join();
  co_return seen;
}

}  // namespace twinlake::azure
