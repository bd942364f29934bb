#pragma once
// A lab whose state is on disk, for tests in which the process is killed and another one goes on.
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {

/// How many exchanges a sweep of kills steps on at once: the sanitizer builds take twenty times as long.
constexpr int sweep_step(int usual, int with_sanitizers) {
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return usual > 0 ? with_sanitizers : 0;
#else
  return with_sanitizers > 0 ? usual : 0;
#endif
}

/// Their longer steps leave moments out.
constexpr bool sweeps_see_every_phase = sweep_step(1, 2) == 1;

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
