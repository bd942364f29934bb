#pragma once
// `drill` of twinlake.yml: what a test failover copies and runs, and what is expected of it.
#include <string>
#include <vector>

#include "app/yaml_reader.h"
#include "failover/drill.h"

namespace twinlake::app {

struct DrillRules {
  std::vector<failover::SmokeRun> run;
  std::vector<std::string> copy;
  std::vector<std::string> folders;
};

[[nodiscard]] DrillRules read_drill_rules(const YamlReader& yaml, const YAML::Node& node);

/// What it means to the drill. Names are globs, as everywhere.
[[nodiscard]] failover::DrillOptions drill_options(const DrillRules& rules);

}  // namespace twinlake::app
