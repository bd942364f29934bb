#pragma once
// How long a failover takes under the published limits, beside the time that no program could beat.
#include <string>

namespace twinlake::bench {

/// A thousand scheduled jobs are released on the other side, with 50 ms latency, in virtual time:
/// by a forced failover, and by a planned one, which holds them first. True when the forced one is
/// within 1.1 of its bound and writes within a second.
bool measure_turnovers(const std::string& results);

}  // namespace twinlake::bench
