#include "lanes.h"

#include <algorithm>

#include "http/limits.h"

namespace twinlake::bench {

LaneCounts lanes_of(simulator::Region& region) {
  LaneCounts counts;
  for (const auto& [route, count] : region.traffic().routes)
    counts[std::string(http::lane_of(*http::method_from(route.first), route.second).name)] +=
        count.requests - count.throttled;
  return counts;
}

LaneCounts difference(LaneCounts after, const LaneCounts& before) {
  for (const auto& [lane, count] : before) after[lane] -= count;
  return after;
}

double limit_of(const std::string& name) {
  for (const http::Lane& lane : http::lanes())
    if (lane.name == name) return lane.per_second;
  return 0;
}

double seconds_of(const std::string& lane, std::int64_t count, double each) {
  double seconds = 0;
  for (const http::Lane& row : http::lanes()) {
    if (row.name != lane) continue;
    seconds = static_cast<double>(count) * each / row.in_flight;
    if (row.per_second > 0)
      seconds = std::max(seconds, static_cast<double>(count) / row.per_second);
    break;
  }
  return seconds;
}

Busiest busiest(const Need& need, bool (*wanted)(const std::string&)) {
  Busiest most;
  for (const LaneCounts* side : {&need.primary, &need.secondary}) {
    for (const auto& [lane, count] : *side) {
      const double limit = limit_of(lane);
      if (limit <= 0 || !wanted(lane)) continue;
      const double seconds = static_cast<double>(count) / limit;
      if (seconds > most.seconds)
        most = Busiest{(side == &need.primary ? "primary " : "secondary ") + lane, seconds};
    }
  }
  return most;
}

bool any_lane(const std::string&) { return true; }

}  // namespace twinlake::bench
