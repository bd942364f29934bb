#include "state/statements.h"

#include "state/testing.h"

namespace twinlake::state {
namespace {

/// They are compiled when they are first used, and a mistake in one that is seldom used would be
/// found late.
TEST(Statements, TheNewestSchemaKnowsEachOfThem) {
  const auto database = open_database(":memory:");
  ASSERT_TRUE(database);
  Statements sql(**database);
  EXPECT_GT(sql.database.all.size(), 60U);
  for (Statement* statement : sql.database.all) EXPECT_NO_THROW(statement->compiled());
}

TEST(Statements, OneThatTheDatabaseDoesNotUnderstandSaysSo) {
  SQLite::Database database(":memory:");
  StatementList list{database, {}};
  Statement wrong(list, "SELECT nothing FROM nowhere");
  EXPECT_THROW(wrong.compiled(), SQLite::Exception);
}

}  // namespace
}  // namespace twinlake::state
