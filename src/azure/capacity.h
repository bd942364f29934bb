#pragma once
// Could the region of the standby run what a failover starts? Quotas, sizes and addresses against
// what is needed. Pure. Facts, azure 5.1 and 11. Quota is a permission and no promise: nobody tells
// whether the machines are there on the day.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "azure/advice.h"
#include "azure/capacity_needs.h"
#include "base/result.h"
#include "model/object.h"

namespace twinlake::azure {

/// A size of virtual machine in one region.
struct MachineSize {
  std::string family;  ///< its quota is called so; empty: not told
  std::int64_t cores = 0;
  std::string restriction;  ///< why none can be had in the whole region; empty: they can
};

struct Quota {
  std::int64_t used = 0;
  std::int64_t limit = 0;
  [[nodiscard]] std::int64_t free() const { return limit > used ? limit - used : 0; }
};

/// Items of GET .../Microsoft.Compute/skus. By name, in lower case. A restriction to zones is none
/// here.
[[nodiscard]] std::map<std::string, MachineSize> sizes_in(const std::vector<nlohmann::json>& skus,
                                                          const std::string& region);
/// Items of GET .../Microsoft.Compute/locations/{region}/usages. By name, in lower case: families,
/// "cores", "lowprioritycores".
[[nodiscard]] std::map<std::string, Quota> quotas_in(const std::vector<nlohmann::json>& usages);

struct RegionCapacity {
  std::string region;
  Result<std::map<std::string, MachineSize>> sizes = fail(Fault::not_found, "nobody asked");
  Result<std::map<std::string, Quota>> quotas = fail(Fault::not_found, "nobody asked");
  /// Cores by node type as the standby itself lists them, where `sizes` tells nothing.
  std::map<std::string, std::int64_t> cores_of;
  /// Of the subnets with addresses of nodes: room by name of the subnet. Empty: a network of
  /// Databricks' own, or nobody knows, and then `network_error` says why.
  std::map<std::string, std::int64_t> rooms;
  std::optional<Error> network_error;
};

/// What one thing that was looked at came to: a line of `readiness`.
struct AzureCheck {
  std::string name;
  std::optional<Gravity> gravity;  ///< nothing: all is well
  std::string message;
  std::string what_to_do = {};
  std::vector<model::Finding> findings = {};
};

/// "cores", "node sizes" and "addresses".
[[nodiscard]] std::vector<AzureCheck> judge_capacity(const Needs& needs,
                                                     const RegionCapacity& capacity);

}  // namespace twinlake::azure
