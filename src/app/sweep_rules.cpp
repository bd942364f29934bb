#include "app/sweep_rules.h"

#include <algorithm>

#include "engine/plan.h"
#include "model/kind.h"

namespace twinlake::app {

namespace {

std::vector<std::string> kinds_in_turns() {
  std::vector<std::string> names;
  for (const model::Kind* kind : kinds::all())
    if (engine::is_read_in_turn(*kind)) names.emplace_back(kind->name);
  return names;
}

}  // namespace

engine::SweepRules read_sweep_rules(const YamlReader& yaml, const YAML::Node& node) {
  engine::SweepRules rules;
  for (const auto& [key, key_node, value] :
       yaml.members(node, "sweep", {"max_age_hours", "kinds"})) {
    if (key == "max_age_hours") rules.max_age = std::chrono::hours(yaml.count(value, key));
    if (key == "kinds")
      for (const auto& kind : yaml.members(value, key, kinds_in_turns()))
        rules.max_age_of[kind.key] = std::chrono::hours(yaml.count(kind.value, kind.key));
  }
  return rules;
}

}  // namespace twinlake::app
