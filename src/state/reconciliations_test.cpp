// What was found equal around failovers and drills, as it is kept.
#include "state/store.h"
#include "state/testing.h"

namespace twinlake::state {
namespace {

Reconciliation seen(int moment, const std::string& source = "sync") {
  return {.source = source,
          .moment = at(moment),
          .ended = at(moment + 1),
          .is_good = true,
          .counts = {{"thing", {{"in_sync", moment}}}},
          .unequal = {}};
}

void keep_failover(Store& store, int started, int turned, int finished) {
  Failover failover;
  failover.phase = "complete";
  failover.started = at(started);
  failover.turned = at(turned);
  failover.finished = at(finished);
  (void)store.put_failover(failover);
}

TEST(Reconciliations, OneIsKeptWithItsCountsAndWhatWasNotEqual) {
  const auto store = opened("memory");
  EXPECT_FALSE(store->reconciliation_before(at(100)));
  Reconciliation done = seen(3, "reconcile");
  done.is_good = false;
  done.counts["thing"]["missing"] = 1;
  done.unequal = {{"thing:\"b\"", "missing", "is not on the secondary", "Sync"},
                  {"thing:\"a\"", "note", "a machine type is other", ""}};
  const std::int64_t generation = store->generation();
  store->put_reconciliation(done);
  EXPECT_EQ(store->generation(), generation) << "looking makes no plan stale";
  const auto found = store->reconciliation_before(at(4));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "reconcile");
  EXPECT_EQ(found->moment, at(3));
  EXPECT_EQ(found->ended, at(4));
  EXPECT_FALSE(found->is_good);
  EXPECT_EQ(found->counts, done.counts);
  EXPECT_EQ(found->unequal, done.unequal) << "in the order in which they were given";
  EXPECT_EQ(found->all_unequal, 2);
  EXPECT_FALSE(store->reconciliation_before(at(3))) << "it had not ended then";
}

TEST(Reconciliations, ThoseAroundAFailoverStayAndOthersGo) {
  const auto store = opened("memory");
  store->put_reconciliation(seen(1));
  store->put_reconciliation(seen(3));
  EXPECT_FALSE(store->reconciliation_before(at(2))) << "only the newest one, while nothing happened";
  keep_failover(*store, 2, 10, 12);
  store->put_reconciliation(seen(8));
  store->put_reconciliation(seen(13));
  store->put_reconciliation(seen(20));
  store->put_reconciliation(seen(30));
  EXPECT_EQ(store->reconciliation_before(at(10))->moment, at(8)) << "the sync within it";
  EXPECT_EQ(store->reconciliation_after(at(12))->moment, at(13));
  EXPECT_EQ(store->reconciliation_after(at(14))->moment, at(30)) << "that between is forgotten";
  keep_failover(*store, 40, 40, 41);
  store->put_reconciliation(seen(50));
  store->put_reconciliation(seen(60));
  EXPECT_EQ(store->reconciliation_before(at(10))->moment, at(8)) << "those of older ones stay too";
  EXPECT_EQ(store->reconciliation_before(at(40))->moment, at(30));
  EXPECT_EQ(store->reconciliation_after(at(41))->moment, at(50));
}

TEST(Reconciliations, ThoseAroundADrillStay) {
  const auto store = opened("memory");
  store->put_reconciliation(seen(1));
  Drill drill;
  drill.started = at(4);
  drill.id = store->put_drill(drill);
  store->put_reconciliation(seen(5));
  EXPECT_EQ(store->reconciliation_before(at(4))->moment, at(1));
  drill.cleaned = at(6);
  (void)store->put_drill(drill);
  store->put_reconciliation(seen(7));
  store->put_reconciliation(seen(9));
  EXPECT_EQ(store->reconciliation_after(at(6))->moment, at(7));
  EXPECT_EQ(store->reconciliation_before(at(4))->moment, at(1));
}

TEST(Reconciliations, WhatIsTooMuchIsCounted) {
  const auto store = opened("memory");
  Reconciliation done = seen(1);
  done.unequal.assign(Reconciliation::most_objects + 5, {"thing:\"x\"", "unsupported", "", ""});
  store->put_reconciliation(done);
  const auto found = store->reconciliation_before(at(9));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->unequal.size(), Reconciliation::most_objects);
  EXPECT_EQ(found->all_unequal, static_cast<std::int64_t>(Reconciliation::most_objects) + 5);
}

}  // namespace
}  // namespace twinlake::state
