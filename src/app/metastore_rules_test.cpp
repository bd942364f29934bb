#include "app/metastore_rules.h"

#include <gtest/gtest.h>

#include "app/config.h"
#include "app/rules.h"

namespace twinlake::app {
namespace {

using Afterwards = workspace::WarehouseOptions::Afterwards;

Result<Config> parse_metastore(const std::string& rest) {
  return parse_config("groups:\n  g:\n    primary: a\n    secondary: b\n" + rest, "twinlake.yml",
                      {});
}

TEST(MetastoreRules, NameTheWarehouses) {
  const auto config = parse_metastore(
      "    metastore: {primary: shared sql, secondary: 9f31c2aa07d45e10, look_every_hours: 6}\n");
  ASSERT_TRUE(config) << config.error().message;
  const engine::ObserveRules rules = rules_of(*config->find("g")).observe;
  ASSERT_TRUE(rules.primary_sql && rules.secondary_sql);
  EXPECT_EQ(rules.primary_sql->warehouse, "shared sql");
  EXPECT_EQ(rules.primary_sql->afterwards, Afterwards::leave) << "people work there";
  EXPECT_EQ(rules.secondary_sql->warehouse, "9f31c2aa07d45e10");
  EXPECT_EQ(rules.secondary_sql->afterwards, Afterwards::stop);
  EXPECT_TRUE(rules.kinds.contains("hive_table"));
  EXPECT_EQ(rules.every_of.at("hive_table"), std::chrono::hours(6));
  EXPECT_FALSE(rules.primary || rules.secondary) << "no cluster is needed";
}

TEST(MetastoreRules, WithoutThemNothingRuns) {
  const auto config = parse_metastore("");
  ASSERT_TRUE(config);
  const engine::ObserveRules rules = rules_of(*config->find("g")).observe;
  EXPECT_FALSE(rules.primary_sql || rules.secondary_sql);
  EXPECT_TRUE(rules.kinds.empty());
}

TEST(MetastoreRules, WrongOnesAreToldWithTheirPlace) {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"    metastore: {secondary: sql}\n", "names no warehouse of the primary"},
      {"    metastore: {primary: sql}\n", "names no warehouse of the secondary"},
      {"    metastore: {primary: \"\", secondary: sql}\n", "is empty"},
      {"    metastore: {primary: auto, secondary: sql}\n", "`auto` is no warehouse"},
      {"    metastore: {primary: sql, secondary: sql, look_every_hours: daily}\n",
       "look_every_hours"},
      {"    metastore: {primary: sql, secondary: sql, warehouse: sql}\n", "warehouse"},
      {"    metastore: shared\n", "metastore"},
  };
  for (const Row& row : rows) {
    const auto config = parse_metastore(row.text);
    ASSERT_FALSE(config) << row.text;
    EXPECT_NE(config.error().message.find(row.message), std::string::npos)
        << config.error().message;
    EXPECT_NE(config.error().message.find("twinlake.yml:5"), std::string::npos)
        << config.error().message;
    EXPECT_FALSE(config.error().hint.empty());
  }
}

}  // namespace
}  // namespace twinlake::app
