#pragma once
// A lab whose state is on disk, for tests in which the process is killed and another one goes on.
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {

class StateFolder {
 public:
  StateFolder() : path_(std::filesystem::temp_directory_path() / ("twinlake-state-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~StateFolder() { std::filesystem::remove_all(path_); }
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;
  [[nodiscard]] Lab::Options options(std::uint64_t seed = 1) const {
    Lab::Options options;
    options.seed = seed;
    options.state_folder = path_.string();
    return options;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace twinlake::test
