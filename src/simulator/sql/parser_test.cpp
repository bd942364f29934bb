#include "simulator/sql/parser.h"

#include <gtest/gtest.h>

namespace twinlake::simulator {
namespace {

std::string failure(const std::string& statement, const SqlParameters& parameters = {}) {
  const auto parsed = parse_sql(statement, parameters);
  return parsed ? "" : parsed.error().error_class;
}

template <class T>
T parsed(const std::string& statement, const SqlParameters& parameters = {}) {
  auto found = parse_sql(statement, parameters);
  EXPECT_TRUE(found) << statement << ": " << found.error().message;
  if (!found || !std::holds_alternative<T>(*found)) {
    ADD_FAILURE() << statement << " is something else";
    return T{};
  }
  return std::get<T>(std::move(*found));
}

/// Tables that a query reads: "a.b, c".
std::string tables(const std::string& query) {
  std::string out;
  for (const SqlName& name : parsed<CreateView>("CREATE VIEW v AS " + query).query.tables) {
    out += out.empty() ? "" : ", ";
    for (std::size_t i = 0; i < name.size(); ++i) out += (i == 0 ? "" : ".") + name[i];
  }
  return out;
}

TEST(SqlParser, TakesNamesInAnyCaseAndWriting) {
  const SqlName wanted{"hive_metastore", "a b", "T"};
  EXPECT_EQ(parsed<DescribeTable>("desc table hive_metastore.`a b`.T").table, wanted);
  EXPECT_EQ(parsed<DescribeTable>("DESCRIBE EXTENDED x ;;").extended, true);
  EXPECT_EQ(
      parsed<DescribeTable>("DESCRIBE IDENTIFIER(:t)", {{"t", "hive_metastore.`a b`.T"}}).table,
      wanted);
  EXPECT_EQ(failure("DESCRIBE IDENTIFIER(:t)"), "UNBOUND_SQL_PARAMETER");
  EXPECT_EQ(failure("DESCRIBE IDENTIFIER(:t)", {{"t", "a b"}}), "PARSE_SYNTAX_ERROR");
  EXPECT_EQ(failure("DESCRIBE IDENTIFIER(:t)", {{"t", "IDENTIFIER('x')"}}), "PARSE_SYNTAX_ERROR");
}

TEST(SqlParser, RefusesWhatItDoesNotKnow) {
  for (const char* statement : {"",
                                "SELECT * FROM t",
                                "INSERT INTO t VALUES (1)",
                                "OPTIMIZE t",
                                "SHOW",
                                "SHOW TABLES IN",
                                "SHOW TABLES IN a b c",
                                "DESCRIBE SCHEMA",
                                "CREATE TABLE t AS SELECT 1",
                                "CREATE TABLE t LIKE u",
                                "CREATE TABLE t DEEP CLONE u",
                                "CREATE TABLE t (a INT) CLUSTER BY (a)",
                                "CREATE OR REPLACE TABLE t (a INT)",
                                "DROP",
                                "DROP TABLE",
                                "ALTER TABLE t RENAME TO u",
                                "GRANT SELECT ON t",
                                "GRANT FOO ON t TO x",
                                "SHOW TABLES; SHOW TABLES",
                                "CREATE VIEW v AS SELECT 1; DROP TABLE t",
                                "CREATE VIEW v AS DELETE FROM t",
                                "CREATE VIEW v AS SELECT a FROM t)",
                                "CREATE FUNCTION f(x INT) RETURNS INT RETURN x",
                                "DESCRIBE HISTORY t",
                                "SET x = 1",
                                "ANALYZE TABLE t COMPUTE STATISTICS",
                                "CREATE TABLE t (a INT GENERATED ALWAYS AS IDENTITY)"})
    EXPECT_EQ(failure(statement), "PARSE_SYNTAX_ERROR") << statement;
  EXPECT_EQ(failure("CREATE TABLE t (a FOO)"), "UNSUPPORTED_DATATYPE");
  EXPECT_EQ(failure("CREATE TABLE t (a INT) TBLPROPERTIES ('a' = '1', 'a' = '2')"),
            "DUPLICATE_KEY");
}

TEST(SqlParser, ReadsTables) {
  const auto table = parsed<CreateTable>(
      "CREATE TABLE IF NOT EXISTS s.t (id BIGINT NOT NULL COMMENT 'it\\'s', m MAP<STRING, "
      "ARRAY<INT>>, s STRUCT<a: INT, `b c`: DECIMAL(10, 2) COMMENT 'x'>, d DECIMAL(5)) USING CSV "
      "OPTIONS (header true, 'delimiter' ';', multi.line = 3) PARTITIONED BY (d) LOCATION "
      "'abfss://c@a.dfs.core.windows.net/x' COMMENT 'c' TBLPROPERTIES (a.b = 'v')");
  EXPECT_EQ(table.if_there, IfThere::keep);
  ASSERT_EQ(table.columns.size(), 4U);
  EXPECT_FALSE(table.columns[0].nullable);
  EXPECT_EQ(table.columns[0].comment, "it's");
  EXPECT_EQ(table.columns[1].type, "map<string,array<int>>");
  EXPECT_EQ(table.columns[2].type, "struct<a:int,`b c`:decimal(10,2) COMMENT 'x'>");
  EXPECT_EQ(table.columns[3].type, "decimal(5,0)");
  EXPECT_EQ(table.provider, "csv");
  const SqlProperties options{{"header", "true"}, {"delimiter", ";"}, {"multi.line", "3"}};
  EXPECT_EQ(table.options, options);
  EXPECT_EQ(table.partitioned_by, std::vector<std::string>{"d"});
  EXPECT_EQ(table.properties, (SqlProperties{{"a.b", "v"}}));
}

TEST(SqlParser, ReadsHiveTables) {
  const auto table = parsed<CreateTable>(
      "CREATE EXTERNAL TABLE t (a INT) PARTITIONED BY (day STRING COMMENT 'd') ROW FORMAT SERDE "
      "'x.Y' "
      "WITH SERDEPROPERTIES ('k' = 'v') STORED AS INPUTFORMAT 'i' OUTPUTFORMAT 'o' LOCATION '/x'");
  EXPECT_TRUE(table.external);
  ASSERT_TRUE(table.serde);
  EXPECT_EQ(table.serde->library, "x.Y");
  EXPECT_EQ(table.serde->output_format, "o");
  EXPECT_EQ(table.partitioned_by, std::vector<std::string>{"day"});
  EXPECT_EQ(table.columns.size(), 2U);
  EXPECT_EQ(failure("CREATE TABLE t (a INT) STORED AS FOO"), "PARSE_SYNTAX_ERROR");
}

TEST(SqlParser, FindsWhatAQueryReads) {
  EXPECT_EQ(tables("SELECT * FROM a"), "a");
  EXPECT_EQ(
      tables("SELECT x FROM a.b, c d JOIN e ON left(d.x, 2) = e.x WHERE x IN (SELECT y FROM f)"),
      "a.b, c, e, f");
  EXPECT_EQ(tables("WITH a AS (SELECT 1 FROM b), c AS (SELECT * FROM a) SELECT * FROM c, d"),
            "b, d");
  EXPECT_EQ(tables("SELECT * FROM (SELECT 1 AS x FROM a UNION ALL SELECT 2 FROM b) u"), "a, b");
  EXPECT_EQ(tables("(SELECT 1 FROM a) UNION (SELECT 1 FROM b)"), "a, b");
  EXPECT_EQ(tables("SELECT extract(day FROM x), trim(BOTH ' ' FROM y) FROM t"), "t");
  EXPECT_EQ(tables("SELECT a IS DISTINCT FROM b AS x FROM t"), "t");
  EXPECT_EQ(tables("SELECT * FROM range(10), VALUES (1), (2) AS v(x)"), "");
  EXPECT_EQ(tables("SELECT * FROM t VERSION AS OF 3 AS x LEFT OUTER JOIN u USING (id)"), "t, u");
  EXPECT_EQ(tables("SELECT x FROM t LATERAL VIEW explode(a) e AS x WHERE x > 1"), "t");
  EXPECT_EQ(tables("SELECT * FROM delta.`/mnt/x`"), "delta./mnt/x");
  EXPECT_EQ(tables("SELECT (SELECT max(x) FROM u) AS m FROM ((t JOIN w ON t.a = w.a))"), "u, t, w");
}

TEST(SqlParser, NamesTheColumnsOfAQuery) {
  const auto view = parsed<CreateView>(
      "CREATE VIEW v AS SELECT a, t.b, t.*, c AS d, count(*) n, a + 1, CAST(x AS DECIMAL(10, 2)) "
      "e, "
      "true AS f, CASE WHEN a THEN b END FROM t -- done");
  std::string names;
  for (const SqlItem& item : view.query.items)
    names += (names.empty() ? "" : "|") + (item.star ? "*" : item.name) +
             (item.type.empty() ? "" : ":" + item.type);
  EXPECT_EQ(names, "a|b|*|d|n:bigint|a + 1|e:decimal(10,2)|f:boolean|CASE WHEN a THEN b END");
  EXPECT_TRUE(view.text.ends_with("FROM t")) << view.text;
}

TEST(SqlParser, EndsWhateverIsNested) {
  std::string deep = "CREATE TABLE t (a ";
  for (int i = 0; i < 5000; ++i) deep += "ARRAY<";
  EXPECT_EQ(failure(deep), "PARSE_SYNTAX_ERROR");
  EXPECT_EQ(failure("CREATE VIEW v AS " + std::string(5000, '(')), "PARSE_SYNTAX_ERROR");
  EXPECT_EQ(failure("CREATE VIEW v AS SELECT " + std::string(5000, '(')), "PARSE_SYNTAX_ERROR");
  std::string doubling = "CREATE VIEW v AS WITH a0 AS (SELECT 1)";
  for (int i = 1; i < 50; ++i) {
    const std::string before = "a" + std::to_string(i - 1);
    doubling += ", a" + std::to_string(i) + " AS (SELECT * FROM " + before + ", " + before + ")";
  }
  EXPECT_EQ(failure(doubling + " SELECT * FROM a49"), "PARSE_SYNTAX_ERROR");
}

TEST(SqlParser, ReadsPrivileges) {
  const auto grant = parsed<ChangeGrants>(
      "GRANT SELECT, `READ_METADATA`, ALL PRIVILEGES, CREATE NAMED FUNCTION ON SCHEMA a TO `x y`");
  EXPECT_EQ(grant.privileges, (std::vector<std::string>{"SELECT", "READ_METADATA", "ALL_PRIVILEGES",
                                                        "CREATE_NAMED_FUNCTION"}));
  EXPECT_EQ(grant.principal, "x y");
  EXPECT_EQ(failure("GRANT READ_METADATA ON t TO x"), "PARSE_SYNTAX_ERROR")
      << "an underscore needs back-ticks";
  EXPECT_EQ(parsed<ChangeGrants>("GRANT SELECT ON t TO x").on.type, SqlSecurable::Type::table);
  EXPECT_EQ(parsed<ChangeGrants>("REVOKE SELECT ON ANY FILE FROM x").on.type,
            SqlSecurable::Type::any_file);
  EXPECT_EQ(parsed<ChangeGrants>("DENY USAGE ON CATALOG TO x").on.type,
            SqlSecurable::Type::catalog);
  EXPECT_EQ(failure("REVOKE SELECT ON t TO x"), "PARSE_SYNTAX_ERROR");
  EXPECT_EQ(failure("GRANT SELECT ON t TO ana@contoso.example"), "PARSE_SYNTAX_ERROR");
}

}  // namespace
}  // namespace twinlake::simulator
