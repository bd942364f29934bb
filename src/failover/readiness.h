#pragma once
// Can the primary role move now? Pure: from what was read and what is known.
#include <vector>

#include "engine/report.h"
#include "failover/check.h"
#include "failover/surroundings.h"
#include "state/store.h"

namespace twinlake::failover {

struct ReadinessOptions {
  Micros rpo = std::chrono::hours(24);  ///< a standby that is older is a warning
  Micros drill_age = std::chrono::days(183);  ///< so is a drill; orchestrators ask for one every six months
  SurroundingsOptions surroundings = {};
};

/// `reading`: both sides as they are now; nullptr when the primary could not be read, which says nothing
/// against a forced failover; `surroundings`: as look_around() told them, nullptr when nobody asked.
[[nodiscard]] std::vector<Check> check_readiness(const engine::Reading* reading, const Surroundings* surroundings, const state::Store& store,
                                                 Time now, const ReadinessOptions& options);
/// The worst of them.
[[nodiscard]] Level worst(const std::vector<Check>& checks);

}  // namespace twinlake::failover
