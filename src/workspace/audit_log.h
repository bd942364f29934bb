#pragma once
// The audit log of a workspace, asked by one SQL statement which objects were changed (Azure
// Databricks documentation, audit log system table). It comes late and out of order, and rows may
// lack what they were about.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// Which events are of interest. A service and an action of these lists need not belong together:
/// who asks drops the few rows of which that is not true.
struct AuditQuestion {
  std::vector<std::string> services;
  std::vector<std::string> actions;
  std::vector<std::string> parameters;  ///< of the requests, that may name an object
  Time since;
  std::vector<std::string> not_by;  ///< whose events are left out: the replicator's own
};

/// What one object was told of: all its events of one action together.
struct AuditRow {
  std::string service;
  std::string action;
  std::vector<std::string>
      values;  ///< of the parameters, in the question's order; empty where there is none
  Time last;   ///< the newest event's, by the clock of the service
  std::int64_t events = 0;
};

/// Only what succeeded. Events of the account, which say no workspace, are among them.
[[nodiscard]] std::string audit_statement(const AuditQuestion& question,
                                          const std::string& workspace_id);

/// Fault::not_found: the table is not there. Fault::forbidden: not for us. Both say what to do.
[[nodiscard]] Task<Result<std::vector<AuditRow>>> read_audit_log(Workspace& side,
                                                                 std::string warehouse_id,
                                                                 AuditQuestion question);

struct RunningWarehouse {
  std::string id;
  std::string name;
  Micros stops_after{0};  ///< idle; 0: never
};

[[nodiscard]] Task<Result<std::vector<RunningWarehouse>>> running_warehouses(Workspace& side);

/// Where somebody wants it to be asked.
struct AuditPlace {
  std::string warehouse;  ///< by name or id, asked whenever it runs; empty: any that runs, unless
                          ///< that kept it running
};

/// Which of the running warehouses is asked. `asked`: when one of that side last was: one that has
/// idled long enough to stop since then, and still runs, is used by others.
struct WarehouseChoice {
  std::optional<RunningWarehouse> one;
  std::string why_not;  ///< where there is none
  std::string what_to_do;
};
[[nodiscard]] WarehouseChoice choose_warehouse(const std::vector<RunningWarehouse>& running,
                                               const AuditPlace& where, std::optional<Time> asked,
                                               Time now);

}  // namespace twinlake::workspace
