#pragma once
// Global init scripts: a list with an order of its own.
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// Each script ({"object": "SCRIPT", "script_id", "name", ...}, without its content) and, once, the
/// order in which they run ({"object": "ORDER", "name", "order": [ids]}).
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_init_scripts(Workspace& side);

/// Moves those of `wanted` that stand before one that should precede them. Others keep their places
/// as far as they can.
[[nodiscard]] Task<Result<void>> order_init_scripts(Workspace& side,
                                                    std::vector<std::string> wanted);

}  // namespace twinlake::workspace
