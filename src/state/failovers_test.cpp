// The role of the sides while it moves, as it is kept.
#include <nlohmann/json.hpp>

#include "state/store.h"
#include "state/testing.h"

namespace twinlake::state {
namespace {

using nlohmann::json;

std::unique_ptr<Store> known_group() {
  auto store = opened("memory");
  store->set_identity({"prod", "111", "222", model::Side::home, "https://h", "https://a"});
  return store;
}

Failover begun() {
  Failover failover;
  failover.type = Failover::Type::forced;
  failover.to = model::Side::away;
  failover.phase = "releasing";
  failover.started = at(5);
  failover.program = "Twinlake 9";
  failover.operator_name = "ops@lakeside.example";
  return failover;
}

TEST(Failovers, TheLastOneIsKeptAsItWent) {
  const auto store = known_group();
  EXPECT_FALSE(store->last_failover());
  Failover failover = begun();
  failover.id = store->put_failover(failover);
  const std::int64_t generation = store->generation();
  failover.turned = at(6);
  store->turn_role(failover);
  EXPECT_EQ(store->identity()->primary, model::Side::away);
  EXPECT_GT(store->generation(), generation) << "plans of before are stale";
  failover.finished = at(7);
  failover.fence = Failover::Fence::done;
  EXPECT_EQ(store->put_failover(failover), failover.id);
  const auto last = store->last_failover();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->type, Failover::Type::forced);
  EXPECT_EQ(last->started, at(5));
  EXPECT_EQ(last->turned, at(6));
  EXPECT_EQ(last->finished, at(7));
  EXPECT_FALSE(last->committed);
  EXPECT_EQ(last->fence, Failover::Fence::done);
}

TEST(Failovers, WhatWasTurnedIsKnownByFailoverAndAction) {
  const auto store = known_group();
  const std::int64_t one = store->put_failover(begun());
  const std::int64_t other = store->put_failover(begun());
  store->put_turned(one, "hold", std::vector<std::string>{"u1", "u2"});
  store->put_turned(one, "hold", std::vector<std::string>{"u2"});
  store->put_turned(one, "release", std::vector<std::string>{"u3"});
  EXPECT_EQ(store->turned(one, "hold"), (std::set<std::string>{"u1", "u2"}));
  EXPECT_EQ(store->turned(one, "release"), std::set<std::string>{"u3"});
  EXPECT_TRUE(store->turned(other, "hold").empty());
}

TEST(Failovers, AnotherMachineGoesOnFromTheMirror) {
  const auto here = known_group();
  Failover failover = begun();
  failover.id = here->put_failover(failover);
  here->put_turned(failover.id, "hold", std::vector<std::string>{"u1"});
  failover.turned = at(6);
  failover.replication_point = at(2);
  here->turn_role(failover);
  const json mirror = json::parse(here->to_mirror().dump());
  const auto there = opened("memory");
  const auto loaded = there->load_mirror(mirror);
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(there->last_failover()->phase, "releasing");
  EXPECT_EQ(there->turned(failover.id, "hold"), std::set<std::string>{"u1"});
  EXPECT_EQ(there->to_mirror(), mirror);
  EXPECT_EQ(there->last_failover()->replication_point, at(2));
  EXPECT_EQ(there->last_failover()->operator_name, "ops@lakeside.example");
  EXPECT_EQ(there->failover(failover.id)->program, "Twinlake 9");
  EXPECT_FALSE(there->failover(failover.id + 1));

  json older = mirror;
  for (const char* name : {"replication_point", "program", "operator"})
    older["failover"].erase(name);
  ASSERT_TRUE(there->load_mirror(older));
  EXPECT_FALSE(there->last_failover()->replication_point);
  ASSERT_TRUE(there->load_mirror(mirror));
  json broken = mirror;
  broken["failover"]["type"] = "by accident";
  EXPECT_FALSE(there->load_mirror(broken));
  EXPECT_EQ(there->last_failover()->replication_point, at(2)) << "malformed input changes nothing";
}

TEST(Failovers, WhatWasDoneIsListedInOrderWithItsEnd) {
  using Subject = ActionRecord::Subject;
  const auto store = known_group();
  const std::int64_t failover = store->put_failover(begun());
  ActionRecord call{.subject_id = failover,
                    .type = "command",
                    .name = "open the gate",
                    .place = "first",
                    .started = at(6)};
  ActionRecord drilled = call;
  drilled.subject = Subject::drill;
  store->begin_action(drilled);
  const std::int64_t generation = store->generation();
  const auto ids = store->begin_actions(std::vector<ActionRecord>{
      {.subject_id = failover, .type = "phase", .name = "releasing", .started = at(5)}, call});
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_GT(store->generation(), generation) << "a mirror of before is behind";
  call.id = ids[1];
  call.ended = at(8);
  call.outcome = "failed";
  call.detail = "exit code 3";
  store->finish_action(call);
  const std::vector<ActionRecord> all = store->actions(Subject::failover, failover);
  ASSERT_EQ(all.size(), 2U) << "those of a drill with the same number are others";
  EXPECT_EQ(all[0].type, "phase");
  EXPECT_EQ(all[0].outcome, "") << "it is under way";
  EXPECT_FALSE(all[0].ended);
  EXPECT_EQ(all[1].name, "open the gate");
  EXPECT_EQ(all[1].place, "first");
  EXPECT_EQ(all[1].ended, at(8));
  EXPECT_EQ(all[1].outcome, "failed");
  EXPECT_EQ(all[1].detail, "exit code 3");

  const json mirror = store->to_mirror();
  const auto there = opened("memory");
  there->begin_action(drilled);
  ASSERT_TRUE(there->load_mirror(mirror));
  EXPECT_EQ(there->to_mirror(), mirror);
  EXPECT_EQ(there->actions(Subject::failover, failover).size(), 2U);
  EXPECT_EQ(there->actions(Subject::drill, failover).size(), 1U)
      << "drills are not in the mirror, and stay";
  json older = mirror;
  older["failover"].erase("actions");
  ASSERT_TRUE(there->load_mirror(older));
  EXPECT_TRUE(there->actions(Subject::failover, failover).empty());
}

TEST(Failovers, WhatWeMadeOnOneSideIsSomebodyElsesOnTheOther) {
  const auto store = known_group();
  const Binding made = binding("u1");
  store->put_binding(made);
  EXPECT_EQ(store->bindings()[0].origin_on(model::Side::away), Origin::created);
  EXPECT_EQ(store->bindings()[0].origin_on(model::Side::home), Origin::adopted);
  // The roles have turned, and it was found at home, where it always was.
  Binding met = made;
  met.away_origin.reset();
  met.home_origin = Origin::adopted;
  store->put_binding(met);
  EXPECT_EQ(store->bindings()[0].origin_on(model::Side::away), Origin::created)
      << "it stays ours there";
  EXPECT_EQ(store->bindings()[0].origin_on(model::Side::home), Origin::adopted);
  // It was removed at home, and made there again by us.
  met.home_origin = Origin::created;
  store->put_binding(met);
  EXPECT_EQ(store->bindings()[0].origin_on(model::Side::home), Origin::created);
  EXPECT_EQ(store->bindings()[0].origin_on(model::Side::away), Origin::created)
      << "it is ours on both sides now";
  const auto there = opened("memory");
  ASSERT_TRUE(there->load_mirror(store->to_mirror()));
  for (const model::Side side : {model::Side::home, model::Side::away})
    EXPECT_EQ(there->bindings()[0].origin_on(side), Origin::created);
}

}  // namespace
}  // namespace twinlake::state
