#include <algorithm>
#include <functional>
#include <set>

#include "history/points.h"

namespace twinlake::history {

namespace {

/// 1970 began with a Thursday; weeks begin with Monday.
constexpr int days_before_first_monday = 4;

std::int64_t day_of(Time moment) {
  return std::chrono::floor<std::chrono::days>(moment).time_since_epoch().count();
}
std::int64_t week_of(Time moment) {
  const std::int64_t days = day_of(moment) - days_before_first_monday;
  return days >= 0 ? days / 7 : (days - 6) / 7;
}

/// The newest of each period that has one, for so many periods.
template <class Period>
void keep_newest_of(const std::vector<Point>& newest_first, std::int64_t count,
                    const Period& period, std::set<std::int64_t>& kept) {
  std::set<std::int64_t> periods;
  for (const Point& point : newest_first) {
    if (static_cast<std::int64_t>(periods.size()) >= count) return;
    if (periods.insert(period(point.moment)).second) kept.insert(point.id);
  }
}

bool says_the_same(const Point& point, const Point& before) {
  return !point.digest.empty() && point.digest == before.digest && point.side == before.side &&
         point.workspace_id == before.workspace_id && point.gaps == before.gaps;
}

/// The newest first, without those that say what the one before them says. Whoever asks for a
/// moment between two of them gets the same.
std::vector<Point> distinct(std::vector<Point> points) {
  std::ranges::sort(points, std::greater<>(), &Point::id);
  std::vector<Point> some;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool is_newest = i == 0;
    const bool is_oldest = i + 1 == points.size();
    if (is_newest || is_oldest || !says_the_same(points[i], points[i + 1]))
      some.push_back(points[i]);
  }
  return some;
}

}  // namespace

std::vector<std::int64_t> outdated(const std::vector<Point>& points, const Retention& keep) {
  const std::vector<Point> sorted = distinct(points);
  std::set<std::int64_t> kept;
  for (const Point& point : sorted)
    if (kept.empty() || static_cast<std::int64_t>(kept.size()) < keep.last) kept.insert(point.id);
  keep_newest_of(sorted, keep.daily, day_of, kept);
  keep_newest_of(sorted, keep.weekly, week_of, kept);
  std::vector<std::int64_t> gone;
  for (const Point& point : points)
    if (!kept.contains(point.id)) gone.push_back(point.id);
  return gone;
}

}  // namespace twinlake::history
