#include "http/throttle.h"

#include <gtest/gtest.h>

#include "http/scripted_transport.h"

namespace twinlake::http {
namespace {

using namespace std::chrono_literals;

constexpr Lane table[] = {
    {"slow", Method::post, false, "/slow", 10, 4, "test"},
    {"slow", Method::put, false, "/slow", 10, 4, "test"},
    {"free", Method::get, true, "/", 0, 3, "test"},
};

TEST(Pace, SpacesEvenlyAndCatchesUpALittle) {
  Pace pace(10);
  const Time now(Micros(1'000'000'000));
  int at_once = 0;
  while (pace.take(now) == Micros(0)) ++at_once;
  EXPECT_LE(at_once, 2) << "the catch-up is a tenth of a second";
  const Micros next = pace.take(now);
  EXPECT_NEAR(static_cast<double>(next.count()), 1e5 * 1, 1e5 * 1.1);
}

TEST(Pace, WithoutALimitNobodyWaits) {
  Pace pace(0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(pace.take(Time{}), Micros(0));
}

class ThrottleTest : public ::testing::Test {
 protected:
  static Task<void> send_one(ThrottleTest* test, Request request) {
    (void)co_await test->throttled.send(std::move(request));
    ++test->done;
  }
  static Task<void> send_all(ThrottleTest* test, std::vector<Request> requests) {
    TaskGroup group(test->loop);
    for (Request& request : requests) group.start(send_one(test, std::move(request)));
    co_await group.join();
  }
  void run(std::vector<Request> requests) { loop.run(send_all(this, std::move(requests))); }
  Micros passed() const { return loop.now() - started; }

  Loop loop{Loop::Clock::virtual_time};
  ScriptedTransport wire{loop};
  ThrottledTransport throttled{loop, wire, table};
  Time started = loop.now();
  int done = 0;
};

TEST_F(ThrottleTest, KeepsToTheRateOfALane) {
  wire.then(200);
  run(std::vector<Request>(100, Request(Method::post, "/slow/a")));
  EXPECT_EQ(done, 100);
  EXPECT_GE(passed(), Micros(9700ms));
  EXPECT_LE(passed(), Micros(10100ms));
  for (std::size_t i = 12; i < wire.times.size(); ++i)
    EXPECT_GT(wire.times[i] - wire.times[i - 12], Micros(1s))
        << "no second holds more than its share";
}

TEST_F(ThrottleTest, RowsOfOneNameAreOneLane) {
  wire.then(200);
  std::vector<Request> requests(50, Request(Method::post, "/slow/a"));
  requests.resize(100, Request(Method::put, "/slow/a"));
  run(std::move(requests));
  EXPECT_GE(passed(), Micros(9700ms));
}

TEST_F(ThrottleTest, KeepsToTheWidthOfALane) {
  wire.then(200).taking(100ms);
  run(std::vector<Request>(30, Request::get("/free")));
  EXPECT_EQ(wire.most_in_flight, 3);
  EXPECT_EQ(passed(), Micros(1s));
}

TEST_F(ThrottleTest, A429PausesItsLaneForAll) {
  wire.then(429, "{}", {{"Retry-After", "20"}}).then(200).taking(1ms);
  std::vector<Request> requests(10, Request(Method::post, "/slow/a"));
  requests.push_back(Request::get("/free"));
  run(std::move(requests));
  int late = 0;
  int early = 0;
  for (std::size_t i = 0; i < wire.seen.size(); ++i) {
    const Micros at = wire.times[i] - started;
    if (wire.seen[i].path == "/free")
      EXPECT_LT(at, Micros(1s)) << "other lanes go on";
    else if (at >= Micros(20s))
      ++late;
    else
      ++early;
  }
  EXPECT_LE(early, 3);
  EXPECT_EQ(early + late, 10);
  for (std::size_t i = 4; i < wire.times.size(); ++i)
    EXPECT_GE(wire.times[i] - wire.times[i - 1], Micros(0));
}

TEST_F(ThrottleTest, AfterAPauseTheyDoNotStartAllAtOnce) {
  wire.then(429, "{}", {{"Retry-After", "5"}}).then(200);
  run(std::vector<Request>(10, Request(Method::post, "/slow/a")));
  const Time last = wire.times.back();
  int at_the_end = 0;
  for (const Time time : wire.times) at_the_end += time > last - Micros(50ms) ? 1 : 0;
  EXPECT_LE(at_the_end, 2);
}

TEST_F(ThrottleTest, A429WithoutRetryAfterPausesASecond) {
  wire.then(429).then(200).taking(1ms);
  run(std::vector<Request>(4, Request::get("/free")));
  EXPECT_GE(passed(), Micros(1s));
  EXPECT_LE(passed(), Micros(1100ms));
}

}  // namespace
}  // namespace twinlake::http
