#pragma once
// Words of SCIM that several files of Identity use.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/identity/account.h"
#include "simulator/router.h"

namespace twinlake::simulator {

/// SCIM's own error envelope.
[[nodiscard]] http::Response scim_error(int status, std::string_view detail,
                                        std::string_view type = "");
/// "Users", "ServicePrincipals", "Groups".
[[nodiscard]] std::string_view resource_name(PrincipalKind kind);
/// The texts in [{"value": x}, ...], ["x"], {"value": x}, {"<key>": [...]} or "x".
[[nodiscard]] std::vector<std::string> scim_values(const json& value, const std::string& key);
/// true, "true", [{"value": "true"}].
[[nodiscard]] bool scim_flag(const json& value);
/// What is wrong with a set of entitlements; empty when nothing is.
[[nodiscard]] std::string entitlement_problem(const std::set<std::string>& entitlements);

}  // namespace twinlake::simulator
