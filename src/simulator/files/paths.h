#pragma once
// What trees of files share.
#include <string>

namespace twinlake::simulator {

/// The path of what is below a folder begins with this.
[[nodiscard]] inline std::string below(const std::string& folder) {
  return folder == "/" ? "/" : folder + "/";
}

}  // namespace twinlake::simulator
