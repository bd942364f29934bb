#include "failover/readiness.h"

#include <algorithm>
#include <array>
#include <map>

#include <nlohmann/json.hpp>

#include "failover/drill.h"
#include "failover/turnover.h"
#include "model/canonical.h"

namespace twinlake::failover {

using engine::Standing;
using engine::Verdict;

std::string_view name_of(Level level) {
  switch (level) {
    case Level::good: return "good";
    case Level::warning: return "warning";
    case Level::blocker: return "blocker";
  }
  return "?";
}

Level worst(const std::vector<Check>& checks) {
  const auto found = std::ranges::max_element(checks, {}, &Check::level);
  return found == checks.end() ? Level::good : found->level;
}

namespace {

std::string hours_and_minutes(Micros age) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(age).count();
  return minutes < 120 ? std::to_string(minutes) + " minutes" : std::to_string(minutes / 60) + " hours";
}

Check check_lag(const state::Store& store, Time now, const ReadinessOptions& options) {
  Check check{.name = "replication lag"};
  const auto point = store.replication_point();
  if (!point) {
    check.level = Level::blocker;
    check.message = has_standby(store) ? "no sync was ever complete: a failover would lack what the last one names"
                                       : "there is nothing to fail over to: no sync was made";
    check.what_to_do = "Run `twinlake sync`, and mend what it names";
    return check;
  }
  const auto age = std::chrono::duration_cast<Micros>(now - *point);
  check.message = "the standby equals the primary as it was " + hours_and_minutes(age) + " ago";
  if (age <= options.rpo) return check;
  check.level = Level::warning;
  check.message += ", more than the " + hours_and_minutes(options.rpo) + " that are wanted";
  check.what_to_do = "Run `twinlake sync`, and more often";
  return check;
}

Check check_failover(const state::Store& store) {
  Check check{.name = "roles", .message = "no failover is under way"};
  const auto last = store.last_failover();
  if (is_unfinished(last)) {
    check.level = Level::blocker;
    check.message = "a failover is unfinished: it stands at " + last->phase;
    check.what_to_do = "Finish it with the same command, or give it up with `twinlake failover --abort`";
  } else if (owes_fence(last)) {
    check.level = Level::blocker;
    check.message = "the old primary may still start things";
    check.what_to_do = "Run `twinlake sync` as soon as it answers";
  } else if (last && last->turned && !last->committed) {
    check.level = Level::blocker;
    check.message = "the last failover is not committed";
    check.what_to_do = "Run `twinlake commit`, then `twinlake reprotect`";
  }
  return check;
}

Check check_doubt(const state::Store& store) {
  Check check{.name = "writes in doubt", .message = "none"};
  for (const state::Intent& intent : store.in_doubt())
    check.findings.push_back({model::address_of(intent.kind, intent.key), std::string(intent.action), {}});
  if (check.findings.empty()) return check;
  check.level = Level::warning;
  check.message = std::to_string(check.findings.size()) + " writes were begun and have no outcome";
  check.what_to_do = "Run `twinlake sync`: it looks them up";
  return check;
}

Check check_drill(const state::Store& store, Time now, const ReadinessOptions& options) {
  Check check{.name = "last drill"};
  const auto last = store.last_drill();
  if (!last) {
    check.level = Level::warning;
    check.message = "there was none: nobody knows whether jobs run on the standby";
    check.what_to_do = "`twinlake drill start --dry-run --run NAME` shows what one would do";
    return check;
  }
  const auto days = std::chrono::duration_cast<std::chrono::days>(now - last->started).count();
  check.message = std::string(verdict_of(*last)) + ", " + std::to_string(days) + " days ago";
  const bool is_good = last->cleaned && last->is_passed.value_or(false);
  if (is_good && now - last->started <= options.drill_age) return check;
  check.level = Level::warning;
  check.what_to_do = last->cleaned ? "Run `twinlake drill start`, and `twinlake drill cleanup` afterwards" : "Run `twinlake drill cleanup` when its runs have ended";
  return check;
}

/// What the objects of that sort are called in the check.
struct Sort {
  model::Part part;
  const char* name;
  const char* all_there;
};
constexpr std::array<Sort, 4> sorts{{{model::Part::principal, "principals", "all are there"},
                                     {model::Part::secret, "secrets", "all are there"},
                                     {model::Part::file, "files", "all are there"},
                                     {model::Part::object, "objects", "everything else is in sync"}}};

Check check_objects(const std::vector<Verdict>& verdicts, const Sort& sort) {
  Check check{.name = sort.name, .message = sort.all_there};
  std::map<Standing, std::size_t> counts;
  for (const Verdict& verdict : verdicts) {
    if (!verdict.spoils || verdict.kind->part != sort.part) continue;
    ++counts[verdict.standing];
    const std::string because = verdict.because.empty() ? "" : ": " + verdict.because;
    check.findings.push_back({verdict.address(), std::string(engine::name_of(verdict.standing)) + because, verdict.what_to_do});
  }
  if (counts.empty()) return check;
  check.level = Level::warning;
  check.message.clear();
  for (const auto& [standing, count] : counts)
    check.message += (check.message.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(engine::name_of(standing));
  check.what_to_do = "`twinlake plan` says why, object by object; `twinlake sync` mends what can be mended";
  return check;
}

/// A trigger that nobody recorded cannot be given back.
Check check_records(const engine::Reading& reading, const state::Store& store) {
  Check check{.name = "triggers", .message = "every trigger of the primary is recorded"};
  std::set<std::string> recorded;
  for (const state::HoldRecord& record : store.holds()) recorded.insert(record.uuid);
  for (const auto& [uuid, holds] : reading.plan.holds)
    if (!recorded.contains(uuid)) {
      const auto pair = reading.world.by_uuid.find(uuid);
      check.findings.push_back({pair != reading.world.by_uuid.end() ? reading.world.pairs[pair->second].address() : uuid, {}, {}});
    }
  if (check.findings.empty()) return check;
  check.level = Level::warning;
  check.message = std::to_string(check.findings.size()) + " objects have triggers that no sync has recorded: a forced failover would not start them";
  check.what_to_do = "Run `twinlake sync`";
  return check;
}

/// Something live on the standby would run twice, before a failover already.
Check check_standby(const engine::Reading& reading) {
  Check check{.name = "standby", .message = "nothing on the standby starts by itself"};
  for (const engine::Step& step : reading.plan.steps)
    if (step.current && !model::live_triggers(*step.kind, step.current.unpack()).empty() &&
        std::ranges::any_of(step.kind->holds, &model::Hold::starts))
      check.findings.push_back({step.address(), "has a live trigger", {}});
  if (check.findings.empty()) return check;
  check.level = Level::blocker;
  check.message = std::to_string(check.findings.size()) + " objects of the standby have live triggers";
  check.what_to_do = "Run `twinlake sync`: it holds them first";
  return check;
}

Check check_by_hand(const std::vector<Verdict>& verdicts) {
  Check check{.name = "left to people", .message = "nothing"};
  for (const Verdict& verdict : verdicts)
    if (verdict.standing == Standing::unsupported) check.findings.push_back({verdict.address(), verdict.because, verdict.what_to_do});
  if (check.findings.empty()) return check;
  check.level = Level::warning;
  check.message = std::to_string(check.findings.size()) + " objects cannot be replicated";
  check.what_to_do = "`twinlake reconcile` says for each what to do; do it before the day";
  return check;
}

Check check_findings(const std::vector<model::Finding>& findings) {
  Check check{.name = "notes of the plan", .message = "none"};
  check.findings = findings;
  if (check.findings.empty()) return check;
  check.level = Level::warning;
  check.message = std::to_string(check.findings.size()) + " things that may not work on the standby";
  check.what_to_do = "`twinlake plan` says for each what to do";
  return check;
}

}  // namespace

std::vector<Check> check_readiness(const engine::Reading* reading, const Surroundings* surroundings, const state::Store& store, Time now,
                                   const ReadinessOptions& options) {
  std::vector<Check> checks{check_failover(store), check_lag(store, now, options), check_drill(store, now, options), check_doubt(store)};
  if (reading == nullptr) {
    checks.push_back({.name = "primary",
                      .level = Level::warning,
                      .message = "could not be read: only a forced failover is possible",
                      .what_to_do = "`twinlake failover --forced --dry-run` shows what it would release"});
    return checks;
  }
  checks.push_back(check_standby(*reading));
  checks.push_back(check_records(*reading, store));
  for (const Sort& sort : sorts) checks.push_back(check_objects(reading->plan.verdicts, sort));
  checks.push_back(check_findings(reading->plan.findings));
  checks.push_back(check_by_hand(reading->plan.verdicts));
  if (surroundings != nullptr)
    std::ranges::move(check_surroundings(*surroundings, *reading, store, options.surroundings), std::back_inserter(checks));
  return checks;
}

}  // namespace twinlake::failover
