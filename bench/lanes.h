#pragma once
// What a run asks of each lane of the published limits, and how long that takes at the limit.
#include <cstdint>
#include <map>
#include <string>

#include "simulator/region.h"

namespace twinlake::bench {

/// Requests that were answered, by lane, of one side.
using LaneCounts = std::map<std::string, std::int64_t, std::less<>>;

[[nodiscard]] LaneCounts lanes_of(simulator::Region& region);
[[nodiscard]] LaneCounts difference(LaneCounts after, const LaneCounts& before);
/// Requests a second; 0: there is no limit.
[[nodiscard]] double limit_of(const std::string& name);

/// What one run needed on both sides.
struct Need {
  LaneCounts primary;
  LaneCounts secondary;
};

struct Busiest {
  std::string lane;
  double seconds = 0;
};

/// Of requests that take so long each: at the rate of their lane, or with as many in flight as it
/// allows.
[[nodiscard]] double seconds_of(const std::string& lane, std::int64_t count, double each);
/// The lane that takes longest at its limit, among those that `wanted` accepts.
[[nodiscard]] Busiest busiest(const Need& need, bool (*wanted)(const std::string&));
[[nodiscard]] bool any_lane(const std::string& name);

}  // namespace twinlake::bench
