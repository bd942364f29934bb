#pragma once
// What several at once do with one item each.
#include "engine/plan.h"
#include "workspace/inventory.h"

namespace twinlake::engine {

/// Completes an item by its own read; an error is kept for the planner.
[[nodiscard]] inline Task<void> complete_into(workspace::Workspace* side, workspace::Item* item, ReadErrors* errors) {
  auto done = co_await workspace::complete(*side, *item);
  if (!done) errors->emplace(item, std::move(done).error());
}

}  // namespace twinlake::engine
