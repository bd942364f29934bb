#pragma once
// A failing history made shorter until each operation that is left is needed to fail.
#include <functional>

#include "simulation/history.h"

namespace twinlake::simulation {

/// Does this history fail in the way that is looked for?
using Fails = std::function<bool(const History&)>;

/// Delta debugging: halves, then smaller parts, then single operations are left out while what remains still fails.
/// `most_runs`: how often it may try; the shortest one found by then is given.
[[nodiscard]] History shrink(History failing, const Fails& fails, int most_runs = 400);

}  // namespace twinlake::simulation
