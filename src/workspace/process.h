#pragma once
// Another program, run without a shell, its output collected off the loop's thread.
#include <functional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/result.h"

namespace twinlake::workspace {

struct ProcessOutput {
  int exit_code = 0;  ///< 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

/// Looks the program up in PATH. Ended when it takes longer than `limit` of real time, or when the
/// waiting coroutine is destroyed. Secrets must not be among the arguments: others can see them.
[[nodiscard]] Task<Result<ProcessOutput>> run_process(Loop& loop,
                                                      std::vector<std::string> arguments,
                                                      Millis limit);

using RunProcess = std::function<Task<Result<ProcessOutput>>(std::vector<std::string> arguments)>;

}  // namespace twinlake::workspace
