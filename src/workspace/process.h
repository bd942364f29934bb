#pragma once
// Another program, run without a shell, its output collected off the loop's thread.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/loop.h"
#include "base/result.h"

namespace twinlake::workspace {

struct ProcessOutput {
  int exit_code = 0;  ///< 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

/// What a program is given besides its arguments.
struct ProcessInput {
  std::string text = {};  ///< on its standard input; empty: there is none
  /// Added to our own environment, or in the place of what stands there.
  std::vector<std::pair<std::string, std::string>> environment = {};
  /// What it has started is ended with it, and keys pressed at our terminal do not reach it.
  bool own_group = false;
};

/// Looks the program up in PATH. Ended when it takes longer than `limit` of real time, or when the
/// waiting coroutine is destroyed: Fault::unavailable. It has ended when its output has. Secrets
/// must not be among the arguments: others can see them.
[[nodiscard]] Task<Result<ProcessOutput>> run_process(Loop& loop,
                                                      std::vector<std::string> arguments,
                                                      Millis limit, ProcessInput input = {});

using RunProcess = std::function<Task<Result<ProcessOutput>>(std::vector<std::string> arguments)>;

}  // namespace twinlake::workspace
