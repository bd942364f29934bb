#pragma once
// `recovery_plan` of twinlake.yml: what is done, in which order, once the primary role has moved.
#include "app/yaml_reader.h"
#include "failover/recovery_plan.h"

namespace twinlake::app {

[[nodiscard]] failover::RecoveryPlan read_recovery_plan(const YamlReader& yaml,
                                                        const YAML::Node& node,
                                                        const std::string& group);

}  // namespace twinlake::app
