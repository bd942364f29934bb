// What of a plan removes something, and what it must not remove.
#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "engine/planner.h"

namespace twinlake::engine {

using model::Kind;

void Planner::limit_removals() {
  std::map<const Kind*, std::vector<Draft*>> removals;
  std::map<const Kind*, std::size_t> bound;
  for (const Pair& pair : world_.pairs)
    if (pair.was_bound) ++bound[pair.kind];
  for (Draft& draft : drafts_)
    if (draft.step->action == Action::remove) removals[draft.step->kind].push_back(&draft);
  for (const auto& [kind, doomed] : removals) keep(doomed, bound[kind]);
}

void Planner::keep(const std::vector<Draft*>& doomed, std::size_t bound) {
  const std::size_t count = doomed.size();
  const bool many = count > 5 && count * 10 > bound;
  const bool told = options_.allow_deletes >= 0 && count <= static_cast<std::size_t>(options_.allow_deletes);
  if (!many || told) return;
  for (Draft* draft : doomed) {
    Verdict& verdict = plan_.verdicts[draft->verdict];
    draft->step.reset();
    verdict.stop = Stop::kept;
    verdict.because = "is gone on " + options_.words.from() + ", but " + std::to_string(count) + " of " + std::to_string(bound) + " " +
                      std::string(verdict.kind->plural) + " would be deleted";
    verdict.what_to_do = "If that is right: --allow-deletes " + std::to_string(count);
    record(world_.pairs[draft->pair], false, verdict);
  }
}

/// Where this step moves its object from; nullptr: it moves nothing of ours.
const workspace::Item* Planner::left_by(const Pair& pair, const Step& step) {
  if (step.action == Action::remove || pair.origin == state::Origin::adopted) return nullptr;
  const bool moves = step.action == Action::create && !step.target_id.empty();
  return moves ? pair.secondary : pair.left;
}

/// What lies on the secondary and will still lie there when all was done, for each of these paths that it lies below.
std::map<std::string, Planner::Filling> Planner::fillings(const std::map<std::string, Draft*>& doomed) const {
  std::set<const workspace::Item*> leaving;
  for (const Draft& draft : drafts_) {
    if (!draft.step) continue;
    const Pair& pair = world_.pairs[draft.pair];
    leaving.insert(draft.step->action == Action::remove ? pair.secondary : left_by(pair, *draft.step));
  }
  std::map<std::string, Filling> filled;
  for (const auto& [name, listing] : world_.secondary.kinds) {
    if (listing.kind == nullptr || !listing.kind->key_is_path) continue;
    for (const workspace::Item& item : listing.items) {
      if (leaving.contains(&item)) continue;
      for (std::string path = model::parent_path(item.key); path.size() > 1; path = model::parent_path(path))
        if (doomed.contains(path)) filled[path].add(model::address_of(listing.kind->name, item.key));
    }
  }
  return filled;
}

/// The service deletes no folder in which something lies, and what people put there is theirs: asking for it in every
/// run would only fail in every run.
void Planner::keep_what_is_filled() {
  std::map<std::string, Draft*> doomed;
  for (Draft& draft : drafts_)
    if (draft.step && draft.step->action == Action::remove && draft.step->kind->key_is_path) doomed[draft.step->key] = &draft;
  if (doomed.empty()) return;
  for (const auto& [path, filling] : fillings(doomed)) {
    Draft& draft = *doomed.at(path);
    Verdict& verdict = plan_.verdicts[draft.verdict];
    draft.step.reset();
    verdict.because = "is gone on " + options_.words.from() + ", but holds " + filling.first + (filling.count > 1 ? " and " + counted(filling.count - 1, "other", "others") : "") +
                      ", which " + (filling.count > 1 ? "stay" : "stays");
    verdict.what_to_do = "Move what is in it, or remove it by hand";
    record(world_.pairs[draft.pair], false, verdict);
  }
}

/// What moved leaves its old place behind; it goes once the new one stands.
void Planner::add_removals_of_moved() {
  std::vector<Step> removals;
  for (Step& step : plan_.steps) {
    const auto at = world_.by_uuid.find(step.uuid);
    if (at == world_.by_uuid.end()) continue;
    const Pair& pair = world_.pairs[at->second];
    const workspace::Item* const old = left_by(pair, step);
    if (old == nullptr) continue;
    Step removal;
    removal.action = Action::remove;
    removal.kind = step.kind;
    removal.key = old->key;
    removal.target_id = old->id;
    removal.uuid = uuid_from("moved/" + step.uuid + "/" + old->id);
    removal.wait_for(step.uuid);
    removal.reason = "moved to " + step.key;
    state::Binding leaves;
    leaves.uuid = removal.uuid;
    leaves.kind = std::string(step.kind->name);
    leaves.key = removal.key;
    leaves.origin_at(world_.secondary.side) = state::Origin::created;
    leaves.on(world_.secondary.side) = removal.target_id;
    step.leaves = std::make_shared<const state::Binding>(std::move(leaves));
    removals.push_back(std::move(removal));
  }
  std::move(removals.begin(), removals.end(), std::back_inserter(plan_.steps));
}

}  // namespace twinlake::engine
