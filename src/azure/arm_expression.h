#pragma once
// The expressions of ARM templates, as far as they can be told without a deployment. Pure.
// Source: "ARM template functions" of the Azure documentation, the functions that templates of
// workspaces use.
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace twinlake::azure {

/// Where an expression stands.
struct ExpressionScope {
  /// Gives the value of a parameter or variable by its name; nothing when it cannot be told.
  std::function<std::optional<nlohmann::json>(std::string_view name)> parameter;
  std::function<std::optional<nlohmann::json>(std::string_view name)> variable;
  std::string subscription;  ///< id; empty: not known
  std::string group;         ///< name of the resource group; empty: not known
  std::string location;      ///< of the resource group; empty: not known
};

/// "[...]" in a template, but for "[[".
[[nodiscard]] bool is_expression(std::string_view text);

/// Nothing when a part of it can only be told by a deployment (reference, uniqueString, guid), or
/// when it is none.
[[nodiscard]] std::optional<nlohmann::json> evaluate(std::string_view text,
                                                     const ExpressionScope& scope);

}  // namespace twinlake::azure
