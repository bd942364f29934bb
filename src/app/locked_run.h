#pragma once
// One run of a group at a time, from whatever machine.
#include <atomic>
#include <functional>
#include <vector>

#include "app/group_access.h"
#include "app/settings.h"
#include "app/side_access.h"
#include "base/task.h"
#include "engine/run_lock.h"

namespace twinlake::app {

/// Runs `work` with the run lock held, then writes the mirror, so that whoever comes next sees this
/// run, and gives the lock back. What went wrong with these two comes into `troubles`: the work is
/// done all the same. `stop` is set when the operator asks for it, and when somebody else has taken
/// the lock over.
[[nodiscard]] Result<void> run_locked(
    GroupAccess& group, const Settings& settings,
    const std::function<Result<void>(std::atomic<bool>& stop)>& work, std::vector<Error>& troubles);

/// Where a lock is taken, and for which state.
struct LockedPlace {
  Loop& loop;
  SideAccess& side;
  const state::Store& store;
};

/// The same on any workspace. `last`: what is still done with the lock held once the work is done,
/// unless it was lost; a task that is empty does nothing.
[[nodiscard]] Result<void> run_under_lock(
    LockedPlace place, const Settings& settings,
    const std::function<Result<void>(std::atomic<bool>& stop)>& work,
    const std::function<Task<void>()>& last, std::vector<Error>& troubles);

/// Troubles beside a result: on standard error.
void print_troubles(const Settings& settings, const std::vector<Error>& troubles);

}  // namespace twinlake::app
