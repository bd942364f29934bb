#pragma once
// Settings of a workspace (API v1): one object for each type, guarded by an etag.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// Those that somebody set, of the types that can be copied without harm: {"name", "payload":
/// {member:
/// {...}}}. Left out are those that would change what runs, or who may do what, on the standby.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_settings(Workspace& side);

/// Those that are left out, as far as somebody set them, and those that this program does not know:
/// {"name", "because"}.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_guarded_settings(Workspace& side);

/// Sets one: asks for the etag first, and once more when it was outrun.
[[nodiscard]] Task<Result<void>> write_setting(Workspace& side, std::string name,
                                               nlohmann::json payload);

}  // namespace twinlake::workspace
