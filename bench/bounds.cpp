#include "bounds.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "lanes.h"
#include "support/lab.h"
#include "table.h"

namespace twinlake::bench {

using engine::Action;
using engine::Step;
using test::Lab;

namespace {

constexpr double goal = 1.2;
constexpr Millis latency{50};
constexpr double latency_seconds = 0.05;

/// All of these pass before the plan is made, the others after it.
bool reading_lane(const std::string& lane) {
  return lane == "permissions.get" || lane == "scim.get";
}
bool applying_lane(const std::string& lane) { return !reading_lane(lane); }

/// Requests that one step needs one after the other, by the formula.
int requests_of(const Step& step) {
  if (step.action == Action::adopt) return 0;
  const bool copies = step.kind->detail == model::Detail::content;
  const bool follows = step.action == Action::create && step.kind->follow_up.endpoint.exists();
  return 1 + (copies ? 1 : 0) + (follows ? 1 : 0);
}

/// The longest chain of requests of a run: who am I, listings level by level, what they lack, the
/// writes in their order, and the listings again when something was written.
int longest_chain(const engine::Reading& reading) {
  const engine::Plan& plan = reading.plan;
  std::vector<int> end(plan.steps.size(), 0);
  int writes = 0;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    for (const std::size_t before : plan.steps[i].after) end[i] = std::max(end[i], end[before]);
    end[i] += requests_of(plan.steps[i]);
    writes = std::max(writes, end[i]);
  }
  std::int64_t levels = 1;
  for (const auto& [kind, listing] : reading.world.primary.kinds)
    for (const workspace::Item& item : listing.items)
      if (item.kind->key_is_path && item.kind->child_of.empty())
        levels = std::max(
            levels,
            static_cast<std::int64_t>(std::ranges::count(std::string_view(item.key), '/')) + 1);
  const int depth = static_cast<int>(levels);
  return 1 + depth + 1 + writes + (writes > 0 ? depth : 0);
}

struct Measured {
  Need need;
  double seconds = 0;
  std::int64_t throttled = 0;
  std::int64_t requests = 0;
  int chain = 0;
};

void fill(Lab& lab, const Scene& scene) {
  simulator::fill_estate(lab.home(), lab.away(), scene.size);
}

Measured sync_once(Lab& lab, int chain) {
  const LaneCounts home = lanes_of(lab.home());
  const LaneCounts away = lanes_of(lab.away());
  const std::int64_t throttled = lab.home().traffic().throttled + lab.away().traffic().throttled;
  lab.reset_logs();
  const Time started = lab.loop().now();
  const auto report = lab.sync();
  if (!report) throw std::runtime_error(describe(report.error()));
  Measured run;
  run.seconds = std::chrono::duration<double>(lab.loop().now() - started).count();
  run.need = Need{difference(lanes_of(lab.home()), home), difference(lanes_of(lab.away()), away)};
  run.throttled = lab.home().traffic().throttled + lab.away().traffic().throttled - throttled;
  run.requests = lab.primary_wire().log.total + lab.secondary_wire().log.total;
  run.chain = chain;
  return run;
}

/// Both runs, first with free lanes to see what has to be done, then against the limits.
std::vector<Measured> measure(const Scene& scene) {
  Lab::Options plain;
  plain.latency = Millis(0);
  Lab free(plain);
  fill(free, scene);
  const int first_chain = longest_chain(free.read(false));
  if (!free.sync()) throw std::runtime_error("the sync without limits failed");
  const int second_chain = longest_chain(free.read(false));

  Lab::Options limited;
  limited.latency = latency;
  Lab lab(limited);
  fill(lab, scene);
  lab.home().set_enforce_limits(true);
  lab.away().set_enforce_limits(true);
  std::vector<Measured> runs;
  runs.push_back(sync_once(lab, first_chain));
  runs.push_back(sync_once(lab, second_chain));
  return runs;
}

void print_lanes(const Scene& scene, const Measured& run, const char* name,
                 const std::string& results) {
  Table table("lanes_" + scene.name + "_" + name,
              {"lane", "limit /s", "primary", "secondary", "seconds at the limit"});
  std::set<std::string> names;
  for (const LaneCounts* side : {&run.need.primary, &run.need.secondary})
    for (const auto& [lane, count] : *side) names.insert(lane);
  for (const std::string& lane : names) {
    const auto of = [&](const LaneCounts& side) {
      return side.contains(lane) ? static_cast<double>(side.at(lane)) : 0.0;
    };
    const double limit = limit_of(lane);
    const double most = std::max(of(run.need.primary), of(run.need.secondary));
    if (most <= 0) continue;
    table.add({lane, limit > 0 ? number(limit, 2) : "-", number(of(run.need.primary)),
               number(of(run.need.secondary)), limit > 0 ? number(most / limit) : "-"});
  }
  table.print(std::string("Requests by lane, estate ") + scene.name + ", " + name + " sync");
  table.save(results);
}

}  // namespace

bool measure_bounds(const Scene& scene, const std::string& results) {
  Table table("bound_" + scene.name,
              {"run", "requests", "429s", "chain", "chain s", "busiest lane", "lane s", "bound s",
               "measured s", "ratio", "phases s", "ratio to phases"});
  bool good = true;
  const char* names[] = {"first", "unchanged"};
  std::size_t at = 0;
  for (const Measured& run : measure(scene)) {
    const char* name = names[at++];
    print_lanes(scene, run, name, results);
    const Busiest most = busiest(run.need, any_lane);
    const double chain = run.chain * latency_seconds;
    const double bound = std::max(most.seconds, chain);
    const double phases = std::max(
        busiest(run.need, reading_lane).seconds + busiest(run.need, applying_lane).seconds, chain);
    good = good && run.seconds <= goal * bound;
    table.add({name, number(static_cast<double>(run.requests)),
               number(static_cast<double>(run.throttled)), number(run.chain), number(chain, 2),
               most.lane, number(most.seconds, 2), number(bound, 2), number(run.seconds, 2),
               number(run.seconds / bound, 2), number(phases, 2), number(run.seconds / phases, 2)});
  }
  table.print("Time under the published limits, estate " + scene.name +
              ", 50 ms latency, virtual seconds");
  table.save(results);
  return good;
}

}  // namespace twinlake::bench
