#pragma once
// The Azure that `simulate --azure` puts around the two regions.
#include <chrono>
#include <memory>
#include <string>

#include "simulator/azure/cloud.h"

namespace twinlake::app {

/// The principal that the written profiles sign in as. `known`: the workspaces know it already;
/// else it has to show its role in Azure at its first call.
[[nodiscard]] simulator::Credential azure_credential(bool known);

[[nodiscard]] std::unique_ptr<simulator::Cloud> make_cloud(std::shared_ptr<simulator::Entra> entra,
                                                           std::chrono::milliseconds provision_time,
                                                           bool enforce_limits);

/// Both workspaces as resources, or a seat for the secondary's when it is absent. Call it where the
/// regions are served.
void put_workspaces_into(simulator::Cloud& cloud, simulator::Region& primary,
                         const std::string& primary_url, simulator::Region& secondary,
                         const std::string& secondary_url, bool secondary_absent, bool demo);

/// A section of databrickscfg, and one with the token of the workspace's admin. `url` empty: the
/// address is known only when the workspace is made.
[[nodiscard]] std::string azure_profile_text(const simulator::Cloud& cloud, const std::string& name,
                                             const std::string& url, const std::string& azure_url);

}  // namespace twinlake::app
