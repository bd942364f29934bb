#pragma once
// How long a run takes under the published limits, beside the time that no program could beat.
#include <string>

#include "simulator/estate/estate.h"

namespace twinlake::bench {

struct Scene {
  std::string name;
  simulator::EstateSize size;
};

/// First sync and a second one with nothing changed, with 50 ms latency, in virtual time.
/// True when both are within 1.2 of their bound.
bool measure_bounds(const Scene& scene, const std::string& results);

}  // namespace twinlake::bench
