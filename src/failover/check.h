#pragma once
// One thing that readiness looks at, and what it found.
#include <string>
#include <string_view>
#include <vector>

#include "model/object.h"

namespace twinlake::failover {

enum class Level {
  good,
  warning,  ///< a failover would go, and lack something
  blocker,  ///< it would be refused, or do harm
};
[[nodiscard]] std::string_view name_of(Level level);  ///< "good", "warning", "blocker"

struct Check {
  std::string name;  ///< "replication lag", "objects", ...
  Level level = Level::good;
  std::string message = {};
  std::string what_to_do = {};  ///< empty where nothing has to be done, or each finding says it
  /// What it is about, one by one; the level is that of the check. A message may be empty.
  std::vector<model::Finding> findings = {};
};

}  // namespace twinlake::failover
