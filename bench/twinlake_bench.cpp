// Counts and bounds in virtual time: `twinlake_bench [--results FOLDER] [counts] [bound]
// [failover] [limits] [steady] [grants]`.
#include <cstdio>
#include <exception>
#include <set>
#include <string>

#include "bounds.h"
#include "counts.h"
#include "steady.h"
#include "true_limits.h"
#include "turnovers.h"

namespace {

using twinlake::bench::Scene;

twinlake::simulator::EstateSize times(int factor) {
  twinlake::simulator::EstateSize size;
  for (int* count : {&size.users, &size.service_principals, &size.groups, &size.notebooks,
                     &size.files, &size.policies, &size.pools, &size.clusters, &size.jobs})
    *count *= factor;
  return size;
}

/// What dominates differs: people in the demo estate, notebooks in one with many of them.
std::vector<Scene> scenes() {
  Scene notebooks{"notebooks", {}};
  notebooks.size.notebooks = 5000;
  return {{"demo", {}}, {"large", times(4)}, notebooks};
}

int run(const std::set<std::string>& parts, const std::string& results) {
  bool good = true;
  if (parts.empty() || parts.contains("counts"))
    good = twinlake::bench::count_requests(results) && good;
  if (parts.empty() || parts.contains("bound"))
    for (const Scene& scene : scenes())
      good = twinlake::bench::measure_bounds(scene, results) && good;
  if (parts.empty() || parts.contains("failover"))
    good = twinlake::bench::measure_turnovers(results) && good;
  if (parts.empty() || parts.contains("limits"))
    good = twinlake::bench::measure_true_limits(results) && good;
  if (parts.empty() || parts.contains("steady"))
    good = twinlake::bench::measure_steady(results) && good;
  if (parts.empty() || parts.contains("grants"))
    good = twinlake::bench::measure_grants(results) && good;
  std::printf(
      "\n%s\n",
      good ? "every goal of this part is met"
           : "some goal is missed: see NO, and ratios above 1.2 (failover: 1.1, limits: 1.5)");
  return good ? 0 : 2;
}

}  // namespace

/// Exit codes as the program's own: 0 good, 2 a goal is missed, 1 it could not be measured.
int main(int argc, char** argv) {
  std::set<std::string> parts;
  std::string results;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--results" && i + 1 < argc) {
      results = argv[++i];
    } else if (word == "counts" || word == "bound" || word == "failover" || word == "limits" ||
               word == "steady" || word == "grants") {
      parts.insert(word);
    } else {
      std::fprintf(stderr,
                   "usage: twinlake_bench [--results FOLDER] [counts] [bound] [failover] [limits] "
                   "[steady] [grants]\n");
      return 1;
    }
  }
  try {
    return run(parts, results);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "twinlake_bench: %s\n", problem.what());
    return 1;
  }
}
