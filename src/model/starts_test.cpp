#include "model/starts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::model {
namespace {

using nlohmann::json;

constexpr Timing of_plan[] = {{"/expression", Timing::Says::cron, "/zone"}};
constexpr Timing of_many[] = {{"/always", Timing::Says::at_once},
                              {"/plan/expression", Timing::Says::cron, "/plan/zone"},
                              {"/every", Timing::Says::interval}};
constexpr Hold alarm_holds[] = {
    {.path = "/plan/state", .held = "\"OFF\"", .absent = "\"ON\"", .timings = of_plan},
    {.path = "/many/*/state", .held = "\"OFF\"", .absent = "\"ON\"", .timings = of_many},
    {.path = "/idle", .held = "0", .absent = "0", .starts = false},
};

class StartsTest : public testing::Test {
 protected:
  StartsTest() {
    kind.name = "alarm";
    kind.holds = alarm_holds;
  }
  static json plan(const char* expression, const char* state = "ON") {
    return {{"expression", expression}, {"zone", "UTC"}, {"state", state}};
  }
  static json many(std::initializer_list<json> triggers) {
    json all = json::object();
    all["many"] = json::array();
    for (const json& trigger : triggers) all["many"].push_back(trigger);
    return all;
  }
  std::string next(const json& definition) const {
    const auto start = next_start(kind, definition, now);
    return start ? to_rfc3339(*start).substr(0, 19) : "none";
  }
  Kind kind;
  const Time now = time_from_rfc3339("2026-01-01T00:00:00Z");
};

TEST_F(StartsTest, ACronSaysWhen) {
  EXPECT_EQ(next({{"plan", plan("0 15 2 * * ?")}}), "2026-01-01T02:15:00");
  EXPECT_EQ(next({{"plan", {{"expression", "0 15 2 * * ?"}, {"zone", "UTC"}}}}),
            "2026-01-01T02:15:00")
      << "no state said: live";
}

TEST_F(StartsTest, WhatIsHeldOrOnlyCostsStartsNothing) {
  EXPECT_EQ(next({{"plan", plan("0 15 2 * * ?", "OFF")}}), "none");
  EXPECT_EQ(next({{"idle", 3}}), "none");
  EXPECT_EQ(next({{"plan", plan("0 0 0 1 1 ? 2020")}}), "none") << "that year is over";
}

TEST_F(StartsTest, TheSoonestOfSeveralCounts) {
  EXPECT_EQ(next(many({{{"plan", plan("0 0 5 * * ?")}},
                       {{"plan", plan("0 0 4 * * ?")}},
                       {{"plan", plan("0 0 3 * * ?")}, {"state", "OFF"}}})),
            "2026-01-01T04:00:00");
  EXPECT_EQ(next(many({{{"plan", plan("0 0 5 * * ?")}}, {{"always", json::object()}}})),
            "2026-01-01T00:00:00");
  EXPECT_EQ(next(many({{{"every", {{"interval", 4}, {"unit", "HOURS"}}}}})), "2026-01-01T02:00:00");
}

TEST_F(StartsTest, WhatWaitsForAnEventIsExpectedSoon) {
  EXPECT_EQ(next(many({{{"file", "abfss://x"}}})), "2026-01-01T00:01:00");
  EXPECT_EQ(next({{"plan", plan("whenever")}}), "2026-01-01T00:01:00")
      << "no cron that we can read";
}

TEST_F(StartsTest, DueIsWhatFallsIntoTheTimeBetween) {
  const auto due =
      due_starts(kind, {{"plan", plan("0 0/30 * * * ?")}}, now, now + std::chrono::hours(2));
  EXPECT_EQ(due.count, 4U);
  EXPECT_EQ(to_rfc3339(due.first), "2026-01-01T00:30:00.000Z");
  EXPECT_EQ(to_rfc3339(due.last), "2026-01-01T02:00:00.000Z");
  EXPECT_EQ(
      due_starts(kind, {{"plan", plan("0 0/30 * * * ?", "OFF")}}, now, now + std::chrono::hours(2))
          .count,
      0U);
}

}  // namespace
}  // namespace twinlake::model
