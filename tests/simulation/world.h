#pragma once
// What a region holds, as the region itself tells it: the ground truth that all oracles compare with.
#include <map>
#include <optional>
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

/// A region as it is at one moment. What is seen in it is worked out when somebody asks first, and kept.
class Sight {
 public:
  explicit Sight(nlohmann::json world) : world_(std::move(world)) {}
  [[nodiscard]] const nlohmann::json& world() const { return world_; }
  [[nodiscard]] const std::map<std::string, Thing>& things();
  [[nodiscard]] const std::map<std::string, std::string>& live();
  [[nodiscard]] const std::set<std::string>& running();

 private:
  nlohmann::json world_;
  std::optional<std::map<std::string, Thing>> things_;
  std::optional<std::map<std::string, std::string>> live_;
  std::optional<std::set<std::string>> running_;
};

}  // namespace twinlake::simulation
