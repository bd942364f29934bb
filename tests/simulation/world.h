#pragma once
// What a region holds, as the region itself tells it: the ground truth that all oracles compare with.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/region.h"

namespace twinlake::simulation {

struct Thing {
  std::string list;     ///< "jobs", "tree", ... as in GET /sim/world
  std::string id;       ///< as the service calls it
  std::string name;     ///< for people; a path in the tree
  std::string content;  ///< definition as text, without what time or other objects change by themselves
  [[nodiscard]] std::string key() const { return list + "/" + id; }
  bool operator==(const Thing&) const = default;
};

/// By key(). Without our own folder, and without what every workspace has from the beginning.
[[nodiscard]] std::map<std::string, Thing> things_in(const nlohmann::json& world);

/// What would start something by itself: key of the thing to its name.
[[nodiscard]] std::map<std::string, std::string> live_in(const nlohmann::json& world);

/// Machines that are not stopped: keys.
[[nodiscard]] std::set<std::string> running_in(const nlohmann::json& world);

/// Runs that schedules began on that side: name and moment.
[[nodiscard]] std::vector<std::string> scheduled_runs_in(const nlohmann::json& world);

}  // namespace twinlake::simulation
