#pragma once
// Where both workspaces lie in Azure, and what the subscriptions around them have. Only reads.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "azure/arm.h"
#include "azure/regions.h"
#include "azure/services.h"
#include "base/result.h"
#include "base/task.h"

namespace twinlake::azure {

/// A workspace as the resource provider Microsoft.Databricks shows it (facts, azure 4.1 and 4.2).
struct WorkspacePlace {
  std::string id;
  std::string subscription;
  std::string region;
  std::string managed_group;  ///< id of the resource group that is Databricks' own
  std::string root_account;   ///< storage account of the DBFS root; empty: not told
  std::string network;        ///< id of its virtual network; empty: one that Databricks manages
  std::string host_subnet;
  std::string container_subnet;
  bool is_public = true;              ///< reachable without a private endpoint
  std::size_t private_endpoints = 0;  ///< approved ones
};
[[nodiscard]] WorkspacePlace workspace_place_of(const nlohmann::json& resource);

/// Who is asked about what.
struct SightOptions {
  std::vector<std::string> subscriptions;  ///< looked at in any case; others that we see too
  std::string primary_host;  ///< "https://adb-1.2.azuredatabricks.net"; empty: not looked for
  std::string standby_host;
  std::string primary_id;  ///< resource id, where it is known
  std::string standby_id;
};

/// What holds for everything that is asked afterwards.
struct AzureSight {
  std::vector<std::string> subscriptions;  ///< that are looked at
  std::optional<Error> blind;              ///< why there is none, so that nothing can be asked
  /// Why there may be more that are not looked at: then what is not found is not absent.
  std::optional<Error> more;
  Result<WorkspacePlace> primary = fail(Fault::not_found, "nobody looked for it");
  Result<WorkspacePlace> standby = fail(Fault::not_found, "nobody looked for it");
  /// Region to its pair, empty where it has none. Empty as a whole: not known.
  std::map<std::string, std::string> pairs;
};
[[nodiscard]] Task<AzureSight> look_around_workspaces(Arm& arm, SightOptions options);

/// Pairs of regions as ARM tells them (facts, azure 3.1). `locations`: items of GET .../locations.
[[nodiscard]] std::map<std::string, std::string> pairs_in(
    const std::vector<nlohmann::json>& locations);

/// All resources of one type in several subscriptions.
struct Listed {
  std::vector<nlohmann::json> resources;
  std::vector<Error> errors;  ///< of subscriptions that could not be listed
  /// Why something that is not among them is not: absent, or out of our sight.
  [[nodiscard]] Error absent(std::string_view what) const;
  /// The one of that name, as ids compare them; nullptr: it is not among them.
  [[nodiscard]] const nlohmann::json* named(std::string_view name) const;
  /// The one of that id.
  [[nodiscard]] const nlohmann::json* with_id(std::string_view id) const;
};
/// `type`: "Microsoft.Storage/storageAccounts". In the newest version that the cloud has where that
/// is older than `api_version`: sovereign clouds lag behind. `sight` must outlive the task.
[[nodiscard]] Task<Listed> list_everywhere(Arm& arm, const AzureSight& sight, std::string type,
                                           std::string api_version);

}  // namespace twinlake::azure
