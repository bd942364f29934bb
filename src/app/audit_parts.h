#pragma once
// The parts of an audit's account: each from its records, pure.
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "state/store.h"

namespace twinlake::app {

/// Achieved recovery point objective: from what the new primary had until the moment from which it
/// counts. An upper bound, as nobody knows when a region was lost.
[[nodiscard]] nlohmann::json rpo_of(const state::Failover& failover,
                                    const std::optional<Micros>& objective);
/// Achieved recovery time objective: from the command to the last trigger that was given back.
[[nodiscard]] nlohmann::json rto_of(const state::Failover& failover,
                                    const std::optional<Micros>& objective);
/// A drill tells how old the standby was that it tried; the role does not move.
[[nodiscard]] nlohmann::json rpo_of(const state::Drill& drill,
                                    const std::optional<Micros>& objective);
[[nodiscard]] nlohmann::json rto_of(const state::Drill& drill,
                                    const std::optional<Micros>& objective);

[[nodiscard]] nlohmann::json phases_of(const std::vector<state::ActionRecord>& actions);
[[nodiscard]] nlohmann::json phases_of(const state::Drill& drill,
                                       const std::vector<state::DrillRun>& runs);
/// Times in which triggers were live on no side, or on both, and what came due then.
[[nodiscard]] nlohmann::json windows_of(const std::vector<state::ActionRecord>& actions);
/// Each thing that was done, what failed first. `made_good`: it failed, and was done later.
[[nodiscard]] nlohmann::json actions_of(const std::vector<state::ActionRecord>& actions);
[[nodiscard]] nlohmann::json reconciliation_json(const std::optional<state::Reconciliation>& found);

}  // namespace twinlake::app
