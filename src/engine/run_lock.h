#pragma once
// One run of a group at a time, from whatever machine: a file beside the mirror that only one can
// create. It expires, so that a machine that dies does not lock the group for ever.
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::engine {

struct LockOwner {
  std::string host;
  std::int64_t pid = 0;
  std::string user;
  /// Names the state that the run works with. Who holds that state's local lock knows that an older
  /// lock of the same state is a leftover of a run that was killed.
  std::string state;
};

struct LockOptions {
  std::string group;
  LockOwner owner;
  std::int64_t fencing = 1;  ///< at least; a lock that is taken over counts on from the old one
  /// Also from a run that may be alive: the operator says that its machine is gone.
  bool take_over = false;
  Micros lifetime = std::chrono::minutes(10);
  /// After taking over an expired lock: time for another one who does the same to show.
  Micros settling = std::chrono::seconds(2);
};

class RunLock {
 public:
  RunLock(Loop& loop, workspace::Workspace& secondary, LockOptions options);
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  /// Fault::refused with the owner when another run holds it.
  [[nodiscard]] Task<Result<void>> take();
  /// Sets `stop` when the lock is found lost: somebody else is at work now.
  void keep_alive(std::atomic<bool>* stop);
  /// Asks the secondary. False: the lease ran out unnoticed (a machine that slept) and somebody
  /// else is at work now, or an operator has given the lock away; what only its holder may write is
  /// not ours to write any more, and lost() says so.
  [[nodiscard]] Task<Result<bool>> is_still_ours();
  /// Removes the file if it is still ours. One that cannot be read stays, and expires.
  [[nodiscard]] Task<Result<void>> release();
  [[nodiscard]] bool lost() const { return lost_; }
  [[nodiscard]] std::int64_t fencing() const { return options_.fencing; }

 private:
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_ours(const nlohmann::json& lock) const;
  [[nodiscard]] Task<Result<std::optional<nlohmann::json>>> read();
  [[nodiscard]] Task<Result<void>> write_over();
  [[nodiscard]] Task<Result<void>> take_over(nlohmann::json held);
  [[nodiscard]] Task<void> refresh(std::atomic<bool>* stop);
  [[nodiscard]] Task<Result<void>> refresh_once();
  [[nodiscard]] Task<Result<bool>> look();

  Loop& loop_;
  workspace::Workspace& secondary_;
  LockOptions options_;
  std::string path_;
  std::string token_;
  Semaphore busy_;  // a refresh under way must not write again what a release has removed
  bool held_ = false;
  bool lost_ = false;
  Task<void>
      refresher_;  // stays suspended in its sleep when the run ends, and goes with this object
};

}  // namespace twinlake::engine
