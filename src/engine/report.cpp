#include "engine/report.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::engine {

using events::Outcome;
using nlohmann::json;

namespace {

void count_done(KindCounts& counts, Action action) {
  switch (action) {
    case Action::create: ++counts.created; break;
    case Action::update: ++counts.updated; break;
    case Action::adopt: ++counts.adopted; break;
    case Action::remove: ++counts.deleted; break;
    case Action::hold:
    case Action::release: ++counts.turned; break;
  }
}

void count(KindCounts& counts, const Step& step, Outcome outcome) {
  switch (outcome) {
    case Outcome::done: count_done(counts, step.action); break;
    case Outcome::failed:
    case Outcome::in_doubt: ++counts.failed; break;
    case Outcome::blocked: ++counts.blocked; break;
    case Outcome::skipped: ++counts.skipped; break;
  }
}

ObjectReport report_of(const Step& step, const StepResult& result) {
  ObjectReport object;
  object.address = step.address();
  object.kind = std::string(step.kind->name);
  object.action = std::string(name_of(step.action));
  object.outcome = std::string(events::name_of(result.outcome));
  if (result.error) {
    Error bare = *result.error;
    bare.address.clear();
    object.what_to_do = std::exchange(bare.hint, {});
    object.error = describe(bare);
  }
  return object;
}

std::string_view name_of_stop(Stop stop) {
  switch (stop) {
    case Stop::none: return "none";
    case Stop::blocked: return "blocked";
    case Stop::conflict: return "conflict";
    case Stop::failed: return "failed";
    case Stop::kept: return "skipped";
    case Stop::left_out: return "unsupported";
    case Stop::others: return "skipped";
  }
  return "none";
}

ObjectReport left_out(const Verdict& verdict) {
  return {verdict.address(), std::string(verdict.kind->name), "none", "unsupported", verdict.because, verdict.what_to_do};
}

/// Objects that got no step although they are not equal.
void add_stopped(SyncReport& report, const Verdict& verdict) {
  KindCounts& counts = report.kinds[std::string(verdict.kind->name)];
  if (verdict.stop == Stop::blocked) ++counts.blocked;
  if (verdict.stop == Stop::failed || verdict.stop == Stop::conflict) ++counts.failed;
  if (verdict.stop == Stop::kept) ++counts.skipped;
  report.objects.push_back(ObjectReport{verdict.address(), std::string(verdict.kind->name), "none",
                                        std::string(name_of_stop(verdict.stop)), verdict.because, verdict.what_to_do, verdict.asks});
}

}  // namespace

SyncReport make_report(const Reading& reading, const std::vector<StepResult>& results) {
  SyncReport report;
  report.findings = reading.plan.findings;
  report.objects.reserve(results.size());
  bool good = true;
  std::unordered_set<std::string_view> with_step;  // uuids of the plan
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Step& step = reading.plan.steps[i];
    good = good && results[i].outcome == Outcome::done;
    if (step.completes_shell && results[i].outcome == Outcome::done) continue;
    with_step.insert(step.uuid);
    count(report.kinds[std::string(step.kind->name)], step, results[i].outcome);
    report.objects.push_back(report_of(step, results[i]));
  }
  for (const Verdict& verdict : reading.plan.verdicts) {
    // What is only held for safety is not what the primary wants it to be.
    if (with_step.contains(verdict.uuid) && verdict.stop == Stop::none) continue;
    if (verdict.standing == Standing::unsupported) report.left_out.push_back(left_out(verdict));
    if (verdict.stop == Stop::left_out) {
      report.findings.push_back(model::Finding{verdict.address(), verdict.because, verdict.what_to_do});
    } else if (verdict.stop == Stop::others) {
      ++report.kinds[std::string(verdict.kind->name)].skipped;
    } else if (verdict.stop != Stop::none) {
      good = false;
      add_stopped(report, verdict);
    } else if (verdict.standing == Standing::in_sync) {
      ++report.kinds[std::string(verdict.kind->name)].unchanged;
    }
  }
  report.outcome = good ? "complete" : "partial";
  return report;
}

