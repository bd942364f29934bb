#pragma once
// Tables and views of the Hive metastore, described.
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// `type`: "table" or "view". What a table has beyond parse_ddl(): where it lies (set_place), and
/// of those that keep a list of partitions {"partitions": {"count", "digest"}} and the few that lie
/// elsewhere as
/// {"placed_partitions": [{"values", "location"}]}. A view: {"in_schema", "reads"}.
[[nodiscard]] Task<Result<nlohmann::json>> describe_table(Workspace& side, std::string type,
                                                          std::string name);

/// {"count", "digest"} of the partitions that the metastore knows of; null: it keeps no list.
[[nodiscard]] Task<Result<nlohmann::json>> read_partitions(Workspace& side, std::string name);

/// "MANAGED" or "EXTERNAL" by what the service says now, and its location.
struct TableStorage {
  std::string type;
  std::string location;
  bool purges = false;  ///< DROP would delete its data although it is external
};
[[nodiscard]] Task<Result<TableStorage>> read_storage(Workspace& side, std::string name);

}  // namespace twinlake::workspace
