#pragma once
// What a command works with, from the flags, twinlake.yml and the environment.
#include <string>

#include "app/command_line.h"
#include "app/config.h"
#include "app/terminal.h"

namespace twinlake::app {

struct Settings {
  GroupConfig group;
  std::string state_folder;
  /// The names of the profiles come from the file: they say which sides there are, and the state
  /// which has the primary role now. Names in flags speak of roles.
  bool profiles_are_sides = false;
  bool take_over_lock = false;  ///< of a run on a machine that is gone
  bool is_repeated = false;     ///< one run of many: what the first one warned of is not said again
  bool json = false;
  bool verbose = false;
  Style out{false};  ///< of standard output
  Style err{false};  ///< of standard error
};

enum class Needs { nothing, secondary, both };

/// The profiles that a command needs must be known; whether they exist is seen later.
[[nodiscard]] Result<Settings> settle(const Globals& globals, Needs needs);

[[nodiscard]] KindNames kind_names();

}  // namespace twinlake::app
