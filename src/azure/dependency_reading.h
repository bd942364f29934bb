#pragma once
// Asks Azure Resource Manager about what the estate depends on. Only reads.
#include <map>

#include "azure/arm.h"
#include "azure/dependencies.h"
#include "azure/sight.h"

namespace twinlake::azure {

/// `uses` must outlive the task. What cannot be seen stands in the evidence with its reason.
[[nodiscard]] Task<DependencySight> look_at_dependencies(Arm& arm, const EstateUses* uses,
                                                         std::map<ThingKey, std::string> twins,
                                                         const AzureSight* sight);

}  // namespace twinlake::azure
