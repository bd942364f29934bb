#pragma once
// The mirror: what another machine needs to take over, kept on the secondary, where it survives the
// loss of the primary region and of this machine.
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/task.h"
#include "state/store.h"
#include "workspace/workspace.h"

namespace twinlake::engine {

/// "/Twinlake/<group>/<name>" on the secondary.
[[nodiscard]] std::string own_file(const std::string& group, std::string_view name);

/// The mirror's document; nothing when there is none yet.
[[nodiscard]] Task<Result<std::optional<nlohmann::json>>> read_mirror(
    workspace::Workspace& secondary, std::string group);
[[nodiscard]] std::int64_t generation_of(const nlohmann::json& mirror);

/// Was the one written after the other? None is older than any.
[[nodiscard]] bool is_newer(const std::optional<nlohmann::json>& one,
                            const std::optional<nlohmann::json>& other);

/// Takes the mirror over when another machine has been at work since, or when this state is new.
/// True when it did.
[[nodiscard]] Result<bool> catch_up(state::Store& store,
                                    const std::optional<nlohmann::json>& mirror);

/// Writes the mirror when it does not show this state. `known`: the mirror as last read.
[[nodiscard]] Task<Result<bool>> write_mirror(workspace::Workspace& secondary, std::string group,
                                              const state::Store& store,
                                              std::optional<std::int64_t> known);

/// What differs between the state and its mirror, one line each; empty when they agree.
[[nodiscard]] std::vector<std::string> compare_mirror(const nlohmann::json& local,
                                                      const nlohmann::json& mirror);

}  // namespace twinlake::engine
