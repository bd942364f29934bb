#include "base/loop.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>

#include "base/result.h"

namespace twinlake {
namespace {

Task<int> immediate(int value) { co_return value; }

Task<int> sum_of_many(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await immediate(1);
  co_return sum;
}

TEST(Task, AMillionAwaitsThatFinishAtOnceDoNotGrowTheStack) {
  Loop loop(Loop::Clock::virtual_time);
  EXPECT_EQ(loop.run(sum_of_many(1'000'000)), 1'000'000);
}

Task<int> countdown(Loop* loop, int depth) {
  if (depth == 0) {
    co_await loop->sleep(Millis(1));
    co_return 0;
  }
  co_return 1 + co_await countdown(loop, depth - 1);
}

TEST(Task, AChainOfSuspendedTasksResumesEachWaiter) {
  Loop loop(Loop::Clock::virtual_time);
  EXPECT_EQ(loop.run(countdown(&loop, 100)), 100);
}

Task<int> throws_after_a_while(Loop* loop) {
  co_await loop->sleep(Millis(5));
  throw std::runtime_error("broken");
}

Task<std::string> catches(Loop* loop) {
  try {
    co_await throws_after_a_while(loop);
  } catch (const std::runtime_error& error) {
    co_return error.what();
  }
  co_return "nothing";
}

TEST(Task, ExceptionsReachTheWaiter) {
  Loop loop(Loop::Clock::virtual_time);
  EXPECT_EQ(loop.run(catches(&loop)), "broken");
}

Task<void> note(Loop* loop, Millis after, std::string* log, char mark) {
  co_await loop->sleep(after);
  *log += mark;
}

Task<std::string> three_in_a_group(Loop* loop) {
  std::string log;
  TaskGroup group(*loop);
  group.start(note(loop, Millis(30), &log, 'c'));
  group.start(note(loop, Millis(10), &log, 'a'));
  group.start(note(loop, Millis(20), &log, 'b'));
  co_await group.join();
  co_return log;
}

TEST(Loop, VirtualTimeRunsTimersInOrderAndCostsNothing) {
  Loop loop(Loop::Clock::virtual_time);
  const Time before = loop.now();
  EXPECT_EQ(loop.run(three_in_a_group(&loop)), "abc");
  EXPECT_EQ(loop.now() - before, Millis(30));
}

Task<void> sleep_long(Loop* loop) { co_await loop->sleep(std::chrono::hours(10)); }

TEST(Loop, AnHourOfVirtualTimePassesAtOnce) {
  Loop loop(Loop::Clock::virtual_time);
  const auto start = std::chrono::steady_clock::now();
  loop.run(sleep_long(&loop));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

Task<int> wait_for_another_thread(Loop* loop, int* value) {
  struct Awaiter {
    Loop* loop;
    int* value;
    std::thread* thread;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> self) const {
      loop->external_work_started();
      *thread = std::thread([loop = loop, value = value, self] {
        loop->post([loop, value, self] {
          *value = 42;
          loop->external_work_finished();
          loop->resume_soon(self);
        });
      });
    }
    void await_resume() const {}
  };
  std::thread thread;
  const Awaiter other_thread{loop, value, &thread};
  co_await other_thread;
  thread.join();
  co_return *value;
}

TEST(Loop, TakesWorkFromAnotherThread) {
  for (const auto clock : {Loop::Clock::real, Loop::Clock::virtual_time}) {
    Loop loop(clock);
    int value = 0;
    EXPECT_EQ(loop.run(wait_for_another_thread(&loop, &value)), 42);
  }
}

Task<void> wait_for_nothing(Semaphore* semaphore) { const auto permit = co_await semaphore->acquire(); }

TEST(Loop, SaysWhenItIsStuckInsteadOfHanging) {
  Loop loop(Loop::Clock::virtual_time);
  Semaphore semaphore(loop, 0);
  EXPECT_THROW(loop.run(wait_for_nothing(&semaphore)), std::logic_error);
}

struct Gauge {
  int now = 0;
  int peak = 0;
};

Task<void> occupy(Loop* loop, Semaphore* semaphore, Gauge* gauge) {
  const auto permit = co_await semaphore->acquire();
  gauge->peak = std::max(gauge->peak, ++gauge->now);
  co_await loop->sleep(Millis(1));
  --gauge->now;
}

Task<void> crowd(Loop* loop, Semaphore* semaphore, Gauge* gauge) {
  TaskGroup group(*loop);
  for (int i = 0; i < 50; ++i) group.start(occupy(loop, semaphore, gauge));
  co_await group.join();
}

TEST(Semaphore, NeverLetsMoreThanItsPermitsIn) {
  Loop loop(Loop::Clock::virtual_time);
  Semaphore semaphore(loop, 7);
  Gauge gauge;
  loop.run(crowd(&loop, &semaphore, &gauge));
  EXPECT_EQ(gauge.peak, 7);
  EXPECT_EQ(gauge.now, 0);
  EXPECT_EQ(semaphore.free(), 7);
}

Task<void> crowd_that_is_narrowed(Loop* loop, Semaphore* semaphore, Gauge* gauge, int* late_peak) {
  TaskGroup group(*loop);
  for (int i = 0; i < 50; ++i) group.start(occupy(loop, semaphore, gauge));
  semaphore->add_permits(-5);
  co_await loop->sleep(Millis(2));
  gauge->peak = 0;
  co_await loop->sleep(Millis(3));
  *late_peak = gauge->peak;
  semaphore->add_permits(10);
  co_await group.join();
}

TEST(Semaphore, PermitsMayBecomeFewerAndMoreWhileTheyAreOut) {
  Loop loop(Loop::Clock::virtual_time);
  Semaphore semaphore(loop, 7);
  Gauge gauge;
  int late_peak = 0;
  loop.run(crowd_that_is_narrowed(&loop, &semaphore, &gauge, &late_peak));
  EXPECT_EQ(late_peak, 2);
  EXPECT_EQ(gauge.peak, 12) << "who waited is let in when there are more";
  EXPECT_EQ(semaphore.free(), 12);
}

Task<void> fails_in_a_group(Loop* loop) {
  std::string log;
  TaskGroup group(*loop);
  group.start(note(loop, Millis(1), &log, 'a'));
  Task<void> broken = [](Loop* at) -> Task<void> {
    co_await at->sleep(Millis(2));
    throw std::runtime_error("child");
  }(loop);
  group.start(std::move(broken));
  co_await group.join();
}

TEST(TaskGroup, RethrowsWhatAChildThrew) {
  Loop loop(Loop::Clock::virtual_time);
  EXPECT_THROW(loop.run(fails_in_a_group(&loop)), std::runtime_error);
}

TEST(TaskGroup, DestroyedWithRunningChildrenLeaksNothing) {
  // A throw ends the run while the other children still wait: the sanitizer build counts the frames.
  Loop loop(Loop::Clock::virtual_time);
  Task<void> root = [](Loop* at) -> Task<void> {
    std::string log;
    TaskGroup group(*at);
    for (int i = 0; i < 10; ++i) group.start(note(at, std::chrono::hours(1), &log, 'x'));
    throw std::runtime_error("killed");
    co_await group.join();
  }(&loop);
  EXPECT_THROW(loop.run(std::move(root)), std::runtime_error);
}

TEST(Loop, EqualSeedsGiveEqualChance) {
  Loop one(Loop::Clock::virtual_time, 7);
  Loop two(Loop::Clock::virtual_time, 7);
  EXPECT_EQ(one.random()(), two.random()());
}

TEST(Times, RoundTripThroughRfc3339) {
  const Time time(Micros(1'772'337'906'789'000));
  EXPECT_EQ(to_rfc3339(time), "2026-03-01T04:05:06.789Z");
  EXPECT_EQ(time_from_rfc3339("2026-03-01T04:05:06.789Z"), time);
  EXPECT_EQ(time_from_rfc3339("yesterday"), Time{});
}

Result<int> parse(bool good) {
  if (good) return 1;
  return fail(Fault::invalid, "no number", "Give a number");
}
Result<int> doubled(bool good) {
  TRY(const int value, parse(good));
  return value * 2;
}
Task<Result<int>> doubled_later(bool good) {
  CO_TRY(const int value, parse(good));
  co_return value * 2;
}

TEST(Loop, OfTheProgramHasChanceOfItsOwnAndOfATestTheSame) {
  EXPECT_NE(Loop().random()(), Loop().random()());
  EXPECT_EQ(Loop(Loop::Clock::virtual_time, 7).random()(), Loop(Loop::Clock::virtual_time, 7).random()());
  EXPECT_EQ(Loop(Loop::Clock::real, 7).random()(), Loop(Loop::Clock::virtual_time, 7).random()());
}

TEST(Result, TryPassesErrorsOn) {
  EXPECT_EQ(*doubled(true), 2);
  EXPECT_EQ(doubled(false).error().fault, Fault::invalid);
  Loop loop(Loop::Clock::virtual_time);
  EXPECT_EQ(*loop.run(doubled_later(true)), 2);
  EXPECT_EQ(loop.run(doubled_later(false)).error().message, "no number");
}

TEST(Result, DescribeNamesTheObjectTheRequestAndTheRemedy) {
  Error error(Fault::forbidden, "no right to manage", "Make the principal an admin");
  error.address = "job:\"a\"";
  error.method = "POST";
  error.path = "/api/2.2/jobs/create";
  error.status = 403;
  error.service_code = "PERMISSION_DENIED";
  EXPECT_EQ(describe(error),
            "job:\"a\": no right to manage (POST /api/2.2/jobs/create, HTTP 403 PERMISSION_DENIED). "
            "Make the principal an admin");
}

}  // namespace
}  // namespace twinlake
