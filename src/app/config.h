#pragma once
// twinlake.yml: named failover groups. Read strictly: what is not understood is an error, because a
// misspelt `exclude` would otherwise replicate what should not be.
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/azure_rules.h"
#include "app/conflict_rules.h"
#include "app/drill_rules.h"
#include "app/history_rules.h"
#include "app/limit_rules.h"
#include "app/managed_rules.h"
#include "app/metastore_rules.h"
#include "app/mount_rules.h"
#include "app/recovery_rules.h"
#include "app/rewrites.h"
#include "app/sweep_rules.h"
#include "base/loop.h"
#include "base/result.h"
#include "model/kind.h"
#include "model/literals.h"
#include "workspace/given.h"

namespace twinlake::app {

/// Objects by kind, path or name. What is empty does not restrict.
struct Selector {
  std::vector<std::string> kinds;
  std::string path;  ///< glob; only objects that live at a path
  std::string name;  ///< glob; only objects that have a name instead
  [[nodiscard]] bool matches(const model::Kind& kind, std::string_view key) const;
};

struct GroupConfig {
  std::string name = "default";
  std::string primary;            ///< profile
  std::string secondary;          ///< profile
  std::string state;              ///< folder
  std::optional<Micros> rpo;      ///< how old the standby may be; nothing: no target
  std::string account;            ///< profile of the account above both; empty: it is not asked
  std::vector<Selector> include;  ///< empty: everything
  std::vector<Selector> exclude;
  Rewrites rewrites;
  std::vector<RewriteRule> rewrite_rules;  ///< as written, for the digest
  bool delete_enabled = true;
  std::int64_t allow_deletes = -1;
  bool unassign = false;  ///< principals that left the primary
  std::vector<Selector> overwrite;
  ConflictRules conflicts;
  std::string values;               ///< file with what no API tells: secrets, addresses of webhooks
  std::vector<Selector> always_on;  ///< what is started on the new primary by a failover
  std::vector<std::string> own_addresses;  ///< from where the workspaces are managed
  std::vector<std::string> dbfs_roots = workspace::Given().dbfs_roots;
  HelperClusters helper_clusters;
  std::optional<MountRules> mounts;
  std::vector<std::string> secret_names;  ///< globs of settings that hold a secret
  std::vector<model::LiteralRules::Place> secret_places;
  std::optional<MetastoreRules> metastore;
  engine::SweepRules sweep;
  engine::AuditRules audit;
  DrillRules drill;
  LimitRules limits;
  AzureRules azure;
  ManagedRules managed_dr;
  HistoryRules history;
  failover::RecoveryPlan recovery_plan;  ///< without groups when there is none
};

struct Config {
  std::string file;
  std::vector<GroupConfig> groups;
  [[nodiscard]] const GroupConfig* find(std::string_view group) const;
};

/// It becomes part of paths on this machine and in the workspace.
[[nodiscard]] bool is_group_name(std::string_view name);
inline constexpr const char* group_name_remedy = "Use letters, digits, '-' and '_'";

using KindNames = std::set<std::string, std::less<>>;

/// Errors say file:line:column and what to do.
[[nodiscard]] Result<Config> parse_config(const std::string& text, const std::string& file,
                                          const KindNames& kinds);
[[nodiscard]] Result<Config> load_config(const std::string& file, const KindNames& kinds);

}  // namespace twinlake::app
