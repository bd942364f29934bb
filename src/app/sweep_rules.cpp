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

using Where = engine::AuditRules::Where;

std::optional<Where> read_where(const YamlReader& yaml, const YAML::Node& node,
                                const std::string& what) {
  std::string text = yaml.text(node, what);
  if (text == "off") return std::nullopt;
  if (text == "auto") text.clear();
  return Where{std::move(text)};
}

/// `auto` or `off` of both sides, or of each side that or a warehouse.
engine::AuditRules read_audit_rules(const YamlReader& yaml, const YAML::Node& node) {
  engine::AuditRules rules;
  if (!node.IsScalar()) {
    for (const auto& [key, key_node, value] : yaml.members(node, "audit", {"primary", "secondary"}))
      (key == "primary" ? rules.primary : rules.secondary) = read_where(yaml, value, key);
    return rules;
  }
  rules.primary = rules.secondary = read_where(yaml, node, "audit");
  if (rules.primary && !rules.primary->warehouse.empty())
    yaml.fail_at(
        node, "`" + rules.primary->warehouse + "` is a warehouse of which side?",
        "Write `auto`, `off`, or {primary: WAREHOUSE, secondary: WAREHOUSE}, by name or id");
  return rules;
}

}  // namespace

std::pair<engine::SweepRules, engine::AuditRules> read_sweep_rules(const YamlReader& yaml,
                                                                   const YAML::Node& node) {
  engine::SweepRules rules;
  engine::AuditRules audit;
  for (const auto& [key, key_node, value] :
       yaml.members(node, "sweep", {"max_age_hours", "kinds", "audit"})) {
    if (key == "audit") audit = read_audit_rules(yaml, value);
    if (key == "max_age_hours") rules.max_age = std::chrono::hours(yaml.count(value, key));
    if (key == "kinds")
      for (const auto& kind : yaml.members(value, key, kinds_in_turns()))
        rules.max_age_of[kind.key] = std::chrono::hours(yaml.count(kind.value, kind.key));
  }
  return {std::move(rules), std::move(audit)};
}

}  // namespace twinlake::app
