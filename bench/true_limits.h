#pragma once
// A first sync where the service's true limits are not the published ones.
#include <string>

namespace twinlake::bench {

/// The demo estate with 50 ms latency, in virtual time, against half the published limits, these,
/// and twice these. True when each comes within 1.5 times its bound.
bool measure_true_limits(const std::string& results);

}  // namespace twinlake::bench
