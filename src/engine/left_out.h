#pragma once
// No secret enters a recovery point: what stood there, and what that means when the object comes back. Pure.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "model/kind.h"
#include "model/literals.h"

namespace twinlake::engine {

/// In a kept form a secret is an object with this member.
inline constexpr std::string_view left_out_member = "$left_out";

/// Replaces each text, number or truth value that is secret, wholly or in part.
void leave_out_secrets(const model::Kind& kind, nlohmann::json& form, const model::LiteralRules& rules);

/// Gives each place what the object that is there has, and takes those out for which it has nothing.
/// Answers their pointers: a person has to fill them. `current` may be nullptr. An element of an array is the one of
/// the same name, where elements have one; else of the same place in an array as long.
[[nodiscard]] std::vector<std::string> fill_left_out(const model::Kind& kind, nlohmann::json& form, const nlohmann::json* current);

}  // namespace twinlake::engine
