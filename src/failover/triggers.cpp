#include "failover/triggers.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "model/canonical.h"
#include "model/own_words.h"

namespace twinlake::failover {

using engine::Action;
using engine::Pair;
using engine::Step;
using model::Kind;
using nlohmann::json;
using workspace::Item;

namespace {

bool starts_something(const Kind& kind) { return std::ranges::any_of(kind.holds, &model::Hold::starts); }

/// Kinds whose triggers are turned, with the parents in whose listings some of them stand.
std::vector<const Kind*> kinds_to_list(std::span<const Kind* const> kinds, const std::vector<const Kind*>& turned) {
  std::vector<const Kind*> listed;
  for (const Kind* kind : kinds) {
    const bool is_parent = std::ranges::any_of(turned, [&](const Kind* child) { return child->child_of == kind->name; });
    if (is_parent || std::ranges::find(turned, kind) != turned.end()) listed.push_back(kind);
  }
  return listed;
}

/// What objects of a side are called in the state.
class Uuids {
 public:
  Uuids(const workspace::Workspace& side, const state::Store& store) : workspace_(side.self().workspace_id) {
    for (const state::Binding& binding : store.bindings())
      if (const auto& id = binding.on(side.side())) bound_.emplace(binding.kind + "/" + *id, binding.uuid);
  }
  [[nodiscard]] std::string of(std::string_view kind, const std::string& id) const {
    const auto found = bound_.find(std::string(kind) + "/" + id);
    return found != bound_.end() ? found->second : engine::first_uuid(workspace_, kind, id);
  }

