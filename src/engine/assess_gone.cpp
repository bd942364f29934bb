// What is on the secondary and not, or no more, on the primary.
#include <nlohmann/json.hpp>

#include "engine/assess.h"

namespace twinlake::engine {

using model::Kind;
using nlohmann::json;

/// Whom we let in may be let out again, if somebody asked for it; but never ourselves.
bool Assessor::stays_anyway(const Pair& pair, bool ours, Verdict& verdict) const {
  const Kind& kind = *pair.kind;
  const json& item = pair.secondary->raw;
  const bool by_itself = kind.comes_by_itself != nullptr && kind.comes_by_itself(item);
  if (!kind.never_removed && !by_itself && !is_built_in(pair)) return false;
  const bool may_go = kind.can_be_unassigned != nullptr && ours && !by_itself && !is_built_in(pair) &&
                      !world_.secondary_self.contains(pair.secondary->id) && kind.can_be_unassigned(item);
  if (may_go && options_.unassign) return false;
  verdict.because = "exists only on " + options_.words.to() + "; such objects are never removed";
  if (!may_go) return true;
  verdict.because = "is gone on " + options_.words.from() + ", and such objects stay";
  verdict.what_to_do = "If it should leave the secondary too: `deletion: {unassign: true}` in twinlake.yml";
  return true;
}

void Assessor::assess_one_sided(const Pair& pair, Assessment& result) const {
  Verdict& verdict = result.verdict;
  verdict.standing = Standing::extra;
  const bool ours = pair.was_bound && pair.origin == state::Origin::created;
  if (stays_anyway(pair, ours, verdict)) return;
  verdict.spoils = true;
  if (!ours) {
    verdict.because = pair.was_bound ? "was there before Twinlake and is gone on " + options_.words.from()
                                     : "exists only on " + options_.words.to() + " and was not made by Twinlake";
    verdict.what_to_do = "Remove it by hand, or exclude it from the scope";
    return;
  }
  if (world_.primary.of(*pair.kind).disabled) {
    verdict.because = options_.words.from() + " does not answer for this kind any more";
    return;
  }
  verdict.because = "is gone on " + options_.words.from();
  if (!options_.delete_enabled) {
    verdict.what_to_do = "Deletions are off in the configuration";
    return;
  }
  if (spared_from_removal(pair, verdict)) return;
  Step step = step_for(pair, result, Action::remove);
  step.reason = verdict.because;
  result.step = std::move(step);
}

/// What somebody changed on the secondary before it was removed on the primary.
bool Assessor::spared_from_removal(const Pair& pair, Verdict& verdict) const {
  const auto known = known_.by_uuid.find(pair.uuid);
  if (known == known_.by_uuid.end() || !has_moved(known->second, world_.secondary.side, *pair.secondary)) return false;
  const OnConflict policy = policy_of(pair);
  if (policy == OnConflict::primary) return false;
  verdict.because = "is gone on the primary, and was changed on the secondary since";
  verdict.what_to_do = "Remove it by hand if nobody needs it, or let the primary's absence win: `twinlake sync --take '" + pair.address() + "'`";
  if (policy == OnConflict::ask) {
    verdict.stop = Stop::conflict;
    verdict.asks = true;
  } else {
    findings_.push_back(model::Finding{pair.address(), verdict.because + "; it is kept", verdict.what_to_do});
  }
  return true;
}

}  // namespace twinlake::engine
