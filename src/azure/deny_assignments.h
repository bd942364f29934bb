#pragma once
// The deny assignment that Azure Databricks puts on the resource group that is its own: who is
// refused what there, as Azure shows it. Facts, azure 4.4.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "azure/arm.h"

namespace twinlake::azure {

/// What a deny assignment refuses in a managed resource group.
struct Denial {
  enum class Seen {
    unknown,  ///< the list could not be read; `why` says why
    absent,   ///< none that the system protects is on the group
    there,
  };
  Seen seen = Seen::unknown;
  std::string why = "nobody asked";
  std::string name;               ///< of the assignment
  bool refuses_keys = false;      ///< listKeys of storage accounts
  bool refuses_failover = false;  ///< failover of storage accounts
  bool refuses_reads = false;     ///< then what is not seen there is no sign of trouble
};
[[nodiscard]] std::string_view name_of(Denial::Seen seen);

/// Of the items of GET {group}/providers/Microsoft.Authorization/denyAssignments. Those that people
/// or blueprints made do not count: only what the system protects stays.
[[nodiscard]] Denial denial_in(const std::vector<nlohmann::json>& assignments);

/// `group`: "/subscriptions/S/resourceGroups/G". What cannot be read is unknown with the reason.
[[nodiscard]] Task<Denial> ask_denial(Arm& arm, std::string group);

}  // namespace twinlake::azure
