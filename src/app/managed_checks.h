#pragma once
// What Managed Disaster Recovery keeps, and what it leaves to somebody: for `readiness` and
// `reconcile`.
#include <vector>

#include "app/group_access.h"
#include "engine/plan.h"
#include "failover/check.h"

namespace twinlake::app {

/// By what the account told when the group was opened; no check where the configuration names none.
/// `verdicts`: of a reading just now.
[[nodiscard]] std::vector<failover::Check> managed_checks(
    const GroupAccess& group, const std::vector<engine::Verdict>& verdicts);

/// What a governed group leaves to somebody, kind by kind; nothing where nobody governs.
[[nodiscard]] std::vector<model::Finding> managed_findings(
    const GroupAccess& group, const std::vector<engine::Verdict>& verdicts);

}  // namespace twinlake::app
