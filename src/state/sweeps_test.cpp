#include <nlohmann/json.hpp>

#include "state/testing.h"

namespace twinlake::state {
namespace {

TEST(Swept, IsKeptUnderItsRulesOnly) {
  const TemporaryFolder folder;
  {
    const auto store = opened(folder.path());
    EXPECT_TRUE(store->swept("some rules").empty());
    store->put_swept("some rules",
                     std::vector<Swept>{{"u1", "thing", at(1)}, {"u2", "thing", at(2)}});
    store->put_swept("some rules", std::vector<Swept>{{"u1", "thing", at(5)}});
  }
  const auto store = opened(folder.path());
  EXPECT_EQ(store->swept("some rules"),
            (std::map<std::string, Time>{{"u1", at(5)}, {"u2", at(2)}}));
  EXPECT_TRUE(store->swept("other rules").empty());
  store->put_swept("other rules", std::vector<Swept>{{"u3", "thing", at(6)}});
  EXPECT_EQ(store->swept("other rules").size(), 1U);
  EXPECT_TRUE(store->swept("some rules").empty()) << "what was equal then may not be now";
}

TEST(Swept, IsForgottenOneByOneAndByAge) {
  const auto store = opened("memory");
  store->put_swept("", std::vector<Swept>{
                           {"u1", "thing", at(1)}, {"u2", "thing", at(2)}, {"u3", "other", at(1)}});
  store->forget_swept_before("thing", at(2));
  EXPECT_EQ(store->swept("").size(), 2U);
  const auto kinds = store->swept_kinds();
  ASSERT_EQ(kinds.size(), 2U);
  EXPECT_EQ(kinds[0].kind, "other");
  EXPECT_EQ(kinds[1].count, 1);
  EXPECT_EQ(kinds[1].oldest, at(2));
  store->forget_swept(std::vector<std::string>{"u2", "nobody"});
  EXPECT_FALSE(store->swept("").contains("u2"));
}

TEST(Swept, SaysNothingOnceTheRoleHasMoved) {
  const auto store = opened("memory");
  store->set_identity({"prod", "1", "2", model::Side::home, "h", "a"});
  store->put_swept("", std::vector<Swept>{{"u1", "thing", at(1)}});
  Failover failover;
  failover.to = model::Side::away;
  failover.phase = "turning";
  failover.started = failover.turned.emplace(at(3));
  store->turn_role(failover);
  EXPECT_TRUE(store->swept("").empty());
}

TEST(Swept, IsNotBelievedOfAnotherMachinesState) {
  const auto store = opened("memory");
  store->set_identity({"prod", "1", "2", model::Side::home, "h", "a"});
  store->put_swept("", std::vector<Swept>{{"u1", "thing", at(1)}});
  const std::int64_t generation = store->generation();
  store->put_swept("", std::vector<Swept>{{"u2", "thing", at(1)}});
  EXPECT_EQ(store->generation(), generation) << "a reading makes no plan stale";
  ASSERT_TRUE(store->load_mirror(store->to_mirror()));
  EXPECT_TRUE(store->swept("").empty());
}

TEST(AuditReadings, AreKeptTogetherWithWhatTheyMakeDue) {
  const TemporaryFolder folder;
  AuditReading first{.side = model::Side::home,
                     .asked = at(5),
                     .read = at(5),
                     .events = 4,
                     .changed = 1,
                     .unknown = 2,
                     .unnamed = 1,
                     .why_not = {},
                     .what_to_do = {}};
  {
    const auto store = opened(folder.path());
    EXPECT_TRUE(store->audit_readings().empty());
    store->put_swept("", std::vector<Swept>{{"u1", "thing", at(1)}, {"u2", "thing", at(1)}});
    AuditReading none;
    none.side = model::Side::away;
    none.why_not = "nothing runs there";
    none.what_to_do = "run";
    store->put_audit_reading(none, {});
    store->put_audit_reading(first, std::vector<std::string>{"u1", "nobody"});
  }
  const auto store = opened(folder.path());
  EXPECT_EQ(store->swept("").size(), 1U);
  const auto all = store->audit_readings();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].side, model::Side::home);
  EXPECT_EQ(all[0].read, at(5));
  EXPECT_EQ(all[0].events * 1000 + all[0].changed * 100 + all[0].unknown * 10 + all[0].unnamed,
            4121);
  EXPECT_EQ(all[1].read, std::nullopt);
  EXPECT_EQ(all[1].why_not + ", " + all[1].what_to_do, "nothing runs there, run");
  first.why_not = "later";
  store->put_audit_reading(first, {});
  EXPECT_EQ(store->audit_readings()[0].why_not, "later");
}

}  // namespace
}  // namespace twinlake::state
