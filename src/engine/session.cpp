#include "engine/session.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "engine/report.h"

namespace twinlake::engine {

using events::Outcome;
using model::Kind;
using workspace::Item;

Session::Session(Loop& loop, std::span<const Kind* const> kinds, workspace::Workspace& primary,
                 workspace::Workspace& secondary, state::Store& store, events::Sink& sink, Rules rules)
    : loop_(loop), kinds_(kinds.begin(), kinds.end()), primary_(primary), secondary_(secondary), store_(store),
      sink_(sink), rules_(std::move(rules)) {}

Memory Session::memory() const {
  Memory memory;
  memory.group = rules_.group;
  memory.primary_workspace_id = primary_.self().workspace_id;
  memory.secondary_workspace_id = secondary_.self().workspace_id;
  memory.bindings = store_.bindings();
  memory.in_doubt = store_.in_doubt();
  return memory;
}

KnownState Session::known() const {
  KnownState known;
  known.by_uuid = store_.known();
  known.rules = rules_.digest;
  return known;
}

Task<void> Session::wait_for_visibility(const Memory& memory) {
  // The service may show a fresh object late. A create in doubt that is younger than this might still
  // appear, and concluding too early would make a second one.
  constexpr Micros settling = std::chrono::seconds(30);
  Time latest{};
  for (const state::Intent& intent : memory.in_doubt) latest = std::max(latest, intent.started);
  const auto age = loop_.now() - latest;
  if (!memory.in_doubt.empty() && age < settling) {
    sink_.on(events::Note{"waiting until writes in doubt must be visible"});
    co_await loop_.sleep(std::chrono::duration_cast<Micros>(settling - age));
  }
}

namespace {
Task<void> list_into(workspace::Workspace* side, std::span<const Kind* const> kinds, workspace::InScope in_scope,
                     workspace::Inventory* into) {
  *into = co_await workspace::read_listings(*side, kinds, std::move(in_scope));
}

Task<void> complete_into(workspace::Workspace* side, Item* item, ReadErrors* errors) {
  auto done = co_await workspace::complete(*side, *item);
  if (!done) errors->emplace(item, std::move(done).error());
}
}  // namespace

Task<void> Session::read_details(std::vector<ToRead> items, ReadErrors* errors) {
  const auto read_one = [&](std::size_t index) {
    return complete_into(items[index].on_primary ? &primary_ : &secondary_, items[index].item, errors);
  };
  co_await for_each_index(loop_, items.size(), 96, read_one);
}

Task<Result<Reading>> Session::read(bool everything) {
  Reading reading;
  const Memory memory = this->memory();
  co_await wait_for_visibility(memory);
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
  KnownState known = this->known();
  reading.doubtful = doubtful_after_recreation(reading.world);
  for (const std::string& uuid : reading.doubtful) known.by_uuid.erase(uuid);
  ReadErrors errors;
  co_await read_details(items_to_read(reading.world, known, everything), &errors);
  sink_.on(events::Phase{"planning"});
  PlanOptions options;
  options.fingerprint_key = store_.fingerprint_key();
  options.now = reading.moment;
  options.may_overwrite = rules_.may_overwrite;
  options.rewrite = rules_.rewrite;
  options.allow_deletes = rules_.allow_deletes;
  options.delete_enabled = rules_.delete_enabled;
  reading.plan = make_plan(reading.world, known, errors, options);
  co_return reading;
}

void Session::announce(const Plan& plan) {
  std::map<std::string, std::size_t> steps;
  for (const Step& step : plan.steps) ++steps[std::string(step.kind->name)];
  for (const auto& [kind, count] : steps) sink_.on(events::Planned{kind, count});
}

void Session::prove(const Step& step, const Item& item, StepResult& result) const {
  const Kind& kind = *step.kind;
  const model::FollowUp& rule = kind.after_create;
  if (step.action == Action::create && !rule.state_at.empty()) {
    const std::string state = text_at(item.raw, rule.state_at);
    if (std::find(rule.good_states.begin(), rule.good_states.end(), state) == rule.good_states.end()) {
      result.outcome = Outcome::failed;
      result.error = Error(Fault::bug, "read back as " + state + " although it was stopped", "Stop it by hand on the secondary");
      return;
    }
  }
  if (kind.holds.empty() || kind.detail == model::Detail::content) return;
  const model::Canonical form = model::canonical(kind, item.raw, model::CanonicalContext{});
  const auto live = model::live_triggers(kind, *form.form);
  if (live.empty() || step.shell_without.size() > 0) return;
  result.outcome = Outcome::failed;
  result.error = Error(Fault::bug, "a trigger reads back as live at " + live.front().place, "Pause it by hand on the secondary");
}

void Session::remember(const Pair& pair, const std::string& secondary_indicator) {
  state::Known known;
  const bool home_is_primary = primary_.side() == model::Side::home;
  known.home_indicator = home_is_primary ? pair.primary->indicator : secondary_indicator;
  known.away_indicator = home_is_primary ? secondary_indicator : pair.primary->indicator;
  known.fingerprint = rules_.digest;
  store_.put_known(pair.uuid, known);
}

void Session::remember_unchanged(const Reading& reading) {
  for (const Verdict& verdict : reading.plan.verdicts) {
    if (verdict.standing != Standing::in_sync || verdict.kind->detail == model::Detail::none) continue;
    const Pair& pair = reading.world.pairs[reading.world.by_uuid.at(verdict.uuid)];
    if (pair.primary == nullptr || pair.secondary == nullptr || !pair.kind->child_of.empty()) continue;
    remember(pair, pair.secondary->indicator);
  }
}

std::vector<std::size_t> Session::check_applied(const Reading& reading, const workspace::Inventory& now,
                                                const std::vector<std::size_t>& open, std::vector<StepResult>& results) {
  std::map<std::string_view, std::unordered_map<std::string, const Item*>> found;
  for (const auto& [name, listing] : now.kinds)
    for (const Item& item : listing.items) found[name].emplace(item.id, &item);
  std::vector<std::size_t> unseen;
  for (const std::size_t index : open) {
    const Step& step = reading.plan.steps[index];
    const auto& items = found[step.kind->name];
    const auto item = items.find(results[index].target_id);
    if (item == items.end()) {
      unseen.push_back(index);
      continue;
    }
    prove(step, *item->second, results[index]);
    if (results[index].outcome != Outcome::done || !step.kind->child_of.empty() || step.kind->detail == model::Detail::none) continue;
    remember(reading.world.pairs[reading.world.by_uuid.at(step.uuid)], item->second->indicator);
  }
  return unseen;
}

Task<void> Session::read_back(Reading& reading, std::vector<StepResult>& results) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Step& step = reading.plan.steps[i];
    const bool listed = step.kind->child_of.empty() || step.kind->detail == model::Detail::none;
    if (results[i].outcome == Outcome::done && step.action != Action::remove && listed) open.push_back(i);
  }
  if (open.empty()) co_return;
  sink_.on(events::Phase{"reading back"});
  // A listing may show what was just written a little late.
  for (int attempt = 0; attempt < 4 && !open.empty(); ++attempt) {
    if (attempt > 0) co_await loop_.sleep(std::chrono::seconds(2 * attempt));
    const workspace::Inventory now = co_await workspace::read_listings(secondary_, kinds_, rules_.in_scope);
    open = check_applied(reading, now, open, results);
  }
  for (const std::size_t index : open) {
    results[index].outcome = Outcome::failed;
    results[index].error = Error(Fault::in_doubt, "was written, but the secondary does not list it", "Sync again");
  }
}

