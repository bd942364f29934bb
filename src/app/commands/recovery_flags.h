#pragma once
// Flags of `failover` and `failback` about the recovery plan: waves and a canary in its place,
// stops, and what a person says of an action.
#include <cstdint>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/config.h"
#include "failover/recovery.h"

namespace twinlake::app {

struct RecoveryFlags {
  std::vector<std::string> waves;
  std::string canary;
  std::int64_t canary_minutes = 30;
  std::int64_t stop_after_wave = 0;
  bool go_on = false;
  bool without_plan = false;
  std::string confirm;
  std::string skip;
  std::string repeat;
};

/// Of a command that moves the role. `flags` must live as long as the options.
[[nodiscard]] std::vector<Option> recovery_flags_into(RecoveryFlags& flags);
/// --confirm, --skip and --repeat.
[[nodiscard]] std::vector<Option> say_flags_into(RecoveryFlags& flags);
/// Fault::config: waves beside a recovery plan of the file, or a wave that names nothing.
[[nodiscard]] Result<failover::RecoveryOptions> recovery_options(const RecoveryFlags& flags,
                                                                 const GroupConfig& group);
/// Something of an action is to be said, and nothing else.
[[nodiscard]] bool says_something(const RecoveryFlags& flags);
/// Also while another process waits for it.
[[nodiscard]] Result<ExitCode> run_say(const Globals& globals, const RecoveryFlags& flags);

}  // namespace twinlake::app
