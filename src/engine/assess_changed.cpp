// Who changed what differs, and what becomes of it when both sides did.
#include <nlohmann/json.hpp>

#include "engine/assess.h"

namespace twinlake::engine {

using nlohmann::json;

bool Assessor::has_moved(const state::Known& then, model::Side side, const workspace::Item& now) {
  const std::string& before = side == model::Side::home ? then.home_indicator : then.away_indicator;
  return !before.empty() && !now.indicator.empty() && before != now.indicator;
}

void Assessor::remember_equal(const Pair& pair, Assessment& result) const {
  if (!options_.agreed) return;
  state::Agreed now = agreed_on(pair.uuid, pair.parent_uuid, world_.secondary.side,
                                marks_of(*result.desired, options_.fingerprint_key), result.marks_unrewritten);
  const auto known = options_.agreed(pair.uuid);
  if (!known || known->home != now.home || known->away != now.away) result.agreed = std::move(now);
}

ChangedBy Assessor::changed_by(const Pair& pair, const json& desired, const json& current,
                               const std::vector<model::Change>& changes) const {
  const auto agreed = options_.agreed ? options_.agreed(pair.uuid) : std::nullopt;
  ChangedBy changed = who_changed(agreed ? agreed->on(world_.secondary.side) : std::string(), options_.fingerprint_key, desired,
                                  current, changes);
  if (!changed.is_partly_unknown) return changed;
  const auto known = known_.by_uuid.find(pair.uuid);
  if (known == known_.by_uuid.end()) {
    changed.primary = true;
    return changed;
  }
  changed.secondary |= has_moved(known->second, world_.secondary.side, *pair.secondary);
  // It differs, so somebody changed it.
  changed.primary |= has_moved(known->second, world_.primary.side, *pair.primary) || !changed.secondary;
  return changed;
}

OnConflict Assessor::policy_of(const Pair& pair) const {
  return options_.on_conflict ? options_.on_conflict(*pair.kind, pair.key) : OnConflict::primary;
}

bool Assessor::settle_conflict(const Pair& pair, const json& current, const ChangedBy& changed, Assessment& result) const {
  Verdict& verdict = result.verdict;
  const std::string members = told_by_member(changed);
  const std::string what = "was changed on both sides" + (members.empty() ? "" : " (" + members + ")");
  const OnConflict policy = policy_of(pair);
  verdict.because = what;
  if (policy == OnConflict::primary) {
    findings_.push_back(model::Finding{pair.address(), what + "; what the primary has is written over it",
                                       "If the secondary's should have stayed: `conflicts` in twinlake.yml"});
    return false;
  }
  verdict.standing = Standing::drifted;
  verdict.what_to_do = "Make the same change on the primary, or let the primary's win: `twinlake sync --take '" + pair.address() + "'`";
  if (policy == OnConflict::ask) {
    verdict.stop = Stop::conflict;
    verdict.asks = true;
  } else {
    findings_.push_back(model::Finding{pair.address(), what + "; the secondary's is kept", verdict.what_to_do});
  }
  // Kept or not: nothing starts on the standby.
  if (model::live_triggers(*pair.kind, current).empty()) return true;
  json held = current;
  (void)model::hold(*pair.kind, held);
  result.step = step_for(pair, result, Action::hold);
  result.step->changes = model::differences(*pair.kind, current, held, options_.literals);
  result.step->current = model::PackedForm(current);
  result.step->desired = model::PackedForm(held);
  result.step->reason = "would start by itself";
  return true;
}

}  // namespace twinlake::engine
