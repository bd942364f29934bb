#pragma once
// What a watch tells `status`, beside the state: that it is there, and when it runs next.
#include <cstdint>
#include <optional>
#include <string>

#include "base/loop.h"
#include "base/result.h"
#include "state/store.h"

namespace twinlake::app {

/// One watch of a group on a machine. The mark is gone with the process that made it, however that
/// ends.
class WatchMark {
 public:
  /// Error{refused, for_now} when another watch of the group is at work.
  [[nodiscard]] static Result<WatchMark> make(const std::string& folder, const std::string& group);
  /// `status` alone reads it: a mark that cannot be written stops nobody.
  void tell_next(Time next) const;

 private:
  WatchMark(state::LocalLock lock, std::string file)
      : lock_(std::move(lock)), file_(std::move(file)) {}
  state::LocalLock lock_;
  std::string file_;
};

struct WatchSeen {
  std::string owner;         ///< "process 4711, since ..."
  std::optional<Time> next;  ///< nothing: not told yet; past: the run is under way
};
/// The watch that is at work now.
[[nodiscard]] std::optional<WatchSeen> watch_at_work(const std::string& folder,
                                                     const std::string& group);

}  // namespace twinlake::app
