#include "http/throttle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "http/scripted_transport.h"

namespace twinlake::http {
namespace {

using namespace std::chrono_literals;

constexpr Lane table[] = {
    {"slow", Method::post, false, "/slow", 10, 4, "test"},
    {"slow", Method::put, false, "/slow", 10, 4, "test"},
    {"free", Method::get, true, "/", 0, 3, "test"},
};

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

/// A service with a true limit that nobody published: a bucket with one second's worth.
class Limited final : public Transport {
 public:
  Limited(Loop& loop, double limit, Micros latency)
      : limit_(limit), loop_(loop), latency_(latency), tokens_(limit), at_(loop.now()) {}
  Task<Result<Response>> send(Request) override {
    tokens_ = std::min(limit_, tokens_ + seconds_since(at_) * limit_);
    at_ = loop_.now();
    const bool is_taken = tokens_ >= 1;
    if (is_taken) tokens_ -= 1;
    co_await loop_.sleep(latency_);
    ++(is_taken ? answered : refused);
    Response response(is_taken ? 200 : 429, "{}");
    if (!is_taken) response.headers.emplace_back("Retry-After", "1");
    co_return response;
  }
  int answered = 0;
  int refused = 0;

 private:
  [[nodiscard]] double seconds_since(Time time) const {
    return std::chrono::duration<double>(loop_.now() - time).count();
  }
  double limit_;
  Loop& loop_;
  Micros latency_;
  double tokens_;
  Time at_;
};

Task<void> ask_until(Loop* loop, Transport* through, Time end) {
  while (loop->now() < end) (void)co_await through->send(Request(Method::post, "/slow/a"));
}

Task<void> crowd_until(Loop* loop, std::vector<Transport*> through, int each, Time end) {
  TaskGroup all(*loop);
  for (Transport* transport : through)
    for (int i = 0; i < each; ++i) all.start(ask_until(loop, transport, end));
  co_await all.join();
}

TEST(AdaptiveLanes, ManyInFlightConvergeToATrueLimitBelowThePublishedOne) {
  Loop loop{Loop::Clock::virtual_time};
  Limited service(loop, 4, 300ms);
  ThrottledTransport throttled(loop, service, table);
  loop.run(crowd_until(&loop, {&throttled}, 16, loop.now() + 10min));
  service.answered = service.refused = 0;
  loop.run(crowd_until(&loop, {&throttled}, 16, loop.now() + 50min));
  EXPECT_GE(service.answered, 0.9 * 4 * 3000);
  EXPECT_LE(service.refused, 20);
}

TEST(AdaptiveLanes, ALaneWithoutAPublishedRateLearnsOne) {
  static constexpr Lane unknown[] = {{"all", Method::get, true, "/", 0, 24, "test"}};
  Loop loop{Loop::Clock::virtual_time};
  Limited service(loop, 20, 50ms);
  ThrottledTransport throttled(loop, service, unknown);
  loop.run(crowd_until(&loop, {&throttled}, 24, loop.now() + 10min));
  service.answered = service.refused = 0;
  loop.run(crowd_until(&loop, {&throttled}, 24, loop.now() + 50min));
  EXPECT_GE(service.answered, 0.9 * 20 * 3000);
  EXPECT_LE(service.refused, 60);
}

TEST(AdaptiveLanes, TwoProcessesWithOneLedgerStayWithinTheLimitTogether) {
  for (const bool together : {true, false}) {
    Loop loop{Loop::Clock::virtual_time};
    Limited service(loop, 10, 50ms);
    OwnLedger ledger(std::size(table));
    ThrottleOptions first;
    if (together) first.ledger = &ledger;
    first.user = 1;
    ThrottleOptions second = first;
    second.user = 2;
    ThrottledTransport one(loop, service, table, first);
    ThrottledTransport other(loop, service, table, second);
    loop.run(crowd_until(&loop, {&one, &other}, 8, loop.now() + 60s));
    if (together) {
      EXPECT_EQ(service.refused, 0);
      EXPECT_GE(service.answered, 590);
    } else {
      EXPECT_GT(service.refused, 5) << "alone, both believe that the limit is theirs";
    }
  }
}

TEST(AdaptiveLanes, TheShareOfAProcessThatDiedComesBack) {
  Loop loop{Loop::Clock::virtual_time};
  static constexpr Lane wide[] = {{"all", Method::get, true, "/", 0, 24, "test"}};
  Limited service(loop, 1e6, 100ms);
  OwnLedger ledger(1);
  ThrottleOptions options;
  options.ledger = &ledger;
  options.user = 1;
  auto dies = std::make_unique<ThrottledTransport>(loop, service, wide, options);
  options.user = 2;
  ThrottledTransport stays(loop, service, wide, options);
  loop.run(crowd_until(&loop, {dies.get(), &stays}, 24, loop.now() + 2s));
  service.answered = 0;
  loop.run(crowd_until(&loop, {&stays}, 24, loop.now() + 1s));
  EXPECT_LT(service.answered, 24 * 10 / 2 + 25) << "half of the places are the other's";
  dies.reset();
  loop.run(crowd_until(&loop, {&stays}, 24, loop.now() + 15s));
  service.answered = 0;
  loop.run(crowd_until(&loop, {&stays}, 24, loop.now() + 1s));
  EXPECT_GE(service.answered, 24 * 10);
}

}  // namespace
}  // namespace twinlake::http
