#pragma once
// One sync of a group with everything around it: what must not be synced over, the run lock, the
// verdicts that `status` shows.
#include <vector>

#include "app/command_line.h"
#include "app/group_access.h"
#include "app/settings.h"
#include "engine/session.h"

namespace twinlake::app {

/// A run with the lock held, and what must be said about it beside the report.
struct Finished {
  engine::SyncReport report;
  std::vector<Error> troubles;
};

/// What a lost primary could not be told comes first, then what forbids a sync: a failover that
/// nobody has committed. Also before the lock.
[[nodiscard]] Result<void> clear_the_way(GroupAccess& group, const Settings& settings,
                                         events::Sink& sink);

/// Error{refused, for_now} when another run holds the lock.
[[nodiscard]] Result<Finished> sync_locked(GroupAccess& group, const Settings& settings,
                                           engine::Session& session,
                                           engine::Session::SyncOptions options);

[[nodiscard]] ExitCode exit_code_of(const Finished& finished);

}  // namespace twinlake::app
