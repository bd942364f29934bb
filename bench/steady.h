#pragma once
// What a run costs once both sides are equal: by the size of the estate, and by how much of it
// changed.
#include <string>

namespace twinlake::bench {

/// Estates of several sizes; in each a first sync, then runs every five minutes with nothing, a
/// little and more changed, at 50 ms latency and the published limits, in virtual time. Writes
/// steady.csv, from which bench/curve.py draws. True when the goals are met at 10,000 notebooks,
/// 1,000 jobs and 200 clusters, and when an estate of twice the size costs no more for the same
/// changes but its listings.
bool measure_steady(const std::string& results);

/// Grants that people changed at 10,000 notebooks, and what the next run makes of them, with and
/// without asking the audit logs. Writes grants.csv. True when with them that run writes each one.
bool measure_grants(const std::string& results);

}  // namespace twinlake::bench
