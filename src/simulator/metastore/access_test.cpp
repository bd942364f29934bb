// Privileges: given, denied, inherited, shown and kept to.
#include <gtest/gtest.h>

#include "simulator/sql/probe.h"

namespace twinlake::simulator {
namespace {

using people::admin;
using people::ana;

class AccessTest : public SqlTest {
 protected:
  AccessTest() {
    make_user(ana);
    make_user("ben@contoso.example");
    make_group("analysts", ana);
    run("CREATE SCHEMA sales");
    run("CREATE TABLE sales.orders (a INT)");
    run("CREATE VIEW sales.v AS SELECT a FROM sales.orders");
    run("CREATE FUNCTION sales.f AS 'a.B'");
  }
  std::string as_ana(const std::string& statement) {
    as(ana);
    const std::string found = failure(statement);
    as(admin);
    return found;
  }
};

TEST_F(AccessTest, TheAnswerHoldsTheRowsOfTheParents) {
  run("GRANT USAGE ON CATALOG hive_metastore TO users");
  run("GRANT CREATE NAMED FUNCTION, `READ_METADATA` ON SCHEMA sales TO analysts");
  run("GRANT SELECT ON TABLE sales.orders TO `ana@contoso.example`");
  run("DENY MODIFY ON sales.orders TO analysts");
  EXPECT_EQ(rows("SHOW GRANTS ON TABLE hive_metastore.sales.orders"),
            (Rows{{ana, "SELECT", "TABLE", "`sales`.`orders`"},
                  {"analysts", "DENIED_MODIFY", "TABLE", "`sales`.`orders`"},
                  {admin, "OWN", "TABLE", "`sales`.`orders`"},
                  {"analysts", "CREATE_NAMED_FUNCTION", "DATABASE", "`sales`"},
                  {"analysts", "READ_METADATA", "DATABASE", "`sales`"},
                  {admin, "OWN", "DATABASE", "`sales`"},
                  {"users", "USAGE", "CATALOG$", ""}}));
  EXPECT_EQ(rows("SHOW GRANTS ON SCHEMA sales").size(), 4U);
  EXPECT_EQ(rows("SHOW GRANTS ON CATALOG"), (Rows{{"users", "USAGE", "CATALOG$", ""}}));
  EXPECT_EQ(rows("SHOW GRANTS `analysts` ON TABLE sales.orders").size(), 3U);
  set("schema_object_type", "SCHEMA");
  EXPECT_EQ(rows("SHOW GRANTS ON SCHEMA sales")[0][2], "SCHEMA");
}

TEST_F(AccessTest, ViewsAreTablesAndFilesAreNobodysChildren) {
  run("GRANT SELECT ON VIEW sales.v TO analysts");
  run("GRANT SELECT ON ANY FILE TO analysts");
  run("DENY SELECT ON ANONYMOUS FUNCTION TO users");
  run("GRANT SELECT ON FUNCTION sales.f TO analysts");
  EXPECT_EQ(rows("SHOW GRANTS ON VIEW sales.v")[0],
            (std::vector<std::string>{"analysts", "SELECT", "TABLE", "`sales`.`v`"}));
  EXPECT_EQ(rows("SHOW GRANTS ON ANY FILE"), (Rows{{"analysts", "SELECT", "ANY_FILE", ""}}));
  EXPECT_EQ(rows("SHOW GRANTS ON ANONYMOUS FUNCTION"),
            (Rows{{"users", "DENIED_SELECT", "ANONYMOUS_FUNCTION", ""}}));
  EXPECT_EQ(rows("SHOW GRANTS ON FUNCTION sales.f")[0][2], "FUNCTION");
}

TEST_F(AccessTest, RevokingTakesGrantsAndDenialsBack) {
  run("GRANT SELECT, MODIFY ON sales.orders TO analysts");
  run("DENY SELECT ON sales.orders TO analysts");
  run("REVOKE SELECT ON sales.orders FROM analysts");
  EXPECT_EQ(rows("SHOW GRANTS `analysts` ON TABLE sales.orders"),
            (Rows{{"analysts", "MODIFY", "TABLE", "`sales`.`orders`"}}));
  run("REVOKE ALL PRIVILEGES ON sales.orders FROM analysts");
  EXPECT_TRUE(rows("SHOW GRANTS `analysts` ON TABLE sales.orders").empty());
}

TEST_F(AccessTest, AllPrivilegesAreOneRowOrMany) {
  run("GRANT ALL PRIVILEGES ON TABLE sales.orders TO analysts");
  EXPECT_EQ(rows("SHOW GRANTS `analysts` ON TABLE sales.orders")[0][1], "ALL_PRIVILEGES");
  set("expand_all_privileges", true);
  run("GRANT ALL PRIVILEGES ON TABLE sales.v TO analysts");
  EXPECT_EQ(rows("SHOW GRANTS `analysts` ON TABLE sales.v").size(), 3U);
  run("GRANT ALL PRIVILEGES ON SCHEMA sales TO analysts");
  EXPECT_EQ(rows("SHOW GRANTS `analysts` ON SCHEMA sales").size(), 6U);
}

TEST_F(AccessTest, UnknownPrincipalsAreRefusedOrNot) {
  const std::string grant = "GRANT SELECT ON TABLE sales.orders TO `gone@contoso.example`";
  EXPECT_EQ(failure(grant), "PRINCIPAL_DOES_NOT_EXIST");
  EXPECT_EQ(failure("ALTER SCHEMA sales OWNER TO gone"), "PRINCIPAL_DOES_NOT_EXIST");
  set("refuse_unknown_principals", false);
  run(grant);
  EXPECT_EQ(rows("SHOW GRANTS ON TABLE sales.orders")[0][0], "gone@contoso.example");
  set("refuse_unknown_principals", true);
  run("REVOKE SELECT ON TABLE sales.orders FROM `gone@contoso.example`");
}

TEST_F(AccessTest, OwnersAreChanged) {
  run("ALTER TABLE sales.orders OWNER TO `ana@contoso.example`");
  run("ALTER VIEW sales.v SET OWNER TO analysts");
  run("ALTER SCHEMA sales OWNER TO `ben@contoso.example`");
  run("ALTER FUNCTION sales.f OWNER TO analysts");
  EXPECT_EQ(detail("DESCRIBE EXTENDED sales.orders", "Owner"), ana);
  EXPECT_EQ(rows("SHOW GRANTS `analysts` ON VIEW sales.v")[0][1], "OWN");
  EXPECT_EQ(detail("DESCRIBE SCHEMA sales", "Owner"), "ben@contoso.example");
  EXPECT_EQ(failure("ALTER VIEW sales.orders OWNER TO analysts"), "EXPECT_VIEW_NOT_TABLE");
  EXPECT_EQ(failure("ALTER TABLE sales.v OWNER TO analysts"), "EXPECT_TABLE_NOT_VIEW");
  EXPECT_EQ(failure("GRANT `OWN` ON TABLE sales.orders TO analysts"), "PARSE_SYNTAX_ERROR");
  EXPECT_EQ(rows("SHOW GRANTS ON SCHEMA default").size(), 0U) << "nobody owns the first schema";
}

TEST_F(AccessTest, PrivilegesAreKeptTo) {
  EXPECT_EQ(as_ana("DESCRIBE sales.orders"), "INSUFFICIENT_PERMISSIONS");
  EXPECT_EQ(as_ana("SHOW TABLES IN sales"), "INSUFFICIENT_PERMISSIONS");
  run("GRANT USAGE ON SCHEMA sales TO analysts");
  EXPECT_EQ(as_ana("DESCRIBE sales.orders"), "INSUFFICIENT_PERMISSIONS");
  run("GRANT `READ_METADATA` ON TABLE sales.orders TO analysts");
  EXPECT_EQ(as_ana("DESCRIBE sales.orders"), "");
  EXPECT_EQ(as_ana("CREATE VIEW sales.w AS SELECT a FROM sales.orders"),
            "INSUFFICIENT_PERMISSIONS");
  run("GRANT CREATE, SELECT ON SCHEMA sales TO analysts");
  EXPECT_EQ(as_ana("CREATE VIEW sales.w AS SELECT a FROM sales.orders"), "");
  EXPECT_EQ(as_ana("CREATE TABLE sales.e (a INT) LOCATION '/mnt/e'"), "INSUFFICIENT_PERMISSIONS");
  run("GRANT SELECT, MODIFY ON ANY FILE TO analysts");
  EXPECT_EQ(as_ana("CREATE TABLE sales.e (a INT) LOCATION '/mnt/e'"), "");
  EXPECT_EQ(as_ana("DROP TABLE sales.e"), "") << "it is hers";
  for (const char* statement :
       {"DROP TABLE sales.orders", "ALTER TABLE sales.orders OWNER TO analysts",
        "GRANT SELECT ON TABLE sales.orders TO analysts", "SHOW GRANTS ON TABLE sales.orders",
        "ALTER TABLE sales.orders SET TBLPROPERTIES ('a' = 'b')", "CREATE SCHEMA x",
        "CREATE FUNCTION sales.g AS 'a.B'", "DROP SCHEMA sales CASCADE"})
    EXPECT_EQ(as_ana(statement), "INSUFFICIENT_PERMISSIONS") << statement;
}

TEST_F(AccessTest, WhatIsDeniedIsNotSeen) {
  run("GRANT USAGE, SELECT ON SCHEMA sales TO users");
  as(ana);
  EXPECT_EQ(rows("SHOW TABLES IN sales").size(), 2U);
  as(admin);
  run("DENY SELECT ON TABLE sales.orders TO analysts");
  as(ana);
  EXPECT_EQ(rows("SHOW TABLES IN sales"), (Rows{{"sales", "v", "false"}}));
  EXPECT_EQ(failure("CREATE VIEW sales.w AS SELECT a FROM sales.orders"),
            "INSUFFICIENT_PERMISSIONS");
  EXPECT_EQ(rows("SHOW SCHEMAS"), (Rows{{"sales"}}));
}

TEST_F(AccessTest, PrivilegesGoWithTheObject) {
  run("GRANT SELECT ON TABLE sales.orders TO analysts");
  run("DROP TABLE sales.orders");
  run("CREATE TABLE sales.orders (a INT)");
  EXPECT_TRUE(rows("SHOW GRANTS `analysts` ON TABLE sales.orders").empty());
  run("GRANT SELECT ON VIEW sales.v TO analysts");
  run("CREATE OR REPLACE VIEW sales.v AS SELECT a FROM sales.orders");
  EXPECT_EQ(rows("SHOW GRANTS `analysts` ON VIEW sales.v").size(), 1U);
  set("replaced_views_keep_grants", false);
  run("CREATE OR REPLACE VIEW sales.v AS SELECT a FROM sales.orders");
  EXPECT_TRUE(rows("SHOW GRANTS `analysts` ON VIEW sales.v").empty());
}

TEST_F(AccessTest, NotEveryPrivilegeFitsEveryObject) {
  EXPECT_NE(failure("GRANT USAGE ON TABLE sales.orders TO analysts"), "");
  EXPECT_NE(failure("GRANT CREATE ON ANY FILE TO analysts"), "");
  EXPECT_EQ(failure("GRANT SELECT ON TABLE sales.none TO analysts"), "TABLE_OR_VIEW_NOT_FOUND");
  EXPECT_EQ(failure("GRANT SELECT ON SCHEMA none TO analysts"), "SCHEMA_NOT_FOUND");
  EXPECT_EQ(failure("GRANT SELECT ON FUNCTION sales.none TO analysts"), "ROUTINE_NOT_FOUND");
  EXPECT_EQ(failure("GRANT SELECT ON CATALOG main TO analysts"), "NO_SUCH_CATALOG_EXCEPTION");
}

TEST_F(AccessTest, AClusterWithoutTableAccessControlSaysSo) {
  session.table_acls = SqlSession::TableAcls::absent;
  const std::string message = "Table Access Control is not enabled on this cluster.";
  EXPECT_EQ(failure("SHOW GRANTS ON TABLE sales.orders"), message);
  EXPECT_EQ(failure("GRANT SELECT ON TABLE sales.orders TO analysts"), message);
  as(ana);
  EXPECT_EQ(failure("DESCRIBE EXTENDED sales.orders"), "") << "and everybody reads everything";
}

}  // namespace
}  // namespace twinlake::simulator
