#pragma once
#include <string>
#include <vector>

namespace twinlake::app {

/// The whole program; the exit code.
int run_program(const std::vector<std::string>& arguments);

}  // namespace twinlake::app
