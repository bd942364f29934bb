#include "engine/observer.h"

#include <algorithm>

#include "base/json_path.h"

namespace twinlake::engine {

using model::Kind;
using nlohmann::json;
using workspace::Observation;

namespace {

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
  secondary_.workspace = &secondary;
  secondary_.role = "secondary";
  secondary_.options = &rules_.secondary;
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
    if (!items.is_array()) continue;  // damaged: it must not pass for "nothing is there"
    into.taken = seen.taken;
    for (json& item : items) into.items.push_back(std::move(item));
  }
  const bool by_word = &side == &primary_ && !side.options->has_value();
  if (into.taken == Time{} && !by_word) into.error = never_seen(side);
}

Error Observer::never_seen(const Side& side) const {
  const std::string role(side.role);
  if (!side.options->has_value())
    return Error(Fault::blocked, "nobody has looked at the " + role + " yet, and nothing may run there",
                 "Allow it: `helper_clusters: {" + role + ": auto}` in twinlake.yml");
  return Error(Fault::blocked, "nobody has looked at the " + role + " yet",
               "`twinlake sync` looks, with a command that it runs there");
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
    if (!side->options->has_value()) continue;
    workspace::HelperOptions options = **side->options;
    options.owner = owner_;
    side->helper.emplace(*side->workspace, std::move(options), journal_of(*side));
    side->workspace->use_helper(&*side->helper);
    side->left.clear();
    for (const state::Intent& intent : open)
      if (intent.kind == helper_kind && intent.side == side->workspace->side()) side->left.push_back(intent.id);
  }
}

workspace::HelperJournal Observer::journal_of(Side& side) {
  workspace::HelperJournal journal;
  journal.starting = [this, &side] {
    state::Intent intent;
    intent.run = run_;
    intent.uuid = std::string(helper_kind) + "-" + std::string(model::name_of(side.workspace->side()));
    intent.kind = helper_kind;
    intent.key = "twinlake helper of " + owner_;
    intent.side = side.workspace->side();
    intent.action = "create";
    intent.started = side.workspace->loop().now();
    side.intent = store_.intend(intent);
    sink_.on(events::Note{"starting " + workspace::describe(**side.options) + " on the " + std::string(side.role) +
                          "; it is deleted at the end of this run"});
  };
  journal.gone = [this, &side] {
    if (side.intent != 0) store_.settle(std::exchange(side.intent, 0), "done", std::nullopt);
    for (const std::int64_t id : std::exchange(side.left, {})) store_.settle(id, "removed", std::nullopt);
  };
  return journal;
}

bool Observer::is_old(const Side& side, const Kind& kind) const {
  const Observation& seen = side.workspace->observations()[std::string(kind.name)];
  return side.options->has_value() && side.workspace->loop().now() - seen.taken >= rules_.every;
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

Task<void> Observer::refresh_side(Side* side) {
  co_await remove_leftovers(side);
  for (const Kind* kind : kinds_)
    if (is_old(*side, *kind)) co_await look(side, kind);
}

Task<void> Observer::look(Side* side, const Kind* kind) {
  auto items = co_await kind->observe(*side->workspace);
  Observation& seen = side->workspace->observations()[std::string(kind->name)];
  if (!items) {
    // What was seen before is better than nothing, but not good enough to delete by.
    Error error = std::move(items).error();
    error.message = "the " + std::string(side->role) + " could not be looked at: " + error.message;
    seen.error = std::move(error);
    co_return;
  }
  seen = Observation{.taken = side->workspace->loop().now(), .items = std::move(*items), .error = std::nullopt};
  state::Observed record{.side = side->workspace->side(), .kind = std::string(kind->name), .taken = seen.taken, .items = {}};
  record.items = to_text(json(seen.items));
  store_.put_observation(record);
  if (side == &primary_) add_declared(*kind);
}

Task<void> Observer::look_at_changes() {
  if (!secondary_.helper || !secondary_.helper->is_ready()) co_return;
  for (const Kind* kind : kinds_) co_await look(&secondary_, kind);
}

Task<void> Observer::finish() {
  for (Side* side : {&primary_, &secondary_}) co_await finish_side(side);
}

Task<void> Observer::finish_side(Side* side) {
  if (!side->helper) co_return;
  if (side->helper->is_open())
    if (auto gone = co_await side->helper->close(); !gone) {
      Error error = std::move(gone).error();
      error.hint = "It ends by itself after 10 idle minutes; the next sync removes it";
      sink_.on(events::Note{"the helper machine on the " + std::string(side->role) + " could not be deleted: " + twinlake::describe(error)});
    }
  side->workspace->use_helper(nullptr);
}

std::vector<model::Finding> Observer::announcements(const Plan& plan) const {
  std::vector<model::Finding> all;
  const auto tell = [&](const Side& side, const std::string& why) {
    const workspace::HelperOptions& options = **side.options;
    all.push_back(model::Finding{"helper machine", "a sync uses " + workspace::describe(options) + " on the " + std::string(side.role) + ": " + why,
                                 workspace::cost_of(options)});
  };
  for (const Side* side : {&primary_, &secondary_})
    for (const Kind* kind : kinds_)
      if (is_old(*side, *kind)) {
        const Observation& seen = side->workspace->observations()[std::string(kind->name)];
        tell(*side, "to look at " + std::string(kind->plural) + ", " + age_of(seen.taken, side->workspace->loop().now()));
      }
  const auto runs = std::ranges::count_if(plan.steps, [](const Step& step) { return step.kind->observe != nullptr; });
  if (runs > 0 && rules_.secondary) tell(secondary_, "for " + std::to_string(runs) + (runs == 1 ? " step" : " steps"));
  return all;
}

}  // namespace twinlake::engine
