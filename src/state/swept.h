#pragma once
// When objects were read whose changes no listing tells.
#include <cstdint>
#include <optional>
#include <string>

#include "base/loop.h"
#include "model/side.h"

namespace twinlake::state {

/// An object that was read and found equal on both sides.
struct Swept {
  std::string uuid;
  std::string kind;
  Time read;
};

/// All of one kind.
struct SweptKind {
  std::string kind;
  std::int64_t count = 0;
  Time oldest;
};

/// What came of asking the audit log of a side what changed there (ADR 0037).
struct AuditReading {
  model::Side side = model::Side::home;
  std::optional<Time> asked;  ///< when SQL last had to answer there
  std::optional<Time> read;   ///< up to when the log is known
  std::int64_t events = 0;    ///< of that reading, like the following
  std::int64_t changed = 0;   ///< objects that are read again because of it
  std::int64_t unknown = 0;   ///< objects that are named and not replicated
  std::int64_t unnamed = 0;   ///< events that do not say which object
  std::string why_not;        ///< why the last run did not read it; empty: it did
  std::string what_to_do;
};

}  // namespace twinlake::state
