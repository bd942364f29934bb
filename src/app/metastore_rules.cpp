#include "app/metastore_rules.h"

namespace twinlake::app {

namespace {

constexpr const char* observed_kinds[] = {"hive_root", "hive_schema", "hive_table", "hive_view",
                                          "hive_function"};

void check_warehouse(const YamlReader& yaml, const YAML::Node& node, const std::string& side,
                     const std::string& warehouse) {
  if (!warehouse.empty()) return;
  yaml.fail_at(
      node, "`metastore` names no warehouse of the " + side,
      side == "primary"
          ? "Add `primary: WAREHOUSE`: the Hive metastore is told by SQL only, and SQL runs "
            "on the primary only where you say so"
          : "Add `secondary: WAREHOUSE`, by name or id: what is missing there is made by SQL");
}

}  // namespace

MetastoreRules read_metastore_rules(const YamlReader& yaml, const YAML::Node& node) {
  MetastoreRules rules;
  for (const auto& [key, key_node, value] :
       yaml.members(node, "metastore", {"primary", "secondary", "look_every_hours"})) {
    if (key == "look_every_hours") {
      rules.every = std::chrono::hours(yaml.count(value, key));
      continue;
    }
    std::string& into = key == "primary" ? rules.primary : rules.secondary;
    into = yaml.text(value, key);
    if (into == "none" || into == "auto")
      yaml.fail_at(value, "`" + into + "` is no warehouse",
                   "Write the name or the id of a SQL warehouse of that workspace; without the "
                   "section `metastore` nothing is done about the Hive metastore");
  }
  check_warehouse(yaml, node, "primary", rules.primary);
  check_warehouse(yaml, node, "secondary", rules.secondary);
  return rules;
}

void add_metastore(engine::ObserveRules& rules, const std::optional<MetastoreRules>& metastore) {
  if (!metastore) return;
  using Afterwards = workspace::WarehouseOptions::Afterwards;
  rules.primary_sql = workspace::WarehouseOptions{metastore->primary, Afterwards::leave};
  rules.secondary_sql = workspace::WarehouseOptions{metastore->secondary, Afterwards::stop};
  for (const char* kind : observed_kinds) {
    rules.kinds.insert(kind);
    rules.every_of.emplace(kind, metastore->every);
  }
}

}  // namespace twinlake::app
