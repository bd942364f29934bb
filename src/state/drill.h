#pragma once
// A drill as it is kept: what was copied, what was run, and what is left of it.
#include <cstdint>
#include <optional>
#include <string>

#include "base/loop.h"
#include "model/side.h"

namespace twinlake::state {

struct Drill {
  std::int64_t id = 0;  ///< 0: not kept yet
  std::string label;    ///< in the names of everything it makes
  model::Side side = model::Side::away;
  std::string folder;  ///< in the workspace
  std::string phase;   ///< what is under way; the words are those of failover/drill.h
  Time started;
  std::optional<Time> ended;              ///< the last run had ended
  std::optional<Time> cleaned;            ///< nothing of it was left
  std::optional<bool> is_passed;          ///< what the runs gave
  std::optional<Time> replication_point;  ///< of the standby that was tried
};

/// Something that was made for a drill.
struct DrillCopy {
  std::string kind;
  std::string source;  ///< the original: its path, or its id
  std::string name;    ///< the copy's natural key
  std::string id;      ///< of the copy; empty: not known to be there
  std::optional<Time> gone;
};

struct DrillRun {
  std::string name;         ///< of the original
  std::string source;       ///< its id
  std::string run_id;       ///< empty: not begun
  std::string expectation;  ///< JSON text
  std::string result;       ///< as the service calls it; empty: not ended
  std::string output;
  std::optional<Time> started;
  std::optional<Time> ended;
  std::optional<bool> is_passed;
  std::string because;  ///< why it did not pass
};

}  // namespace twinlake::state
