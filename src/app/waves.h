#pragma once
// What is released together, as the command line and twinlake.yml name it.
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "failover/recovery_plan.h"

namespace twinlake::app {

/// "tag=KEY:VALUE", or a glob over names. Fault::config: it names no tag.
[[nodiscard]] Result<failover::Wave> wave_of(const std::vector<std::string>& parts);
/// --wave: one tag, a file with one name or tag a line, or names with commas between.
[[nodiscard]] Result<failover::Wave> wave_from(const std::string& text);

/// The canary first, alone; then wave after wave. Without groups when there is neither.
[[nodiscard]] Result<failover::RecoveryPlan> plan_of_waves(const std::string& group,
                                                           const std::vector<std::string>& waves,
                                                           const std::string& canary,
                                                           std::int64_t canary_minutes);

}  // namespace twinlake::app