 private:
  std::string workspace_;
  std::unordered_map<std::string, std::string> bound_;
};

engine::World world_of(workspace::Inventory inventory, const Uuids& uuids) {
  engine::World world;
  world.secondary = std::move(inventory);
  for (auto& [name, listing] : world.secondary.kinds)
    for (Item& item : listing.items) {
      Pair pair;
      pair.kind = listing.kind;
      pair.parent_kind = item.parent_kind;
      pair.key = item.key;
      pair.secondary = &item;
      if (item.parent_kind != nullptr) {
        pair.parent_uuid = uuids.of(item.parent_kind->name, item.id);
        pair.uuid = uuid_from(pair.parent_uuid + "/" + std::string(name));
      } else {
        pair.uuid = uuids.of(name, item.id);
      }
      world.by_uuid.emplace(pair.uuid, static_cast<std::uint32_t>(world.pairs.size()));
      world.pairs.push_back(std::move(pair));
    }
  return world;
}

/// Does the listing lack what only a read of the object tells? Where triggers are set apart from the rest of an
/// object, they are all that is looked at, and the listing has them: in a failover each read costs time.
bool needs_read(const Item& item) {
  const Kind& kind = *item.kind;
  if (kind.detail == model::Detail::none || item.complete || kind.turn.exists()) return false;
  return kind.must_read == nullptr || kind.must_read(item.raw);
}

struct Unread {
  const Item* item = nullptr;
  Error error;
};

Task<void> read_into(workspace::Workspace* side, Item* item, std::vector<Unread>* unread) {
  auto done = co_await workspace::complete(*side, *item);
  if (done) co_return;
  if (done.error().fault == Fault::not_found)
    item->raw = nullptr;
  else
    unread->push_back({item, std::move(done).error()});
}

Task<void> read_all(workspace::Workspace* side, std::vector<Item*> items, std::vector<Unread>* unread) {
  const auto read_one = [&](std::size_t index) { return read_into(side, items[index], unread); };
  co_await for_each_index(side->loop(), items.size(), 96, read_one);
}

/// One side with the definitions of what is to be turned there.
struct Look {
  TriggerPlan result;
  std::vector<Pair*> pairs;  ///< of the kinds that are turned, and of nothing else
};

engine::Verdict unknown(const Kind& kind, const SharedText& uuid, const SharedText& key, const Error& error) {
  engine::Verdict verdict;
  verdict.uuid = uuid;
  verdict.kind = &kind;
  verdict.key = key;
  verdict.standing = engine::Standing::unknown;
  verdict.stop = engine::Stop::failed;
  verdict.because = describe(error);
  verdict.what_to_do = error.hint;
  verdict.spoils = true;
  return verdict;
}

using Wanted = std::function<bool(const Pair& pair)>;

Task<Result<Look>> look(workspace::Workspace* side, std::vector<const Kind*> turned, std::span<const Kind* const> kinds,
                        const state::Store* store, workspace::InScope in_scope, Wanted wanted) {
  Look seen;
  const std::vector<const Kind*> listed = kinds_to_list(kinds, turned);
  auto inventory = co_await workspace::read_listings(*side, listed, std::move(in_scope));
  std::vector<engine::Verdict>& verdicts = seen.result.plan.verdicts;
  for (const auto& [name, listing] : inventory.kinds) {
    // Nothing may be taken for held that could not be seen.
    if (listing.error) verdicts.push_back(unknown(*listing.kind, {}, "", *listing.error));
    for (const workspace::Hole& hole : listing.holes) verdicts.push_back(unknown(*listing.kind, {}, hole.prefix, hole.error));
  }
  seen.result.world = world_of(std::move(inventory), Uuids(*side, *store));
  std::vector<Item*> to_read;
  for (Pair& pair : seen.result.world.pairs) {
    if (std::ranges::find(turned, pair.kind) == turned.end() || !wanted(pair)) continue;
    seen.pairs.push_back(&pair);
    if (needs_read(*pair.secondary)) to_read.push_back(pair.secondary);
  }
  std::vector<Unread> unread;
  co_await read_all(side, std::move(to_read), &unread);
  for (const Unread& one : unread) {
    const auto pair = std::ranges::find(seen.pairs, one.item, &Pair::secondary);
    verdicts.push_back(unknown(*one.item->kind, (*pair)->uuid, one.item->key, one.error));
    seen.pairs.erase(pair);
  }
  std::erase_if(seen.pairs, [](const Pair* pair) {
    const Kind& kind = *pair->kind;
    return pair->secondary->raw.is_null() || (kind.is_foreign != nullptr && kind.is_foreign(pair->secondary->raw));
  });
  co_return seen;
}

Step step_for(const Pair& pair, Action action, const TriggerOptions& options, const json& before,
              const json& after) {
  Step step;
  step.action = action;
  step.uuid = pair.uuid;
  step.kind = pair.kind;
  step.parent_kind = pair.parent_kind;
  step.key = pair.key;
  step.parent_uuid = pair.parent_uuid;
  step.target_id = pair.secondary->id;
  step.changes = model::differences(*pair.kind, before, after, options.literals);
  step.is_marked = !model::marker_of(*pair.kind, pair.secondary->raw, options.group).empty();
  step.current = model::PackedForm(before);
  step.desired = model::PackedForm(after);
  return step;
}

std::vector<state::HoldRecord> records_of(const std::string& uuid, const std::vector<model::LiveTrigger>& live, Time now) {
  std::vector<state::HoldRecord> records;
  for (const model::LiveTrigger& trigger : live) records.push_back({uuid, trigger.place, trigger.live, now});
  return records;
}

std::map<std::string, std::vector<model::LiveTrigger>> recorded(const state::Store& store) {
  std::map<std::string, std::vector<model::LiveTrigger>> all;
  for (const state::HoldRecord& record : store.holds()) all[record.uuid].push_back({record.place, record.live});
  return all;
}

/// Records name the triggers of a list by their content, and as they stand on the standby.
json in_words_of_records(const Kind& kind, const json& definition, const TriggerOptions& options) {
  json named = definition;
  if (options.rewrite) options.rewrite(kind, named);
  return named;
}

/// In a list of minutes it decides which of them still fires on this side.
void soonest_first(std::deque<Step>& steps, model::PackedForm Step::* live_form, Time now) {
  std::vector<std::pair<Time, std::size_t>> order;
  for (std::size_t i = 0; i < steps.size(); ++i)
    order.emplace_back(
        model::next_start(*steps[i].kind, (steps[i].*live_form).unpack(), now).value_or(Time::max()), i);
  std::ranges::sort(order);
  std::deque<Step> sorted;
  for (const auto& [start, index] : order) sorted.push_back(std::move(steps[index]));
  steps = std::move(sorted);
}

/// What to tell of once nothing is left to turn: counting the starts of weeks must not delay a fence.
using LiveForms = std::vector<std::pair<const Pair*, json>>;

void tell_due(const Pair& pair, const json& live, const TriggerOptions& options, Time now,
              TriggerPlan& plan) {
  const auto known = options.due_until.find(pair.address());
  const Time until = known == options.due_until.end() ? now : std::min(now, known->second);
  const model::DueStarts due = model::due_starts(*pair.kind, live, *options.due_since, until);
  if (due.count > 0) plan.due.push_back({pair.address(), due});
}

void tell_all_due(const LiveForms& live, const TriggerOptions& options, Time now, TriggerPlan& plan) {
  if (!options.due_since || !plan.plan.steps.empty()) return;
  for (const auto& [pair, form] : live) tell_due(*pair, form, options, now, plan);
}

/// Triggers that no record speaks of, and records whose trigger is not there.
void tell_odd(const Pair& pair, const std::vector<model::LiveTrigger>& places, const std::vector<model::LiveTrigger>& records,
              std::vector<model::Finding>& findings) {
  for (const model::LiveTrigger& place : places)
    if (std::ranges::find(records, place.place, &model::LiveTrigger::place) == records.end())
      findings.push_back({pair.address(), "has a trigger at " + place.place + " that was not on the primary: it stays held",
                          "Start it by hand if it should run"});
  for (const model::LiveTrigger& record : records)
    if (std::ranges::find(places, record.place, &model::LiveTrigger::place) == places.end())
      findings.push_back({pair.address(), "lacks the trigger " + record.place + " of the primary",
                          "Look at this object: it was changed on this side"});
}

/// What was to be left held is told, and what nobody would release too: a slip of the pen must not pass for done.
void tell_left(const TriggerOptions& options, TriggerPlan& plan) {
  std::erase_if(plan.plan.verdicts, [&](const engine::Verdict& verdict) {
    const bool is_left = options.without.contains(verdict.address());
    if (is_left) plan.left.push_back(verdict.address());
    return is_left;
  });
  for (const std::string& address : options.without) {
    if (std::ranges::find(plan.left, address) != plan.left.end())
      plan.plan.findings.push_back({address, "stays held, as you said", "Mend it, then start its triggers by hand: nothing else does"});
    else
      plan.plan.findings.push_back({address, "has nothing that would be released, so leaving it out changes nothing",
                                    "Take the address as this command prints it"});
  }
}

}  // namespace

Task<Result<TriggerPlan>> plan_hold(workspace::Workspace& side, std::span<const Kind* const> kinds,
                                    const state::Store& store, TriggerOptions options) {
  std::vector<const Kind*> turned;
  std::ranges::copy_if(kinds, std::back_inserter(turned), [](const Kind* kind) { return starts_something(*kind); });
  const Wanted all = [](const Pair&) { return true; };
  CO_TRY(Look seen, co_await look(&side, std::move(turned), kinds, &store, options.in_scope, all));
  const model::CanonicalContext words = model::own_words(model::kinds_with_number_ids(kinds));
  const auto records = options.due_since ? recorded(store)
                                         : std::map<std::string, std::vector<model::LiveTrigger>>();
  const Time now = side.loop().now();
  LiveForms live_forms;
  for (const Pair* pair : seen.pairs) {
    const json before = *model::canonical(*pair->kind, pair->secondary->raw, words).form;
    json after = before;
    (void)model::hold(*pair->kind, after);
    if (const auto known = records.find(pair->uuid); known != records.end()) {
      json live = before;
      model::release(*pair->kind, live, in_words_of_records(*pair->kind, before, options),
                     known->second);
      live_forms.emplace_back(pair, std::move(live));
    }
    json named = in_words_of_records(*pair->kind, before, options);
    const std::vector<model::LiveTrigger> live = model::hold(*pair->kind, named);
    const bool is_live = !model::live_triggers(*pair->kind, before).empty();
    if (options.keep_records && (is_live || !options.held_before.contains(pair->uuid)))
      seen.result.plan.holds[pair->uuid] = records_of(pair->uuid, live, now);
    if (!is_live) continue;
    Step step = step_for(*pair, Action::hold, options, before, after);
    step.reason = "would start by itself";
    seen.result.plan.steps.push_back(std::move(step));
  }
  tell_all_due(live_forms, options, now, seen.result);
  soonest_first(seen.result.plan.steps, &Step::current, now);
  co_return std::move(seen.result);
}

Task<Result<TriggerPlan>> plan_release(workspace::Workspace& side, std::span<const Kind* const> kinds,
                                       const state::Store& store, TriggerOptions options) {
  std::vector<const Kind*> turned;
  std::ranges::copy_if(kinds, std::back_inserter(turned), [](const Kind* kind) { return !kind->holds.empty(); });
  const auto records = recorded(store);
  const Wanted has_record = [&](const Pair& pair) {
    return records.contains(pair.uuid) && (!options.only || options.only->contains(pair.uuid));
  };
  CO_TRY(Look seen, co_await look(&side, std::move(turned), kinds, &store, options.in_scope, has_record));
  const model::CanonicalContext words = model::own_words(model::kinds_with_number_ids(kinds));
  const Time now = side.loop().now();
  LiveForms live_forms;
  for (const Pair* pair : seen.pairs) {
    const std::vector<model::LiveTrigger>& live = records.at(pair->uuid);
    const json before = *model::canonical(*pair->kind, pair->secondary->raw, words).form;
    if (options.takes && !options.takes(*pair->kind, pair->key, before)) continue;
    json after = before;
    json named = in_words_of_records(*pair->kind, before, options);
    model::release(*pair->kind, after, named, live);
    if (before != after && options.without.contains(pair->address())) {
      seen.result.left.push_back(pair->address());
      continue;
    }
    tell_odd(*pair, model::hold(*pair->kind, named), live, seen.result.plan.findings);
    if (before == after) {
      live_forms.emplace_back(pair, std::move(after));
      continue;
    }
    Step step = step_for(*pair, Action::release, options, before, after);
    step.reason = "was live on the primary";
    seen.result.plan.steps.push_back(std::move(step));
  }
  tell_left(options, seen.result);
  tell_all_due(live_forms, options, now, seen.result);
  soonest_first(seen.result.plan.steps, &Step::desired, now);
  co_return std::move(seen.result);
}

std::set<std::string> ids_of_what_starts(const workspace::Workspace& side, std::span<const Kind* const> kinds,
                                         const state::Store& store) {
  std::set<std::string_view> starting;
  for (const Kind* kind : kinds)
    if (starts_something(*kind)) starting.insert(kind->name);
  std::set<std::string> ids;
  for (const state::Binding& binding : store.bindings())
    if (const auto& id = binding.on(side.side()); id && starting.contains(binding.kind)) ids.insert(*id);
  return ids;
}

}  // namespace twinlake::failover
