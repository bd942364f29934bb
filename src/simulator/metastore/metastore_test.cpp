// What makes, changes and removes objects.
#include "simulator/metastore/metastore.h"

#include <gtest/gtest.h>

#include "simulator/sql/probe.h"

namespace twinlake::simulator {
namespace {

using MetastoreTest = SqlTest;
const std::string lake = "abfss://lake@stlake.dfs.core.windows.net/";

TEST_F(MetastoreTest, SchemasAreMadeAndRemoved) {
  run("CREATE SCHEMA sales COMMENT 'c' WITH DBPROPERTIES ('a' = 'b')");
  run("CREATE DATABASE IF NOT EXISTS SALES");
  EXPECT_EQ(failure("CREATE SCHEMA sales"), "SCHEMA_ALREADY_EXISTS");
  EXPECT_EQ(failure("CREATE SCHEMA `a-b`"), "INVALID_SCHEMA_OR_RELATION_NAME");
  EXPECT_EQ(failure("CREATE SCHEMA main.x"), "NO_SUCH_CATALOG_EXCEPTION");
  EXPECT_EQ(rows("SHOW SCHEMAS IN hive_metastore"), (Rows{{"default"}, {"sales"}}));
  run("CREATE TABLE sales.t (a INT)");
  EXPECT_EQ(failure("DROP SCHEMA sales"), "SCHEMA_NOT_EMPTY");
  run("DROP SCHEMA sales CASCADE");
  EXPECT_EQ(failure("DROP SCHEMA sales"), "SCHEMA_NOT_FOUND");
  run("DROP SCHEMA IF EXISTS sales");
  EXPECT_NE(failure("DROP SCHEMA default CASCADE"), "");
  EXPECT_EQ(failure("SHOW TABLES IN sales"), "SCHEMA_NOT_FOUND");
}

TEST_F(MetastoreTest, ThereMayBeNoneAtAll) {
  set("present", false);
  EXPECT_EQ(failure("SHOW SCHEMAS IN hive_metastore"), "NO_SUCH_CATALOG_EXCEPTION");
  EXPECT_EQ(failure("SHOW TABLES IN hive_metastore.default"), "NO_SUCH_CATALOG_EXCEPTION");
  EXPECT_EQ(value("SELECT 1"), "1");
}

TEST_F(MetastoreTest, TablesAreManagedWithoutALocation) {
  run("CREATE SCHEMA there LOCATION '" + lake + "there'");
  run("CREATE TABLE t (a INT)");
  run("CREATE TABLE hive_metastore.there.T (a INT) USING parquet");
  run("CREATE TABLE e (a INT) USING csv LOCATION '" + lake + "e/'");
  run("CREATE TABLE o (a INT) USING json OPTIONS (path '/mnt/o')");
  const auto place = [&](const std::string& name) {
    return detail("DESCRIBE TABLE EXTENDED " + name, "Type") + " " +
           detail("DESCRIBE TABLE EXTENDED " + name, "Location");
  };
  EXPECT_EQ(place("t"), "MANAGED dbfs:/user/hive/warehouse/t");
  EXPECT_EQ(place("there.t"), "MANAGED " + lake + "there/t");
  EXPECT_EQ(place("e"), "EXTERNAL " + lake + "e");
  EXPECT_EQ(place("o"), "EXTERNAL dbfs:/mnt/o");
  EXPECT_NE(failure("CREATE TABLE x (a INT) LOCATION 'nowhere'"), "");
  EXPECT_NE(failure("CREATE TABLE x (a INT) USING csv OPTIONS (path '/a') LOCATION '/b'"), "");
  EXPECT_EQ(failure("CREATE EXTERNAL TABLE x (a INT) STORED AS ORC"), "PARSE_SYNTAX_ERROR");
}

TEST_F(MetastoreTest, TablesAreRefusedForTheirReasons) {
  run("CREATE TABLE t (a INT)");
  run("CREATE TABLE IF NOT EXISTS t (b INT)");
  EXPECT_EQ(failure("CREATE TABLE T (a INT)"), "TABLE_OR_VIEW_ALREADY_EXISTS");
  EXPECT_EQ(failure("CREATE TABLE none.t (a INT)"), "SCHEMA_NOT_FOUND");
  EXPECT_EQ(failure("CREATE TABLE x (a INT) USING xml"), "DATA_SOURCE_NOT_FOUND");
  EXPECT_EQ(failure("CREATE TABLE x (a INT, A INT)"), "COLUMN_ALREADY_EXISTS");
  EXPECT_EQ(failure("CREATE TABLE x (`a b` INT)"), "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAME");
  run("CREATE TABLE spaced (`a b` INT) USING csv");
  EXPECT_EQ(failure("CREATE TABLE x (a INT) PARTITIONED BY (b)"), "COLUMN_NOT_DEFINED_IN_TABLE");
  EXPECT_EQ(failure("CREATE TABLE x (a INT) PARTITIONED BY (a)"),
            "ALL_PARTITION_COLUMNS_NOT_ALLOWED");
  EXPECT_EQ(failure("CREATE TABLE x USING parquet LOCATION '/mnt/empty'"),
            "UNABLE_TO_INFER_SCHEMA");
  EXPECT_EQ(failure("CREATE TABLE x LOCATION '/mnt/empty'"),
            "DELTA_CREATE_EXTERNAL_TABLE_WITHOUT_SCHEMA");
  EXPECT_EQ(failure("DESCRIBE t2"), "TABLE_OR_VIEW_NOT_FOUND");
}

TEST_F(MetastoreTest, ASchemaChangesItsCommentAndProperties) {
  run("CREATE SCHEMA changed COMMENT 'old' WITH DBPROPERTIES ('a' = '1')");
  run("COMMENT ON SCHEMA changed IS 'new'");
  run("ALTER SCHEMA changed SET DBPROPERTIES ('a' = '2', 'b' = '3')");
  const Rows shown = rows("DESCRIBE SCHEMA EXTENDED changed");
  EXPECT_EQ(shown.at(2), (Rows::value_type{"Comment", "new"}));
  EXPECT_EQ(shown.at(5), (Rows::value_type{"Properties", "((a,2), (b,3))"}));
  run("COMMENT ON SCHEMA changed IS NULL");
  EXPECT_EQ(rows("DESCRIBE SCHEMA EXTENDED changed").at(2), (Rows::value_type{"Comment", ""}));
  EXPECT_EQ(failure("ALTER SCHEMA none SET DBPROPERTIES ('a' = '2')"), "SCHEMA_NOT_FOUND");
}

TEST_F(MetastoreTest, ADeltaTableIsWhatItsLogSays) {
  json data = json::object({{"location", lake + "orders"}});
  data["columns"] = json::array({json::object({{"name", "id"}, {"type", "bigint"}}),
                                 json::object({{"name", "day"}, {"type", "date"}})});
  data["partitioned_by"] = json::array({"day"});
  data["properties"] = json::object({{"delta.appendOnly", "true"}});
  ASSERT_EQ(probe.post("/sim/storage", data).status, 200);
  const std::string at = " LOCATION '" + lake + "orders'";
  EXPECT_EQ(failure("CREATE TABLE o (id INT, day DATE)" + at),
            "DELTA_CREATE_TABLE_SCHEME_MISMATCH");
  EXPECT_EQ(failure("CREATE TABLE o PARTITIONED BY (id)" + at), "COLUMN_NOT_DEFINED_IN_TABLE");
  EXPECT_EQ(failure("CREATE TABLE o (id BIGINT, day DATE) PARTITIONED BY (id)" + at),
            "DELTA_CREATE_TABLE_WITH_DIFFERENT_PARTITIONING");
  const std::string other = "CREATE TABLE o TBLPROPERTIES ('delta.minReaderVersion' = '1')" + at;
  EXPECT_EQ(failure(other), "DELTA_CREATE_TABLE_WITH_DIFFERENT_PROPERTY");
  EXPECT_NE(answer_of(other).error().message.find(
                "The specified properties do not match the existing properties"),
            std::string::npos);
  run("CREATE TABLE o" + at);
  EXPECT_EQ(rows("DESCRIBE o"), (Rows{{"id", "bigint", "NULL"},
                                      {"day", "date", "NULL"},
                                      {"# Partition Information", "", ""},
                                      {"# col_name", "data_type", "comment"},
                                      {"day", "date", "NULL"}}));
  EXPECT_EQ(rows("SHOW TBLPROPERTIES o ('delta.appendOnly')"),
            (Rows{{"delta.appendOnly", "true"}}));
  run("ALTER TABLE o SET TBLPROPERTIES ('x' = 'y')");
  run("CREATE TABLE again" + at);
  EXPECT_EQ(rows("SHOW TBLPROPERTIES again ('x')"), (Rows{{"x", "y"}})) << "they are in the log";
}

TEST_F(MetastoreTest, DroppingAManagedTableTakesItsData) {
  run("CREATE TABLE t (a INT)");
  run("CREATE TABLE e (a INT) LOCATION '/mnt/e'");
  run("DROP TABLE t");
  run("DROP TABLE e");
  EXPECT_EQ(failure("CREATE TABLE t LOCATION 'dbfs:/user/hive/warehouse/t'"),
            "DELTA_CREATE_EXTERNAL_TABLE_WITHOUT_SCHEMA");
  run("CREATE TABLE e LOCATION '/mnt/e'");
  EXPECT_EQ(failure("DROP TABLE t"), "TABLE_OR_VIEW_NOT_FOUND");
  run("DROP TABLE IF EXISTS t");
}

TEST_F(MetastoreTest, ViewsNeedWhatTheyRead) {
  run("CREATE SCHEMA s");
  run("CREATE TABLE s.t (a INT, b STRING)");
  EXPECT_EQ(failure("CREATE VIEW s.v AS SELECT * FROM t"), "TABLE_OR_VIEW_NOT_FOUND")
      << "a name without a schema is looked up where the session is";
  session.schema = "s";
  run("CREATE VIEW v (x COMMENT 'c', y) COMMENT 'all' AS SELECT * FROM t");
  run("CREATE VIEW w AS SELECT v.x, count(*) AS n, y FROM v");
  EXPECT_EQ(rows("DESCRIBE w"),
            (Rows{{"x", "int", "NULL"}, {"n", "bigint", "NULL"}, {"y", "string", "NULL"}}));
  EXPECT_EQ(failure("CREATE VIEW z AS SELECT nothing FROM t"), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_EQ(failure("CREATE VIEW z (a) AS SELECT * FROM t"), "CREATE_VIEW_COLUMN_ARITY_MISMATCH");
  EXPECT_EQ(failure("CREATE VIEW v AS SELECT 1"), "TABLE_OR_VIEW_ALREADY_EXISTS");
  EXPECT_EQ(failure("CREATE OR REPLACE VIEW v AS SELECT * FROM w"), "RECURSIVE_VIEW");
  EXPECT_EQ(failure("CREATE OR REPLACE VIEW t AS SELECT 1"), "EXPECT_VIEW_NOT_TABLE");
  run("CREATE OR REPLACE VIEW v AS SELECT a AS x FROM t");
  run("CREATE VIEW IF NOT EXISTS v AS SELECT 1");
  EXPECT_EQ(failure("DROP TABLE v"), "EXPECT_TABLE_NOT_VIEW");
  EXPECT_EQ(failure("DROP VIEW t"), "EXPECT_VIEW_NOT_TABLE");
  run("DROP VIEW v");
  EXPECT_EQ(detail("DESCRIBE EXTENDED w", "View Text"), "SELECT v.x, count(*) AS n, y FROM v")
      << "a view outlives what it reads";
}

TEST_F(MetastoreTest, PartitionsAreFoundBelowTheTableOnly) {
  run("CREATE TABLE p (day STRING, n INT, region STRING) USING parquet PARTITIONED BY (day, "
      "region) "
      "LOCATION '/mnt/p'");
  EXPECT_EQ(rows("DESCRIBE p")[0][0], "n") << "columns of partitions come last";
  run("ALTER TABLE p ADD PARTITION (day = '1', region = 'a/b') PARTITION (day = '2', region = 'c') "
      "LOCATION '/mnt/elsewhere'");
  EXPECT_EQ(failure("ALTER TABLE p ADD PARTITION (day = '1', region = 'a/b')"),
            "PARTITIONS_ALREADY_EXIST");
  run("ALTER TABLE p ADD IF NOT EXISTS PARTITION (day = '1', region = 'a/b')");
  EXPECT_NE(failure("ALTER TABLE p ADD PARTITION (day = '1')"), "");
  EXPECT_EQ(rows("SHOW PARTITIONS p"), (Rows{{"day=1/region=a%2Fb"}, {"day=2/region=c"}}));
  EXPECT_EQ(detail("DESCRIBE EXTENDED p PARTITION (day = '2', region = 'c')", "Location"),
            "dbfs:/mnt/elsewhere");
  run("DROP TABLE p");
  run("CREATE TABLE p (n INT, day STRING, region STRING) USING parquet PARTITIONED BY (day, "
      "region) "
      "LOCATION '/mnt/p'");
  EXPECT_TRUE(rows("SHOW PARTITIONS p").empty());
  run("MSCK REPAIR TABLE p");
  EXPECT_EQ(rows("SHOW PARTITIONS p"), (Rows{{"day=1/region=a%2Fb"}}));
  run("CREATE TABLE d (a INT, b INT) PARTITIONED BY (b)");
  EXPECT_EQ(failure("MSCK REPAIR TABLE d"), "DELTA_OPERATION_NOT_ALLOWED");
  EXPECT_EQ(failure("SHOW PARTITIONS d"),
            "INVALID_PARTITION_OPERATION.PARTITION_MANAGEMENT_IS_UNSUPPORTED");
  run("CREATE TABLE f (a INT) USING csv");
  EXPECT_EQ(failure("MSCK REPAIR TABLE f"), "NOT_A_PARTITIONED_TABLE");
}

TEST_F(MetastoreTest, FunctionsComeFromJars) {
  run("CREATE FUNCTION f AS 'a.B' USING JAR 'dbfs:/x.jar', FILE '/y'");
  EXPECT_EQ(failure("CREATE FUNCTION f AS 'a.B'"), "ROUTINE_ALREADY_EXISTS");
  run("CREATE FUNCTION IF NOT EXISTS f AS 'a.C'");
  EXPECT_EQ(rows("DESCRIBE FUNCTION f")[1][0], "Class: a.B");
  run("CREATE OR REPLACE FUNCTION f AS 'a.C'");
  EXPECT_EQ(rows("DESCRIBE FUNCTION f")[1][0], "Class: a.C");
  run("DROP FUNCTION f");
  EXPECT_EQ(failure("DROP FUNCTION f"), "ROUTINE_NOT_FOUND");
  EXPECT_EQ(failure("DESCRIBE FUNCTION f"), "ROUTINE_NOT_FOUND");
}

TEST_F(MetastoreTest, USEChangesTheSessionOnly) {
  run("CREATE SCHEMA s");
  run("USE s");
  EXPECT_EQ(value("SELECT current_schema()"), "s");
  EXPECT_EQ(value("SELECT current_user() AS me, 2"), session.caller);
  auto& metastore = probe.region().get<Metastore>();
  const auto apart = metastore.run("SELECT current_database()", session.caller);
  EXPECT_EQ(rows_of(apart), (Rows{{"default"}}));
  EXPECT_EQ(failure("USE none"), "SCHEMA_NOT_FOUND");
  EXPECT_EQ(failure("SELECT no_such()"), "UNRESOLVED_ROUTINE");
}

TEST_F(MetastoreTest, TheWorldShowsAllOfIt) {
  run("CREATE TABLE t (a INT COMMENT 'c') USING csv OPTIONS (header 'true') LOCATION '/mnt/t'");
  run("CREATE VIEW v AS SELECT a FROM t");
  run("CREATE FUNCTION f AS 'a.B' USING JAR '/x.jar'");
  run("GRANT SELECT ON TABLE t TO users");
  const json world = probe.region().world().at("hive_metastore");
  EXPECT_EQ(world.at("schemas").at(0).at("name"), "default");
  const json table = world.at("tables").at(0);
  EXPECT_EQ(table.at("type"), "EXTERNAL");
  EXPECT_EQ(table.at("options").at("header"), "true");
  EXPECT_EQ(table.at("columns").at(0).at("comment"), "c");
  EXPECT_EQ(table.at("owner"), session.caller);
  EXPECT_EQ(world.at("views").at(0).at("text"), "SELECT a FROM t");
  EXPECT_EQ(world.at("functions").at(0).at("resources").at(0).at("path"), "/x.jar");
  EXPECT_EQ(world.at("grants").at(0).at("object_key"), "`default`.`t`");
  EXPECT_EQ(probe.post("/sim/metastore", json::object({{"no_such", true}})).status, 400);
}

}  // namespace
}  // namespace twinlake::simulator
