#include "engine/sweep.h"

#include <algorithm>

namespace twinlake::engine {

using model::Kind;

namespace {

/// Do listings show something else than when both sides agreed? Not every kind is remembered so.
bool shows_change(const Pair& pair, const KnownState& known, model::Side primary) {
  const auto found = known.by_uuid.find(pair.uuid);
  if (found == known.by_uuid.end()) return false;
  const bool home_is_primary = primary == model::Side::home;
  const std::string& mine = home_is_primary ? found->second.home_indicator : found->second.away_indicator;
  const std::string& theirs = home_is_primary ? found->second.away_indicator : found->second.home_indicator;
  const auto is_other = [](const std::string& then, const std::string& now) { return !then.empty() && !now.empty() && then != now; };
  return is_other(mine, pair.primary->indicator) || is_other(theirs, pair.secondary->indicator);
}

/// What the state tells, if nothing speaks against it.
std::optional<Time> kept_reading(const Pair& pair, const SweepMemory& memory) {
  const auto found = memory.read.find(pair.uuid);
  if (found == memory.read.end() || memory.distrusted.contains(pair.uuid) || pair.was_interrupted) return std::nullopt;
  if (pair.primary == nullptr || pair.secondary == nullptr || pair.bond != Bond::bound) return std::nullopt;
  return found->second;
}

/// Those of one kind that may be believed, and how many of it there are.
struct Candidates {
  std::size_t all = 0;
  std::optional<Time> newest;
  std::vector<SweepChoice::Trusted> believed;
};

/// How many of a kind have their turn since its newest reading; at least one, or a small kind would wait for ever.
std::size_t share_of(const Candidates& kind, Micros max_age, Time now) {
  const double elapsed = static_cast<double>((now - *kind.newest).count());
  return 1 + static_cast<std::size_t>(static_cast<double>(kind.all) * elapsed / static_cast<double>(max_age.count()));
}

/// Moves those whose turn it is from what is believed into `due`.
void take_due(Candidates& kind, Micros max_age, Time now, std::set<std::size_t>& due) {
  if (kind.believed.empty()) return;
  auto& believed = kind.believed;
  const auto is_older = [](const auto& a, const auto& b) { return std::tie(a.read, a.position) < std::tie(b.read, b.position); };
  std::sort(believed.begin(), believed.end(), is_older);
  const auto fresh = std::find_if(believed.begin(), believed.end(), [&](const auto& one) { return now - one.read < max_age; });
  auto until = fresh;
  if (max_age > Micros(0)) {
    const std::size_t share = std::min(share_of(kind, max_age, now), believed.size());
    until = std::max(fresh, believed.begin() + static_cast<std::ptrdiff_t>(share));
  }
  for (auto one = believed.begin(); one != until; ++one) due.insert(one->position);
  believed.erase(believed.begin(), until);
}

}  // namespace

Micros SweepRules::of(const Kind& kind) const {
  const auto own = max_age_of.find(kind.name);
  return own == max_age_of.end() ? max_age : own->second;
}

Belief belief_of_late(const World& world, const SweepMemory& memory, const KnownState& known, const IsSettled& is_settled) {
  return [&world, &memory, &known, &is_settled](const Pair& pair) -> std::optional<Time> {
    const auto parent = world.by_uuid.find(pair.parent_uuid);
    if (parent == world.by_uuid.end()) return std::nullopt;
    const Pair& owner = world.pairs[parent->second];
    if (owner.was_interrupted || !is_settled(owner) || shows_change(owner, known, world.primary.side)) return std::nullopt;
    return kept_reading(pair, memory);
  };
}

Belief belief_of_listed(const World& world, const SweepMemory& memory, const KnownState& known) {
  return [&world, &memory, &known](const Pair& pair) -> std::optional<Time> {
    if (!is_listed_as_known(pair, known, world.primary.side)) return std::nullopt;
    return kept_reading(pair, memory);
  };
}

bool may_wait(const Pair& pair) {
  const Kind& kind = *pair.kind;
  if (kind.may_wait == nullptr || kind.must_read == nullptr || pair.primary == nullptr) return false;
  return kind.must_read(pair.primary->raw) && kind.may_wait(pair.primary->raw);
}

bool is_read_in_turn(const Kind& kind) { return can_come_late(kind) || kind.may_wait != nullptr; }

SweepChoice choose_sweep(const World& world, const std::vector<std::size_t>& positions, const Belief& belief, const SweepRules& rules,
                         Time now) {
  std::map<const Kind*, Candidates> kinds;
  std::set<std::size_t> due;
  for (const std::size_t position : positions) {
    const Pair& pair = world.pairs[position];
    Candidates& kind = kinds[pair.kind];
    ++kind.all;
    const std::optional<Time> read = belief(pair);
    // A reading of the future is one of a clock that was wrong.
    if (!read || *read > now) {
      due.insert(position);
      continue;
    }
    kind.newest = std::max(kind.newest.value_or(*read), *read);
    kind.believed.push_back({position, *read});
  }
  for (auto& [kind, candidates] : kinds) take_due(candidates, rules.of(*kind), now, due);
  SweepChoice choice;
  std::copy_if(positions.begin(), positions.end(), std::back_inserter(choice.read), [&](std::size_t position) { return due.contains(position); });
  for (auto& [kind, candidates] : kinds)
    choice.trusted.insert(choice.trusted.end(), candidates.believed.begin(), candidates.believed.end());
  return choice;
}

std::map<std::string, SweepAge> ages_of(const std::vector<Verdict>& verdicts, const SweepRules& rules, Time began) {
  std::map<std::string, SweepAge> ages;
  for (const Verdict& verdict : verdicts) {
    if (!verdict.read) continue;
    SweepAge& age = ages[std::string(verdict.kind->name)];
    ++(*verdict.read < began ? age.trusted : age.read);
    age.oldest = std::min(age.oldest.value_or(*verdict.read), *verdict.read);
    age.max_age = rules.of(*verdict.kind);
  }
  return ages;
}

}  // namespace twinlake::engine
