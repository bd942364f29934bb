#include "engine/session.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/memory.h"
#include "engine/item_reading.h"
#include "engine/named.h"
#include "engine/originals.h"
#include "engine/passes.h"
#include "engine/report.h"

namespace twinlake::engine {

using events::Outcome;
using model::Kind;
using workspace::Item;

Session::Session(Loop& loop, std::span<const Kind* const> kinds, workspace::Workspace& primary,
                 workspace::Workspace& secondary, state::Store& store, events::Sink& sink, Rules rules)
    : loop_(loop), primary_(primary), secondary_(secondary), store_(store), sink_(sink), rules_(std::move(rules)),
      observer_(primary, secondary, store, sink, rules_.observe, rules_.group), audit_(primary, secondary, store, rules_.audit) {
  kinds_ = observer_.relevant(kinds);
  observer_.recall(kinds_);
  secondary_.contents().close();
  for (workspace::Workspace* side : {&primary_, &secondary_}) side->use_fingerprint_key(store_.fingerprint_key());
}

Memory Session::memory() const {
  Memory memory;
  memory.group = rules_.group;
  memory.primary_workspace_id = primary_.self().workspace_id;
  memory.secondary_workspace_id = secondary_.self().workspace_id;
  memory.bindings = store_.bindings();
  memory.in_doubt = store_.in_doubt();
  // Helper machines have intents too, and nobody waits for them to be listed.
  std::erase_if(memory.in_doubt, [](const state::Intent& intent) { return intent.kind == helper_kind; });
  return memory;
}

KnownState Session::known() const {
  KnownState known;
  known.by_uuid = store_.known();
  known.rules = rules_.digest;
  return known;
}

Task<void> wait_until_visible(Loop* loop, events::Sink* sink, std::vector<state::Intent> in_doubt) {
  // The service may show a fresh object late. A create in doubt that is younger than this might still
  // appear, and concluding too early would make a second one.
  constexpr Micros settling = std::chrono::seconds(30);
  Time latest{};
  for (const state::Intent& intent : in_doubt) latest = std::max(latest, intent.started);
  const auto age = loop->now() - latest;
  if (!in_doubt.empty() && age < settling) {
    sink->on(events::Note{"waiting until writes in doubt must be visible"});
    co_await loop->sleep(std::chrono::duration_cast<Micros>(settling - age));
  }
}

namespace {
Task<void> list_into(workspace::Workspace* side, std::span<const Kind* const> kinds, workspace::InScope in_scope,
                     workspace::Inventory* into) {
  *into = co_await workspace::read_listings(*side, kinds, std::move(in_scope));
}
}  // namespace

Task<void> Session::read_details(std::vector<ToRead> items, ReadErrors* errors) {
  const auto read_one = [&](std::size_t index) {
    return complete_into(items[index].on_primary ? &primary_ : &secondary_, items[index].item, errors);
  };
  co_await for_each_index(loop_, items.size(), 96, read_one);
}

Task<Result<Reading>> Session::survey(bool everything, SweepRules sweep, std::optional<Time> planned) {
  Reading reading;
  const Memory memory = this->memory();
  co_await wait_until_visible(&loop_, &sink_, memory.in_doubt);
  reading.moment = loop_.now();
  sink_.on(events::Phase{"reading both sides"});
  workspace::Inventory primary;
  workspace::Inventory secondary;
  {
    TaskGroup sides(loop_);
    sides.start(list_into(&primary_, kinds_, rules_.in_scope, &primary));
    sides.start(list_into(&secondary_, kinds_, rules_.in_scope, &secondary));
    co_await sides.join();
  }
  reading.world = pair_up(std::move(primary), std::move(secondary), kinds_, memory);
  reading.world.primary_self = primary_.self().names();
  reading.world.secondary_self = secondary_.self().names();
  reading.known = this->known();
  reading.doubtful = doubtful_after_recreation(reading.world);
  for (const std::string& uuid : reading.doubtful) reading.known.by_uuid.erase(uuid);
  reading.swept.read = store_.swept(rules_.digest);
  reading.swept.distrusted.insert(reading.doubtful.begin(), reading.doubtful.end());
  for (const state::Intent& intent : memory.in_doubt) reading.swept.distrusted.insert(intent.uuid);
  for (std::size_t i = 0; i < reading.world.pairs.size(); ++i)
    if (can_come_late(*reading.world.pairs[i].kind)) reading.late.push_back(i);
  choose_in_turn(reading, sweep, planned.value_or(reading.moment));
  co_await read_details(items_to_read(reading.world, reading.known, everything), &reading.errors);
  co_await find_named(&reading, memory, everything);
  co_return reading;
}

/// What others name is found once these have been read.
Task<void> Session::find_named(Reading* reading, const Memory& memory, bool everything) {
  World& world = reading->world;
  const std::size_t before = world.pairs.size();
  const Names names = named_objects(world.primary, kinds_, memory);
  TaskGroup finders(loop_);
  for (const auto& [kind, keys] : names) {
    const std::vector<std::string> wanted(keys.begin(), keys.end());
    finders.start(workspace::find_items(primary_, *kind, wanted, rules_.in_scope, world.primary.kinds[kind->name]));
    finders.start(workspace::find_items(secondary_, *kind, wanted, rules_.in_scope, world.secondary.kinds[kind->name]));
  }
  co_await finders.join();
  pair_found(world, kinds_, memory);
  co_await read_details(items_to_read(world, reading->known, everything, before), &reading->errors);
}

PlanOptions Session::plan_options(const Reading& reading) const {
  PlanOptions options;
  options.fingerprint_key = store_.fingerprint_key();
  options.now = reading.moment;
  options.may_overwrite = rules_.may_overwrite;
  options.rewrite = rules_.rewrite;
  options.originals = store_.originals();
  options.agreed = [this](const std::string& uuid) { return store_.agreed(uuid); };
  options.on_conflict = rules_.on_conflict;
  options.literals = rules_.literals;
  options.kept_by_others = rules_.kept_by_others;
  options.to = &secondary_;
  options.allow_deletes = rules_.allow_deletes;
  options.delete_enabled = rules_.delete_enabled;
  options.unassign = rules_.unassign;
  return options;
}

Task<Result<Reading>> Session::read(bool everything, Glance glance) {
  primary_.contents().close();
  const SweepRules sweep = everything ? SweepRules::always() : rules_.sweep;
  CO_TRY(Reading reading, co_await survey(everything, sweep, std::nullopt));
  if (glance) glance(reading.world);
  sink_.on(events::Phase{"planning"});
  Planner planner(reading.world, reading.known, reading.errors, plan_options(reading));
  co_await decide(&reading, &planner, sweep, reading.moment);
  reading.ages = ages_of(reading.plan.verdicts, rules_.sweep, reading.moment);
  reading.audit = audit_.told();
  for (model::Finding& finding : observer_.announcements(reading.plan)) reading.plan.findings.push_back(std::move(finding));
  co_return reading;
}

/// The whole plan, sealed. What comes late is decided one by one: its definitions never stand in memory
/// together.
Task<void> Session::decide(Reading* reading, Planner* planner, SweepRules rules, Time now) {
  decide_early(*reading, *planner, rules, now);
  const auto take = [planner](LateDecision decision) { planner->take(std::move(decision)); };
  co_await decide_late(reading, planner, take);
  reading->plan = planner->seal();
}

Task<void> Session::decide_one(Reading* reading, Planner* planner, TakeLate take, std::size_t position) {
  if (stop_ != nullptr && stop_->load()) co_return;
  Pair& pair = reading->world.pairs[position];
  co_await complete_into(&primary_, pair.primary, &reading->errors);
  if (pair.secondary != nullptr) co_await complete_into(&secondary_, pair.secondary, &reading->errors);
  LateDecision decision = planner->decide(pair);
  if (decision.verdict.stop != Stop::failed) decision.verdict.read = reading->moment;
  if (is_equal(decision) || (decision.step && decision.findings.empty())) reading->equal.push_back(position);
  for (Item* item : {pair.primary, pair.secondary}) {
    if (item == nullptr) continue;
    item->raw = nullptr;
    item->indicator = {};
  }
  take(std::move(decision));
}

Task<void> Session::decide_late(Reading* reading, Planner* planner, TakeLate take) {
  const auto decide = [&](std::size_t index) { return decide_one(reading, planner, take, reading->late[index]); };
  co_await for_each_index(loop_, reading->late.size(), 96, decide);
}

void Session::announce(const Plan& plan) {
  std::map<std::string, std::size_t> steps;
  for (const Step& step : plan.steps) ++steps[std::string(step.kind->name)];
  for (const auto& [kind, count] : steps) sink_.on(events::Planned{kind, count});
}

Task<std::vector<StepResult>> Session::apply(Reading* reading, std::unique_ptr<Planner> planner, ExecutorOptions how) {
  announce(reading->plan);
  sink_.on(events::Phase{"applying"});
  // The plan carries what is needed of them; listing again to read back must not double the memory.
  forget_raw(reading->world);
  reading->known = {};
  give_back_free_memory();
  // Before anything is made again: a kill in between must not leave them trusted.
  for (const std::string& uuid : reading->doubtful) store_.forget_known(uuid);
  store_.forget_swept(reading->doubtful);
  forget_different(*reading);
  std::optional<Executor> executor;
  executor.emplace(loop_, primary_, secondary_, store_, sink_, kinds_, std::move(how));
  const auto take = [&](LateDecision decision) {
    if (!is_equal(decision) && reading->swept.read.contains(decision.verdict_of)) store_.forget_swept(std::span(&decision.verdict_of, 1));
    reading->plan.verdicts[decision.verdict_at] = std::move(decision.verdict);
    std::move(decision.findings.begin(), decision.findings.end(), std::back_inserter(reading->plan.findings));
    if (decision.originals) store_.put_originals(decision.verdict_of, std::move(*decision.originals));
    if (decision.agreed) store_.put_agreed(std::span(&*decision.agreed, 1));
    if (!decision.step) return;
    sink_.on(events::Planned{std::string(decision.step->kind->name), 1});
    executor->add(std::move(*decision.step));
  };
  Task<void> late = planner == nullptr ? Task<void>{} : decide_late(reading, planner.get(), take);
  auto results = co_await executor->run(reading->world, reading->plan, std::move(late));
  // All is decided and done; reading back needs room of its own.
  executor.reset();
  planner.reset();
  give_back_free_memory();
  co_await observer_.look_at_changes();
  co_await read_back(*reading, results);
  co_return results;
}

namespace {
tl::unexpected<Error> stale_plan() {
  return fail(Fault::refused, "the saved plan is stale: one of the workspaces or the state has changed since it was made",
              "Run plan again, look at it, and sync that plan");
}
}  // namespace

Task<Result<SyncReport>> Session::sync(SyncOptions options) {
  if (const auto failover = store_.last_failover(); failover && !failover->finished && !options.within_failover)
    co_return fail(Fault::refused, "a failover is under way since " + to_rfc3339(failover->started),
                   "Finish it with the same `twinlake failover` command, or give it up with --abort");
  const Time started = loop_.now();
  const std::int64_t run = store_.begin_run("sync", started);
  observer_.allow_running(run);
  // A saved plan was made from what was seen before it.
  if (options.expected_fingerprint.empty()) {
    co_await observer_.refresh();
    // A failover looks at everything itself, and waits for no SQL.
    if (!options.within_failover) co_await audit_.refresh(kinds_, rules_.sweep, rules_.digest);
  }
  auto report = co_await sync_in_passes(std::move(options), run);
  co_await observer_.finish();
  if (report) {
    report->seconds = std::chrono::duration<double>(loop_.now() - started).count();
    report->audit = audit_.told();
  }
  co_return report;
}

namespace {

/// What is known when a run has come to its end, in the state and in its report.
void keep_end(state::Store& store, SyncReport& report, std::int64_t run, Time moment, Time ended) {
  if (report.replication_point) store.set_replication_point(*report.replication_point);
  report.replication_point = store.replication_point();
  store.finish_run(run, ended, report.outcome, summary_text(report));
  store.put_reconciliation(reconciliation_of(report, moment, ended));
}

}  // namespace

namespace {
/// Does the standby lack what somebody else has to bring? Then it is as old as they say.
bool awaits_others(const Plan& plan) {
  return std::ranges::any_of(plan.verdicts, [](const Verdict& verdict) { return verdict.stop == Stop::others; });
}
}  // namespace

/// What is read for the plan goes into the recovery point as well, if the run leaves one.
PlanOptions Session::recorded(PlanOptions planning, const Reading& reading) {
  if (recorder_ == nullptr) return planning;
  recorder_->begin(reading.world);
  planning.saw = [this](const Pair& pair, const nlohmann::json& form) { recorder_->saw(pair, form); };
  planning.decided = [this](const Pair& pair) { recorder_->decided(pair); };
  return planning;
}

/// For the next run: what was seen and what became of it. `old`: writes in doubt when the pass began.
void Session::keep_pass(const std::vector<state::Intent>& old, const Reading& reading, const std::vector<StepResult>& results) {
  remember_unchanged(reading);
  keep_sweep(reading, results);
  close_old_intents(old, reading, results);
  forget_lost_originals(store_, reading.world);
}

Task<Result<SyncReport>> Session::sync_in_passes(SyncOptions options, std::int64_t run) {
  const ExecutorOptions how = executor_options(rules_, run, stop_ = options.stop);
  // A saved plan is compared as a whole; without one the writing begins while the rest is being read.
  const bool is_saved = !options.expected_fingerprint.empty();
  const SweepRules sweep = sweep_rules(options);
  SyncReport report;
  const Time began = loop_.now();
  Time moment;
  for (int pass = 0; pass < most_passes; ++pass) {
    const std::vector<state::Intent> old = store_.in_doubt();
    CO_TRY(Reading reading, co_await survey(false, sweep, options.planned));
    sink_.on(events::Phase{"planning"});
    auto planner = std::make_unique<Planner>(reading.world, reading.known, reading.errors, recorded(plan_options(reading), reading));
    if (is_saved) {
      co_await decide(&reading, planner.get(), sweep, options.planned.value_or(reading.moment));
      planner.reset();
    } else {
      decide_early(reading, *planner, sweep, reading.moment);
      reading.plan = planner->seal();
    }
    if (pass == 0 && is_saved && options.expected_fingerprint != reading.plan.fingerprint) {
      store_.finish_run(run, loop_.now(), "failed", "{}");
      co_return stale_plan();
    }
    if (options.keep_holds) reading.plan.holds.clear();
    const auto results = co_await apply(&reading, std::move(planner), how);
    keep_pass(old, reading, results);
    SyncReport this_pass = make_report(reading, results);
    if (this_pass.outcome == "complete" && !awaits_others(reading.plan)) this_pass.replication_point = reading.moment;
    merge_passes(report, std::move(this_pass));
    moment = reading.moment;
    report.ages = ages_of(reading.plan.verdicts, rules_.sweep, began);
    if (pass + 1 < most_passes && needs_another_pass(results)) continue;
    co_await leave_point(&reading, run, &report);
    break;
  }
  keep_end(store_, report, run, moment, loop_.now());
  co_return report;
}

}  // namespace twinlake::engine
