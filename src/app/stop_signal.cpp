#include "app/stop_signal.h"

#include <signal.h>

namespace twinlake::app {

namespace {

// What a signal handler may touch has to be global.
std::atomic<bool> stop_asked{false};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing else");

void on_signal(int signal_number) {
  stop_asked.store(true);
  signal(signal_number, SIG_DFL);
}

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

std::atomic<bool>& stop_on_signal() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return stop_asked;
}

SignalWait::SignalWait() {
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void SignalWait::wait() const {
  const sigset_t set = ending_signals();
  int received = 0;
  sigwait(&set, &received);
}

}  // namespace twinlake::app
