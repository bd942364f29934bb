// How a restore is carried out, proved and reported.
#include <algorithm>
#include <chrono>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/passes.h"
#include "engine/restore.h"

namespace twinlake::engine {

using events::Outcome;
using model::Kind;

Task<std::vector<StepResult>> Restore::apply(Reading* reading, ExecutorOptions how) {
  sink_.on(events::Phase{"applying"});
  forget_raw(reading->world);
  how.is_one_sided = true;
  how.words = words();
  for (const state::Binding& binding : store_.bindings()) how.keep.emplace(binding.uuid, binding);
  for (const Step& step : reading->plan.steps) store_.forget_known(step.uuid);
  Executor executor(loop_, source_, target_, store_, sink_, kinds_, std::move(how));
  Task<void> nothing;
  co_return co_await executor.run(reading->world, reading->plan, std::move(nothing));
}

namespace {

/// What was written to its end: by uuid the place of the step that did it.
std::map<std::string, std::size_t> written_by(const Plan& plan, const std::vector<StepResult>& results) {
  std::map<std::string, std::size_t> written;
  std::set<std::string> unfinished;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Step& step = plan.steps[i];
    if (results[i].outcome != Outcome::done) unfinished.insert(step.uuid);
    // The second of two steps of one object completes it.
    written[step.uuid] = i;
  }
  for (const std::string& uuid : unfinished) written.erase(uuid);
  return written;
}

std::string told_shortly(const std::vector<model::Change>& changes) {
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(changes.size(), most); ++i) {
    const auto say = [](const std::string& value) { return value.empty() ? std::string("(none)") : value; };
    text += (i == 0 ? "" : ", ") + changes[i].pointer + " is " + say(changes[i].before) + " and should be " + say(changes[i].after);
  }
  return changes.size() > most ? text + " and " + std::to_string(changes.size() - most) + " more" : text;
}

/// Why what was written does not count as such; nothing: it is there as it should be.
std::optional<Error> complaint_about(const Verdict& verdict, const Words& words) {
  if (verdict.standing == Standing::in_sync && verdict.stop == Stop::none) return std::nullopt;
  if (verdict.standing == Standing::missing)
    return Error(Fault::in_doubt, "was written, but " + words.to() + " does not list it", words.do_again());
  if (verdict.standing == Standing::unknown)
    return Error(Fault::in_doubt, "was written, but could not be read back: " + verdict.because, words.do_again());
  return Error(Fault::bug, "was written, but reads back different: " + (verdict.changes.empty() ? std::string(verdict.because) : told_shortly(verdict.changes)),
               "Look at who else writes it, then " + words.again());
}

}  // namespace

Restore::Kinds Restore::kinds_to_read_back(const Plan& plan, const Written& written) const {
  std::set<std::string_view> names;
  for (const auto& [uuid, index] : written) {
    const Step& step = plan.steps[index];
    for (const Kind* kind : {step.kind, step.parent_kind}) {
      if (kind == nullptr) continue;
      names.insert(kind->name);
      for (const model::Reference& reference : kind->references) names.insert(reference.kinds.begin(), reference.kinds.end());
    }
  }
  Kinds kinds;
  std::ranges::copy_if(kinds_, std::back_inserter(kinds), [&](const Kind* kind) { return names.contains(kind->name); });
  return kinds;
}

/// Beside the point once more, now that it was written: only what reads back equal came back.
Task<void> Restore::compare_written(const Plan* plan, const Written* written, Complaints* complaints) {
  Reading now = co_await survey(kinds_to_read_back(*plan, *written));
  std::vector<bool> taken(now.world.pairs.size(), false);
  for (std::size_t i = 0; i < taken.size(); ++i) taken[i] = written->contains(now.world.pairs[i].uuid);
  co_await read_taken(&now, taken);
  complaints->clear();
  PlanOptions options = options_for(now, taken);
  options.decided = [&](const Pair& pair) {
    const auto by = written->find(pair.uuid);
    if (by == written->end() || pair.secondary == nullptr || !pair.kind->child_of.empty()) return;
    StepResult proof;
    proof.outcome = Outcome::done;
    prove_quiet(plan->steps[by->second], *pair.secondary, is_live() ? Triggers::live : Triggers::held, words(), proof);
    if (proof.error) complaints->insert_or_assign(pair.uuid, std::move(*proof.error));
  };
  Planner planner(now.world, now.known, now.errors, std::move(options));
  planner.decide_all({});
  for (const Verdict& verdict : planner.seal().verdicts)
    if (auto complaint = complaint_about(verdict, words()); complaint && written->contains(verdict.uuid))
      complaints->emplace(verdict.uuid, std::move(*complaint));
}

Task<void> Restore::read_back(const Plan* plan, std::vector<StepResult>* results) {
  Written open = written_by(*plan, *results);
  if (open.empty()) co_return;
  sink_.on(events::Phase{"reading back"});
  Complaints complaints;
  // A listing may show what was just written a little late.
  for (int attempt = 0; attempt < 4 && !open.empty(); ++attempt) {
    if (attempt > 0) co_await loop_.sleep(std::chrono::seconds(2 * attempt));
    co_await compare_written(plan, &open, &complaints);
    std::erase_if(open, [&](const auto& one) { return !complaints.contains(one.first); });
  }
  for (const auto& [uuid, index] : open) {
    (*results)[index].outcome = Outcome::failed;
    (*results)[index].error = std::make_unique<Error>(std::move(complaints.at(uuid)));
  }
}

Task<Result<SyncReport>> Restore::carry_out(std::string expected_fingerprint, const std::atomic<bool>* stop) {
  if (const auto failover = store_.last_failover(); failover && !failover->finished)
    co_return fail(Fault::refused, "a failover is under way since " + to_rfc3339(failover->started),
                   "Finish it with the same `twinlake failover` command, or give it up with --abort");
  const Time started = loop_.now();
  const std::int64_t run = store_.begin_run("restore", started);
  SyncReport report;
  for (int pass = 0; pass < most_passes; ++pass) {
    const std::vector<state::Intent> old = in_doubt();
    CO_TRY(Reading reading, co_await plan());
    if (pass == 0 && !expected_fingerprint.empty() && reading.plan.fingerprint != expected_fingerprint) {
      store_.finish_run(run, loop_.now(), "failed", "{}");
      co_return fail(Fault::refused, "the workspace has changed since the plan was made", "Look at the plan again");
    }
    auto results = co_await apply(&reading, executor_options(rules_, run, stop));
    co_await read_back(&reading.plan, &results);
    std::set<std::string> decided;
    for (const Verdict& verdict : reading.plan.verdicts) decided.insert(verdict.uuid);
    // What was not asked for was not looked up.
    close_looked_up(store_, old, reading.plan, results, [&](const state::Intent& intent) { return decided.contains(intent.uuid); });
    merge_passes(report, make_report(reading, results));
    if (!needs_another_pass(results)) break;
  }
  report.seconds = std::chrono::duration<double>(loop_.now() - started).count();
  store_.finish_run(run, loop_.now(), report.outcome, summary_text(report));
  co_return report;
}

}  // namespace twinlake::engine
