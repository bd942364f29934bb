#pragma once
// Command execution, API 1.2: Python on a running cluster (facts, core 14).
#include <string>

#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// What the code prints. One context for each call, which is gone afterwards whatever happens. At
/// the deadline the command is cancelled and the call fails: a command that hangs hangs nobody
/// else. Must be safe to run twice: when the answer to its start is lost, it is started again.
[[nodiscard]] Task<Result<std::string>> run_python(Workspace& side, std::string cluster_id,
                                                   std::string code, Micros deadline);

/// A Python expression of this text, whatever characters it has.
[[nodiscard]] std::string python_text(std::string_view text);

}  // namespace twinlake::workspace
