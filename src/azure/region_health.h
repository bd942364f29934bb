#pragma once
// What Azure itself says of a region, and whether a workspace can be reached there. Pure. Facts,
// azure 5.2, 12.1. No event proves nothing: they are published after the fact.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "azure/capacity.h"
#include "azure/sight.h"

namespace twinlake::azure {

/// An event that is going on and that a workspace cannot do without.
struct RegionEvent {
  std::string service;  ///< "Azure Databricks"
  std::string title;
  std::string since;  ///< as Azure says it
};
/// `events`: items of GET .../Microsoft.ResourceHealth/events.
[[nodiscard]] std::vector<RegionEvent> events_of(const std::vector<nlohmann::json>& events,
                                                 const std::string& region);

/// "region health": one line over both regions. `events`: as listed, or why they could not be.
[[nodiscard]] AzureCheck judge_health(const Result<std::vector<nlohmann::json>>& events,
                                      const std::string& primary_region,
                                      const std::string& standby_region);

/// "private link": whoever came in privately on the primary must be able to on the standby.
[[nodiscard]] AzureCheck judge_private_link(const Result<WorkspacePlace>& primary,
                                            const Result<WorkspacePlace>& standby);

}  // namespace twinlake::azure
