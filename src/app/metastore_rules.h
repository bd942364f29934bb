#pragma once
// `metastore` of twinlake.yml: on which warehouses the Hive metastore is read and made.
#include <chrono>
#include <optional>
#include <string>

#include "app/yaml_reader.h"
#include "engine/observer.h"

namespace twinlake::app {

struct MetastoreRules {
  std::string primary;  ///< a warehouse by name or id; naming it is the opt-in
  std::string secondary;
  std::chrono::hours every{24};
};

[[nodiscard]] MetastoreRules read_metastore_rules(const YamlReader& yaml, const YAML::Node& node);

/// What it means to the engine.
void add_metastore(engine::ObserveRules& rules, const std::optional<MetastoreRules>& metastore);

}  // namespace twinlake::app
