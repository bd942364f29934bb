#pragma once
// Asks Azure Resource Manager about the storage accounts of the estate. Only reads: no key is ever
// asked for, and nothing fails over.
#include <map>
#include <string>

#include "azure/arm.h"
#include "azure/sight.h"
#include "azure/storage_accounts.h"

namespace twinlake::azure {

/// `twins`: by account, what the rewrites make of its name. An account that cannot be seen stands
/// among the unknown ones with the reason; nothing of it ends the others.
[[nodiscard]] Task<StorageSight> look_at_storage(Arm& arm, std::vector<std::string> accounts,
                                                 std::map<std::string, std::string> twins,
                                                 const AzureSight& sight);

}  // namespace twinlake::azure
