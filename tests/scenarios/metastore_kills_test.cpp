// The Hive metastore, when answers are lost and processes die.
#include <gtest/gtest.h>

#include "simulator/faults.h"
#include "support/metastore.h"

namespace twinlake::test::hive {
namespace {

/// The answers to statements are lost, one by one: nothing is done twice, and nothing is left in doubt.
TEST(Metastore, LostAnswersChangeNothing) {
  for (int nth = 1; nth < 60; nth += 7) {
    Lab lab;
    plant(lab);
    use_metastore(lab);
    simulator::FaultRule lost;
    lost.path = "/api/2.0/sql/statements";
    lost.action = simulator::FaultAction::drop;
    lost.after = true;
    lost.nth = nth;
    lab.away().faults().add(lost);
    expect_complete(lab);
    EXPECT_EQ(grants_of(lab.away()), grants_of(lab.home())) << nth;
    if (testing::Test::HasFailure()) FAIL() << "lost answer " << nth;
  }
}

/// A lab in sync, whose next sync makes a table with privileges again.
void change_a_table(Lab& lab) {
  plant(lab);
  sql(lab, "GRANT SELECT ON TABLE sales.lines TO `analysts`");
  use_metastore(lab);
  expect_complete(lab);
  look_always(lab);
  sql(lab, "ALTER TABLE sales.lines SET TBLPROPERTIES ('owner.team' = 'finance')");
}

std::vector<std::string> statements_of(simulator::Region& region) {
  std::vector<std::string> texts;
  const json world = region.world();
  for (const json& statement : world.at("sql_statements")) texts.push_back(text_at(statement, "/statement"));
  return texts;
}

/// Which statement of the next sync drops the table, counted from one.
int position_of_drop() {
  Lab lab;
  change_a_table(lab);
  const std::size_t before = statements_of(lab.away()).size();
  expect_complete(lab);
  const std::vector<std::string> all = statements_of(lab.away());
  for (std::size_t i = before; i < all.size(); ++i)
    if (all[i].starts_with("DROP TABLE")) return static_cast<int>(i - before) + 1;
  throw std::runtime_error("nothing was dropped");
}

/// While the table is dropped to be made again: before, at, and after that.
TEST(Metastore, LostAnswersToAChangeLoseNoPrivileges) {
  const int drop = position_of_drop();
  for (int nth = drop - 2; nth <= drop + 6; ++nth) {
    Lab lab;
    change_a_table(lab);
    simulator::FaultRule lost;
    lost.path = "/api/2.0/sql/statements";
    lost.action = simulator::FaultAction::drop;
    lost.after = true;
    lost.nth = nth;
    lab.away().faults().add(lost);
    expect_complete(lab);
    EXPECT_EQ(grants_of(lab.away()), grants_of(lab.home())) << nth;
    EXPECT_NE(metastore_of(lab.away()).dump().find("finance"), std::string::npos) << nth;
    if (testing::Test::HasFailure()) FAIL() << "lost answer " << nth << ", the drop is " << drop;
  }
}

TEST(Metastore, AKillAfterAnyExchangeEndsInTheSameWorldAndLeavesNothingRunning) {
  int exchanges = 0;
  {
    Lab lab;
    plant(lab);
    use_metastore(lab);
    lab.reset_logs();
    expect_complete(lab);
    exchanges = static_cast<int>(lab.primary_wire().log.total + lab.secondary_wire().log.total);
  }
  for (int after = 1; after < exchanges; after += sweep_step(5, 29)) {
    const StateFolder folder;
    Lab lab(folder.options());
    plant(lab);
    use_metastore(lab);
    (void)lab.sync_killed_after(after);
    expect_complete(lab);
    EXPECT_EQ(names_of(lab.away(), "tables").size(), 2U);
    EXPECT_EQ(names_of(lab.away(), "views").size(), 2U);
    EXPECT_EQ(grants_of(lab.away()), grants_of(lab.home()));
    if (testing::Test::HasFailure()) FAIL() << "killed after " << after;
  }
}

/// A change is half done when the process dies: a table is dropped and not made again yet.
TEST(Metastore, AKillInTheMiddleOfAChangeLosesNoPrivileges) {
  for (int after = 1;; after += sweep_step(3, 37)) {
    const StateFolder folder;
    Lab lab(folder.options());
    plant(lab);
    sql(lab, "GRANT SELECT ON TABLE sales.lines TO `analysts`");
    use_metastore(lab);
    expect_complete(lab);
    look_always(lab);
    sql(lab, "ALTER TABLE sales.lines SET TBLPROPERTIES ('owner.team' = 'finance')");
    const bool ended = lab.sync_killed_after(after);
    // The next run looks because the last one was killed, not because it is time.
    lab.rules.observe.every_of.clear();
    expect_complete(lab);
    EXPECT_EQ(grants_of(lab.away()), grants_of(lab.home())) << after;
    look_always(lab);
    expect_complete(lab);
    EXPECT_NE(metastore_of(lab.away()).dump().find("finance"), std::string::npos) << after;
    if (testing::Test::HasFailure()) FAIL() << "killed after " << after;
    if (ended) break;
  }
}

}  // namespace
}  // namespace twinlake::test::hive
