#pragma once
// What has run on a side of late, and who asked for it (facts, core 15.1).
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

struct PastRun {
  std::string job_id;   ///< empty: submitted once (runs/submit), of no job
  std::string name;     ///< of the run; whoever submits it chooses it
  std::string creator;  ///< user name or application id; empty: that principal is no more
  std::string trigger;  ///< "ONE_TIME": asked for; "PERIODIC", "RUN_JOB_TASK", ...: by itself
  Time started;
};

struct RunHistory {
  std::vector<PastRun> runs;  ///< of each sort the newest first
  bool is_whole = true;       ///< false: there were more than were asked for
  Time since;                 ///< runs older than that were left out, for being old or too many
};

/// Runs of jobs and submitted runs that began since then, of each at most `most_pages` pages of 25.
[[nodiscard]] Task<Result<RunHistory>> read_run_history(Workspace& side, Time since,
                                                        int most_pages);

}  // namespace twinlake::workspace
