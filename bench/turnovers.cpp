#include "turnovers.h"

#include <algorithm>
#include <stdexcept>

#include "http/limits.h"
#include "lanes.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/lab.h"
#include "table.h"

namespace twinlake::bench {

using state::Failover;
using test::Lab;

namespace {

constexpr int jobs = 1000;
constexpr int page = 100;  ///< jobs in one page of the listing, at most (facts, core 15.1)
constexpr Millis latency{50};
constexpr double latency_seconds = 0.05;
constexpr double goal = 1.1;
constexpr const char* turning_path = "/api/2.2/jobs/update";

void fill_with_jobs(Lab& lab) {
  test::import_notebook(lab, "/Shared/only", "# Databricks notebook source\n");
  for (int i = 0; i < jobs; ++i)
    lab.primary("POST", "/api/2.2/jobs/create",
                test::job_body("job " + std::to_string(i), "/Shared/only"));
}

/// Seconds after the command.
struct Moments {
  double first_write = 0;  ///< of whatever sort: it has decided, and begun
  double first_turned = 0;
  double last_turned = 0;
  double end = 0;
};

struct Turned {
  Moments at;
  std::int64_t requests = 0;
  std::int64_t throttled = 0;
};

Turned turn_once(Failover::Type type) {
  Lab::Options options;
  options.latency = latency;
  Lab lab(options);
  fill_with_jobs(lab);
  if (!lab.sync()) throw std::runtime_error("the sync failed");
  if (type == Failover::Type::forced) lab.home().faults().start_outage();
  lab.home().set_enforce_limits(true);
  lab.away().set_enforce_limits(true);
  lab.reset_logs();
  Turned run;
  const Time started = lab.loop().now();
  const auto since = [&] {
    return std::chrono::duration<double>(lab.loop().now() - started).count();
  };
  const auto told = [&](const http::Request& request) {
    if (run.at.first_write == 0) run.at.first_write = since();
    if (request.path != turning_path) return;
    if (run.at.first_turned == 0) run.at.first_turned = since();
    run.at.last_turned = since();
  };
  lab.primary_wire().on_write = told;
  lab.secondary_wire().on_write = told;
  const auto report = lab.fail_over(type);
  if (!report || report->outcome != "complete") throw std::runtime_error("a failover failed");
  run.at.end = since();
  run.requests = lab.primary_wire().log.total + lab.secondary_wire().log.total;
  run.throttled = lab.home().traffic().throttled + lab.away().traffic().throttled;
  if (test::live_triggers(lab.away()).size() != jobs) throw std::runtime_error("not all are live");
  return run;
}

}  // namespace

bool measure_turnovers(const std::string& results) {
  Table table("turnovers", {"failover", "requests", "429s", "first write s", "first release s",
                            "last release s", "proved s", "bound s", "ratio"});
  // Who we are, the mirror of the role, the listing page by page, the writes, the listing again as
  // proof, the mirror of the end: none of them can begin before the one in front has ended.
  const auto lane = std::string(http::lane_of(http::Method::post, turning_path).name);
  const double writes = seconds_of(lane, jobs, latency_seconds);
  const double bound = (3 + 2 * (jobs / page)) * latency_seconds + writes;
  const Turned forced = turn_once(Failover::Type::forced);
  const Turned planned = turn_once(Failover::Type::planned);
  const auto row = [&](const char* name, const Turned& run, const std::string& of,
                       const std::string& ratio) {
    table.add({name, number(static_cast<double>(run.requests)),
               number(static_cast<double>(run.throttled)), number(run.at.first_write, 2),
               number(run.at.first_turned, 2), number(run.at.last_turned, 2), number(run.at.end, 2),
               of, ratio});
  };
  row("forced", forced, number(bound, 2), number(forced.at.end / bound, 2));
  // Most of its time are two syncs, whose bound is another table's.
  row("planned", planned, "-", "-");
  table.print("A failover of " + std::to_string(jobs) +
              " scheduled jobs, 50 ms latency, virtual seconds after the command");
  table.save(results);
  return forced.at.end <= goal * bound && forced.at.first_write <= 1.0;
}

}  // namespace twinlake::bench
