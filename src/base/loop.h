#pragma once
// The one thread that runs the engine, and the only source of time and chance.
//
// With Clock::real it sleeps; with Clock::virtual_time it jumps to the next timer as soon as
// nothing is ready, so an hour of rate limiting takes milliseconds and a seed replays a run
// exactly.
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"

namespace twinlake {

using Millis = std::chrono::milliseconds;
using Micros = std::chrono::microseconds;
/// Wall clock time, UTC. In real mode it never runs backwards within one process.
using Time = std::chrono::time_point<std::chrono::system_clock, Micros>;

/// RFC 3339 with milliseconds, e.g. 2026-03-01T04:05:06.789Z.
[[nodiscard]] std::string to_rfc3339(Time time);
[[nodiscard]] Time time_from_rfc3339(std::string_view text);  ///< epoch when the text is no time
[[nodiscard]] std::int64_t to_epoch_millis(Time time);

class Loop {
 public:
  enum class Clock { real, virtual_time };

  /// In earnest: the time of the machine, and chance that no other process has. Processes with the
  /// same chance would all repeat at the same moment what the service refused them together.
  Loop();
  /// The same seed gives the same chance: for whatever must replay.
  explicit Loop(Clock clock, std::uint64_t seed = 1);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] Time now() const;
  [[nodiscard]] Clock clock() const { return clock_; }
  /// All chance comes from here: jitter, simulated faults, invented ids.
  [[nodiscard]] std::mt19937_64& random() { return random_; }

  /// Suspends for a while. Zero or less: lets everything else that is ready run first.
  [[nodiscard]] auto sleep(Micros duration) {
    struct Awaiter {
      Loop& loop;
      Micros duration;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> self) const { loop.resume_after(duration, self); }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this, duration};
  }
  void resume_after(Micros duration, std::coroutine_handle<> handle);
  /// Queues a coroutine to be resumed by the loop's thread (call from that thread only).
  void resume_soon(std::coroutine_handle<> handle);

  /// `look` is called between any two events and may throw, which ends run() there: a simulated
  /// process is killed. Empty: nobody looks.
  void between_events(std::function<void()> look) { look_ = std::move(look); }

  /// Runs a function on the loop's thread. May be called from any thread.
  void post(std::function<void()> function);
  /// While at least one is held, an idle loop waits for post() instead of declaring itself stuck.
  void external_work_started();
  void external_work_finished();

  /// Drops everything that waits here. For whoever destroyed the waiting coroutines themselves: a
  /// simulated process that was killed.
  void forget_everything();

  /// Runs everything until `task` is done and gives its value; throws what it threw.
  template <class T>
  T run(Task<T> task) {
    task.resume();
    drive([&task] { return task.done(); });
    return task.take();
  }

 private:
  void drive(const std::function<bool()>& finished);
  bool run_one_ready();
  void take_posted();

  Clock clock_;
  Time virtual_now_;
  std::chrono::steady_clock::time_point started_;
  Time started_wall_;
  std::mt19937_64 random_;
  std::function<void()> look_;
  std::deque<std::coroutine_handle<>> ready_;
  std::multimap<Time, std::coroutine_handle<>> timers_;

  std::mutex mutex_;  // guards what other threads touch: the two below
  std::condition_variable posted_signal_;
  std::deque<std::function<void()>> posted_;
  int external_work_ = 0;
};

/// Children that run side by side. Owns them: destroying the group ends them where they stand.
class TaskGroup {
 public:
  explicit TaskGroup(Loop& loop);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts a child at once; it runs until its first suspension.
  void start(Task<void> task);
  /// Waits for all children; rethrows the first exception that one of them threw.
  [[nodiscard]] Task<void> join();

 private:
  struct Child;
  static Task<void> watch(TaskGroup* group, Child* child, Task<void> task);
  void reap();

  Loop& loop_;
  std::vector<std::unique_ptr<Child>> children_;
  int running_ = 0;
  std::exception_ptr thrown_;
  std::coroutine_handle<> joiner_;
};

/// First come, first served.
class Semaphore {
 public:
  Semaphore(Loop& loop, int permits) : loop_(loop), free_(permits) {}

  class Permit {
   public:
    explicit Permit(Semaphore* owner) : owner_(owner) {}
    Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (owner_ != nullptr) owner_->release();
    }

   private:
    Semaphore* owner_;
  };

  [[nodiscard]] auto acquire() {
    struct Awaiter {
      Semaphore& semaphore;
      bool await_ready() const {
        if (semaphore.free_ <= 0) return false;
        --semaphore.free_;
        return true;
      }
      void await_suspend(std::coroutine_handle<> self) const { semaphore.waiting_.push_back(self); }
      Permit await_resume() const { return Permit(&semaphore); }
    };
    return Awaiter{*this};
  }
  /// Below 0 while more are out than there are permits now.
  [[nodiscard]] int free() const { return free_; }
  /// More or fewer from now on. Those that are out stay out; fewer means that some do not come
  /// back.
  void add_permits(int more);

 private:
  void release();
  Loop& loop_;
  int free_;
  std::deque<std::coroutine_handle<>> waiting_;
};

/// Runs `make(index)` for 0..count-1 with at most `width` at a time.
[[nodiscard]] Task<void> for_each_index(Loop& loop, std::size_t count, int width,
                                        std::function<Task<void>(std::size_t)> make);

}  // namespace twinlake
