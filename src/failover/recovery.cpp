#include "failover/recovery.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "workspace/runs.h"

namespace twinlake::failover {

using state::ActionRecord;

namespace {

constexpr std::string_view stop_type = "stop";  ///< type of the record of a stop between waves
constexpr std::string_view plan_type = "plan";  ///< of the record of what the plan is

/// A failover keeps more than what its plan did.
bool is_of_plan(const ActionRecord& record) {
  static constexpr std::array types{ActionType::release, ActionType::canary, ActionType::command, ActionType::webhook, ActionType::manual};
  return std::ranges::any_of(types, [&](ActionType type) { return record.type == name_of(type); });
}

bool is_good(std::string_view outcome) { return outcome == "done" || outcome == "confirmed" || outcome == "skipped"; }

/// Done twice, it may do harm.
bool has_effect_elsewhere(const PlanAction& action) {
  return action.type == ActionType::command || action.type == ActionType::webhook;
}

std::string settle_hint(const std::string& name) {
  return "Look whether it was done; then `twinlake failover --confirm \"" + name + "\"` says that it was, --skip goes on without it, "
         "--repeat does it again. Then run the same failover command";
}

Halt asked_to_stop(const std::string& where) {
  return {where, "stopped there, as asked", "Look at what was released; then run the same command with --continue"};
}

}  // namespace

Recovery::Recovery(Loop& loop, workspace::Workspace& new_primary, state::Store& store, events::Sink& sink,
                   state::Failover failover, const RecoveryOptions& options, const std::atomic<bool>* stop)
    : loop_(loop), new_primary_(new_primary), store_(store), sink_(sink), failover_(std::move(failover)), options_(options),
      stop_(stop), one_release_(loop, 1), one_mirror_(loop, 1) {}

std::vector<ActionRecord> Recovery::records() const {
  return failover_.id == 0 ? std::vector<ActionRecord>() : store_.actions(ActionRecord::Subject::failover, failover_.id);
}

bool Recovery::is_unsure(const ActionRecord& record) { return record.outcome.empty() || record.outcome == "in doubt"; }

std::optional<ActionRecord> Recovery::last_of(const std::string& name) const {
  std::optional<ActionRecord> last;
  for (ActionRecord& record : records())
    if (is_of_plan(record) && record.name == name) last = std::move(record);
  return last;
}

int Recovery::failures_of(const std::string& name) const {
  const std::vector<ActionRecord> all = records();
  return static_cast<int>(std::ranges::count_if(all, [&](const ActionRecord& record) {
    return is_of_plan(record) && record.name == name && !is_unsure(record) && record.outcome != "interrupted";
  }));
}

bool Recovery::is_passed(const PlanAction& action) const {
  const auto last = last_of(action.name);
  if (!last || last->outcome.empty() || last->outcome == "interrupted") return false;
  if (is_good(last->outcome)) return true;
  return action.on_failure == OnFailure::go_on;
}

Task<Result<void>> Recovery::check(bool look) {
  const int waves = count_waves(options_.plan, failover_.to);
  if (options_.stop_after_wave > waves)
    co_return fail(Fault::config, "it cannot stop after wave " + std::to_string(options_.stop_after_wave) + ": there are " +
                                      std::to_string(waves) + " before the rest",
                   "Name the waves with --wave, or in the recovery plan");
  for (const PlanGroup& group : options_.plan.groups)
    for (const PlanAction& action : group.actions) {
      if (!applies(action, failover_.to) || is_passed(action)) continue;
      CO_CHECK(check_action(action));
      if (!look || action.type != ActionType::canary) continue;
      CO_TRY(const std::vector<std::string> jobs, co_await workspace::jobs_named(new_primary_, action.job));
      if (jobs.size() != 1)
        co_return fail(jobs.empty() ? Fault::not_found : Fault::ambiguous,
                       "the action `" + action.name + "` is to run the job `" + action.job + "`, but the new primary has " +
                           (jobs.empty() ? "none" : std::to_string(jobs.size())) + " of that name",
                       "Correct the name; nothing was turned");
    }
  co_return Result<void>{};
}

Address Recovery::address_for(const Webhook& webhook) const {
  if (!webhook.url.empty()) return address_of(webhook.url.reveal());
  const Secret given(options_.environment(webhook.url_from).value_or(""));
  return address_of(given.reveal());
}

Result<void> Recovery::check_action(const PlanAction& action) const {
  if (action.type != ActionType::webhook) return {};
  for (const std::string& variable : {action.webhook.url_from, action.webhook.value_from})
    if (!variable.empty() && options_.environment(variable).value_or("").empty())
      return fail(Fault::config, "the action `" + action.name + "` needs the variable " + variable + ", which the environment lacks",
                  "Set it; nothing was turned");
  auto way = options_.open_webhook(address_for(action.webhook).base_url, std::chrono::duration_cast<Millis>(action.timeout));
  if (way) return {};
  // What it says of the address may be the secret.
  return fail(Fault::config, "the action `" + action.name + "` cannot call " + shown(action.webhook), "Write an address that begins with https://");
}

bool Recovery::is_halted_before() {
  for (ActionRecord& record : records()) {
    if (record.type != stop_type || !record.outcome.empty()) continue;
    if (!options_.go_on) {
      halts_.push_back(asked_to_stop(record.name));
      return true;
    }
    record.ended = loop_.now();
    record.outcome = "continued";
    store_.finish_action(record);
  }
  return false;
}

bool Recovery::halts_after(std::size_t group) {
  if (options_.stop_after_wave == 0) return false;
  RecoveryPlan done;
  done.groups.assign(options_.plan.groups.begin(), options_.plan.groups.begin() + static_cast<std::ptrdiff_t>(group) + 1);
  if (count_waves(done, failover_.to) < options_.stop_after_wave) return false;
  const std::string name = "after wave " + std::to_string(options_.stop_after_wave);
  for (const ActionRecord& record : records())
    if (record.type == stop_type && record.name == name) return false;
  store_.begin_action({.subject_id = failover_.id, .type = std::string(stop_type), .name = name, .place = options_.plan.groups[group].name,
                       .started = loop_.now()});
  halts_.push_back(asked_to_stop(name));
  return true;
}

Task<Result<bool>> Recovery::run(Release release, std::function<Task<Result<void>>()> write_mirror) {
  release_ = std::move(release);
  write_mirror_ = std::move(write_mirror);
  if (is_halted_before()) co_return false;
  co_return co_await run_groups();
}

Task<Result<bool>> Recovery::run_groups() {
  for (std::size_t i = 0; i < options_.plan.groups.size(); ++i) {
    const PlanGroup& group = options_.plan.groups[i];
    const bool is_new = std::ranges::any_of(group.actions, [this](const PlanAction& action) {
      return applies(action, failover_.to) && !is_passed(action);
    });
    if (is_new) {
      sink_.on(events::Phase{"recovery plan: " + group.name});
      co_await run_group(&group);
      if (broken_) co_return fail(*broken_);
      if (!halts_.empty()) co_return false;
      if (stopping()) co_return fail(Fault::cancelled, "stopped", "Run the same command to go on");
      CO_CHECK(co_await write_mirror_());
    }
    if (halts_after(i)) co_return false;
  }
  co_return true;
}

Task<void> Recovery::run_group(const PlanGroup* group) {
  TaskGroup tasks(loop_);
  GroupRun run{group, &tasks, {}, {}, false};
  start_ready(&run);
  co_await tasks.join();
}

void Recovery::start_ready(GroupRun* run) {
  for (bool found = true; found;) {
    found = false;
    for (const PlanAction& action : run->group->actions) {
      if (run->is_halted || broken_ || stopping()) return;
      const bool waits = std::ranges::any_of(action.after, [&](const std::string& name) {
        const bool is_here = std::ranges::find(run->group->actions, name, &PlanAction::name) != run->group->actions.end();
        return is_here && !run->passed.contains(name);
      });
      if (waits || !run->begun.insert(action.name).second) continue;
      found = true;
      if (!applies(action, failover_.to) || is_passed(action)) {
        run->passed.insert(action.name);
        continue;
      }
      run->tasks->start(perform(run, &action));
    }
  }
}

Task<void> Recovery::tell_mirror() {
  const Semaphore::Permit turn = co_await one_mirror_.acquire();
  if (broken_) co_return;
  if (auto written = co_await write_mirror_(); !written) broken_ = std::move(written).error();
}

Task<void> Recovery::perform(GroupRun* run, const PlanAction* action) {
  std::optional<ActionRecord> record = begin(*run->group, *action);
  if (!record) {
    run->is_halted = true;
    co_return;
  }
  sink_.on(events::Note{run->group->name + ": " + action->name + " " + described(*action)});
  if (has_effect_elsewhere(*action) || action->type == ActionType::manual) co_await tell_mirror();
  if (broken_) co_return;
  Ending ending = co_await end_of(run, action, record->started);
  if (broken_) co_return;
  if (!ending.outcome.empty()) record->ended = loop_.now();
  record->outcome = ending.outcome;
  record->detail = ending.detail;
  store_.finish_action(*record);
  sink_.on(events::Note{run->group->name + ": " + action->name + ": " + (ending.outcome.empty() ? "waits" : ending.outcome) +
                        (ending.detail.empty() ? "" : ", " + ending.detail)});
  if (is_good(ending.outcome) || (action->on_failure == OnFailure::go_on && !ending.outcome.empty())) {
    run->passed.insert(action->name);
    start_ready(run);
    co_return;
  }
  run->is_halted = true;
  halt(*action, ending);
}

std::optional<ActionRecord> Recovery::begin(const PlanGroup& group, const PlanAction& action) {
  std::optional<ActionRecord> last = last_of(action.name);
  if (last && is_unsure(*last)) {
    // A person has been asked before, and the time runs since then.
    if (action.type == ActionType::manual) return last;
    if (has_effect_elsewhere(action) && !action.repeat) {
      halts_.push_back({action.name, "was begun at " + to_rfc3339(last->started) + ", and nobody knows whether it was done",
                        settle_hint(action.name)});
      return std::nullopt;
    }
    last->outcome = "interrupted";
    store_.finish_action(*last);
  }
  ActionRecord record{.subject_id = failover_.id,
                      .type = std::string(name_of(action.type)),
                      .name = action.name,
                      .place = group.name,
                      .started = loop_.now(),
                      .detail = described(action)};
  record.id = store_.begin_action(record);
  return record;
}

void Recovery::halt(const PlanAction& action, const Ending& ending) {
  std::string hint = "Mend the cause and run the same command: it does this action again; or `twinlake failover --skip \"" + action.name +
                     "\"` goes on without it";
  if (ending.outcome == "in doubt") hint = settle_hint(action.name);
  if (action.type == ActionType::manual)
    hint = "When it is done: `twinlake failover --confirm \"" + action.name + "\"`; to go on without it: --skip. Then run the same command";
  const std::string because = ending.outcome.empty() ? std::string("waits") : ending.outcome;
  halts_.push_back({action.name,
                    because + (ending.detail.empty() ? "" : ": " + ending.detail) + (ending.said.empty() ? "" : ": " + ending.said), std::move(hint)});
}

std::vector<ActionRecord> open_actions(const state::Store& store, std::int64_t failover) {
  std::vector<ActionRecord> open;
  for (ActionRecord& record : store.actions(ActionRecord::Subject::failover, failover)) {
    if (!is_of_plan(record)) continue;
    std::erase_if(open, [&](const ActionRecord& before) { return before.name == record.name; });
    if (!is_good(record.outcome)) open.push_back(std::move(record));
  }
  return open;
}

std::string kept_plan(const state::Store& store, std::int64_t failover) {
  std::string kept;
  for (ActionRecord& record : store.actions(ActionRecord::Subject::failover, failover))
    if (record.type == plan_type) kept = std::move(record.detail);
  return kept;
}

ActionRecord plan_to_keep(const RecoveryPlan& plan, std::int64_t failover, Time now) {
  return {.subject_id = failover, .type = std::string(plan_type), .name = plan.name, .started = now, .outcome = "kept", .detail = described(plan)};
}

Result<void> settle_action(state::Store& store, const std::string& name, const std::string& outcome, const std::string& who, Time now) {
  const auto failover = store.last_failover();
  if (!failover || failover->finished)
    return fail(Fault::refused, "no failover is under way", "`twinlake status` tells how things stand");
  std::optional<ActionRecord> last;
  for (ActionRecord& record : store.actions(ActionRecord::Subject::failover, failover->id))
    if (is_of_plan(record) && record.name == name) last = std::move(record);
  if (!last)
    return fail(Fault::refused, "the action `" + name + "` has not been reached yet", "`twinlake failover --dry-run` names the actions in their order");
  if (is_good(last->outcome))
    return fail(Fault::refused, "the action `" + name + "` does not wait: it is " + last->outcome, "Run the same failover command to go on");
  last->ended = now;
  last->outcome = outcome;
  last->detail += (last->detail.empty() ? "" : "; ") + ("says " + who);
  store.finish_action(*last);
  return {};
}

}  // namespace twinlake::failover
