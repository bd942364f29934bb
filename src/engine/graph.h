#pragma once
// Order comes from references, never from a list of kinds.
#include <deque>
#include <set>
#include <string>

#include "engine/plan.h"

namespace twinlake::engine {

/// Sorts steps so that each comes after what it waits for; among the ready: live triggers of the
/// standby first, then by address, so that equal plans look equal. A cycle among creates is cut: one
/// of its steps is first made without the members that close the cycle (Step::shell_without) and a
/// second step completes it. Removals come last, leaves first, except where a new object of another
/// kind needs the place.
[[nodiscard]] std::deque<Step> in_order(std::deque<Step> steps);

/// Does this value of a canonical form name one of the uuids as a reference by id?
[[nodiscard]] bool refers_to(const nlohmann::json& value, const std::set<std::string>& uuids);

}  // namespace twinlake::engine
