// What a session proves and keeps once a plan was carried out: what was written is read back, and what is open in the
// journal is closed where nobody has to look it up any more.
#include <algorithm>
#include <set>

#include "engine/passes.h"
#include "engine/session.h"

namespace twinlake::engine {

using events::Outcome;
using model::Kind;
using workspace::Item;

void Session::remember(const Pair& pair, const SharedText& secondary_indicator) {
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

namespace {
/// What was left as the secondary has it was only held; what children are, no listing tells.
bool makes_equal(const Step& step) { return step.action != Action::hold && step.kind->child_of.empty(); }
}  // namespace

std::vector<std::size_t> Session::check_applied(const Reading& reading, const workspace::Inventory& now,
                                                const std::vector<std::size_t>& open, std::vector<StepResult>& results) {
  std::map<std::string_view, std::unordered_map<std::string_view, const Item*>> found;
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
    prove_quiet(step, *item->second, Triggers::held, Words(), results[index]);
    if (results[index].outcome != Outcome::done || !makes_equal(step) || step.kind->detail == model::Detail::none) continue;
    remember(reading.world.pairs[reading.world.by_uuid.at(step.uuid)], item->second->indicator);
  }
  return unseen;
}

std::vector<const Kind*> Session::kinds_to_list(const Reading& reading, const std::vector<std::size_t>& open) const {
  std::set<const Kind*> wanted;
  for (const std::size_t index : open) {
    const Step& step = reading.plan.steps[index];
    wanted.insert(step.kind);
    // A child is found in its parent's listing.
    if (step.parent_kind != nullptr) wanted.insert(step.parent_kind);
  }
  std::vector<const Kind*> kinds;
  std::copy_if(kinds_.begin(), kinds_.end(), std::back_inserter(kinds), [&](const Kind* kind) { return wanted.contains(kind); });
  return kinds;
}

namespace {

/// The change indicator of a listing that saw the object as it is now; empty: none did yet.
SharedText indicator_after(const Step& step, const Reading& reading, const StepResult& result) {
  // What was found equal and left alone was seen by the first listing; what an earlier run of ours made
  // was stopped just now.
  if (step.action == Action::adopt && step.origin == state::Origin::adopted && !step.was_interrupted)
    return reading.world.pairs[reading.world.by_uuid.at(step.uuid)].secondary->indicator;
  return result.indicator;
}

}  // namespace

std::vector<std::size_t> Session::not_shown_yet(const Reading& reading, const std::vector<StepResult>& results) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Step& step = reading.plan.steps[i];
    const bool listed = step.kind->child_of.empty() || step.kind->detail == model::Detail::none;
    if (results[i].outcome != Outcome::done || step.action == Action::remove || !listed) continue;
    const SharedText shown = indicator_after(step, reading, results[i]);
    if (shown.empty()) {
      open.push_back(i);
    } else if (makes_equal(step) && step.kind->detail != model::Detail::none) {
      remember(reading.world.pairs[reading.world.by_uuid.at(step.uuid)], shown);
    }
  }
  return open;
}

namespace {
std::vector<std::string> keys_of(const Reading& reading, const std::vector<std::size_t>& steps, const Kind& kind) {
  std::vector<std::string> keys;
  for (const std::size_t index : steps)
    if (const Step& step = reading.plan.steps[index]; step.kind == &kind) keys.push_back(step.key);
  return keys;
}
}  // namespace

Task<void> Session::read_back(Reading& reading, std::vector<StepResult>& results) {
  std::vector<std::size_t> open = not_shown_yet(reading, results);
  if (open.empty()) co_return;
  sink_.on(events::Phase{"reading back"});
  const std::vector<const Kind*> kinds = kinds_to_list(reading, open);
  // A listing may show what was just written a little late.
  for (int attempt = 0; attempt < 4 && !open.empty(); ++attempt) {
    if (attempt > 0) co_await loop_.sleep(std::chrono::seconds(2 * attempt));
    workspace::Inventory now = co_await workspace::read_listings(secondary_, kinds, rules_.in_scope);
    for (const Kind* kind : kinds)
      if (kind->find_verb != nullptr)
        co_await workspace::find_items(secondary_, *kind, keys_of(reading, open, *kind), rules_.in_scope, now.kinds[kind->name]);
    open = check_applied(reading, now, open, results);
  }
  for (const std::size_t index : open) {
    results[index].outcome = Outcome::failed;
    results[index].error = std::make_unique<Error>(Fault::in_doubt, "was written, but the secondary does not list it", "Sync again");
  }
}

namespace {

/// Could every place where this object might stand be listed? A child stands wherever its parents do.
bool could_be_seen(const World& world, const state::Intent& intent) {
  const auto own = world.primary.kinds.find(intent.kind);
  const auto tells_all = [&](const auto& entry) {
    const workspace::KindListing& listing = entry.second;
    const bool matters = entry.first == intent.kind || !own->second.kind->child_of.empty();
    return !matters || (!listing.error && listing.holes.empty());
  };
  if (own == world.primary.kinds.end()) return false;
  return std::ranges::all_of(world.primary.kinds, tells_all) && std::ranges::all_of(world.secondary.kinds, tells_all);
}

}  // namespace

void Session::close_old_intents(const std::vector<state::Intent>& old, const Reading& reading,
                                const std::vector<StepResult>& results) {
  close_looked_up(store_, old, reading.plan, results, [&](const state::Intent& intent) {
    return reading.world.by_uuid.contains(intent.uuid) || could_be_seen(reading.world, intent);
  });
}

}  // namespace twinlake::engine
