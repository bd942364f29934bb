#pragma once
// What became of a failover, in words and as JSON. Pure.
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "app/terminal.h"
#include "failover/turnover.h"

namespace twinlake::app {

[[nodiscard]] std::string turnover_text(const failover::TurnoverReport& report,
                                        const std::string& group, const Style& style);
[[nodiscard]] nlohmann::json failover_json(const state::Failover& failover);
/// Without the objects, which are many: see turned_json().
[[nodiscard]] nlohmann::json turnover_json(const failover::TurnoverReport& report);
[[nodiscard]] nlohmann::json turned_json(const failover::Turned& turned);

}  // namespace twinlake::app
