#include "app/managed_rules.h"

#include "azure/managed_dr_coverage.h"

namespace twinlake::app {

ManagedRules read_managed_rules(const YamlReader& yaml, const YAML::Node& node) {
  ManagedRules rules;
  for (const auto& [key, key_node, value] :
       yaml.members(node, "managed_dr", {"cover", "primary_region"})) {
    if (key == "primary_region") rules.primary_region = yaml.text(value, key);
    if (key != "cover") continue;
    for (const YAML::Node& entry : yaml.list(value, key)) {
      const std::string kind = yaml.text(entry, key);
      std::string known;
      for (const std::string& each : azure::coverable_kinds())
        known += (known.empty() ? "" : ", ") + each;
      if (!azure::coverable_kinds().contains(kind))
        yaml.fail_at(entry,
                     "`" + kind + "` is not known to be left out by Managed Disaster Recovery",
                     "What can be covered is " + known);
      rules.cover.insert(kind);
    }
  }
  if (!rules.cover.empty() && rules.primary_region.empty())
    yaml.fail_at(node, "`cover` needs the region of the primary",
                 "Add `primary_region: westeurope`, the region of the profile `primary`");
  return rules;
}

}  // namespace twinlake::app
