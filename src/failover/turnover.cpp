#include "failover/turnover.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/mirror.h"

namespace twinlake::failover {

using engine::StepResult;
using events::Outcome;
using state::Failover;

bool is_unfinished(const std::optional<Failover>& failover) { return failover && !failover->finished; }

bool has_standby(const state::Store& store) {
  return store.identity() && std::ranges::any_of(store.bindings(), [](const state::Binding& binding) { return binding.home_id && binding.away_id; });
}

bool owes_fence(const std::optional<Failover>& failover) {
  return failover && failover->turned && failover->fence == Failover::Fence::open;
}

Turnover::Turnover(Loop& loop, std::span<const model::Kind* const> kinds, workspace::Workspace& old_primary,
                   workspace::Workspace& new_primary, state::Store& store, events::Sink& sink, TurnoverOptions options)
    : loop_(loop), kinds_(kinds), old_primary_(old_primary), new_primary_(new_primary), store_(store), sink_(sink),
      options_(std::move(options)) {}

namespace {

constexpr std::string_view turn_back_type = "turn back";  ///< of the record of it

/// Kept with the failover, so that another machine knows it too.
state::ActionRecord turning_back(const Failover& from, Time now) {
  return {.type = std::string(turn_back_type),
          .name = "turn back",
          .started = now,
          .ended = now,
          .outcome = "done",
          .detail = "whoever got the role in the failover begun " + to_rfc3339(from.started) + " was lost before its end"};
}

}  // namespace

bool is_turn_back(const state::Store& store, std::int64_t failover) {
  const auto actions = store.actions(state::ActionRecord::Subject::failover, failover);
  return std::ranges::find(actions, turn_back_type, &state::ActionRecord::type) != actions.end();
}

Result<bool> Turnover::settle_unfinished(const Failover& last, Failover::Type type) {
  const bool is_forced = type == Failover::Type::forced;
  const bool is_there = last.to == new_primary_.side();
  // Once the role has moved, nothing that is left needs the old primary.
  const bool goes_on = is_there && (last.type == type || (is_forced && last.turned));
  // Before, a planned failover whose primary is lost on the way becomes a forced one.
  const bool becomes_forced = is_there && is_forced && !last.turned && !options_.turn_back;
  const bool turns_back = !is_there && is_forced && last.turned && options_.turn_back;
  if (!goes_on && !becomes_forced && !turns_back)
    return fail(Fault::refused, "another failover (" + std::string(name_of(last.type)) + ", begun " + to_rfc3339(last.started) + ") is unfinished",
                last.turned ? "Finish it with the same command; if the region that got the role is lost too: `twinlake failover --forced --turn-back`"
                            : "Finish it with the same command, or give it up with `twinlake failover --abort`");
  if (is_there) CHECK(check_same_plan(last));
  if (goes_on) {
    failover_ = last;
    if (kept_plan(store_, failover_.id) != described(options_.recovery.plan))
      store_.begin_action(plan_to_keep(options_.recovery.plan, failover_.id, loop_.now()));
    begin_phase(failover_.phase);
    sink_.on(events::Note{"going on with the failover begun " + to_rfc3339(last.started)});
    return true;
  }
  Failover given_up = last;
  given_up.phase = turns_back ? phase::overtaken : phase::aborted;
  given_up.finished = loop_.now();
  store_.put_failover(given_up);
  return false;
}

Result<void> Turnover::begin(Failover::Type type, std::string_view first) {
  const std::optional<Failover> last = store_.last_failover();
  if (is_unfinished(last)) {
    TRY(const bool goes_on, settle_unfinished(*last, type));
    if (goes_on) return {};
  } else if (options_.turn_back) {
    return fail(Fault::refused, "there is nothing to turn back: no failover whose role has moved is unfinished",
                "`twinlake status` tells how things stand; to move the role, leave out --turn-back");
  }
  if (last && last->turned && !last->committed && !is_unfinished(last))
    return fail(Fault::refused, "the failover of " + to_rfc3339(*last->turned) + " is not committed: the role does not move again before",
                "Look at both sides, then run `twinlake commit`");
  if (!has_standby(store_))
    return fail(Fault::refused, "this group was never synced: the standby has nothing to take over with", "Run `twinlake sync` first");
  failover_ = Failover{.type = type, .to = new_primary_.side(), .phase = std::string(first), .started = loop_.now(),
                       .turned = {}, .finished = {}, .committed = {}};
  failover_.program = options_.program;
  failover_.operator_name = new_primary_.self().name;
  std::vector<state::ActionRecord> begun;
  if (!options_.recovery.plan.groups.empty()) begun.push_back(plan_to_keep(options_.recovery.plan, 0, loop_.now()));
  if (options_.turn_back) begun.push_back(turning_back(*last, loop_.now()));
  failover_.id = store_.put_failover(failover_, begun);
  begin_phase(failover_.phase);
  return {};
}

void Turnover::enter(std::string_view next) {
  end_phase("done", {});
  failover_.phase = next;
  store_.put_failover(failover_);
  if (!failover_.finished) begin_phase(next);
}

TriggerOptions Turnover::trigger_options(const workspace::Workspace& side) const {
  TriggerOptions options;
  options.group = options_.group;
  options.in_scope = options_.in_scope;
  options.literals = options_.literals;
  options.without = options_.without;
  const workspace::Workspace& spoken_of = is_turn_back(store_, failover_.id) ? old_primary_ : new_primary_;
  if (!options_.rewrite || side.side() == spoken_of.side()) return options;
  const model::Way way = side.side() == model::Side::home ? model::Way::there : model::Way::back;
  options.rewrite = [rewrite = options_.rewrite, way](const model::Kind& kind, nlohmann::json& definition) {
    const model::Recall nothing = [](const std::string&, bool, const std::string&) { return model::Recalled(); };
    (void)rewrite(kind, definition, way, nothing);
  };
  return options;
}

void Turnover::tell(const TriggerPlan& plan, const std::vector<StepResult>& results) {
  for (std::size_t i = 0; i < plan.plan.steps.size(); ++i) {
    const engine::Step& step = plan.plan.steps[i];
    Turned turned{step.address(), std::string(engine::name_of(step.action)), "planned", {}, {}};
    if (i < results.size()) turned.outcome = events::name_of(results[i].outcome);
    if (i < results.size() && results[i].error) {
      Error bare = *results[i].error;
      bare.address.clear();
      turned.what_to_do = std::exchange(bare.hint, {});
      turned.error = describe(bare);
    }
    // A later attempt tells the same object's end.
    std::erase_if(report_.turned, [&](const Turned& before) { return before.address == turned.address && before.action == turned.action; });
    report_.turned.push_back(std::move(turned));
  }
  // Of what could not be looked at the last word counts.
  std::erase_if(report_.turned, [](const Turned& before) { return before.action == "look"; });
  for (const engine::Verdict& verdict : plan.plan.verdicts)
    report_.turned.push_back({verdict.address(), "look", "failed", verdict.because, verdict.what_to_do});
  report_.findings = plan.plan.findings;
  due_ = plan.due;
  left_ = plan.left;
}

Task<Result<void>> Turnover::carry_out(const Turning* turning, TriggerPlan* wanted, std::int64_t run) {
  engine::Plan& plan = wanted->plan;
  std::vector<state::ActionRecord> objects = begin_objects(plan);
  std::vector<std::string> uuids;
  std::map<std::string, std::size_t> counts;
  for (const engine::Step& step : plan.steps) {
    uuids.push_back(step.uuid);
    ++counts[std::string(step.kind->name)];
  }
  store_.put_turned(failover_.id, engine::name_of(plan.steps.front().action), uuids);
  if (turning->is_mirrored) CO_CHECK(co_await write_mirrors(false));
  for (const auto& [kind, count] : counts) sink_.on(events::Planned{kind, count});
  engine::ExecutorOptions how;
  how.group = options_.group;
  how.run = run;
  how.stop = turning->stop;
  how.literals = options_.literals;
  engine::Executor executor(loop_, *turning->other, *turning->side, store_, sink_, kinds_, how);
  Task<void> nothing;
  const std::vector<StepResult> results = co_await executor.run(wanted->world, plan, std::move(nothing));
  tell(*wanted, results);
  end_objects(std::move(objects), results);
  co_return Result<void>{};
}

Task<Result<bool>> Turnover::turn(Turning turning) {
  const std::int64_t run = store_.begin_run(turning.command, loop_.now());
  bool all_done = false;
  const auto is_enough = [&] { return turning.stop != nullptr && turning.stop->load(); };
  for (int pass = 0; pass < 4 && !all_done && !is_enough(); ++pass) {
    // Most often the second look shows what was written; a listing may show it late.
    if (pass > 1) co_await loop_.sleep(std::chrono::seconds(2 * (pass - 1)));
    CO_TRY(TriggerPlan wanted, co_await turning.plan());
    all_done = wanted.plan.steps.empty() && wanted.plan.verdicts.empty();
    // Also where there is nothing to turn: it may be that a person has just paused it.
    for (const auto& [uuid, holds] : wanted.plan.holds) store_.put_holds(uuid, holds);
    wanted.plan.holds.clear();
    if (wanted.plan.steps.empty()) tell(wanted, {});
    if (!wanted.plan.steps.empty()) CO_CHECK(co_await carry_out(&turning, &wanted, run));
  }
  // What was in doubt has been looked at again.
  if (all_done && !turning.is_part) {
    for (const state::Intent& intent : store_.in_doubt())
      if (intent.side == turning.side->side() && (intent.action == "hold" || intent.action == "release"))
        store_.settle(intent.id, "looked up", std::nullopt);
    settle_objects(turning.command == "fence" ? "hold" : "release");
  }
  store_.finish_run(run, loop_.now(), all_done ? "complete" : "partial", "{}");
  co_return all_done;
}

Task<Result<void>> Turnover::replicate(engine::Session* session, bool keep_holds) {
  engine::Session::SyncOptions how;
  how.stop = options_.stop;
  how.within_failover = true;
  how.keep_holds = keep_holds;
  CO_TRY(engine::SyncReport synced, co_await session->sync(std::move(how)));
  const bool is_good = synced.outcome == "complete";
  report_.last_sync = std::move(synced);
  if (stopping()) co_return fail(Fault::cancelled, "stopped", "Run the same command to go on");
  if (!is_good && !options_.despite_differences)
    co_return fail(Fault::refused, "the standby does not equal the primary, and the primary is there to mend that",
                   "`twinlake plan` names what differs; sync when that is mended, or go on without it: --despite-differences");
  co_return Result<void>{};
}

Task<Result<bool>> Turnover::fence(bool keep_records) {
  sink_.on(events::Phase{"holding triggers of the old primary"});
  options_.open_old_primary(true);
  Turning turning;
  turning.side = &old_primary_;
  turning.other = &new_primary_;
  turning.command = "fence";
  turning.is_mirrored = keep_records;
  turning.stop = options_.stop;
  turning.plan = [this, keep_records] {
    TriggerOptions how = trigger_options(old_primary_);
    how.keep_records = keep_records;
    how.held_before = store_.turned(failover_.id, "hold");
    if (!keep_records) how.due_since = failover_.turned;
    return plan_hold(old_primary_, kinds_, store_, std::move(how));
  };
  auto done = co_await turn(std::move(turning));
  options_.open_old_primary(false);
  if (done && *done) {
    failover_.fence = Failover::Fence::done;
    store_.put_failover(failover_);
    if (!keep_records && failover_.turned) report_.doubled = keep_window("doubled", *failover_.turned, loop_.now());
  }
  co_return done;
}

Task<Result<void>> Turnover::settle_runs() {
  if (options_.runs == Runs::leave) co_return Result<void>{};
  sink_.on(events::Phase{"waiting for runs of the old primary"});
  const Time deadline = loop_.now() + options_.runs_deadline;
  const std::set<std::string> ours = ids_of_what_starts(old_primary_, kinds_, store_);
  std::set<std::string> asked;
  while (!stopping()) {
    CO_TRY(std::vector<workspace::ActiveRun> active, co_await workspace::active_runs(old_primary_));
    // What is not replicated goes on there, and is nobody's to end.
    std::erase_if(active, [&](const workspace::ActiveRun& run) { return !ours.contains(run.job_id); });
    if (active.empty()) co_return Result<void>{};
    if (options_.runs == Runs::cancel) {
      options_.open_old_primary(true);
      for (const workspace::ActiveRun& run : active)
        if (asked.insert(run.id).second) (void)co_await workspace::cancel_run(old_primary_, run.id);
      options_.open_old_primary(false);
    }
    if (loop_.now() >= deadline) {
      report_.runs_left = std::move(active);
      co_return fail(Fault::refused, std::to_string(report_.runs_left.size()) + " runs of the old primary did not end in time",
                     "Run the same command to wait on, with --runs cancel to cancel them, or with --runs leave");
    }
    co_await loop_.sleep(std::chrono::seconds(10));
  }
  co_return fail(Fault::cancelled, "stopped", "Run the same command to go on");
}

Task<Result<void>> Turnover::write_mirrors(bool both) {
  CO_CHECK(co_await engine::write_mirror(new_primary_, options_.group, store_, std::nullopt));
  if (!both) co_return Result<void>{};
  options_.open_old_primary(true);
  auto written = co_await engine::write_mirror(old_primary_, options_.group, store_, std::nullopt);
  options_.open_old_primary(false);
  if (!written) report_.findings.push_back({"", "the mirror on the old primary could not be written: " + describe(written.error()), "The next sync writes it"});
  co_return Result<void>{};
}

Turnover::Turning Turnover::turning_of_release(std::optional<Time> since, decltype(TriggerOptions::takes) takes) {
  Turning turning;
  turning.side = &new_primary_;
  turning.other = &old_primary_;
  turning.command = "release";
  turning.stop = options_.stop;
  turning.is_part = static_cast<bool>(takes);
  turning.plan = [this, since, takes = std::move(takes)] {
    TriggerOptions how = trigger_options(new_primary_);
    how.due_since = since;
    how.due_until = released_until();
    how.takes = takes;
    return plan_release(new_primary_, kinds_, store_, std::move(how));
  };
  return turning;
}

Task<Result<bool>> Turnover::release() {
  const std::optional<Time> since = fence_began();
  if (!options_.recovery.plan.groups.empty()) {
    CO_TRY(const bool through, co_await recover());
    if (!through) co_return false;
  }
  sink_.on(events::Phase{"releasing triggers of the new primary"});
  Turning turning = turning_of_release(since, nullptr);
  auto done = co_await turn(std::move(turning));
  if (done && *done && since) report_.silent = keep_window("silent", *since, released_last());
  co_return done;
}

Task<Result<TurnoverReport>> Turnover::move_role_and_release(bool tell_old_primary) {
  if (!is_at(phase::releasing) || !failover_.turned) {
    const bool is_begun = is_at(phase::releasing);
    if (!is_begun) end_phase("done", {});
    failover_.phase = phase::releasing;
    failover_.turned = loop_.now();
    failover_.replication_point = store_.replication_point();
    store_.turn_role(failover_);
    if (!is_begun) begin_phase(phase::releasing);
  }
  report_.replication_point = store_.replication_point();
  // Before anything starts there: another machine must not take the old role for the present one.
  CO_CHECK(co_await write_mirrors(tell_old_primary));
  CO_TRY(const bool released, co_await release());
  bool done = released;
  // One trigger that cannot be released keeps no machine from starting; a plan that stands still does.
  if (report_.halts.empty()) {
    CO_TRY(const bool started, co_await start_always_on());
    done = released && started;
  }
  if (done) {
    keep_left();
    failover_.finished = loop_.now();
    enter(phase::complete);
    CO_CHECK(co_await write_mirrors(tell_old_primary));
  }
  report_.failover = failover_;
  report_.outcome = done ? "complete" : "partial";
  co_return std::move(report_);
}

Task<Result<TurnoverReport>> Turnover::planned(engine::Session& session) {
  co_return left(co_await planned_phases(&session));
}

Task<Result<TurnoverReport>> Turnover::planned_phases(engine::Session* session) {
  CO_CHECK(co_await check_recovery(false));
  CO_CHECK(begin(Failover::Type::planned, phase::replicating));
  if (is_at(phase::replicating)) {
    auto ready = co_await replicate(session, false);
    // The canary may have come with this sync.
    if (ready) ready = co_await check_recovery(true);
    if (!ready) {
      // Nothing was turned: there is nothing to give up.
      failover_.finished = loop_.now();
      end_phase("failed", describe(ready.error()));
      enter(phase::aborted);
      co_return fail(std::move(ready).error());
    }
    enter(phase::fencing);
    CO_CHECK(co_await write_mirrors(false));
  }
  if (is_at(phase::fencing)) {
    CO_TRY(const bool fenced, co_await fence(true));
    if (!fenced) {
      report_.failover = failover_;
      report_.outcome = "partial";
      co_return std::move(report_);
    }
    enter(phase::settling);
  }
  if (is_at(phase::settling)) {
    CO_CHECK(co_await settle_runs());
    enter(phase::catching_up);
  }
  if (is_at(phase::catching_up)) CO_CHECK(co_await replicate(session, true));
  co_return co_await move_role_and_release(true);
}

Task<Result<TurnoverReport>> Turnover::forced() {
  CO_CHECK(co_await check_recovery(true));
  CO_CHECK(begin(Failover::Type::forced, phase::releasing));
  co_return left(co_await move_role_and_release(false));
}

Task<Result<TurnoverReport>> Turnover::pay() {
  const std::optional<Failover> last = store_.last_failover();
  if (!owes_fence(last)) co_return fail(Fault::refused, "nothing is owed to the old primary", "`twinlake status` tells how things stand");
  failover_ = *last;
  begin_phase("paying");
  auto tried = co_await fence(false);
  if (!tried) end_phase("failed", describe(tried.error()));
  CO_TRY(const bool fenced, std::move(tried));
  end_phase(fenced ? "done" : "partial", {});
  report_.failover = failover_;
  report_.outcome = fenced ? "complete" : "partial";
  co_return std::move(report_);
}

Task<Result<TurnoverReport>> Turnover::abort() {
  const std::optional<Failover> last = store_.last_failover();
  if (!is_unfinished(last)) co_return fail(Fault::refused, "no failover is under way", "`twinlake status` tells how things stand");
  if (last->turned)
    co_return fail(Fault::refused, "the role has moved already: this failover can only be finished", "Run the same failover command again; then fail back");
  failover_ = *last;
  Turning turning;
  turning.side = &old_primary_;
  turning.other = &new_primary_;
  turning.command = "abort";
  turning.stop = options_.stop;
  turning.plan = [this] {
    TriggerOptions how = trigger_options(old_primary_);
    // Whatever else is paused there, a person has paused since it was recorded.
    how.only = store_.turned(failover_.id, "hold");
    return plan_release(old_primary_, kinds_, store_, std::move(how));
  };
  options_.open_old_primary(true);
  begin_phase("giving up");
  auto done = co_await turn(std::move(turning));
  options_.open_old_primary(false);
  if (!done) end_phase("failed", describe(done.error()));
  if (!done) co_return fail(std::move(done).error());
  end_phase(*done ? "done" : "partial", {});
  if (*done) {
    keep_left();
    failover_.finished = loop_.now();
    failover_.fence = Failover::Fence::open;
    enter(phase::aborted);
    CO_CHECK(co_await write_mirrors(false));
  }
  report_.failover = failover_;
  report_.outcome = *done ? "complete" : "partial";
  co_return std::move(report_);
}

Task<Result<TurnoverReport>> Turnover::preview(Failover::Type type) {
  if (type == Failover::Type::planned) {
    TriggerOptions how = trigger_options(old_primary_);
    CO_TRY(const TriggerPlan holds, co_await plan_hold(old_primary_, kinds_, store_, std::move(how)));
    tell(holds, {});
  }
  std::vector<model::Finding> findings = std::move(report_.findings);
  CO_TRY(const TriggerPlan releases, co_await plan_release(new_primary_, kinds_, store_, trigger_options(new_primary_)));
  tell(releases, {});
  CO_TRY(const StartPlan starts, co_await plan_start(new_primary_, kinds_, options_.in_scope, options_.always_on));
  tell_starts(starts);
  std::ranges::move(findings, std::back_inserter(report_.findings));
  report_.recovery_plan = described_actions(options_.recovery.plan, new_primary_.side());
  if (const auto checked = co_await check_recovery(true); !checked)
    report_.findings.push_back({"", "the recovery plan cannot begin: " + checked.error().message, checked.error().hint});
  report_.failover = Failover{.type = type, .to = new_primary_.side(), .phase = "preview", .started = loop_.now(),
                              .turned = {}, .finished = {}, .committed = {}};
  report_.outcome = "planned";
  report_.replication_point = store_.replication_point();
  co_return std::move(report_);
}

}  // namespace twinlake::failover
