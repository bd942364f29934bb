#pragma once
// Runtime versions of clusters that a workspace offers (facts, core 11.1): old ones disappear, and
// not everywhere at once.
#include <set>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// "15.4.x-scala2.12", ...
[[nodiscard]] Task<Result<std::set<std::string>>> offered_runtimes(Workspace& side);

/// The versions that a definition names, at any depth: of a cluster, of clusters in a job, of a
/// pool.
[[nodiscard]] std::set<std::string> runtimes_in(const nlohmann::json& definition);

}  // namespace twinlake::workspace
