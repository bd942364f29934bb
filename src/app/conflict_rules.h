#pragma once
// `conflicts` of twinlake.yml: what becomes of what was changed on both sides.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/yaml_reader.h"
#include "engine/three_way.h"

namespace twinlake::app {

struct ConflictRules {
  engine::OnConflict otherwise = engine::OnConflict::primary;
  std::map<std::string, engine::OnConflict, std::less<>> by_kind;
  /// Addresses (globs) of which the operator said that the primary's counts.
  std::vector<std::string> take;
  /// By address, what somebody answered in this very run.
  std::map<std::string, engine::OnConflict, std::less<>> answered = {};
};

[[nodiscard]] ConflictRules read_conflict_rules(const YamlReader& yaml, const YAML::Node& node,
                                                const std::set<std::string, std::less<>>& kinds);

[[nodiscard]] engine::OnConflict policy_for(const ConflictRules& rules, const model::Kind& kind,
                                            const std::string& key);

}  // namespace twinlake::app
