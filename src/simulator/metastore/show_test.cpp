// What reading statements answer, column by column.
#include <gtest/gtest.h>

#include "simulator/sql/probe.h"

namespace twinlake::simulator {
namespace {

class ShowTest : public SqlTest {
 protected:
  ShowTest() {
    run("CREATE SCHEMA s COMMENT 'c' WITH DBPROPERTIES ('a' = 'b', 'c' = 'd')");
    session.schema = "s";
  }
};

TEST_F(ShowTest, ColumnsAreNamedAsDocumented) {
  run("CREATE TABLE t (a INT)");
  run("CREATE VIEW v AS SELECT a FROM t");
  run("CREATE FUNCTION f AS 'a.B'");
  const std::pair<const char*, const char*> expected[] = {
      {"SHOW SCHEMAS", "databaseName"},
      {"SHOW DATABASES IN hive_metastore LIKE 's*'", "databaseName"},
      {"SHOW TABLES IN hive_metastore.s", "database,tableName,isTemporary"},
      {"SHOW TABLE EXTENDED IN s LIKE '*'", "database,tableName,isTemporary,information"},
      {"SHOW VIEWS IN s", "namespace,viewName,isTemporary"},
      {"DESCRIBE SCHEMA s", "database_description_item,database_description_value"},
      {"DESCRIBE TABLE t", "col_name,data_type,comment"},
      {"SHOW CREATE TABLE t", "createtab_stmt"},
      {"SHOW TBLPROPERTIES t", "key,value"},
      {"SHOW USER FUNCTIONS IN s", "function"},
      {"DESCRIBE FUNCTION f", "function_desc"},
      {"SHOW GRANTS ON TABLE t", "Principal,ActionType,ObjectType,ObjectKey"}};
  for (const auto& [statement, wanted] : expected) EXPECT_EQ(names(statement), wanted) << statement;
  set("schemas_column", "namespace");
  EXPECT_EQ(names("SHOW SCHEMAS"), "namespace");
}

TEST_F(ShowTest, ListsAreFiltered) {
  for (const char* name : {"orders", "order_lines", "stock"})
    run("CREATE TABLE " + std::string(name) + " (a INT)");
  run("CREATE VIEW orders_v AS SELECT a FROM orders");
  EXPECT_EQ(rows("SHOW TABLES").size(), 4U) << "views are tables, too";
  EXPECT_EQ(rows("SHOW TABLES LIKE 'ORDER*|stock'").size(), 4U);
  EXPECT_EQ(rows("SHOW TABLES LIKE '*o*r*s*'").size(), 3U);
  EXPECT_EQ(rows("SHOW TABLES LIKE '*d'").size(), 0U);
  EXPECT_EQ(rows("SHOW TABLES 'stock'"), (Rows{{"s", "stock", "false"}}));
  EXPECT_EQ(rows("SHOW VIEWS"), (Rows{{"s", "orders_v", "false"}}));
  EXPECT_EQ(rows("SHOW SCHEMAS LIKE 'd*'"), (Rows{{"default"}}));
  EXPECT_EQ(failure("SHOW TABLE EXTENDED IN s"), "PARSE_SYNTAX_ERROR");
  EXPECT_NE(rows("SHOW TABLE EXTENDED LIKE 'stock'")[0][3].find("Type: MANAGED\n"),
            std::string::npos);
}

TEST_F(ShowTest, SchemasTellWhereTheyAre) {
  EXPECT_EQ(rows("DESCRIBE SCHEMA EXTENDED s"),
            (Rows{{"Catalog Name", "hive_metastore"},
                  {"Namespace Name", "s"},
                  {"Comment", "c"},
                  {"Location", "dbfs:/user/hive/warehouse/s.db"},
                  {"Owner", session.caller},
                  {"Properties", "((a,b), (c,d))"}}));
  EXPECT_EQ(rows("DESCRIBE DATABASE default").size(), 5U);
}

TEST_F(ShowTest, TablesTellWhatTheyAre) {
  run("CREATE TABLE t (a INT COMMENT 'x', b STRING) USING csv OPTIONS (header 'true') LOCATION "
      "'/mnt/t' COMMENT 'c' TBLPROPERTIES ('k' = 'v')");
  const std::string describe = "DESCRIBE TABLE EXTENDED t";
  const Rows found = rows(describe);
  EXPECT_EQ(found[0], (std::vector<std::string>{"a", "int", "x"}));
  EXPECT_EQ(found[1], (std::vector<std::string>{"b", "string", "NULL"}));
  EXPECT_EQ(found[3][0], "# Detailed Table Information");
  EXPECT_EQ(detail(describe, "Type"), "EXTERNAL");
  EXPECT_EQ(detail(describe, "Provider"), "csv");
  EXPECT_EQ(detail(describe, "Owner"), session.caller);
  EXPECT_EQ(detail(describe, "Table Properties"), "[k=v]");
  EXPECT_EQ(detail(describe, "Storage Properties"), "[header=true]");
  run("CREATE VIEW v AS SELECT a, b AS c FROM t;");
  EXPECT_EQ(detail("DESCRIBE EXTENDED v", "Type"), "VIEW");
  EXPECT_EQ(detail("DESCRIBE EXTENDED v", "View Text"), "SELECT a, b AS c FROM t");
  EXPECT_EQ(detail("DESCRIBE EXTENDED v", "View Catalog and Namespace"), "hive_metastore.s");
  EXPECT_EQ(detail("DESCRIBE EXTENDED v", "View Query Output Columns"), "[a, c]");
}

TEST_F(ShowTest, DDLMakesTheSameAgain) {
  const std::string original =
      "CREATE TABLE hive_metastore.s.t (\n  a INT NOT NULL COMMENT 'it\\'s',\n  `b c` "
      "DECIMAL(10, 2),\n  m MAP<STRING, ARRAY<INT>>,\n  day STRING)\nUSING csv\nOPTIONS (\n  "
      "'header' = 'true')\nPARTITIONED BY (day)\nCOMMENT 'c'\nLOCATION 'dbfs:/mnt/t'\n"
      "TBLPROPERTIES (\n  'k' = 'v')\n";
  run(original);
  EXPECT_EQ(value("SHOW CREATE TABLE t"), original);
  run("CREATE VIEW v (x COMMENT 'y') COMMENT 'z' TBLPROPERTIES ('k' = 'v') AS SELECT a FROM t");
  const std::string view = value("SHOW CREATE TABLE v");
  EXPECT_EQ(view,
            "CREATE VIEW hive_metastore.s.v (\n  x COMMENT 'y')\nCOMMENT 'z'\nTBLPROPERTIES (\n  "
            "'k' = 'v')\nAS SELECT a FROM t\n");
  run("DROP VIEW v");
  run(view);
  EXPECT_EQ(value("SHOW CREATE TABLE v"), view);
  set("shown_catalog", "spark_catalog");
  EXPECT_TRUE(value("SHOW CREATE TABLE t").starts_with("CREATE TABLE spark_catalog.s.t ("));
  run("DROP TABLE spark_catalog.s.t");
}

TEST_F(ShowTest, DDLOfADeltaTableCannotBeReplayedAsItIs) {
  run("CREATE TABLE t (a INT) LOCATION '/mnt/t' TBLPROPERTIES ('x' = 'y')");
  const std::string ddl = value("SHOW CREATE TABLE t");
  EXPECT_NE(ddl.find("'delta.minReaderVersion' = '1'"), std::string::npos);
  run("DROP TABLE t");
  EXPECT_EQ(failure(ddl), "DELTA_CREATE_TABLE_WITH_DIFFERENT_PROPERTY");
  run(ddl.substr(0, ddl.find("TBLPROPERTIES")));
  EXPECT_EQ(value("SHOW CREATE TABLE t"), ddl);
}

TEST_F(ShowTest, HiveTablesSpeakHive) {
  run("CREATE EXTERNAL TABLE h (a INT) PARTITIONED BY (day STRING) ROW FORMAT SERDE 'x.Y' WITH "
      "SERDEPROPERTIES ('k' = 'v') STORED AS INPUTFORMAT 'i' OUTPUTFORMAT 'o' LOCATION '/mnt/h'");
  EXPECT_EQ(failure("SHOW CREATE TABLE h"),
            "UNSUPPORTED_SHOW_CREATE_TABLE.WITH_UNSUPPORTED_SERDE_CONFIGURATION");
  const std::string ddl = value("SHOW CREATE TABLE h AS SERDE");
  EXPECT_NE(ddl.find("ROW FORMAT SERDE 'x.Y'"), std::string::npos) << ddl;
  EXPECT_EQ(detail("DESCRIBE EXTENDED h", "Provider"), "hive");
  EXPECT_EQ(detail("DESCRIBE EXTENDED h", "Serde Library"), "x.Y");
  run("DROP TABLE h");
  run(ddl);
  EXPECT_EQ(value("SHOW CREATE TABLE h AS SERDE"), ddl);
  run("CREATE TABLE p (a INT) STORED AS PARQUET");
  EXPECT_NE(value("SHOW CREATE TABLE p").find("USING parquet"), std::string::npos);
  run("CREATE TABLE d (a INT)");
  EXPECT_EQ(failure("SHOW CREATE TABLE d AS SERDE"),
            "UNSUPPORTED_SHOW_CREATE_TABLE.ON_DATA_SOURCE_TABLE_WITH_AS_SERDE");
}

TEST_F(ShowTest, ABrokenTableFailsAlone) {
  const std::string place = "abfss://lake@stlake.dfs.core.windows.net/x";
  run("CREATE TABLE broken (a INT) LOCATION '" + place + "'");
  run("CREATE TABLE whole (a INT)");
  ASSERT_EQ(probe
                .post("/sim/storage", json::object({{"location", place},
                                                    {"unreadable",
                                                     "Failure to initialize "
                                                     "configuration"}}))
                .status,
            200);
  EXPECT_EQ(failure("DESCRIBE EXTENDED broken"), "Failure to initialize configuration");
  EXPECT_EQ(failure("SHOW CREATE TABLE broken"), "Failure to initialize configuration");
  EXPECT_EQ(rows("SHOW TABLES").size(), 2U);
  EXPECT_EQ(failure("DESCRIBE EXTENDED whole"), "");
  json body = json::object({{"location", place}, {"readable", true}});
  ASSERT_EQ(probe.post("/sim/storage", body).status, 200);
  EXPECT_EQ(failure("DESCRIBE EXTENDED broken"), "");
  body = json::object({{"location", place}, {"gone", true}});
  ASSERT_EQ(probe.post("/sim/storage", body).status, 200);
  EXPECT_EQ(failure("DESCRIBE EXTENDED broken"), "DELTA_PATH_DOES_NOT_EXIST");
  run("DROP TABLE broken");
}

TEST_F(ShowTest, FunctionsAreNamedWhole) {
  run("CREATE FUNCTION f AS 'a.B' USING JAR 'dbfs:/x.jar'");
  EXPECT_EQ(rows("SHOW USER FUNCTIONS IN hive_metastore.s"), (Rows{{"hive_metastore.s.f"}}));
  const Rows shown = rows("DESCRIBE FUNCTION EXTENDED hive_metastore.s.f");
  EXPECT_EQ(shown.front()[0], "Function: hive_metastore.s.f");
  EXPECT_EQ(shown.back()[0], "Resource: JAR dbfs:/x.jar");
  set("show_function_resources", false);
  EXPECT_EQ(rows("DESCRIBE FUNCTION EXTENDED f").size(), shown.size() - 1);
}

}  // namespace
}  // namespace twinlake::simulator
