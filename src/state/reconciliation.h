#pragma once
// What a look at both sides found, summed up for whoever asks afterwards.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/loop.h"

namespace twinlake::state {

/// Something that was not in sync, or a note about something that was.
struct Unequal {
  std::string address;
  std::string state;  ///< "missing", "failed", "unsupported", ...; "note"
  std::string because;
  std::string what_to_do;
  bool operator==(const Unequal&) const = default;
};

struct Reconciliation {
  /// More are not kept: a workspace that is wholly out of scope would fill the state.
  static constexpr std::size_t most_objects = 10'000;

  std::int64_t id = 0;  ///< 0: not kept yet
  std::string source;   ///< the command that looked: "sync", "reconcile"
  Time moment;          ///< when it began to read
  Time ended;
  bool is_good = false;                                               ///< is everything in sync?
  std::map<std::string, std::map<std::string, std::int64_t>> counts;  ///< by kind, then by state
  std::vector<Unequal> unequal;   ///< what matters most first; at most `most_objects` once kept
  std::int64_t all_unequal = 0;   ///< how many there were; filled in when it is kept
};

}  // namespace twinlake::state
