#pragma once
// Runs of jobs: those under way, and those that we begin ourselves (facts, core 15.1, 15.5).
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

struct ActiveRun {
  std::string id;
  std::string job_id;  ///< empty: submitted once, of no job
  std::string name;
  std::string creator;
};

[[nodiscard]] Task<Result<std::vector<ActiveRun>>> active_runs(Workspace& side);
/// Asks for it; the run ends a little later. One that has ended is fine too.
[[nodiscard]] Task<Result<void>> cancel_run(Workspace& side, std::string id);

/// Begins a run now, of a job with whatever triggers. With the same token (up to 64 characters) it
/// is the same run, however often this is asked. `parameters`: of the job, by name; null: its own.
[[nodiscard]] Task<Result<std::string>> start_run(Workspace& side, std::string job_id,
                                                  std::string token, nlohmann::json parameters);

/// Ids of the jobs of exactly that name. The service looks without regard to case (facts, core 15.1).
[[nodiscard]] Task<Result<std::vector<std::string>>> jobs_named(Workspace& side, std::string name);

struct RunState {
  bool has_ended = false;
  std::string result;   ///< "SUCCESS", "FAILED", "TIMEDOUT", "CANCELED", ...; empty while it runs
  std::string message;  ///< what the service says about it
  std::string url;      ///< its page, for people
  std::optional<Time> started;
  std::optional<Time> ended;
  std::vector<std::string> task_runs;  ///< ids, in the order of the answer
};
[[nodiscard]] Task<Result<RunState>> look_at_run(Workspace& side, std::string id);

/// What the notebooks of these runs of tasks answered (`dbutils.notebook.exit`) and what went wrong
/// in them, one line each. Tasks without either tell nothing.
[[nodiscard]] Task<Result<std::string>> output_of_run(Workspace& side, RunState run);

}  // namespace twinlake::workspace
