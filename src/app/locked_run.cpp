#include "app/locked_run.h"

#include <unistd.h>

#include "app/output.h"
#include "app/stop_signal.h"
#include "app/who.h"
#include "base/hash.h"
#include "base/memory.h"
#include "engine/mirror.h"

namespace twinlake::app {

namespace {

engine::LockOptions lock_options(const Settings& settings, const state::Store& store) {
  engine::LockOptions options;
  options.group = settings.group.name;
  options.take_over = settings.take_over_lock;
  const Person here = who_is_here();
  options.owner.host = here.host;
  options.owner.pid = getpid();
  options.owner.user = here.user;
  options.owner.state = hmac_sha256_hex(store.fingerprint_key(), "run lock").substr(0, 32);
  options.fencing = store.fencing() + 1;
  return options;
}

/// What others shall see of this run.
Task<void> keep_mirror(GroupAccess* group, std::string name, std::vector<Error>* troubles) {
  // The run is over; the mirror of a large estate is a large text.
  give_back_free_memory();
  workspace::Workspace& secondary = group->secondary().workspace();
  auto mirrored =
      co_await engine::write_mirror(secondary, std::move(name), group->store(), group->mirrored());
  if (mirrored) co_return;
  Error error = group->secondary().explained(std::move(mirrored).error());
  error.message = "the mirror of the state could not be written: " + error.message;
  troubles->push_back(std::move(error));
}

Task<void> end_run(SideAccess* side, engine::RunLock* lock, Task<void> last,
                   std::vector<Error>* troubles) {
  // A machine that slept through its lease hears of it here, before it writes over what the next
  // one has left. Who cannot ask leaves the mirror alone too: the next run writes it.
  auto ours = co_await lock->is_still_ours();
  if (!ours) {
    troubles->push_back(side->explained(std::move(ours).error()));
  } else if (!*ours) {
    troubles->emplace_back(Fault::refused,
                           "another machine took the run lock over, so this run was stopped",
                           "Look at that run, then run this again");
  } else if (!last.done()) {
    co_await std::move(last);
  }
  auto released = co_await lock->release();
  if (!released) troubles->push_back(side->explained(std::move(released).error()));
}

Task<void> give_back(engine::RunLock* lock) { (void)co_await lock->release(); }

}  // namespace

Result<void> run_under_lock(LockedPlace place, const Settings& settings,
                            const std::function<Result<void>(std::atomic<bool>& stop)>& work,
                            const std::function<Task<void>()>& last, std::vector<Error>& troubles) {
  Loop& loop = place.loop;
  std::atomic<bool>& stop = stop_on_signal();
  engine::RunLock lock(loop, place.side.workspace(), lock_options(settings, place.store));
  if (auto taken = loop.run(lock.take()); !taken) {
    // A run of somebody else is no trouble of the workspace.
    if (taken.error().fault == Fault::refused) return fail(std::move(taken).error());
    return fail(place.side.explained(std::move(taken).error()));
  }
  lock.keep_alive(&stop);
  try {
    if (auto done = work(stop); !done) {
      loop.run(give_back(&lock));
      return fail(std::move(done).error());
    }
    loop.run(end_run(&place.side, &lock, last(), &troubles));
    return {};
  } catch (const state::StateFailure&) {
    // Without a state nothing more can be written down, but others need not wait for us.
    loop.run(give_back(&lock));
    throw;
  }
}

Result<void> run_locked(GroupAccess& group, const Settings& settings,
                        const std::function<Result<void>(std::atomic<bool>& stop)>& work,
                        std::vector<Error>& troubles) {
  // Lock and mirror are files of the tree, which that service replaces. The lock of this machine is
  // held; what may be covered is safe to write twice.
  if (group.covers()) return work(stop_on_signal());
  const auto mirror = [&] { return keep_mirror(&group, settings.group.name, &troubles); };
  return run_under_lock(LockedPlace{group.loop(), group.secondary(), group.store()}, settings, work,
                        mirror, troubles);
}

void print_troubles(const Settings& settings, const std::vector<Error>& troubles) {
  for (const Error& trouble : troubles) {
    Error bare = trouble;
    bare.hint.clear();
    warn(settings.err, describe(bare), trouble.hint);
  }
}

}  // namespace twinlake::app
