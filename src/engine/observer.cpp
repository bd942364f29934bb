#include "engine/observer.h"

#include <algorithm>

#include "base/json_path.h"

namespace twinlake::engine {

using model::Kind;
using nlohmann::json;
using workspace::Observation;

namespace {

std::string names_of(const std::vector<const Kind*>& kinds) {
  std::string names;
  for (const Kind* kind : kinds) names += (names.empty() ? "" : ", ") + std::string(kind->plural);
  return names;
}

constexpr std::string_view sql_intent = "helper_sql";

std::string age_of(Time taken, Time now) {
  if (taken == Time{}) return "at which nobody has looked yet";
  return "last seen " + std::to_string(std::chrono::duration_cast<std::chrono::hours>(now - taken).count()) + " h ago";
}

}  // namespace

Observer::Observer(workspace::Workspace& primary, workspace::Workspace& secondary, state::Store& store,
                   events::Sink& sink, ObserveRules rules, std::string group)
    : store_(store), sink_(sink), rules_(std::move(rules)), owner_(std::move(group)) {
  // Other pairs may have a group of this name and share one of the workspaces.
  const bool home_first = primary.side() == model::Side::home;
  for (const workspace::Workspace* side : {home_first ? &primary : &secondary, home_first ? &secondary : &primary})
    owner_ += "." + side->self().workspace_id;
  primary_.workspace = &primary;
  primary_.role = "primary";
  primary_.options = &rules_.primary;
  primary_.sql_options = &rules_.primary_sql;
  secondary_.workspace = &secondary;
  secondary_.role = "secondary";
  secondary_.options = &rules_.secondary;
  secondary_.sql_options = &rules_.secondary_sql;
}

bool Observer::may_run(const Side& side, const Kind& kind) const {
  return kind.observed_in == model::Language::sql ? side.sql_options->has_value() : side.options->has_value();
}

std::vector<const Kind*> Observer::relevant(std::span<const Kind* const> kinds) const {
  std::vector<const Kind*> all;
  std::copy_if(kinds.begin(), kinds.end(), std::back_inserter(all), [&](const Kind* kind) {
    return kind->observe == nullptr || rules_.kinds.contains(kind->name);
  });
  return all;
}

void Observer::recall(std::span<const Kind* const> kinds) {
  kinds_.clear();
  for (const Kind* kind : kinds)
    if (kind->observed_in == model::Language::sql) written_in_sql_.emplace(kind->name);
  std::copy_if(kinds.begin(), kinds.end(), std::back_inserter(kinds_), [](const Kind* kind) { return kind->observe != nullptr; });
  for (const Kind* kind : kinds_) {
    recall_on(primary_, *kind);
    recall_on(secondary_, *kind);
    add_declared(*kind);
  }
}

void Observer::recall_on(Side& side, const Kind& kind) {
  Observation& into = side.workspace->observations()[std::string(kind.name)];
  if (into.taken != Time{}) return;  // seen in this very run
  into = {};
  for (const state::Observed& seen : store_.observations()) {
    if (seen.side != side.workspace->side() || seen.kind != kind.name) continue;
    json items = json::parse(seen.items, nullptr, false);
    if (items.is_object() && items.contains("disabled")) {
      into.taken = seen.taken;
      into.error = Error(Fault::disabled, text_at(items, "/disabled"));
    }
    if (!items.is_array()) continue;  // damaged: it must not pass for "nothing is there"
    into.taken = seen.taken;
    for (json& item : items) into.items.push_back(std::move(item));
  }
  // Of these the configuration may say all that there is.
  const bool by_word = &side == &primary_ && kind.observed_in == model::Language::python && !may_run(side, kind);
  if (into.taken == Time{} && !by_word) into.error = never_seen(side, kind);
}

Error Observer::never_seen(const Side& side, const Kind& kind) const {
  const std::string role(side.role);
  if (!may_run(side, kind) && kind.observed_in == model::Language::sql)
    return Error(Fault::blocked, "nobody has looked at the " + role + " yet, and no SQL may run there",
                 "Name where it may: `metastore` in twinlake.yml");
  if (!may_run(side, kind))
    return Error(Fault::blocked, "nobody has looked at the " + role + " yet, and nothing may run there",
                 "Allow it: `helper_clusters: {" + role + ": auto}` in twinlake.yml");
  return Error(Fault::blocked, "nobody has looked at the " + role + " yet",
               kind.observed_in == model::Language::sql ? "`twinlake sync` looks, with SQL that it runs there"
                                                        : "`twinlake sync` looks, with a command that it runs there");
}

/// What the configuration says comes first: the person knows why.
void Observer::add_declared(const Kind& kind) {
  Observation& seen = primary_.workspace->observations()[std::string(kind.name)];
  if (const auto declared = rules_.declared.find(kind.name); declared != rules_.declared.end())
    for (const json& item : declared->second) {
      const std::string key = text_at(item, kind.key_at);
      std::erase_if(seen.items, [&](const json& other) { return text_at(other, kind.key_at) == key; });
      seen.items.push_back(item);
    }
  if (rules_.complete)
    for (json& item : seen.items) rules_.complete(kind, item);
}

void Observer::allow_running(std::int64_t run) {
  run_ = run;
  const std::vector<state::Intent> open = store_.in_doubt();
  for (Side* side : {&primary_, &secondary_}) {
    allow_sql(*side, open);
    note_killed_run(*side, open);
    if (!side->options->has_value()) continue;
    workspace::HelperOptions options = **side->options;
    options.owner = owner_;
    side->helper.emplace(*side->workspace, std::move(options), journal_of(*side));
    side->workspace->use_helper(&*side->helper);
    side->left.clear();
    for (const state::Intent& intent : open)
      if (intent.kind == helper_kind && intent.side == side->workspace->side() && !intent.uuid.starts_with(sql_intent))
        side->left.push_back(intent.id);
  }
}

void Observer::allow_sql(Side& side, const std::vector<state::Intent>& open) {
  if (!side.sql_options->has_value()) return;
  side.sql.emplace(*side.workspace, **side.sql_options, sql_journal_of(side));
  side.workspace->use_sql(&*side.sql);
  side.left_sql.clear();
  for (const state::Intent& intent : open)
    if (intent.kind == helper_kind && intent.side == side.workspace->side() && intent.uuid.starts_with(sql_intent))
      side.left_sql.push_back(Left{intent.id, intent.target_id});
}

bool Observer::last_run_was_killed() const {
  for (const state::RunRecord& run : store_.last_runs(10))
    if (run.id != run_ && run.command == "sync") return !run.finished;
  return false;
}

/// What it changed before it ended was not kept. On a helper machine a look costs; there only what is in
/// doubt is worth it.
void Observer::note_killed_run(Side& side, const std::vector<state::Intent>& open) {
  side.in_doubt.clear();
  if (&side != &secondary_) return;
  bool is_doubtful = last_run_was_killed();
  for (const state::Intent& intent : open) {
    side.in_doubt.insert(intent.kind);
    is_doubtful = is_doubtful || written_in_sql_.contains(intent.kind);
  }
  if (is_doubtful) side.in_doubt.insert(written_in_sql_.begin(), written_in_sql_.end());
}

state::Intent Observer::intent_of(const Side& side, std::string_view what) const {
  state::Intent intent;
  intent.run = run_;
  intent.uuid = std::string(what) + "-" + std::string(model::name_of(side.workspace->side()));
  intent.kind = helper_kind;
  intent.key = "twinlake helper of " + owner_;
  intent.side = side.workspace->side();
  intent.action = "create";
  intent.started = side.workspace->loop().now();
  return intent;
}

workspace::HelperJournal Observer::journal_of(Side& side) {
  workspace::HelperJournal journal;
  journal.starting = [this, &side] {
    side.intent = store_.intend(intent_of(side, helper_kind));
    sink_.on(events::Note{"starting " + workspace::describe(**side.options) + " on the " + std::string(side.role) +
                          "; it is deleted at the end of this run"});
  };
  journal.gone = [this, &side] {
    if (side.intent != 0) store_.settle(std::exchange(side.intent, 0), "done", std::nullopt);
    for (const std::int64_t id : std::exchange(side.left, {})) store_.settle(id, "removed", std::nullopt);
  };
  return journal;
}

workspace::WarehouseJournal Observer::sql_journal_of(Side& side) {
  workspace::WarehouseJournal journal;
  journal.starting = [this, &side](const std::string& id) {
    state::Intent intent = intent_of(side, sql_intent);
    intent.target_id = id;
    side.sql_intent = store_.intend(intent);
    sink_.on(events::Note{"starting " + workspace::describe(**side.sql_options) + " on the " + std::string(side.role) +
                          "; it is stopped at the end of this run"});
  };
  journal.stopped = [this, &side] {
    if (side.sql_intent != 0) store_.settle(std::exchange(side.sql_intent, 0), "done", std::nullopt);
  };
  return journal;
}

bool Observer::is_old(const Side& side, const Kind& kind) const {
  const Observation& seen = side.workspace->observations()[std::string(kind.name)];
  const auto own = rules_.every_of.find(kind.name);
  const Micros every = own == rules_.every_of.end() ? rules_.every : own->second;
  const bool is_doubtful = side.in_doubt.contains(kind.name) && seen.taken < side.workspace->loop().now();
  return may_run(side, kind) && (is_doubtful || side.workspace->loop().now() - seen.taken >= every);
}

std::vector<Observer::Kinds> Observer::groups() const {
  std::vector<Kinds> all;
  for (const Kind* kind : kinds_) {
    const auto same = std::ranges::find_if(all, [&](const Kinds& group) { return group.front()->observe == kind->observe; });
    if (same == all.end()) {
      all.push_back({kind});
    } else {
      same->push_back(kind);
    }
  }
  return all;
}

Task<void> Observer::refresh() {
  TaskGroup sides(primary_.workspace->loop());
  for (Side* side : {&primary_, &secondary_}) sides.start(refresh_side(side));
  co_await sides.join();
}

Task<void> Observer::remove_leftovers(Side* side) {
  if (side->left.empty() || !side->helper) co_return;
  sink_.on(events::Note{"removing the helper machine that an earlier run left on the " + std::string(side->role)});
  if (auto gone = co_await side->helper->close(); !gone) sink_.on(events::Note{twinlake::describe(gone.error())});
}

Task<void> Observer::stop_left_sql(Side* side) {
  for (const Left& left : std::exchange(side->left_sql, {})) {
    auto stopped = co_await workspace::stop_warehouse(*side->workspace, left.id);
    if (stopped)
      store_.settle(left.intent, "removed", std::nullopt);
    else
      sink_.on(events::Note{twinlake::describe(stopped.error())});
  }
}

Task<void> Observer::refresh_side(Side* side) {
  co_await remove_leftovers(side);
  co_await stop_left_sql(side);
  for (Kinds& group : groups()) {
    const bool is_due = std::ranges::any_of(group, [&](const Kind* kind) { return is_old(*side, *kind); });
    if (is_due) co_await look(side, std::move(group));
  }
}

/// What was seen before is better than nothing, but not good enough to delete by. A side without the
/// feature is another matter: that is kept, and said once.
void Observer::take_error(Side& side, const Kinds& kinds, Error error) {
  const bool is_off = error.fault == Fault::disabled;
  bool is_known = true;
  if (!is_off) error.message = "the " + std::string(side.role) + " could not be looked at: " + error.message;
  for (const Kind* kind : kinds) {
    Observation& seen = side.workspace->observations()[std::string(kind->name)];
    is_known = is_known && seen.error && seen.error->fault == Fault::disabled;
    seen.error = error;
    if (!is_off) continue;
    seen.items.clear();
    seen.taken = side.workspace->loop().now();
    keep(side, *kind);
  }
  if (is_off && !is_known)
    sink_.on(events::Note{"the " + std::string(side.role) + " does not have " + names_of(kinds) + ": " + error.message});
}

void Observer::keep(Side& side, const Kind& kind) {
  const Observation& seen = side.workspace->observations()[std::string(kind.name)];
  state::Observed record{.side = side.workspace->side(), .kind = std::string(kind.name), .taken = seen.taken, .items = {}};
  json items = seen.items;
  if (seen.error) {
    items = json::object();
    items["disabled"] = seen.error->message;
  }
  record.items = to_text(items);
  store_.put_observation(record);
}

Task<void> Observer::look(Side* side, Kinds kinds) {
  auto items = co_await kinds.front()->observe(*side->workspace);
  if (!items) {
    take_error(*side, kinds, std::move(items).error());
    co_return;
  }
  for (const Kind* kind : kinds) {
    Observation& seen = side->workspace->observations()[std::string(kind->name)];
    seen = Observation{.taken = side->workspace->loop().now(), .items = {}, .error = std::nullopt};
    for (const json& item : *items)
      if (workspace::is_listed_as(*kind, item)) seen.items.push_back(item);
    keep(*side, *kind);
    if (side == &primary_) add_declared(*kind);
  }
}

Task<void> Observer::look_at_changes() {
  for (Kinds& group : groups()) {
    const bool in_sql = group.front()->observed_in == model::Language::sql;
    if (in_sql && secondary_.sql && secondary_.sql->is_ready()) {
      for (const Kind* kind : group)
        if (!secondary_.workspace->observations()[std::string(kind->name)].error) keep(secondary_, *kind);
    } else if (!in_sql && secondary_.helper && secondary_.helper->is_ready()) {
      co_await look(&secondary_, std::move(group));
    }
  }
  co_await stop_sql(&secondary_);
}

Task<void> Observer::stop_sql(Side* side) {
  if (!side->sql) co_return;
  if (auto stopped = co_await side->sql->close(); !stopped) {
    Error error = std::move(stopped).error();
    error.hint = "It stops by its own time-out; the next sync stops it";
    sink_.on(events::Note{workspace::describe(**side->sql_options) + " on the " + std::string(side->role) +
                          " could not be stopped: " + twinlake::describe(error)});
  }
}

Task<void> Observer::finish() {
  for (Side* side : {&primary_, &secondary_}) co_await finish_side(side);
}

Task<void> Observer::finish_side(Side* side) {
  co_await stop_sql(side);
  side->workspace->use_sql(nullptr);
  if (!side->helper) co_return;
  if (side->helper->is_open())
    if (auto gone = co_await side->helper->close(); !gone) {
      Error error = std::move(gone).error();
      error.hint = "It ends by itself after 10 idle minutes; the next sync removes it";
      sink_.on(events::Note{"the helper machine on the " + std::string(side->role) + " could not be deleted: " + twinlake::describe(error)});
    }
  side->workspace->use_helper(nullptr);
}

void Observer::announce_looks(const Side& side, std::vector<model::Finding>& into) const {
  for (const Kinds& group : groups()) {
    std::string what;
    const Observation* oldest = nullptr;
    for (const Kind* kind : group) {
      if (!is_old(side, *kind)) continue;
      what += (what.empty() ? "" : ", ") + std::string(kind->plural);
      const Observation& seen = side.workspace->observations()[std::string(kind->name)];
      if (oldest == nullptr || seen.taken < oldest->taken) oldest = &seen;
    }
    if (oldest == nullptr) continue;
    into.push_back(finding_of(side, *group.front(), "to look at " + what + ", " + age_of(oldest->taken, side.workspace->loop().now())));
  }
}

model::Finding Observer::finding_of(const Side& side, const Kind& kind, const std::string& why) const {
  const bool in_sql = kind.observed_in == model::Language::sql;
  const std::string what = in_sql ? workspace::describe(**side.sql_options) : workspace::describe(**side.options);
  return model::Finding{in_sql ? "SQL" : "helper machine", "a sync uses " + what + " on the " + std::string(side.role) + ": " + why,
                        in_sql ? workspace::cost_of(**side.sql_options) : workspace::cost_of(**side.options)};
}

void Observer::announce_steps(const Plan& plan, std::vector<model::Finding>& into) const {
  for (const model::Language language : {model::Language::python, model::Language::sql}) {
    const Kind* one = nullptr;
    const auto runs = std::ranges::count_if(plan.steps, [&](const Step& step) {
      const Kind& kind = step.parent_kind != nullptr ? *step.parent_kind : *step.kind;
      const bool hit = kind.observe != nullptr && kind.observed_in == language && step.action != Action::adopt;
      if (hit) one = &kind;
      return hit;
    });
    if (one != nullptr && may_run(secondary_, *one))
      into.push_back(finding_of(secondary_, *one, "for " + std::to_string(runs) + (runs == 1 ? " step" : " steps")));
  }
}

std::vector<model::Finding> Observer::announcements(const Plan& plan) const {
  std::vector<model::Finding> all;
  for (const Side* side : {&primary_, &secondary_}) announce_looks(*side, all);
  announce_steps(plan, all);
  return all;
}

}  // namespace twinlake::engine
