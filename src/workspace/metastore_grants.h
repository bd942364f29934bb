#pragma once
// Who was granted or denied what on an object of the Hive metastore, and who owns it (facts,
// more 20.3).
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// [{"principal", "action"}] of the object itself, not what it inherits; ALL_PRIVILEGES one by one.
/// "OWN" is the owner, "DENIED_SELECT" what is denied. `type` as in metastore.h.
[[nodiscard]] Task<Result<nlohmann::json>> read_grants(Workspace& side, std::string type,
                                                       std::string name);

/// Makes of `current` what is `wanted`. The owner comes last: afterwards not much may be allowed
/// any more.
[[nodiscard]] Task<Result<void>> change_grants(Workspace& side, std::string type, std::string name,
                                               nlohmann::json current, nlohmann::json wanted);

/// The statements for that, in their order. `owner_if_none`: whose it becomes when nobody is
/// wanted.
struct GrantStatement {
  std::string text;
  bool may_repeat = true;
};
[[nodiscard]] std::vector<GrantStatement> grant_statements(const std::string& type,
                                                           const std::string& name,
                                                           const nlohmann::json& current,
                                                           const nlohmann::json& wanted,
                                                           const std::string& owner_if_none);

}  // namespace twinlake::workspace
