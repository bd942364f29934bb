#pragma once
// Services beside storage that the estate cannot do without, each with what Azure tells of its
// copies, and what to do about it. Pure. Facts, azure 9, 10 and 16.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "azure/advice.h"
#include "azure/estate_uses.h"
#include "base/result.h"
#include "model/object.h"

namespace twinlake::azure {

/// What was read of one thing.
struct Evidence {
  nlohmann::json resource;  ///< null: it could not be had, and `error` says why
  std::optional<Error> error;
  /// Lists below it, by the last word of their path: "failoverGroups", "replicas", ...
  std::map<std::string, std::vector<nlohmann::json>> parts;
  std::map<std::string, Error> refused;  ///< of those that could not be read
  /// The name is not that of a server but of the listener of a failover group; `resource` is then
  /// the server that is primary in it.
  bool is_listener = false;
};

using ThingKey = std::pair<Service, std::string>;

struct DependencySight {
  std::map<ThingKey, Evidence> evidence;
  std::map<ThingKey, std::string>
      twins;  ///< what the rewrites make of a name on the way to the standby
  std::map<std::string, std::string> pairs;
  std::string primary_region;  ///< empty: not known
  std::string standby_region;
};

struct Dependency {
  Service service = Service::other;
  std::string name;
  std::string region;       ///< empty: not known
  std::string copies;       ///< one clause: what Azure tells of copies elsewhere; empty: nothing
  std::string why_unknown;  ///< empty: Azure showed it
  std::string twin;         ///< empty: the standby uses the same one
  Used used;
  std::vector<Advice> advice;  ///< the gravest first
};

/// One for each thing that the estate uses but for storage accounts, by service and name.
[[nodiscard]] std::vector<Dependency> judge_dependencies(const EstateUses& uses,
                                                         const DependencySight& sight);

/// What no resource tells: metastores whose address is a secret, libraries of a folder, and hosts
/// that code puts together when it runs.
[[nodiscard]] std::vector<model::Finding> tell_of_what_is_hidden(const EstateUses& uses);

}  // namespace twinlake::azure
