#pragma once
// Disaster recovery that Databricks itself does for a pair of workspaces. Where it is at work,
// nobody else may write: it replaces what it finds. Asked of the account, not of a workspace.
// Source: databricks-sdk-go service/disasterrecovery; facts, azure 14.1 and disaster recovery 1.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"
#include "http/transport.h"
#include "model/object.h"

namespace twinlake::azure {

/// Workspaces that are kept equal by a group.
struct ManagedSet {
  std::string name;
  std::vector<std::string> workspace_ids;
  /// Notebooks, jobs, clusters and the like. Without it only data of Unity Catalog is replicated.
  bool replicates_assets = false;
};

struct ManagedGroup {
  std::string name;   ///< "accounts/.../failover-groups/sales"
  std::string state;  ///< "ACTIVE", "FAILING_OVER", ...; empty: not told
  std::string primary_region;
  std::optional<Time> replication_point;
  std::vector<ManagedSet> sets;
  std::vector<std::string> catalogs;  ///< of Unity Catalog; on the secondary they are read-only
  /// "sales"
  [[nodiscard]] std::string short_name() const;
};

/// All groups of an account, each with its state. A refusal is an error: it says nothing about
/// groups.
[[nodiscard]] Task<Result<std::vector<ManagedGroup>>> read_managed_groups(http::Transport& account,
                                                                          std::string account_id);
/// An answer to GET of one group.
[[nodiscard]] ManagedGroup managed_group_of(const nlohmann::json& answer);

/// The group that replicates what stands in that workspace; nullptr: none does. One that never came
/// to be does not count; one that is being removed still does.
[[nodiscard]] const ManagedGroup* governor_of(const std::vector<ManagedGroup>& groups,
                                              std::string_view workspace_id);
/// The groups that replicate catalogs which that workspace sees.
[[nodiscard]] std::vector<const ManagedGroup*> catalog_governors_of(
    const std::vector<ManagedGroup>& groups, std::string_view workspace_id);
/// Why nothing is written to that workspace; Fault::refused.
[[nodiscard]] Error refusal_by(const ManagedGroup& group, const std::string& host);

/// What it leaves out beside the kinds of managed_dr_coverage.h: things that nobody here reads. The
/// address says what it is.
[[nodiscard]] std::vector<model::Finding> left_out_by_managed_dr();

}  // namespace twinlake::azure
