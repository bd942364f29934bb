#include "app/stop_signal.h"

#include <poll.h>
#include <signal.h>

namespace twinlake::app {

namespace {

// What a signal handler may touch has to be global.
std::atomic<bool> stop_asked{false};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<bool> signalled{false};   // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing else");

void on_signal(int signal_number) {
  signalled.store(true);
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
  if (signalled.load()) return stop_asked;  // the next one ends the program
  stop_asked.store(false);
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // One that came since the flag was cleared, through a handler that was there already.
  if (signalled.load()) stop_asked.store(true);
  return stop_asked;
}

bool stop_was_asked() { return signalled.load(); }

void wait_or_stop(Micros longest) {
  const sigset_t ending = ending_signals();
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &ending, &before);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const timespec limit{seconds.count(), std::chrono::nanoseconds(longest - seconds).count()};
  // Blocked until poll lets them in: none can slip between the look at the flag and the wait.
  if (!signalled.load() && longest > Micros(0)) ppoll(nullptr, 0, &limit, &before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
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
