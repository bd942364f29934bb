#pragma once
// Secret scopes and what is in them. A value is in memory only while it is compared or copied.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// Scopes ({"object": "SCOPE", "name", ...}) and their secrets ({"object": "SECRET", "name":
/// "scope/key", "scope", "key", "last_updated_timestamp"}). What lies in a vault is not listed:
/// nothing of it is ours. A scope whose secrets may not be listed leaves a hole.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_secrets(Workspace& side);

/// The bytes of a secret: what the operator gave for it, else by secrets/get, which sources
/// disagree about (facts, core 19.2): where it is refused, the error says which ways are left.
[[nodiscard]] Task<Result<Secret>> secret_value(Workspace& side, std::string scope,
                                                std::string key);

/// What names a secret of a side; both names may have slashes, so it is not "scope/key".
[[nodiscard]] std::string secret_id(const std::string& scope, const std::string& key);
struct SecretName {
  std::string scope;
  std::string key;
};
[[nodiscard]] SecretName secret_name(std::string_view id);

}  // namespace twinlake::workspace
