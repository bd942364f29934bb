#pragma once
// Microsoft.Storage: accounts, their redundancy and what a failover makes of them.
#include <string>

#include "simulator/azure/arm.h"

namespace twinlake::simulator {

/// Redundancy that the region cannot give: a pair, zones.
[[nodiscard]] Refusal refuse_storage_sku(const std::string& sku, const std::string& location);
[[nodiscard]] bool is_account_name(const std::string& name);
/// Names are global: also those of somebody else, and those that a workspace being made has taken.
[[nodiscard]] bool is_account_taken(const Cloud& cloud, const std::string& name);

}  // namespace twinlake::simulator
