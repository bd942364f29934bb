#pragma once
// Switches of a workspace: texts by name, without a way to list the names.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// The values of these switches, as an object; what the workspace does not know is left out. One
/// unknown name fails a call for all (facts, core 23), so it is asked again without.
[[nodiscard]] Task<Result<nlohmann::json>> read_conf(Workspace& side,
                                                     std::vector<std::string> keys);

/// Each switch that is set: {"name", "value"}.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_conf(Workspace& side);

[[nodiscard]] Task<Result<void>> write_conf(Workspace& side, std::string key, std::string value);

}  // namespace twinlake::workspace
