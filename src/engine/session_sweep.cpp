// What a session reads in turns: which of it now, and what is kept of that.
#include "engine/session.h"

namespace twinlake::engine {

using events::Outcome;
using model::Kind;

void Session::choose_late(Reading& reading, Planner& planner, const SweepRules& rules, Time now) const {
  const auto is_settled = [&](const Pair& pair) { return planner.is_settled(pair); };
  SweepChoice choice = choose_sweep(reading.world, reading.late, reading.swept, reading.known, is_settled, rules, now);
  for (const auto& [position, read] : choice.trusted) planner.trust(reading.world.pairs[position], read);
  reading.late = std::move(choice.read);
}

/// Before the primary is fenced there is time to look at everything: what nobody found yet must not fail over.
SweepRules Session::sweep_rules(const SyncOptions& options) const {
  return options.within_failover && !options.keep_holds ? SweepRules::always() : rules_.sweep;
}

void Session::keep_sweep(const Reading& reading, const std::vector<StepResult>& results) {
  const World& world = reading.world;
  std::vector<bool> done(world.pairs.size());
  std::vector<bool> open(world.pairs.size());
  for (std::size_t i = 0; i < results.size(); ++i)
    if (const auto found = world.by_uuid.find(reading.plan.steps[i].uuid); found != world.by_uuid.end())
      (results[i].outcome == Outcome::done ? done : open)[found->second] = true;
  std::vector<state::Swept> equal;
  for (const std::size_t position : reading.equal) {
    const Pair& pair = world.pairs[position];
    // What its parent was made with needs the parent to be made.
    const bool came_with_parent = pair.secondary == nullptr && !done[position];
    if (open[position] || (came_with_parent && !done[world.by_uuid.at(pair.parent_uuid)])) continue;
    equal.push_back({pair.uuid, std::string(pair.kind->name), reading.moment});
  }
  if (!equal.empty()) store_.put_swept(rules_.digest, equal);
  for (const Kind* kind : kinds_)
    if (can_come_late(*kind)) store_.forget_swept_before(std::string(kind->name), reading.moment - rules_.sweep.of(*kind));
}

}  // namespace twinlake::engine
