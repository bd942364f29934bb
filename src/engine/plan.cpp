#include "engine/plan.h"

#include <algorithm>

namespace twinlake::engine {

using model::Kind;
using model::Support;

std::string_view name_of(Action action) {
  switch (action) {
    case Action::create: return "create";
    case Action::update: return "update";
    case Action::adopt: return "adopt";
    case Action::remove: return "delete";
    case Action::hold: return "hold";
    case Action::release: return "release";
  }
  return "?";
}

std::string_view name_of(Standing standing) {
  switch (standing) {
    case Standing::in_sync: return "in_sync";
    case Standing::lagging: return "lagging";
    case Standing::drifted: return "drifted";
    case Standing::missing: return "missing";
    case Standing::extra: return "extra";
    case Standing::failed: return "failed";
    case Standing::unsupported: return "unsupported";
    case Standing::unknown: return "unknown";
  }
  return "?";
}

void Step::wait_for(const SharedText& uuid_before) {
  const auto place = std::ranges::lower_bound(waits_for, uuid_before);
  if (place == waits_for.end() || *place != uuid_before) waits_for.insert(place, uuid_before);
}

void Verdict::say_also(std::string_view clause) {
  because = because.empty() ? SharedText(clause) : SharedText(because + "; " + std::string(clause));
}

bool is_unchanged(const Pair& pair, const KnownState& known, model::Side primary) {
  if (!is_listed_as_known(pair, known, primary)) return false;
  if (pair.kind->must_read == nullptr || !pair.kind->must_read(pair.primary->raw)) return true;
  const auto reading = known.in_turn.find(pair.uuid);
  return reading != known.in_turn.end() && reading->second.is_believed;
}

bool is_listed_as_known(const Pair& pair, const KnownState& known, model::Side primary) {
  if (pair.primary == nullptr || pair.secondary == nullptr || pair.bond != Bond::bound) return false;
  const auto found = known.by_uuid.find(pair.uuid);
  if (found == known.by_uuid.end() || found->second.fingerprint != known.rules) return false;
  const bool home_is_primary = primary == model::Side::home;
  const std::string& mine = home_is_primary ? found->second.home_indicator : found->second.away_indicator;
  const std::string& theirs = home_is_primary ? found->second.away_indicator : found->second.home_indicator;
  return !mine.empty() && !theirs.empty() && mine == pair.primary->indicator && theirs == pair.secondary->indicator;
}

std::vector<std::string> doubtful_after_recreation(const World& world) {
  std::set<std::string_view> recreated;
  for (const Pair& pair : world.pairs)
    if (pair.primary != nullptr && pair.was_bound && pair.bond != Bond::bound) recreated.insert(pair.kind->name);
  std::vector<std::string> doubtful;
  if (recreated.empty()) return doubtful;
  for (const Pair& pair : world.pairs) {
    const auto names_one = [&](const model::Reference& reference) {
      return (reference.match == model::Match::id || can_come_late(*pair.kind)) &&
             std::any_of(reference.kinds.begin(), reference.kinds.end(), [&](auto kind) { return recreated.contains(kind); });
    };
    const auto& references = pair.kind->references;
    if (std::any_of(references.begin(), references.end(), names_one)) doubtful.push_back(pair.uuid);
  }
  return doubtful;
}

std::vector<ToRead> items_to_read(World& world, const KnownState& known, bool everything, std::size_t from_pair) {
  std::vector<ToRead> items;
  for (std::size_t i = from_pair; i < world.pairs.size(); ++i) {
    Pair& pair = world.pairs[i];
    const Kind& kind = *pair.kind;
    if (kind.support != Support::replicated || kind.detail == model::Detail::none || pair.primary == nullptr) continue;
    if (can_come_late(kind)) continue;
    if (!everything && is_unchanged(pair, known, world.primary.side)) continue;
    // Content is read to compare; where there is nothing to compare with it is read when it is copied.
    if (kind.detail == model::Detail::content && pair.secondary == nullptr) continue;
    for (workspace::Item* item : {pair.primary, pair.secondary})
      if (item != nullptr && !item->complete) items.push_back(ToRead{item, item == pair.primary});
  }
  return items;
}

bool needs_follow_up(const Step& step) {
  const model::FollowUp& rule = step.kind->follow_up;
  if (!rule.endpoint.exists() || !step.kind->child_of.empty()) return false;
  return step.action == Action::create || (step.action == Action::update && rule.after_update);
}

bool can_come_late(const Kind& kind) { return !kind.child_of.empty() && kind.detail == model::Detail::definition; }

}  // namespace twinlake::engine
