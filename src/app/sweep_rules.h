#pragma once
// `sweep` of twinlake.yml: how old a reading may become of what no listing tells the changes of,
// and whether audit logs are asked what changed.
#include <utility>

#include "app/yaml_reader.h"
#include "engine/audit_hints.h"
#include "engine/sweep.h"

namespace twinlake::app {

/// A kind that is read in every run, or that there is not, is an error.
[[nodiscard]] std::pair<engine::SweepRules, engine::AuditRules> read_sweep_rules(
    const YamlReader& yaml, const YAML::Node& node);

}  // namespace twinlake::app
