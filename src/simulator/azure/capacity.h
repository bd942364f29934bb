#pragma once
// What the regions have for virtual machines: quotas of the subscription, and sizes on offer.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace twinlake::simulator {

using nlohmann::json;

/// One size of virtual machine, the same everywhere.
struct MachineSize {
  std::string_view name;    ///< "Standard_DS3_v2"
  std::string_view family;  ///< "standardDSv2Family"
  int cores;
  int memory_gb;
};
[[nodiscard]] const std::vector<MachineSize>& machine_sizes();
[[nodiscard]] const MachineSize* machine_size(std::string_view name);

struct Quota {
  std::int64_t used = 0;
  std::int64_t limit = 0;
};

/// Why a size is not to be had in a region.
enum class SizeLimit {
  absent,      ///< the region does not list it
  restricted,  ///< listed, with a restriction of type Location: NotAvailableForSubscription
  two_zones,   ///< listed, with a restriction of type Zone on one of the three
};

class Capacity {
 public:
  /// A quota of the subscription: `name` is "cores", "lowPriorityCores" or a family. What nobody
  /// set is 0 of 350 cores, 0 of 100 in each family and 0 of 100 low priority cores.
  void set_quota(const std::string& location, const std::string& name, Quota quota);
  [[nodiscard]] Quota quota(const std::string& location, const std::string& name) const;
  void limit_size(const std::string& location, const std::string& size, SizeLimit limit);

  /// `value` of GET .../locations/{location}/usages.
  [[nodiscard]] json usages(const std::string& location) const;
  /// The machine sizes of GET .../skus in one region.
  [[nodiscard]] json skus(const std::string& location) const;

 private:
  std::map<std::string, Quota> quotas_;       ///< by "location/name", lower case
  std::map<std::string, SizeLimit> limited_;  ///< by "location/size", lower case
};

}  // namespace twinlake::simulator
