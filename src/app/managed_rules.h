#pragma once
// `managed_dr` of twinlake.yml: what Twinlake writes where Databricks itself keeps the standby.
#include <set>
#include <string>

#include "app/yaml_reader.h"

namespace twinlake::app {

struct ManagedRules {
  /// Kinds that it leaves out and that `sync` writes all the same; empty: a side that it keeps is
  /// not written at all.
  std::set<std::string, std::less<>> cover;
  /// The region of the profile `primary`, "westeurope": no workspace tells its own, and nothing may
  /// be written against the direction of that service.
  std::string primary_region;
};

[[nodiscard]] ManagedRules read_managed_rules(const YamlReader& yaml, const YAML::Node& node);

}  // namespace twinlake::app
