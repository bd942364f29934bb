#pragma once
// Plans, reports and verdicts for machines. Field names are part of the interface. Pure.
#include <nlohmann/json_fwd.hpp>

#include "engine/report.h"
#include "http/counting.h"

namespace twinlake::app {

/// RFC 3339, or null.
[[nodiscard]] nlohmann::json moment_json(const std::optional<Time>& moment);
[[nodiscard]] nlohmann::json plan_json(const engine::Plan& plan, const std::string& group,
                                       std::int64_t generation, Time created);
/// Without `objects`: they may be many, and are printed one by one.
[[nodiscard]] nlohmann::json sync_json(const engine::SyncReport& report);
/// Of all kinds together.
[[nodiscard]] engine::KindCounts sum_of(const engine::SyncReport& report);
[[nodiscard]] nlohmann::json counts_json(const engine::KindCounts& counts);
[[nodiscard]] nlohmann::json object_json(const engine::ObjectReport& object);
[[nodiscard]] nlohmann::json requests_json(const http::Counts& counts, std::uint64_t sent);
/// Without `objects`, as above.
[[nodiscard]] nlohmann::json verdict_json(const engine::Verdict& verdict);
[[nodiscard]] nlohmann::json verdicts_json(const std::vector<engine::Verdict>& verdicts,
                                           const std::vector<model::Finding>& findings);

}  // namespace twinlake::app
