#pragma once
// `helper_clusters` and `mounts` of twinlake.yml: where commands may run, and what mounts are made
// with.
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/yaml_reader.h"
#include "engine/observer.h"

namespace twinlake::app {

/// Where commands may run on each side.
struct HelperClusters {
  std::string primary = "none";  ///< none | auto (a small one of ours) | the id of a running one
  std::string secondary;         ///< the same; empty: auto when something needs it
  std::string node_type;         ///< empty: the smallest
  std::string runtime;           ///< empty: the newest with long-term support
};

using MountConfigs = std::map<std::string, std::string>;

struct MountEntry {
  std::string mount_point;
  std::string source;
  std::string encryption_type;
  MountConfigs configs;  ///< empty: by `credentials`
};

/// Mounts whose source fits are made with these.
struct MountCredentials {
  std::string source;  ///< glob
  MountConfigs configs;
};

struct MountRules {
  std::chrono::hours every{24};
  std::vector<MountEntry> list;
  std::vector<MountCredentials> credentials;
};

[[nodiscard]] HelperClusters read_helper_clusters(const YamlReader& yaml, const YAML::Node& node);
[[nodiscard]] MountRules read_mount_rules(const YamlReader& yaml, const YAML::Node& node);

/// What both mean to the engine.
[[nodiscard]] engine::ObserveRules observe_rules(const HelperClusters& helpers,
                                                 const std::optional<MountRules>& mounts);

}  // namespace twinlake::app
