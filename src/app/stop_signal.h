#pragma once
#include <atomic>

#include "base/loop.h"

namespace twinlake::app {

/// From now on the first SIGINT or SIGTERM sets this, so that a run can end in order; the second
/// one ends the program as usual (the journal knows what was under way). A run that sets it for
/// another reason, such as a lost lock, stops itself only: the next one starts with a clear flag.
[[nodiscard]] std::atomic<bool>& stop_on_signal();

/// Did a signal ask to stop? Only after stop_on_signal().
[[nodiscard]] bool stop_was_asked();

/// Returns after so long, or as soon as a signal asks to stop. Where no other thread is at work:
/// signals that another one takes do not wake this one.
void wait_or_stop(Micros longest);

/// Blocks until SIGINT or SIGTERM. Call before threads are started: they inherit the mask.
class SignalWait {
 public:
  SignalWait();
  void wait() const;
};

}  // namespace twinlake::app
