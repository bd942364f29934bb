#include "azure/throttling.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http/scripted_transport.h"

namespace twinlake::azure {
namespace {

using namespace std::chrono_literals;
using http::Headers;

TEST(Remaining, TheLeastOfWhatCountsRequests) {
  EXPECT_FALSE(remaining_requests({{"Retry-After", "3"}}));
  EXPECT_FALSE(remaining_requests(
      {{"x-ms-ratelimit-remaining-resource", "Microsoft.Compute/HighCostGet3Min;46"}}));
  EXPECT_EQ(remaining_requests({{"x-ms-ratelimit-remaining-subscription-reads", "240"},
                                {"X-Ms-RateLimit-Remaining-Subscription-Global-Reads", " 37 "}}),
            37);
}

TEST(Allowance, TheLessIsLeftTheSlower) {
  const Time now(1h);
  const auto apart = [&](std::int64_t remaining) {
    Allowance allowance(25);
    allowance.tell(remaining);
    EXPECT_EQ(allowance.take(now), 0us) << "the first one need not wait";
    return allowance.take(now);
  };
  EXPECT_EQ(apart(250), 0us);
  EXPECT_EQ(apart(50), 0us);
  EXPECT_EQ(apart(25), 80ms) << "half of the rate of the refill";
  EXPECT_EQ(apart(5), 400ms);
  EXPECT_EQ(apart(0), 2s);
  EXPECT_EQ(apart(-3), 2s);
}

TEST(Allowance, IsFullSpeedAgainWhenThereIsEnough) {
  Allowance allowance(10);
  allowance.tell(1);
  EXPECT_EQ(allowance.take(Time(1h)), 0us);
  EXPECT_EQ(allowance.take(Time(1h)), 2s);
  allowance.tell(199);
  EXPECT_EQ(allowance.take(Time(1h)), 0us);
}

TEST(ArmWire, SlowsTheRequestsOfThatSubscriptionAndSort) {
  Loop loop{Loop::Clock::virtual_time};
  http::ScriptedTransport inner{loop};
  ArmWire wire(loop, inner);
  inner.then(200, "{}", {{"x-ms-ratelimit-remaining-subscription-reads", "1"}});
  inner.always(
      [](const http::Request&) -> Result<http::Response> { return http::Response(200, "{}"); });
  const auto took = [&](http::Method method, const char* path) {
    const Time begin = loop.now();
    EXPECT_TRUE(loop.run(wire.send(http::Request(method, path))));
    return loop.now() - begin;
  };
  static_cast<void>(took(http::Method::get, "/subscriptions/A/locations"));
  static_cast<void>(took(http::Method::get, "/subscriptions/a/x"));
  EXPECT_GE(took(http::Method::get, "/subscriptions/a/y"), 1s) << "ids have no case";
  EXPECT_LT(took(http::Method::get, "/subscriptions/b/x"), 1s);
  EXPECT_LT(took(http::Method::put, "/subscriptions/a/x"), 1s);
}

}  // namespace
}  // namespace twinlake::azure
