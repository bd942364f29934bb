#include "engine/passes.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::engine {

using events::Outcome;
using model::Kind;

bool needs_another_pass(const std::vector<StepResult>& results) {
  return std::ranges::any_of(results, [](const StepResult& result) { return result.outcome == Outcome::in_doubt; });
}

ExecutorOptions executor_options(const Rules& rules, std::int64_t run, const std::atomic<bool>* stop) {
  ExecutorOptions options;
  options.group = rules.group;
  options.run = run;
  options.literals = rules.literals;
  options.stop = stop;
  return options;
}

namespace {

void deny(StepResult& result, std::string message, std::string what_to_do) {
  result.outcome = Outcome::failed;
  result.error = std::make_unique<Error>(Fault::bug, std::move(message), std::move(what_to_do));
}

}  // namespace

void prove_quiet(const Step& step, const workspace::Item& item, Triggers triggers, const Words& words, StepResult& result) {
  const Kind& kind = *step.kind;
  const model::FollowUp& rule = kind.follow_up;
  if ((needs_follow_up(step) || step.was_interrupted) && !rule.state_at.empty()) {
    const std::string state = text_at(item.raw, rule.state_at);
    if (std::ranges::find(rule.good_states, state) == rule.good_states.end())
      return deny(result, "read back as " + state + " although it was stopped", "Stop it by hand on " + words.to());
  }
  if (triggers == Triggers::live || kind.holds.empty() || kind.detail == model::Detail::content) return;
  const model::Canonical form = model::canonical(kind, item.raw, model::CanonicalContext{});
  const auto live = model::live_triggers(kind, *form.form);
  if (live.empty() || !step.shell_without.empty()) return;
  deny(result, "a trigger reads back as live at " + live.front().place, "Pause it by hand on " + words.to());
}

void close_looked_up(state::Store& store, const std::vector<state::Intent>& old, const Plan& plan, const std::vector<StepResult>& results,
                     const std::function<bool(const state::Intent&)>& was_looked_up) {
  std::set<std::string> unfinished;
  for (std::size_t i = 0; i < results.size(); ++i)
    if (results[i].outcome != Outcome::done) unfinished.insert(plan.steps[i].uuid);
  for (const Verdict& verdict : plan.verdicts)
    if (verdict.standing == Standing::unknown || verdict.stop != Stop::none) unfinished.insert(verdict.uuid);
  for (const state::Intent& intent : old)
    if (!unfinished.contains(intent.uuid) && was_looked_up(intent)) store.settle(intent.id, "looked up", std::nullopt);
}

}  // namespace twinlake::engine
