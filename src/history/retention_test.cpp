#include <gtest/gtest.h>

#include <algorithm>

#include "history/points.h"

namespace twinlake::history {
namespace {

std::string days_kept(const std::vector<Point>& points, const Retention& keep) {
  const auto gone = outdated(points, keep);
  std::string kept;
  for (const Point& point : points)
    if (std::ranges::find(gone, point.id) == gone.end()) kept += std::to_string(point.id) + " ";
  return kept;
}

TEST(Retention, KeepsTheNewestOfDaysAndWeeks) {
  std::vector<Point> points;
  for (int i = 0; i < 40; ++i) {  // twice a day, from Monday the 2nd
    Point point;
    point.id = i + 1;
    point.moment = time_from_rfc3339("2026-11-02T06:00:00Z") + std::chrono::hours(12 * i);
    points.push_back(point);
  }
  EXPECT_EQ(days_kept(points, {.last = 3, .daily = 0, .weekly = 0}), "38 39 40 ");
  EXPECT_EQ(days_kept(points, {.last = 0, .daily = 0, .weekly = 0}), "40 ");
  EXPECT_EQ(days_kept(points, {.last = 1, .daily = 3, .weekly = 0}), "36 38 40 ");
  EXPECT_EQ(days_kept(points, {.last = 1, .daily = 0, .weekly = 9}), "14 28 40 ");
  EXPECT_TRUE(outdated({}, {}).empty());
}

std::vector<Point> saying(const std::string& what) {
  std::vector<Point> points;
  for (const char one : what) {
    Point point;
    point.id = static_cast<std::int64_t>(points.size()) + 1;
    point.digest = one;
    points.push_back(point);
  }
  return points;
}

TEST(Retention, OfThoseThatSayTheSameTheFirstStaysAndTheNewest) {
  const Retention all{.last = 50, .daily = 0, .weekly = 0};
  EXPECT_EQ(days_kept(saying("aaabba"), all), "1 4 6 ");
  EXPECT_EQ(days_kept(saying("aaaaa"), all), "1 5 ");
  EXPECT_EQ(days_kept(saying("abcd"), {.last = 2, .daily = 0, .weekly = 0}), "3 4 ");
  EXPECT_EQ(days_kept(saying("abbbbbb"), {.last = 3, .daily = 0, .weekly = 0}), "1 2 7 ")
      << "what changed is not pushed out by what did not";
}

TEST(Retention, WhatIsOfAnotherSideOrKnowsLessIsNoRepetition) {
  const Retention all{.last = 50, .daily = 0, .weekly = 0};
  std::vector<Point> points = saying("aaaaa");
  points[1].side = model::Side::away;
  points[3].gaps = {"jobs could not be listed"};
  EXPECT_EQ(days_kept(points, all), "1 2 3 4 5 ");
}

}  // namespace
}  // namespace twinlake::history
