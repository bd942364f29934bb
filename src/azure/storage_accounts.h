#pragma once
// Storage accounts as Azure Resource Manager shows them, beside what the estate says of them. Pure.
// Members and their meaning: facts, azure 7.1 and 7.2 (npm @azure/arm-storage 20.0.0).
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "azure/advice.h"
#include "azure/deny_assignments.h"
#include "azure/estate_uses.h"
#include "base/loop.h"
#include "base/result.h"

namespace twinlake::azure {

/// What the copy of an account in another region is like.
struct GeoReplication {
  std::string status;             ///< "Live", "Bootstrap", "Unavailable"; empty: not told
  std::optional<Time> last_sync;  ///< everything written before is in the copy; nothing: not told
  std::optional<bool> can_fail_over;
  std::optional<bool> can_fail_over_planned;
  std::string redundancy_afterwards;  ///< SKU after an unplanned failover; empty: not told
};

struct StorageAccount {
  std::string id;
  std::string name;
  std::string sku;               ///< "Standard_RAGRS"
  std::string kind;              ///< "StorageV2", "BlockBlobStorage", ...
  bool is_hierarchical = false;  ///< a lake: ADLS Gen2
  /// Where it is written now. `location` of ARM stays where it was made, also after a failover.
  std::string region;
  std::string secondary_region;  ///< empty: it has no copy elsewhere
  std::string status_of_primary;
  bool failover_in_progress = false;
  bool migration_in_progress = false;
  std::string conversion;     ///< "InProgress", "Failed", ... of a change of its SKU; empty: none
  std::string conversion_to;  ///< the SKU
  bool has_firewall = false;  ///< who is not named is not let in
  GeoReplication geo;
  /// Why the state of its copy could not be read; nothing: it could, or there is none.
  std::optional<Error> geo_error;
};

/// `resource`: the answer to a GET, with or without $expand=geoReplicationStats.
[[nodiscard]] StorageAccount storage_account_of(const nlohmann::json& resource);
/// Has this SKU a copy in the region's pair? Also SKUs that we do not know yet, by their name.
[[nodiscard]] bool is_geo_redundant(std::string_view sku);

/// The account of the DBFS root of a workspace: it lies in the resource group that is Databricks'
/// own (facts, azure 4.4).
struct RootAccount {
  std::string name;           ///< of the account; empty: not known
  std::string managed_group;  ///< id of its resource group
  bool is_of_primary = true;
  Denial denial = {};  ///< what a deny assignment refuses there
};

/// What the judgement needs beside the estate.
struct StorageSight {
  std::map<std::string, StorageAccount> accounts;  ///< by name: those that somebody uses, and twins
  std::map<std::string, Error> unknown;            ///< by name: why it is not among them
  /// By account: what the rewrites of the configuration make of its name on the way to the standby.
  std::map<std::string, std::string> twins;
  std::vector<RootAccount> roots;
  /// Pairs of regions, as ARM told them; a region with an empty pair has none, one that is missing
  /// is not known.
  std::map<std::string, std::string> pairs;
  std::string primary_region;  ///< empty: not known
  std::string standby_region;
  Time now;
};

struct AccountVerdict {
  std::string name;
  std::optional<StorageAccount> account;  ///< nothing: unknown, and `why_unknown` says why
  std::string why_unknown;
  std::string twin;                 ///< empty: the standby uses the same one
  std::optional<RootAccount> root;  ///< it is the DBFS root of that workspace
  /// What would be lost if its region were lost now and the account failed over; nothing: not
  /// known, or all of it (see `account`).
  std::optional<double> loss_minutes;
  Used used;
  std::vector<Advice> advice;  ///< the gravest first
};

/// One for each account that the estate uses, that a rewrite leads to, or that is a DBFS root; by
/// name.
[[nodiscard]] std::vector<AccountVerdict> judge_storage(const EstateUses& uses,
                                                        const StorageSight& sight);

}  // namespace twinlake::azure
