#pragma once
// A drill for people and for programs.
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "app/terminal.h"
#include "failover/drill.h"

namespace twinlake::app {

[[nodiscard]] std::string drill_text(const failover::DrillReport& report, const std::string& group,
                                     const Style& style);
[[nodiscard]] nlohmann::json drill_json(const failover::DrillReport& report);
/// Of the state alone, for `status`.
[[nodiscard]] nlohmann::json drill_json(const state::Drill& drill);
/// "passed, 2026-11-27T10:00:00Z, all removed".
[[nodiscard]] std::string drill_line(const state::Drill& drill);

}  // namespace twinlake::app
