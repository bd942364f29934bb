#pragma once
// What Azure adds to `readiness`: room in the region of the standby, storage and vaults, private
// link, and how both regions are.
#include <vector>

#include "app/group_access.h"
#include "azure/capacity.h"
#include "failover/check.h"

namespace twinlake::app {

/// Asks Azure and both workspaces; writes nothing. Where nothing opens Azure, one check says so,
/// which changes no verdict. `is_primary_lost`: then what needs the primary's definitions is left
/// out.
[[nodiscard]] std::vector<failover::Check> azure_checks(GroupAccess& group,
                                                        const Settings& settings,
                                                        bool is_primary_lost);

/// A lack in Azure makes a failover poorer and not impossible, but for a standby that nobody
/// reaches.
[[nodiscard]] failover::Check check_of(const azure::AzureCheck& check);

}  // namespace twinlake::app
