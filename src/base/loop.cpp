#include "base/loop.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>

namespace twinlake {

std::int64_t to_epoch_millis(Time time) {
  return std::chrono::duration_cast<Millis>(time.time_since_epoch()).count();
}

std::string to_rfc3339(Time time) {
  const std::int64_t millis = to_epoch_millis(time);
  const std::time_t seconds = static_cast<std::time_t>(millis / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(millis % 1000));
  return text;
}

Time time_from_rfc3339(std::string_view text) {
  std::tm utc{};
  const std::string copy(text);
  const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (rest == nullptr) return Time{};
  std::int64_t micros = static_cast<std::int64_t>(timegm(&utc)) * 1'000'000;
  if (*rest == '.') {
    std::int64_t unit = 100'000;
    for (++rest; *rest >= '0' && *rest <= '9'; ++rest, unit /= 10) micros += (*rest - '0') * unit;
  }
  return Time(Micros(micros));
}

namespace {
std::uint64_t seed_from_the_system() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32U | device();
}
}  // namespace

Loop::Loop() : Loop(Clock::real, seed_from_the_system()) {}

Loop::Loop(Clock clock, std::uint64_t seed)
    : clock_(clock),
      // A fixed beginning, so that a seed replays to the same timestamps.
      virtual_now_(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)),
      started_(std::chrono::steady_clock::now()),
      started_wall_(std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now())),
      random_(seed) {}

Loop::~Loop() = default;

Time Loop::now() const {
  if (clock_ == Clock::virtual_time) return virtual_now_;
  return started_wall_ +
         std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now() - started_);
}

void Loop::resume_after(Micros duration, std::coroutine_handle<> handle) {
  if (duration <= Micros(0)) {
    resume_soon(handle);
    return;
  }
  timers_.emplace(now() + duration, handle);
}

void Loop::resume_soon(std::coroutine_handle<> handle) { ready_.push_back(handle); }

void Loop::post(std::function<void()> function) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(function));
  }
  posted_signal_.notify_one();
}

void Loop::external_work_started() {
  const std::lock_guard lock(mutex_);
  ++external_work_;
}

void Loop::external_work_finished() {
  const std::lock_guard lock(mutex_);
  --external_work_;
}

void Loop::forget_everything() {
  ready_.clear();
  timers_.clear();
}

bool Loop::run_one_ready() {
  if (ready_.empty()) return false;
  if (look_) look_();
  const auto handle = ready_.front();
  ready_.pop_front();
  handle.resume();
  return true;
}

void Loop::take_posted() {
  std::deque<std::function<void()>> functions;
  {
    const std::lock_guard lock(mutex_);
    functions.swap(posted_);
  }
  for (auto& function : functions) function();
}

void Loop::drive(const std::function<bool()>& finished) {
  while (!finished()) {
    take_posted();
    // A batch, so that a flood of posts cannot starve what is ready and the other way round.
    for (int turns = 0; turns < 64 && !finished() && run_one_ready(); ++turns) {
    }
    if (finished()) return;
    while (!timers_.empty() && timers_.begin()->first <= now()) {
      ready_.push_back(timers_.begin()->second);
      timers_.erase(timers_.begin());
    }
    if (!ready_.empty()) continue;

    std::unique_lock lock(mutex_);
    if (!posted_.empty()) continue;
    if (clock_ == Clock::virtual_time && external_work_ == 0) {
      if (timers_.empty())
        throw std::logic_error("the loop is stuck: nothing ready, no timer [bug]");
      virtual_now_ = std::max(virtual_now_, timers_.begin()->first);
      continue;
    }
    if (timers_.empty()) {
      if (external_work_ == 0)
        throw std::logic_error("the loop is stuck: nothing ready, no timer [bug]");
      posted_signal_.wait(lock, [this] { return !posted_.empty(); });
    } else {
      const auto wait = timers_.begin()->first - now();
      posted_signal_.wait_for(lock, wait, [this] { return !posted_.empty(); });
    }
  }
}

struct TaskGroup::Child {
  Task<void> watcher;
  bool finished = false;
};

TaskGroup::TaskGroup(Loop& loop) : loop_(loop) {}
TaskGroup::~TaskGroup() = default;

Task<void> TaskGroup::watch(TaskGroup* group, Child* child, Task<void> task) {
  try {
    co_await std::move(task);
  } catch (...) {
    if (!group->thrown_) group->thrown_ = std::current_exception();
  }
  child->finished = true;
  --group->running_;
  if (group->running_ == 0 && group->joiner_) {
    group->loop_.resume_soon(std::exchange(group->joiner_, {}));
  }
}

void TaskGroup::start(Task<void> task) {
  if (children_.size() >= 64) reap();
  auto child = std::make_unique<Child>();
  ++running_;
  Child* const place = child.get();
  children_.push_back(std::move(child));
  place->watcher = watch(this, place, std::move(task));
  place->watcher.resume();
}

void TaskGroup::reap() {
  std::erase_if(children_,
                [](const auto& child) { return child->finished && child->watcher.done(); });
}

Task<void> TaskGroup::join() {
  struct Awaiter {
    explicit Awaiter(TaskGroup& owner) : group(owner) {}
    TaskGroup& group;
    bool await_ready() const { return group.running_ == 0; }
    void await_suspend(std::coroutine_handle<> self) const { group.joiner_ = self; }
    void await_resume() const {}
  };
  const Awaiter everyone(*this);
  co_await everyone;
  children_.clear();
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Semaphore::add_permits(int more) {
  free_ += more;
  for (; free_ > 0 && !waiting_.empty(); --free_) {
    loop_.resume_soon(waiting_.front());
    waiting_.pop_front();
  }
}

void Semaphore::release() {
  if (waiting_.empty() || free_ < 0) {
    ++free_;
    return;
  }
  // The permit passes on directly, so a newcomer cannot overtake who waits.
  loop_.resume_soon(waiting_.front());
  waiting_.pop_front();
}

namespace {
Task<void> work_through(std::size_t* next, std::size_t count,
                        std::function<Task<void>(std::size_t)>* make) {
  while (*next < count) {
    const std::size_t index = (*next)++;
    co_await (*make)(index);
  }
}
}  // namespace

Task<void> for_each_index(Loop& loop, std::size_t count, int width,
                          std::function<Task<void>(std::size_t)> make) {
  std::size_t next = 0;
  TaskGroup workers(loop);
  for (int i = 0; i < width && next < count; ++i) workers.start(work_through(&next, count, &make));
  co_await workers.join();
}

}  // namespace twinlake
