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

/// Is the object of this pair on both sides, equal, and left alone in this run?
using IsSettled = std::function<bool(const Pair& pair)>;

/// Chooses among the positions `late`. Read are those without a reading that counts, those whose parent is not
/// settled or shows a change, those whose reading has reached its maximum age, and of the others the oldest: as large
/// a part of the kind as the time since its newest reading is of the maximum age, so that a kind is read evenly over
/// its runs.
[[nodiscard]] SweepChoice choose_sweep(const World& world, const std::vector<std::size_t>& late, const SweepMemory& memory,
                                       const KnownState& known, const IsSettled& is_settled, const SweepRules& rules, Time now);

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