void Session::close_old_intents(const std::vector<state::Intent>& old, const Reading& reading,
                                const std::vector<StepResult>& results) {
  std::set<std::string> unfinished;
  for (std::size_t i = 0; i < results.size(); ++i)
    if (results[i].outcome != Outcome::done) unfinished.insert(reading.plan.steps[i].uuid);
  for (const Verdict& verdict : reading.plan.verdicts)
    if (verdict.standing == Standing::unknown || verdict.stop != Stop::none) unfinished.insert(verdict.uuid);
  for (const state::Intent& intent : old)
    if (!unfinished.contains(intent.uuid)) store_.settle(intent.id, "looked up", std::nullopt);
}

namespace {

/// A create that is in doubt is looked up in another pass of the same run.
bool needs_another_pass(const std::vector<StepResult>& results) {
  return std::any_of(results.begin(), results.end(), [](const StepResult& r) { return r.outcome == Outcome::in_doubt; });
}

void add_counts(KindCounts& into, const KindCounts& more) {
  into.created += more.created;
  into.updated += more.updated;
  into.deleted += more.deleted;
  into.adopted += more.adopted;
}

/// Later passes see what earlier ones did as unchanged; the report tells of the whole run.
void merge(SyncReport& whole, SyncReport pass) {
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

}  // namespace

Task<Result<SyncReport>> Session::sync(SyncOptions options) {
  const Time started = loop_.now();
  const std::int64_t run = store_.begin_run("sync", started);
  SyncReport report;
  for (int pass = 0; pass < 3; ++pass) {
    const std::vector<state::Intent> old = store_.in_doubt();
    auto reading = co_await read(false);
    if (!reading) co_return fail(std::move(reading).error());
    if (pass == 0 && !options.expected_fingerprint.empty() && options.expected_fingerprint != reading->plan.fingerprint) {
      store_.finish_run(run, loop_.now(), "failed", "{}");
      co_return fail(Fault::refused, "the saved plan is stale: one of the workspaces or the state has changed since it was made",
                     "Run plan again, look at it, and sync that plan");
    }
    announce(reading->plan);
    sink_.on(events::Phase{"applying"});
    // The plan carries what is needed of them; listing again to read back must not double the memory.
    forget_raw(reading->world);
    // Before anything is made again: a kill in between must not leave them trusted.
    for (const std::string& uuid : reading->doubtful) store_.forget_known(uuid);
    ExecutorOptions how;
    how.group = rules_.group;
    how.run = run;
    how.stop = options.stop;
    Executor executor(loop_, primary_, secondary_, store_, sink_, std::move(how));
    auto results = co_await executor.run(reading->world, reading->plan);
    co_await read_back(*reading, results);
    remember_unchanged(*reading);
    close_old_intents(old, *reading, results);
    SyncReport this_pass = make_report(*reading, results);
    if (this_pass.outcome == "complete") this_pass.replication_point = reading->moment;
    if (pass == 0) {
      report = std::move(this_pass);
    } else {
      merge(report, std::move(this_pass));
    }
    if (!needs_another_pass(results)) break;
  }
  if (report.replication_point) store_.set_replication_point(*report.replication_point);
  report.replication_point = store_.replication_point();
  report.seconds = std::chrono::duration<double>(loop_.now() - started).count();
  store_.finish_run(run, loop_.now(), report.outcome, summary_text(report));
  co_return report;
}

}  // namespace twinlake::engine
