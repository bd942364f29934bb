#include "workspace/table_ddl.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "workspace/sql_text.h"

namespace twinlake::workspace {
namespace {

using nlohmann::json;

json parsed(const char* ddl) {
  auto made = parse_ddl(ddl);
  EXPECT_TRUE(made) << made.error().message << "\n" << ddl;
  return made ? *made : json();
}

TEST(TableDdl, ATableOfFilesIsReadAndMadeAgain) {
  const json table = parsed(
      "CREATE TABLE spark_catalog.sales.regions (\n  region_id INT NOT NULL,\n  `region name` "
      "STRING COMMENT 'it\\'s a name',\n"
      "  shape STRUCT<lat: DOUBLE, `lon g`: DECIMAL(10, 2)> )\nUSING CSV\nOPTIONS (\n  'header' = "
      "'true',\n  delimiter ';')\n"
      "PARTITIONED BY (region_id)\nCOMMENT 'all of them'\nLOCATION "
      "'abfss://c@a.dfs.core.windows.net/r'\n"
      "TBLPROPERTIES (\n  'team' = 'supply',\n  'transient_lastDdlTime' = '1700000000')\n");
  EXPECT_EQ(table.at("provider"), "csv");
  EXPECT_EQ(table.at("columns").size(), 3U);
  EXPECT_EQ(table.at("columns")[1].at("comment"), "it's a name");
  EXPECT_EQ(table.at("columns")[2].at("type"), "STRUCT<lat: DOUBLE,`lon g`: DECIMAL(10,2)>");
  EXPECT_EQ(table.at("options"), json::parse(R"({"header":"true","delimiter":";"})"));
  EXPECT_EQ(table.at("properties"), json::parse(R"({"team":"supply"})"))
      << "not what the service noted";
  const json again = parsed(
      table_statement("hive_metastore.sales.regions", table, "abfss://c@b.dfs.core.windows.net/r")
          .c_str());
  json moved = table;
  moved["location"] = "abfss://c@b.dfs.core.windows.net/r";
  EXPECT_EQ(again, moved);
}

/// What a Delta table is stands in its log, and a statement that says more may only disagree.
TEST(TableDdl, OfADeltaTableOnlyThePlaceIsSaid) {
  const json table = parsed(
      "CREATE TABLE sales.orders (\n  order_id BIGINT)\nUSING delta\nPARTITIONED BY "
      "(day)\nLOCATION 'abfss://c@a/x'\n"
      "TBLPROPERTIES ('delta.appendOnly' = 'false')");
  EXPECT_EQ(table_statement("hive_metastore.sales.orders", table, "abfss://c@b/x"),
            "CREATE TABLE IF NOT EXISTS `hive_metastore`.`sales`.`orders` USING delta LOCATION "
            "'abfss://c@b/x'");
}

TEST(TableDdl, ATableOfHiveKeepsItsSerde) {
  const json table = parsed(
      "CREATE EXTERNAL TABLE telemetry.firmware (\n  version STRING)\nCOMMENT 'x'\nPARTITIONED BY "
      "(\n  day STRING)\n"
      "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'\nWITH SERDEPROPERTIES (\n  "
      "'separatorChar' = '\\t')\n"
      "STORED AS\n  INPUTFORMAT 'in'\n  OUTPUTFORMAT 'out'\nLOCATION 'dbfs:/mnt/x'\n");
  EXPECT_EQ(table.at("serde").at("properties").at("separatorChar"), "\t");
  EXPECT_EQ(table.at("partitioned_by"), json::parse(R"(["day"])"));
  const json again =
      parsed(table_statement("hive_metastore.telemetry.firmware", table, "dbfs:/mnt/x").c_str());
  EXPECT_EQ(again, table);
}

TEST(TableDdl, AViewKeepsItsTextAsItIs) {
  const json view = parsed(
      "CREATE VIEW sales.v (\n  region COMMENT 'as known',\n  revenue)\nCOMMENT 'c'\nTBLPROPERTIES "
      "(\n  'a' = 'b')\n"
      "WITH SCHEMA COMPENSATION\nAS SELECT 'it''s' , x -- note\n FROM t\n");
  EXPECT_EQ(view.at("text"), "SELECT 'it''s' , x -- note\n FROM t");
  EXPECT_EQ(view_statement("CREATE OR REPLACE VIEW", "hive_metastore.sales.v", view),
            "CREATE OR REPLACE VIEW `hive_metastore`.`sales`.`v` (`region` COMMENT 'as known', "
            "`revenue`) COMMENT 'c' "
            "TBLPROPERTIES ('a' = 'b') AS SELECT 'it''s' , x -- note\n FROM t");
}

TEST(TableDdl, WhatIsNotUnderstoodIsToldAndNeverGuessed) {
  for (const char* ddl :
       {"CREATE TABLE t (a INT) STORED BY 'some.Handler'",
        "CREATE TABLE t (a INT) COMMENT 'never closed", "CREATE FUNCTION f AS 'x'", "",
        "CREATE TABLE t (a INT", "CREATE TABLE t (a) USING csv", "CREATE TABLE"}) {
    const auto made = parse_ddl(ddl);
    ASSERT_FALSE(made) << ddl << " gave " << made->dump();
    EXPECT_FALSE(made.error().message.empty());
  }
}

TEST(TableDdl, SettingsThatLetSomebodyInAreKnown) {
  EXPECT_TRUE(is_secret_setting("password", "x"));
  EXPECT_TRUE(is_secret_setting("fs.azure.account.key.a.dfs.core.windows.net", "x"));
  EXPECT_TRUE(is_secret_setting("url", "jdbc:sqlserver://h;user=u;Password=hunter2"));
  EXPECT_TRUE(is_secret_setting("dbtable", "*********(redacted)"));
  EXPECT_FALSE(is_secret_setting("delimiter", ";"));
  EXPECT_FALSE(is_secret_setting("primary.key", "order_id"));
}

TEST(SqlText, NamesAndTextsStayWhatTheyAre) {
  EXPECT_EQ(sql_name("a`b"), "`a``b`");
  for (const char* text : {"it's", "a\\b", "two\nlines", "tab\there", "\"quoted\"", "ünï"}) {
    const auto tokens = sql_tokens(sql_quoted(text));
    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->front().value, text);
  }
}

TEST(SqlText, TablesOfAQueryAreThoseAfterFromAndJoin) {
  using Parts = std::vector<std::vector<std::string>>;
  EXPECT_EQ(tables_named_in("SELECT a, b FROM orders o JOIN `Sales`.customers c ON a = b, x WHERE "
                            "y IN (SELECT z FROM deep.t)"),
            (Parts{{"orders"}, {"sales", "customers"}, {"x"}, {"deep", "t"}}));
  EXPECT_EQ(tables_named_in("WITH latest AS (SELECT * FROM fx) SELECT * FROM latest JOIN "
                            "hive_metastore.a.b USING (k)"),
            (Parts{{"fx"}, {"hive_metastore", "a", "b"}}));
  EXPECT_EQ(tables_named_in("SELECT * FROM range(10), (SELECT 1 FROM inner_one) -- FROM nothing\n"),
            (Parts{{"inner_one"}}));
  EXPECT_EQ(tables_named_in("SELECT 'x FROM y' FROM (a JOIN b)"), (Parts{{"a"}, {"b"}}));
}

}  // namespace
}  // namespace twinlake::workspace
