// What a session reads in turns: which of it now, and what is kept of that.
#include "engine/session.h"

namespace twinlake::engine {

using events::Outcome;
using model::Kind;

void Session::choose_in_turn(Reading& reading, const SweepRules& rules, Time now) {
  const World& world = reading.world;
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < world.pairs.size(); ++i)
    if (may_wait(world.pairs[i])) waiting.push_back(i);
  SweepChoice choice = choose_sweep(world, waiting, belief_of_listed(world, reading.swept, reading.known), rules, now);
  for (const auto& [position, read] : choice.trusted) reading.known.in_turn[world.pairs[position].uuid] = {read, true};
  for (const std::size_t position : choice.read) reading.known.in_turn[world.pairs[position].uuid] = {reading.moment, false};
  reading.in_turn = std::move(choice.read);
}

void Session::decide_early(Reading& reading, Planner& planner, const SweepRules& rules, Time now) {
  planner.decide_all(reading.late);
  const IsSettled is_settled = [&](const Pair& pair) { return planner.is_settled(pair); };
  const Belief belief = belief_of_late(reading.world, reading.swept, reading.known, is_settled);
  SweepChoice choice = choose_sweep(reading.world, reading.late, belief, rules, now);
  for (const auto& [position, read] : choice.trusted) planner.trust(reading.world.pairs[position], read);
  reading.late = std::move(choice.read);
  // What was listed is decided; sorting needs room of its own.
  forget_raw(reading.world);
}

/// Before the primary is fenced there is time to look at everything: what nobody found yet must not fail over.
SweepRules Session::sweep_rules(const SyncOptions& options) const {
  return options.within_failover && !options.keep_holds ? SweepRules::always() : rules_.sweep;
}

namespace {

/// What a run made of each pair, by position: a step that makes it equal was carried out; or something is left to do.
struct Made {
  std::vector<bool> equal;
  std::vector<bool> open;

  Made(const Reading& reading, const std::vector<StepResult>& results) : equal(reading.world.pairs.size()), open(equal.size()) {
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto found = reading.world.by_uuid.find(reading.plan.steps[i].uuid);
      if (found == reading.world.by_uuid.end()) continue;
      // What was left as the secondary has it was only held.
      const bool makes_equal = reading.plan.steps[i].action != Action::hold && results[i].outcome == Outcome::done;
      (makes_equal ? equal : open)[found->second] = true;
    }
  }
};

/// Those that had their turn before the plan was made, and were found or made equal.
std::vector<std::size_t> equal_in_turn(const Reading& reading, const Made& made) {
  std::set<std::string_view> in_sync;
  for (const Verdict& verdict : reading.plan.verdicts)
    if (verdict.standing == Standing::in_sync && verdict.stop == Stop::none) in_sync.insert(verdict.uuid);
  std::vector<std::size_t> equal;
  for (const std::size_t position : reading.in_turn)
    if (made.equal[position] || in_sync.contains(reading.world.pairs[position].uuid)) equal.push_back(position);
  return equal;
}

}  // namespace

void Session::forget_different(const Reading& reading) {
  std::vector<std::string> different;
  for (const Verdict& verdict : reading.plan.verdicts) {
    const bool was_read = verdict.read && *verdict.read == reading.moment && verdict.kind->child_of.empty();
    if (was_read && verdict.standing != Standing::in_sync && reading.swept.read.contains(verdict.uuid)) different.push_back(verdict.uuid);
  }
  store_.forget_swept(different);
}

void Session::keep_sweep(const Reading& reading, const std::vector<StepResult>& results) {
  const World& world = reading.world;
  const Made made(reading, results);
  std::vector<state::Swept> equal;
  std::vector<std::size_t> positions = equal_in_turn(reading, made);
  positions.insert(positions.end(), reading.equal.begin(), reading.equal.end());
  for (const std::size_t position : positions) {
    const Pair& pair = world.pairs[position];
    // What its parent was made with needs the parent to be made.
    const bool came_with_parent = pair.secondary == nullptr && !made.equal[position];
    const auto parent = world.by_uuid.find(pair.parent_uuid);
    const bool parent_is_made = parent != world.by_uuid.end() && made.equal[parent->second];
    if (made.open[position] || (came_with_parent && !parent_is_made)) continue;
    equal.push_back({pair.uuid, std::string(pair.kind->name), reading.moment});
  }
  if (!equal.empty()) store_.put_swept(rules_.digest, equal);
  for (const Kind* kind : kinds_)
    if (is_read_in_turn(*kind)) store_.forget_swept_before(std::string(kind->name), reading.moment - rules_.sweep.of(*kind));
}

}  // namespace twinlake::engine