std::string summary_text(const SyncReport& report) {
  json summary = json::object();
  for (const auto& [kind, counts] : report.kinds) {
    summary[kind] = {{"created", counts.created}, {"updated", counts.updated}, {"deleted", counts.deleted},
                     {"adopted", counts.adopted}, {"unchanged", counts.unchanged}, {"failed", counts.failed},
                     {"blocked", counts.blocked}, {"skipped", counts.skipped}};
  }
  return to_text(summary);
}

namespace {

/// Findings about objects that are not told of anyway.
void add_notes(state::Reconciliation& done, const std::vector<model::Finding>& findings) {
  std::set<std::string> told;
  for (const state::Unequal& object : done.unequal) told.insert(object.address);
  for (const model::Finding& finding : findings)
    if (!told.contains(finding.address)) done.unequal.push_back({finding.address, "note", finding.message, finding.what_to_do});
}

}  // namespace

state::Reconciliation reconciliation_of(const SyncReport& report, Time moment, Time ended) {
  state::Reconciliation done{.source = "sync", .moment = moment, .ended = ended, .is_good = report.outcome == "complete", .counts = {}, .unequal = {}};
  for (const auto& [kind, c] : report.kinds) {
    std::map<std::string, std::int64_t>& states = done.counts[kind];
    states = {{"in_sync", c.created + c.updated + c.adopted + c.unchanged}, {"failed", c.failed}, {"blocked", c.blocked}, {"skipped", c.skipped}};
    std::erase_if(states, [](const auto& entry) { return entry.second == 0; });
  }
  for (const ObjectReport& object : report.left_out) ++done.counts[object.kind]["unsupported"];
  for (const std::vector<ObjectReport>* objects : {&report.objects, &report.left_out})
    for (const ObjectReport& object : *objects)
      if (object.outcome != "done") done.unequal.push_back({object.address, object.outcome, object.error, object.what_to_do});
  add_notes(done, report.findings);
  return done;
}

state::Reconciliation reconciliation_of(const Plan& plan, Time moment, Time ended) {
  state::Reconciliation done{.source = "reconcile", .moment = moment, .ended = ended, .is_good = all_in_sync(plan.verdicts), .counts = {}, .unequal = {}};
  for (const bool spoils : {true, false})
    for (const Verdict& verdict : plan.verdicts) {
      if (verdict.spoils != spoils) continue;
      const std::string state(name_of(verdict.standing));
      ++done.counts[std::string(verdict.kind->name)][state];
      if (verdict.standing != Standing::in_sync) done.unequal.push_back({verdict.address(), state, verdict.because, verdict.what_to_do});
    }
  add_notes(done, plan.findings);
  return done;
}

std::map<std::string, std::int64_t> count_verdicts(const std::vector<Verdict>& verdicts) {
  std::map<std::string, std::int64_t> counts;
  for (const Verdict& verdict : verdicts) ++counts[std::string(name_of(verdict.standing))];
  return counts;
}

bool all_in_sync(const std::vector<Verdict>& verdicts) {
  return std::none_of(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.spoils; });
}

namespace {

void add_counts(KindCounts& into, const KindCounts& more) {
  into.created += more.created;
  into.updated += more.updated;
  into.deleted += more.deleted;
  into.adopted += more.adopted;
}

}  // namespace

void merge_passes(SyncReport& whole, SyncReport pass) {
  for (auto& [kind, counts] : pass.kinds) {
    const auto before = whole.kinds.find(kind);
    if (before == whole.kinds.end()) continue;
    counts.unchanged -= before->second.created + before->second.updated + before->second.adopted;
    add_counts(counts, before->second);
  }
  for (ObjectReport& object : whole.objects)
    if (object.outcome == "done") pass.objects.push_back(std::move(object));
  whole = std::move(pass);
}

}  // namespace twinlake::engine
