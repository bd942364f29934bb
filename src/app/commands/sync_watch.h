#pragma once
// `twinlake sync --watch`: one sync after the other, until somebody ends it or has to look.
#include <cstdint>
#include <string>

#include "app/command_line.h"

namespace twinlake::app {

struct WatchFlags {
  std::string every = "5m";
  std::int64_t allow_deletes = -1;  ///< in each run; below 0: as configured
  bool look = false;                ///< in the first run
};

/// Each run is one of its own: configuration, profiles and tokens are read anew, the locks are
/// taken and given back, and nothing of it stays in memory.
[[nodiscard]] Result<ExitCode> run_watch(const Globals& globals, const WatchFlags& flags);

}  // namespace twinlake::app
