#pragma once
// `limits` of twinlake.yml: how fast workspaces may be asked, and with whom that is shared.
#include <string>

#include "app/yaml_reader.h"

namespace twinlake::app {

struct LimitRules {
  double most = 1;        ///< rates rise at most to so many times the published ones
  std::string budget;     ///< folder; empty: that of the state
  bool is_alone = false;  ///< nothing is shared with other processes
};

[[nodiscard]] LimitRules read_limit_rules(const YamlReader& yaml, const YAML::Node& node);

/// The folder of budget files, made when it is missing; empty: none is wanted. One that cannot be
/// made is told by whoever uses it.
[[nodiscard]] std::string budget_folder(const LimitRules& rules, const std::string& state_folder);

}  // namespace twinlake::app
