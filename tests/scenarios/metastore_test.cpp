// The Hive metastore: what only SQL tells or does, on a warehouse that is stopped again afterwards.
#include <gtest/gtest.h>

#include <algorithm>

#include "simulator/estate/estate.h"
#include "support/metastore.h"

namespace twinlake::test::hive {
namespace {

TEST(Metastore, IsMadeOnTheOtherSideInOneSync) {
  Lab lab;
  plant(lab);
  use_metastore(lab);
  expect_complete(lab);
  EXPECT_EQ(names_of(lab.away(), "tables"), (std::set<std::string>{"sales.lines", "sales.orders"}));
  EXPECT_EQ(names_of(lab.away(), "views"), (std::set<std::string>{"sales.again", "sales.open"}));
  EXPECT_EQ(grants_of(lab.away()), grants_of(lab.home()));
  const std::string there = metastore_of(lab.away()).at("tables").dump();
  EXPECT_NE(there.find("stlakedr"), std::string::npos) << there;
  EXPECT_NE(there.find("day=2026-01-02"), std::string::npos) << "partitions are there: " << there;
  EXPECT_EQ(there.find("@stlake."), std::string::npos) << there;
}

TEST(Metastore, ThatDidNotChangeIsNotTouchedAgain) {
  Lab lab;
  plant(lab);
  use_metastore(lab);
  expect_complete(lab);
  lab.reset_logs();
  expect_complete(lab);
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
  EXPECT_EQ(lab.primary_wire().log.writes, std::vector<std::string>{}) << "not even a look";
  look_always(lab);
  lab.reset_logs();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.read(false).plan.steps.size(), 0U);
}

TEST(Metastore, ChangesFollow) {
  Lab lab;
  plant(lab);
  use_metastore(lab);
  expect_complete(lab);
  look_always(lab);
  sql(lab, "CREATE OR REPLACE VIEW open AS SELECT o.id, o.day FROM orders o", "sales");
  sql(lab, "ALTER TABLE sales.lines SET TBLPROPERTIES ('owner.team' = 'finance')");
  sql(lab, "COMMENT ON SCHEMA sales IS 'everybody''s'");
  sql(lab, "ALTER SCHEMA sales SET DBPROPERTIES ('team' = 'finance', 'since' = '2026')");
  sql(lab, "REVOKE SELECT ON TABLE sales.orders FROM `analysts`");
  sql(lab, "GRANT MODIFY ON TABLE sales.lines TO `analysts`");
  sql(lab, "ALTER TABLE sales.orders OWNER TO `ana@contoso.com`");
  json more = lines_data(lake);
  more["partitions"].push_back("day=2026-01-03");
  lab.primary("POST", "/sim/storage", more);
  more["location"] = std::string(lake_there) + "lines";
  lab.secondary("POST", "/sim/storage", more);
  sql(lab, "MSCK REPAIR TABLE sales.lines");
  expect_complete(lab);
  EXPECT_EQ(grants_of(lab.away()), grants_of(lab.home()));
  EXPECT_EQ(metastore_of(lab.away()).at("schemas").at(1), metastore_of(lab.home()).at("schemas").at(1));
  const std::string there = metastore_of(lab.away()).dump();
  EXPECT_NE(there.find("finance"), std::string::npos);
  EXPECT_NE(there.find("o.day"), std::string::npos);
  EXPECT_NE(there.find("day=2026-01-03"), std::string::npos);
  EXPECT_TRUE(metastore_of(lab.away()).at("storage").contains(std::string(lake_there) + "lines")) << "no data is dropped";
}

TEST(Metastore, PrivilegesSurviveAViewThatIsReplaced) {
  for (const bool keeps : {true, false}) {
    Lab lab;
    lab.secondary("POST", "/sim/metastore", {{"replaced_views_keep_grants", keeps}});
    plant(lab);
    sql(lab, "GRANT SELECT ON VIEW sales.open TO `analysts`");
    use_metastore(lab);
    expect_complete(lab);
    look_always(lab);
    sql(lab, "CREATE OR REPLACE VIEW open AS SELECT o.day FROM orders o", "sales");
    expect_complete(lab);
    EXPECT_EQ(grants_of(lab.away()), grants_of(lab.home())) << keeps;
  }
}

/// Sources disagree about these; the outcome may not.
TEST(Metastore, IsTheSameWhateverTheServiceShows) {
  const json answers[] = {{{"expand_all_privileges", true}}, {{"schemas_column", "namespace"}}, {{"schema_object_type", "SCHEMA"}},
                          {{"shown_catalog", "spark_catalog"}}, {{"shown_catalog", ""}}, {{"refuse_unknown_principals", false}}};
  for (const json& answer : answers) {
    Lab lab;
    lab.secondary("POST", "/sim/metastore", answer);
    plant(lab);
    sql(lab, "GRANT ALL PRIVILEGES ON SCHEMA sales TO `ana@contoso.com`");
    use_metastore(lab);
    expect_complete(lab);
    look_always(lab);
    expect_complete(lab);
    EXPECT_EQ(lab.read(false).plan.steps.size(), 0U) << answer.dump();
  }
}

TEST(Metastore, AManagedTableIsLeftToAPersonWithTheLinesToRun) {
  Lab lab;
  plant(lab);
  sql(lab, "CREATE TABLE sales.returns (id BIGINT) USING delta");
  sql(lab, "CREATE VIEW returned AS SELECT id FROM returns", "sales");
  use_metastore(lab);
  const auto report = lab.sync();
  const std::string told_of_table = outcome_of(report, "hive_table:\"hive_metastore.sales.returns\"");
  EXPECT_NE(told_of_table.find("data must be copied"), std::string::npos) << told(report);
  EXPECT_NE(told_of_table.find("DEEP CLONE `hive_metastore`.`sales`.`returns`"), std::string::npos) << told_of_table;
  const std::string told_of_view = outcome_of(report, "hive_view:\"hive_metastore.sales.returned\"");
  EXPECT_NE(told_of_view.find("hive_table:\"hive_metastore.sales.returns\""), std::string::npos) << told(report);
  EXPECT_EQ(names_of(lab.away(), "tables").count("sales.returns"), 0U);
  EXPECT_EQ(names_of(lab.away(), "views").count("sales.again"), 1U) << "the others are made";
  sql_there(lab, "CREATE TABLE sales.returns (id BIGINT) USING delta");
  look_always(lab);
  expect_complete(lab);
  EXPECT_EQ(names_of(lab.away(), "views").count("sales.returned"), 1U);
}

/// In a schema with a folder of its own a managed table lies where the other side can read it.
TEST(Metastore, AManagedTableInReplicatedStorageIsRegistered) {
  Lab lab;
  plant(lab);
  sql(lab, std::string("CREATE SCHEMA finance LOCATION '") + lake + "finance'");
  sql(lab, "CREATE TABLE finance.rates (day DATE) USING delta");
  lab.secondary("POST", "/sim/storage", {{"location", std::string(lake_there) + "finance/rates"}, {"provider", "delta"}, {"columns", {{{"name", "day"}, {"type", "date"}}}}});
  use_metastore(lab);
  expect_complete(lab);
  const std::string there = metastore_of(lab.away()).at("tables").dump();
  EXPECT_NE(there.find(std::string(lake_there) + "finance/rates"), std::string::npos) << there;
}

TEST(Metastore, OneBrokenTableFailsAlone) {
  Lab lab;
  plant(lab);
  lab.primary("POST", "/sim/storage", {{"location", std::string(lake) + "orders"}, {"unreadable", "Failure to initialize configuration: the key was revoked"}});
  use_metastore(lab);
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  const std::string broken = outcome_of(report, "hive_table:\"hive_metastore.sales.orders\"");
  EXPECT_NE(broken.find("the key was revoked"), std::string::npos) << told(report);
  EXPECT_EQ(names_of(lab.away(), "tables"), (std::set<std::string>{"sales.lines"}));
  EXPECT_NE(outcome_of(report, "hive_view:\"hive_metastore.sales.open\"").find("orders"), std::string::npos) << told(report);
  lab.primary("POST", "/sim/storage", {{"location", std::string(lake) + "orders"}, {"readable", true}});
  look_always(lab);
  expect_complete(lab);
}

TEST(Metastore, ATableWhoseDataIsNotThereYetSaysSo) {
  Lab lab;
  plant(lab);
  lab.secondary("POST", "/sim/storage", {{"location", std::string(lake_there) + "orders"}, {"gone", true}});
  use_metastore(lab);
  const auto report = lab.sync();
  const std::string outcome = outcome_of(report, "hive_table:\"hive_metastore.sales.orders\"");
  EXPECT_NE(outcome.find("replicate the storage"), std::string::npos) << told(report);
  EXPECT_FALSE(metastore_of(lab.away()).at("storage").contains(std::string(lake_there) + "orders")) << "an empty log would stand in the way of the data";
  lab.secondary("POST", "/sim/storage", orders_data(lake_there));
  expect_complete(lab);
}

TEST(Metastore, PartitionsThatLieElsewhereAreTold) {
  Lab lab;
  plant(lab);
  sql(lab, "ALTER TABLE sales.lines ADD PARTITION (day = 'old/er') LOCATION 'abfss://archive@stlake.dfs.core.windows.net/lines'");
  use_metastore(lab);
  expect_complete(lab);
  const std::string there = metastore_of(lab.away()).at("tables").dump();
  EXPECT_NE(there.find("abfss://archive@stlakedr.dfs.core.windows.net/lines"), std::string::npos) << there;
}

TEST(Metastore, WhatIsGoneOnThePrimaryIsDroppedAndItsDataStays) {
  Lab lab;
  plant(lab);
  sql(lab, std::string("CREATE SCHEMA finance LOCATION '") + lake + "finance'");
  use_metastore(lab);
  expect_complete(lab);
  look_always(lab);
  for (const char* statement : {"DROP VIEW sales.again", "DROP VIEW sales.open", "DROP TABLE sales.orders", "DROP SCHEMA finance"}) sql(lab, statement);
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(names_of(lab.away(), "tables"), (std::set<std::string>{"sales.lines"})) << told(report);
  EXPECT_EQ(names_of(lab.away(), "views"), (std::set<std::string>{}));
  EXPECT_TRUE(metastore_of(lab.away()).at("storage").contains(std::string(lake_there) + "orders"));
  const std::string schema = outcome_of(report, "hive_schema:\"hive_metastore.finance\"");
  EXPECT_NE(schema.find("would delete its folder"), std::string::npos) << told(report);
}

/// Somebody made a table of its own in the place of ours: dropping it would delete data.
TEST(Metastore, AManagedTableOfTheSecondaryIsNeverDropped) {
  Lab lab;
  plant(lab);
  use_metastore(lab);
  expect_complete(lab);
  look_always(lab);
  sql_there(lab, "DROP TABLE sales.lines");
  sql_there(lab, "CREATE TABLE sales.lines (id BIGINT) USING delta");
  sql(lab, "DROP VIEW sales.again");
  sql(lab, "DROP VIEW sales.open");
  sql(lab, "DROP TABLE sales.lines");
  const auto report = lab.sync();
  EXPECT_NE(outcome_of(report, "hive_table:\"hive_metastore.sales.lines\"").find("would delete its data"), std::string::npos) << told(report);
  EXPECT_EQ(names_of(lab.away(), "tables").count("sales.lines"), 1U);
}

TEST(Metastore, TablesOfOthersOnTheSecondaryAreLeftAlone) {
  Lab lab;
  plant(lab);
  sql_there(lab, "CREATE SCHEMA sales");
  sql_there(lab, "CREATE TABLE sales.orders (x INT) USING csv LOCATION 'abfss://other@stlakedr.dfs.core.windows.net/x'");
  use_metastore(lab);
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_NE(outcome_of(report, "hive_table:\"hive_metastore.sales.orders\"").find("conflict"), std::string::npos) << told(report);
  EXPECT_NE(metastore_of(lab.away()).at("tables").dump().find("abfss://other@"), std::string::npos);
}

/// Nobody can be granted anything who has left.
TEST(Metastore, PrivilegesOfThoseWhoLeftAreLeftOutAndTold) {
  Lab lab;
  lab.primary("POST", "/sim/metastore", {{"refuse_unknown_principals", false}});
  plant(lab);
  sql(lab, "GRANT SELECT ON TABLE sales.orders TO `gone@contoso.com`");
  sql(lab, "ALTER VIEW sales.open OWNER TO `gone@contoso.com`");
  use_metastore(lab);
  expect_complete(lab);
  EXPECT_EQ(metastore_of(lab.away()).dump().find("gone@contoso.com"), std::string::npos);
  const auto findings = lab.read(true).plan.findings;
  EXPECT_TRUE(std::ranges::any_of(findings, [](const model::Finding& each) { return each.message.find("gone@contoso.com") != std::string::npos; }));
}

TEST(Metastore, ThatIsNotThereIsSaidAndNothingIsRemoved) {
  Lab lab;
  plant(lab);
  use_metastore(lab);
  expect_complete(lab);
  lab.primary("POST", "/sim/metastore", {{"present", false}});
  look_always(lab);
  for (int i = 0; i < 2; ++i) {
    const auto report = lab.sync();
    ASSERT_TRUE(report);
    for (const auto& [kind, counts] : report->kinds) EXPECT_EQ(counts.deleted, 0) << kind;
    EXPECT_EQ(names_of(lab.away(), "tables").size(), 2U) << told(report);
  }
}

TEST(Metastore, ASecondaryWithoutOneTakesNothing) {
  Lab lab;
  plant(lab);
  lab.secondary("POST", "/sim/metastore", {{"present", false}});
  use_metastore(lab);
  const auto report = lab.sync();
  EXPECT_NE(outcome_of(report, "hive_schema:\"hive_metastore.sales\"").find("the secondary has no Hive metastore"), std::string::npos) << told(report);
  EXPECT_NE(outcome_of(report, "hive_table:\"hive_metastore.sales.orders\"").find("the secondary has no Hive metastore"), std::string::npos) << told(report);
}

TEST(Metastore, OfThePrimaryIsReadOnlyWhereSqlMayRun) {
  Lab lab;
  plant(lab);
  use_metastore(lab);
  lab.rules.observe.primary_sql.reset();
  lab.reset_logs();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_NE(told(report).find("no SQL may run there"), std::string::npos) << told(report);
  EXPECT_EQ(lab.primary_wire().log.by_route["POST /api/2.0/sql/statements"], 0);
  EXPECT_TRUE(names_of(lab.away(), "tables").empty());
}

TEST(Metastore, APlanSaysWhatWouldRunAndRunsNothing) {
  Lab lab;
  plant(lab);
  use_metastore(lab);
  lab.reset_logs();
  const engine::Reading reading = lab.read(false);
  const auto told_of = [&](const std::string& role) {
    return std::ranges::any_of(reading.plan.findings, [&](const model::Finding& each) {
      return each.message.find("warehouse") != std::string::npos && each.message.find(role) != std::string::npos;
    });
  };
  EXPECT_TRUE(told_of("primary") && told_of("secondary"));
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
  EXPECT_EQ(lab.primary_wire().log.writes, std::vector<std::string>{});
}

TEST(Metastore, AWarehouseThatIsNotThereIsNamed) {
  Lab lab;
  plant(lab);
  use_metastore(lab);
  lab.rules.observe.secondary_sql->warehouse = "misspelt";
  const auto report = lab.sync();
  EXPECT_NE(told(report).find("there is no SQL warehouse `misspelt`"), std::string::npos) << told(report);
}

/// Views on views, partitions, serdes, mounts, owners who have left: what a company has.
TEST(Metastore, OfAWholeEstate) {
  Lab lab;
  simulator::EstateSize size = simulator::small_estate();
  size.metastore = true;
  simulator::fill_estate(lab.home(), lab.away(), size);
  json rates = metastore_of(lab.home()).at("storage").at(std::string(lake) + "hive/finance_raw/fx_rates");
  rates["location"] = std::string(lake_there) + "hive/finance_raw/fx_rates";
  lab.secondary("POST", "/sim/storage", rates);
  use_metastore(lab);
  lab.rules.observe.primary_sql->warehouse = lab.rules.observe.secondary_sql->warehouse = "shared-sql";
  auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(names_of(lab.away(), "tables").size(), 11U + 1U) << told(report);
  EXPECT_EQ(names_of(lab.away(), "functions").size(), 2U) << told(report);
  lab.reset_logs();
  look_always(lab);
  report = lab.sync();
  ASSERT_TRUE(report);
  for (const auto& [kind, counts] : report->kinds) {
    if (!kind.starts_with("hive_")) continue;
    EXPECT_EQ(counts.created + counts.updated + counts.deleted, 0) << kind << told(report);
  }
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{});
}

}  // namespace
}  // namespace twinlake::test::hive
