#pragma once
// The Databricks account above both workspaces, where the configuration gives a profile for it
// (`account`).
#include <optional>
#include <string>
#include <vector>

#include "azure/managed_dr.h"
#include "base/loop.h"
#include "http/curl_transport.h"

namespace twinlake::app {

/// Failover groups of Managed Disaster Recovery. `name`: of the profile. An error says as whom the
/// account was asked.
[[nodiscard]] Result<std::vector<azure::ManagedGroup>> managed_groups(Loop& loop,
                                                                      http::CurlEngine& engine,
                                                                      const std::string& name);

}  // namespace twinlake::app
