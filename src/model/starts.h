#pragma once
// When what is live in a definition starts something, as far as its triggers say so
// (Hold::timings). Pure.
#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "base/loop.h"
#include "model/kind.h"

namespace twinlake::model {

/// The earliest moment at which a live trigger of this canonical form is expected to start
/// something; nothing when none is live. What starts again by itself: now. Of an interval nobody
/// tells when it began: in the middle of it. What waits for an event is expected a minute from now:
/// no source says how often the service looks.
[[nodiscard]] std::optional<Time> next_start(const Kind& kind, const nlohmann::json& definition,
                                             Time now);

/// Starts that are due after `from` and not after `to`.
struct DueStarts {
  std::size_t count = 0;
  Time first;
  Time last;
};
/// Of live triggers with a cron expression; the others do not say when they start.
[[nodiscard]] DueStarts due_starts(const Kind& kind, const nlohmann::json& definition, Time from,
                                   Time to);

}  // namespace twinlake::model
