#pragma once
// Intents of steps that begin at about the same moment share one wait for the disk.
#include <memory>
#include <vector>

#include "base/delivery.h"
#include "base/loop.h"
#include "base/task.h"
#include "state/store.h"

namespace twinlake::engine {

/// A commit that waits for the disk takes milliseconds and holds the loop; with dozens of steps under
/// way a moment's patience makes one commit of many.
class IntentBatch {
 public:
  IntentBatch(Loop& loop, state::Store& store) : loop_(loop), store_(store) {}

  /// Durable when it returns. Throws state::StateFailure.
  [[nodiscard]] Task<std::int64_t> intend(state::Intent intent);

 private:
  void commit();

  Loop& loop_;
  state::Store& store_;
  std::vector<state::Intent> intents_;
  std::vector<Delivery<std::int64_t>*> waiting_;  ///< in the frames of those who wait, same order
};

}  // namespace twinlake::engine
