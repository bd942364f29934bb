#pragma once
// `azure` of twinlake.yml: the primary's ARM id and what the secondary shall be.
#include <string>

#include "app/yaml_reader.h"
#include "azure/twin.h"

namespace twinlake::app {

struct AzureRules {
  std::string primary_id;  ///< ARM id; empty: of the profile, or found by its host
  azure::TwinSettings secondary;
};

[[nodiscard]] AzureRules read_azure_rules(const YamlReader& yaml, const YAML::Node& node);

}  // namespace twinlake::app
