#pragma once
#include <atomic>

namespace twinlake::app {

/// From now on the first SIGINT or SIGTERM sets this, so that a run can end in order; the second
/// one ends the program as usual (the journal knows what was under way).
[[nodiscard]] std::atomic<bool>& stop_on_signal();

/// Blocks until SIGINT or SIGTERM. Call before threads are started: they inherit the mask.
class SignalWait {
 public:
  SignalWait();
  void wait() const;
};

}  // namespace twinlake::app
