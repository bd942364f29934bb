#pragma once
// Mounts of the DBFS. No API knows them: they are read, made and taken away by commands on a
// cluster (facts, core 18; azure 8.1).
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// The mounts as the code of observe_mounts prints them. Whatever else stands in the output (a
/// cluster's greetings, what unmount says) stands on other lines.
[[nodiscard]] Result<std::vector<nlohmann::json>> parse_mounts(const std::string& output);

/// What is mounted now, without what every workspace has: {"mount_point", "source", and where it is
/// not empty "encryption_type"}. What a mount was made with cannot be read; for those that we made
/// it comes from the observation before, as {"configs": {...}}.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> observe_mounts(Workspace& side);

/// Mounts `wanted`, {"mount_point", "source", "configs", "encryption_type"}. A mount that is there
/// already is left alone when it is the same and `replaces` is empty; it is replaced when its
/// source is `replaces`; any other one is somebody else's and an error.
[[nodiscard]] Task<Result<void>> mount(Workspace& side,
                                       std::shared_ptr<const nlohmann::json> wanted,
                                       std::string replaces);
/// Nothing mounted there is fine too.
[[nodiscard]] Task<Result<void>> unmount(Workspace& side, std::string mount_point);

/// The lines that make this mount in a notebook, for a person who knows its credentials.
[[nodiscard]] std::string lines_to_mount(const nlohmann::json& wanted);

}  // namespace twinlake::workspace
