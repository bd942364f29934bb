#pragma once
// One file per command: its options, its help and what it does.
#include "app/command_line.h"

namespace twinlake::app {

[[nodiscard]] Command provision_command();
[[nodiscard]] Command plan_command();
[[nodiscard]] Command sync_command();
[[nodiscard]] Command readiness_command();
[[nodiscard]] Command failover_command();
[[nodiscard]] Command commit_command();
[[nodiscard]] Command reprotect_command();
[[nodiscard]] Command failback_command();
[[nodiscard]] Command drill_command();
[[nodiscard]] Command report_command();
[[nodiscard]] Command storage_command();
[[nodiscard]] Command dependencies_command();
[[nodiscard]] Command reconcile_command();
[[nodiscard]] Command status_command();
[[nodiscard]] Command ids_command();
[[nodiscard]] Command kinds_command();
[[nodiscard]] Command state_command();
[[nodiscard]] Command history_command();
[[nodiscard]] Command restore_command();
[[nodiscard]] Command simulate_command();

}  // namespace twinlake::app
