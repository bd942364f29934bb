#pragma once
// Whose turn it is: what no listing tells the changes of is not read in every run, but in its turn, so that all of it
// is read again within a maximum age (ADR 0034). Pure.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/plan.h"

namespace twinlake::engine {

/// How old a reading may become before the object is read again. 0: read in every run.
struct SweepRules {
  Micros max_age = std::chrono::hours(24);
  std::map<std::string, Micros, std::less<>> max_age_of;  ///< by kind, instead of `max_age`
  [[nodiscard]] Micros of(const model::Kind& kind) const;
  /// Everything in every run.
  [[nodiscard]] static SweepRules always() { return {Micros(0), {}}; }
};

/// What is known of those that come late when a run begins.
struct SweepMemory {
  std::map<std::string, Time> read;  ///< by uuid, the moment of the run that last read both sides and found them equal
  std::set<std::string> distrusted;  ///< uuids whose reading counts no more, whatever it found
};

struct SweepChoice {
  struct Trusted {
    std::size_t position = 0;
    Time read;
  };
  std::vector<std::size_t> read;  ///< positions, in the order in which they were given
  std::vector<Trusted> trusted;   ///< the others, with the reading that is believed
};

/// The moment of an earlier reading that may still be believed of this pair; nothing: it has to be read.
using Belief = std::function<std::optional<Time>(const Pair& pair)>;

/// Is the object of this pair on both sides, equal, and left alone in this run?
using IsSettled = std::function<bool(const Pair& pair)>;

/// Of what comes late: a reading counts as long as its parent is settled and listed as it was known. All must outlive it.
[[nodiscard]] Belief belief_of_late(const World& world, const SweepMemory& memory, const KnownState& known, const IsSettled& is_settled);
/// Of what `may_wait`: a reading counts as long as it is listed as it was known.
[[nodiscard]] Belief belief_of_listed(const World& world, const SweepMemory& memory, const KnownState& known);

/// Is this an object whose own read may wait for its turn? Asked of what was listed.
[[nodiscard]] bool may_wait(const Pair& pair);
/// Are there such objects of this kind, or does it come late?
[[nodiscard]] bool is_read_in_turn(const model::Kind& kind);

/// Chooses among `positions`. Read are those of which nothing is believed, those whose reading has reached its maximum
/// age, and of the others the oldest: as large a part of the kind as the time since its newest reading is of the maximum
/// age, so that a kind is read evenly over its runs.
[[nodiscard]] SweepChoice choose_sweep(const World& world, const std::vector<std::size_t>& positions, const Belief& belief,
                                       const SweepRules& rules, Time now);

/// What a run knows of one kind that is read in turns.
struct SweepAge {
  std::int64_t read = 0;     ///< objects read in this run
  std::int64_t trusted = 0;  ///< objects whose earlier reading was believed
  std::optional<Time> oldest;  ///< the oldest of all these readings
  Micros max_age{0};
};
/// By kind. `began`: of the run; a reading from before is an earlier one.
[[nodiscard]] std::map<std::string, SweepAge> ages_of(const std::vector<Verdict>& verdicts, const SweepRules& rules, Time began);

}  // namespace twinlake::engine
