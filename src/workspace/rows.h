#pragma once
// The five verbs as a kind's row says them. A kind with a verb of its own is called through here too.
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "model/kind.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_by_row(Workspace& side, const model::Kind& kind);
[[nodiscard]] Task<Result<nlohmann::json>> read_by_row(Workspace& side, const model::Kind& kind,
                                                       const model::Kind* parent_kind, std::string id,
                                                       nlohmann::json item);
/// Creates and answers the new id. The follow-up of the row (terminate) is not part of it.
[[nodiscard]] Task<Result<std::string>> create_by_row(model::Write write);
[[nodiscard]] Task<Result<std::string>> update_by_row(model::Write write);
/// Sets the triggers of an object to those of the definition (Kind::turn).
[[nodiscard]] Task<Result<std::string>> turn_by_row(model::Write write);
[[nodiscard]] Task<Result<void>> remove_by_row(model::Write write);
/// Calls an endpoint that takes an id only (terminate, pin). Safe to repeat by its row.
[[nodiscard]] Task<Result<void>> call_by_row(Workspace& side, const model::Kind& kind,
                                             const model::Endpoint& endpoint, std::string id);

/// A request of an endpoint, with {id} and {parent} filled in.
[[nodiscard]] http::Request request_of(const model::Kind& kind, const model::Endpoint& endpoint,
                                       const std::string& id, const nlohmann::json* definition);

/// Asks for what a listing shows, up to three times: the service shows new objects in one place
/// earlier than in another, and only when it stays so is the object gone.
[[nodiscard]] Task<Result<nlohmann::json>> ask_for_shown(
    Workspace& side, std::function<Task<Result<nlohmann::json>>()> ask);

/// SCIM PATCH that turns `current` into `definition` by replacing top-level attributes.
[[nodiscard]] Task<Result<std::string>> scim_patch(model::Write write);

}  // namespace twinlake::workspace
