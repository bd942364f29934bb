#pragma once
// A Hive metastore on the primary, planted and looked at by tests.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/json_path.h"
#include "support/state_folder.h"

namespace twinlake::test::hive {

using nlohmann::json;
using Afterwards = workspace::WarehouseOptions::Afterwards;

inline constexpr const char* lake = "abfss://lake@stlake.dfs.core.windows.net/";
inline constexpr const char* lake_there = "abfss://lake@stlakedr.dfs.core.windows.net/";
inline const std::set<std::string, std::less<>> hive_kinds = {"hive_root", "hive_schema", "hive_table", "hive_view", "hive_function"};

inline void replace_all(json& value, const std::string& from, const std::string& to) {
  std::string text = value.dump();
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  value = json::parse(text);
}

inline std::string first_warehouse(const json& listed) { return text_at(listed, "/warehouses/0/id"); }

/// SQL may run on both sides, and the lake has a twin.
inline void use_metastore(Lab& lab) {
  engine::ObserveRules& observe = lab.rules.observe;
  observe.kinds = hive_kinds;
  observe.primary_sql = workspace::WarehouseOptions{first_warehouse(lab.primary("GET", "/api/2.0/sql/warehouses")), Afterwards::leave};
  observe.secondary_sql = workspace::WarehouseOptions{first_warehouse(lab.secondary("GET", "/api/2.0/sql/warehouses")), Afterwards::stop};
  lab.rules.rewrite =
      rewritten_by([](const model::Kind&, json& definition) { replace_all(definition, "@stlake.", "@stlakedr."); });
}

/// As a person on the primary; a refusal ends the test.
inline void sql(Lab& lab, const std::string& statement, const std::string& schema = "default") {
  const json answer = lab.primary("POST", "/api/2.0/sql/statements",
                                  {{"warehouse_id", first_warehouse(lab.primary("GET", "/api/2.0/sql/warehouses"))},
                                   {"statement", statement}, {"catalog", "hive_metastore"}, {"schema", schema}, {"wait_timeout", "50s"}});
  if (text_at(answer, "/status/state") != "SUCCEEDED") throw std::runtime_error(statement + ": " + answer.dump());
}

/// The same on the secondary.
inline void sql_there(Lab& lab, const std::string& statement, const std::string& schema = "default") {
  const json answer = lab.secondary("POST", "/api/2.0/sql/statements",
                                    {{"warehouse_id", first_warehouse(lab.secondary("GET", "/api/2.0/sql/warehouses"))},
                                     {"statement", statement}, {"catalog", "hive_metastore"}, {"schema", schema}, {"wait_timeout", "50s"}});
  if (text_at(answer, "/status/state") != "SUCCEEDED") throw std::runtime_error(statement + ": " + answer.dump());
  lab.secondary("POST", "/api/2.0/sql/warehouses/" + first_warehouse(lab.secondary("GET", "/api/2.0/sql/warehouses")) + "/stop", json::object());
}

inline json orders_data(const char* root) {
  return {{"location", std::string(root) + "orders"}, {"provider", "delta"},
          {"columns", {{{"name", "id"}, {"type", "bigint"}}, {{"name", "day"}, {"type", "date"}}}},
          {"properties", {{"delta.appendOnly", "false"}}}};
}

inline json lines_data(const char* root) {
  return {{"location", std::string(root) + "lines"}, {"provider", "parquet"},
          {"columns", {{{"name", "id"}, {"type", "bigint"}}, {{"name", "day"}, {"type", "string"}}}},
          {"partitioned_by", {"day"}}, {"partitions", {"day=2026-01-01", "day=2026-01-02"}}};
}

/// A little of each: on the primary, and as data on the secondary.
inline void plant(Lab& lab) {
  lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", "analysts"}});
  lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "ana@contoso.com"}});
  for (const json& data : {orders_data(lake), lines_data(lake)}) lab.primary("POST", "/sim/storage", data);
  for (const json& data : {orders_data(lake_there), lines_data(lake_there)}) lab.secondary("POST", "/sim/storage", data);
  sql(lab, "CREATE SCHEMA sales COMMENT 'it''s ours' WITH DBPROPERTIES ('team' = 'supply')");
  sql(lab, std::string("CREATE TABLE sales.orders USING delta LOCATION '") + lake + "orders'");
  sql(lab, std::string("CREATE TABLE sales.lines (id BIGINT COMMENT 'a \\'number\\'', day STRING) USING parquet PARTITIONED BY (day) LOCATION '") + lake + "lines' TBLPROPERTIES ('owner.team' = 'supply')");
  sql(lab, "MSCK REPAIR TABLE sales.lines");
  sql(lab, "CREATE VIEW open AS SELECT o.id FROM orders o JOIN lines ON lines.id = o.id", "sales");
  sql(lab, "CREATE VIEW again AS SELECT * FROM sales.open", "sales");
  sql(lab, "GRANT SELECT ON TABLE sales.orders TO `analysts`");
  sql(lab, "DENY MODIFY ON TABLE sales.orders TO `ana@contoso.com`");
  sql(lab, "GRANT USAGE ON CATALOG hive_metastore TO `analysts`");
  sql(lab, "ALTER TABLE sales.lines OWNER TO `ana@contoso.com`");
  sql(lab, "ALTER SCHEMA sales OWNER TO `analysts`");
}

inline json metastore_of(simulator::Region& region) { return region.world().at("hive_metastore"); }

inline std::set<std::string> names_of(simulator::Region& region, const char* what) {
  std::set<std::string> names;
  const json world = metastore_of(region);
  for (const json& each : world.at(what)) names.insert(text_at(each, "/schema") + "." + text_at(each, "/name"));
  return names;
}

/// Every privilege, as lines; those of the replicator itself come by making things.
inline std::set<std::string> grants_of(simulator::Region& region) {
  std::set<std::string> lines;
  const json world = metastore_of(region);
  for (const json& grant : world.at("grants"))
    lines.insert(text_at(grant, "/object_type") + " " + text_at(grant, "/object_key") + " " + text_at(grant, "/principal") + " " + text_at(grant, "/action_type"));
  return lines;
}

inline const engine::ObjectReport* object_of(const engine::SyncReport& report, const std::string& address) {
  for (const auto& object : report.objects)
    if (object.address == address) return &object;
  return nullptr;
}

inline std::string outcome_of(const Result<engine::SyncReport>& report, const std::string& address) {
  if (!report) return describe(report.error());
  const auto* object = object_of(*report, address);
  return object == nullptr ? "" : object->outcome + ": " + object->error + "\n" + object->what_to_do;
}

inline void expect_complete(Lab& lab) {
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{});
  EXPECT_TRUE(lab.store().in_doubt().empty());
}

/// Each sync looks at both sides.
inline void look_always(Lab& lab) {
  for (const auto& kind : hive_kinds) lab.rules.observe.every_of[kind] = Micros(0);
}

}  // namespace twinlake::test::hive
