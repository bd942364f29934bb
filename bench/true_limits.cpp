#include "true_limits.h"

#include <algorithm>
#include <stdexcept>

#include "lanes.h"
#include "simulator/estate/estate.h"
#include "support/lab.h"
#include "table.h"

namespace twinlake::bench {

namespace {

constexpr double goal = 1.5;

struct Run {
  double seconds = 0;
  double bound = 0;  ///< of the busiest lane, at its true limit but never above the published one
  std::int64_t requests = 0;
  std::int64_t throttled = 0;
};

Run first_sync(double factor) {
  test::Lab::Options options;
  options.latency = Millis(50);
  test::Lab lab(options);
  simulator::fill_estate(lab.home(), lab.away(), {});
  for (simulator::Region* region : {&lab.home(), &lab.away()}) {
    region->set_enforce_limits(true);
    region->scale_limits(factor);
  }
  const LaneCounts home = lanes_of(lab.home());
  const LaneCounts away = lanes_of(lab.away());
  lab.reset_logs();
  const Time started = lab.loop().now();
  const auto report = lab.sync();
  if (!report) throw std::runtime_error(describe(report.error()));
  if (report->outcome != "complete") throw std::runtime_error(test::told(report));
  Run run;
  run.seconds = std::chrono::duration<double>(lab.loop().now() - started).count();
  const Need need{difference(lanes_of(lab.home()), home), difference(lanes_of(lab.away()), away)};
  run.bound = busiest(need, any_lane).seconds / std::min(1.0, factor);
  run.requests = lab.primary_wire().log.total + lab.secondary_wire().log.total;
  run.throttled = lab.home().traffic().throttled + lab.away().traffic().throttled;
  return run;
}

}  // namespace

bool measure_true_limits(const std::string& results) {
  Table table("true_limits",
              {"true limits / published", "requests", "429s", "bound s", "measured s", "ratio"});
  bool good = true;
  for (const double factor : {0.25, 0.5, 1.0, 2.0}) {
    const Run run = first_sync(factor);
    good = good && run.seconds <= goal * run.bound;
    table.add({number(factor, 2), number(static_cast<double>(run.requests)),
               number(static_cast<double>(run.throttled)), number(run.bound, 2),
               number(run.seconds, 2), number(run.seconds / run.bound, 2)});
  }
  table.print("A first sync under true limits that nobody published, demo estate, 50 ms latency");
  table.save(results);
  return good;
}

}  // namespace twinlake::bench
