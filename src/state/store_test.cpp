#include "state/store.h"

#include "state/testing.h"

namespace twinlake::state {
namespace {

class StoreTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::unique_ptr<Store> store = opened(folder.path());
  void reopen() {
    store.reset();
    store = opened(folder.path());
  }
};

TEST_F(StoreTest, ANewStoreKnowsNothing) {
  EXPECT_FALSE(store->identity());
  EXPECT_FALSE(store->replication_point());
  EXPECT_EQ(store->generation(), 0);
  EXPECT_TRUE(store->bindings().empty());
  EXPECT_TRUE(store->known().empty());
  EXPECT_TRUE(store->holds().empty());
  EXPECT_TRUE(store->in_doubt().empty());
  EXPECT_TRUE(store->last_runs(10).empty());
  EXPECT_TRUE(store->verdicts().empty());
  EXPECT_EQ(store->folder(), folder.path());
}

TEST_F(StoreTest, IdentityComesBackAfterReopening) {
  store->set_identity(
      {"prod", "111", "222", model::Side::away, "https://h.example", "https://a.example"});
  reopen();
  const auto identity = store->identity();
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->group, "prod");
  EXPECT_EQ(identity->home_workspace_id, "111");
  EXPECT_EQ(identity->away_workspace_id, "222");
  EXPECT_EQ(identity->primary, model::Side::away);
  EXPECT_EQ(identity->home_host, "https://h.example");
  EXPECT_EQ(identity->away_host, "https://a.example");
}

TEST_F(StoreTest, WhatBothAgreedOnGoesWithItsObjectAndItsChildren) {
  store->put_binding(binding("u1"));
  const std::vector<Agreed> both = {
      {"u1", "", "h", "a"}, {"c1", "u1", "h", "a"}, {"c2", "u2", "x", "y"}};
  store->put_agreed(both);
  const std::vector<Agreed> again = {{"c2", "u2", "x2", "y"}};
  store->put_agreed(again);
  reopen();
  ASSERT_TRUE(store->agreed("u1"));
  EXPECT_EQ(store->agreed("u1")->on(model::Side::away), "a");
  EXPECT_EQ(store->agreed("c2")->home, "x2");
  EXPECT_FALSE(store->agreed("nobody"));
  store->remove_binding("u1");
  EXPECT_FALSE(store->agreed("u1"));
  EXPECT_FALSE(store->agreed("c1"));
  EXPECT_TRUE(store->agreed("c2"));
}

TEST_F(StoreTest, ReplicationPointKeepsItsMicroseconds) {
  store->set_replication_point(at(5) + Micros(123'456));
  reopen();
  EXPECT_EQ(store->replication_point(), at(5) + Micros(123'456));
}

TEST_F(StoreTest, BindingsComeBackWithAndWithoutIds) {
  Binding half = binding("u2", "ключ 'quoted' 🦊");
  half.home_id.reset();
  half.away_origin = Origin::adopted;
  half.parent = "u1";
  store->put_binding(binding("u1"));
  store->put_binding(half);
  reopen();
  const auto all = store->bindings();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].uuid, "u1");
  EXPECT_EQ(all[0].on(model::Side::home), "11");
  EXPECT_EQ(all[0].on(model::Side::away), "22");
  EXPECT_EQ(all[0].away_origin, Origin::created);
  EXPECT_FALSE(all[0].home_origin);
  EXPECT_EQ(all[1].key, half.key);
  EXPECT_EQ(all[1].parent, "u1");
  EXPECT_FALSE(all[1].home_id);
  EXPECT_EQ(all[1].away_origin, Origin::adopted);
}

TEST_F(StoreTest, PuttingABindingAgainReplacesItAndRemovingForgetsAllOfIt) {
  store->put_binding(binding("u1"));
  store->put_known("u1", {"h", "a", "f"});
  store->put_holds("u1", {{"u1", "/schedule", "{}", at(0)}});
  Binding renamed = binding("u1", "renamed");
  store->put_binding(renamed);
  ASSERT_EQ(store->bindings().size(), 1U);
  EXPECT_EQ(store->bindings()[0].key, "renamed");
  EXPECT_EQ(store->known().size(), 1U) << "a rename forgets nothing";

  store->remove_binding("u1");
  EXPECT_TRUE(store->bindings().empty());
  EXPECT_TRUE(store->known().empty());
  EXPECT_TRUE(store->holds().empty());
}

TEST_F(StoreTest, KnownIsReplacedAndForgotten) {
  store->put_binding(binding("u1"));
  store->put_known("u1", {"h1", "a1", "f1"});
  store->put_known("u1", {"h2", "", "f2"});
  reopen();
  auto known = store->known();
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known.at("u1").home_indicator, "h2");
  EXPECT_EQ(known.at("u1").away_indicator, "");
  EXPECT_EQ(known.at("u1").fingerprint, "f2");
  store->forget_known("u1");
  EXPECT_TRUE(store->known().empty());
}

TEST_F(StoreTest, HoldsOfAnObjectAreReplacedAsAWhole) {
  store->put_holds("u1", {{"u1", "/schedule", "1", at(1)}, {"u1", "/trigger", "2", at(1)}});
  store->put_holds("u2", {{"u2", "/continuous", "3", at(1)}});
  store->put_holds("u1", {{"u1", "/trigger", "4", at(2)}});
  const auto holds = store->holds();
  ASSERT_EQ(holds.size(), 2U);
  EXPECT_EQ(holds[0].place, "/trigger");
  EXPECT_EQ(holds[0].live, "4");
  EXPECT_EQ(holds[0].seen, at(2));
  EXPECT_EQ(holds[1].uuid, "u2");
}

TEST_F(StoreTest, AnEqualHoldKeepsWhenItWasFirstSeen) {
  store->put_holds("u1", {{"u1", "/schedule", "1", at(1)}});
  store->put_holds("u1", {{"u1", "/schedule", "1", at(9)}});
  EXPECT_EQ(store->holds().at(0).seen, at(1));
}

OriginalRecord original(const std::string& place, const std::string& after) {
  return {.uuid = "u1",
          .place = place,
          .is_name = false,
          .after = after,
          .mark = "",
          .pieces = R"([[0,2,"stweu"]])"};
}

TEST_F(StoreTest, OriginalsOfAnObjectAreReplacedAsAWholeAndGoWithIt) {
  store->put_binding(binding("u1"));
  store->put_originals("u1", {original("/a", "st"), original("/b", "st")});
  store->put_originals("u2", {original("/a", "st")});
  reopen();
  ASSERT_EQ(store->originals().size(), 2U);
  EXPECT_EQ(store->originals().at("u1"), (std::vector{original("/a", "st"), original("/b", "st")}));
  const auto generation = store->generation();
  store->put_originals("u1", {original("/b", "st"), original("/a", "st"), original("/a", "st")});
  EXPECT_EQ(store->generation(), generation) << "the same in another order is no change";
  store->put_originals("u1", {original("/a", "other")});
  EXPECT_GT(store->generation(), generation);
  EXPECT_EQ(store->originals().at("u1"), std::vector{original("/a", "other")});
  store->remove_binding("u1");
  EXPECT_FALSE(store->originals().contains("u1"));
  store->put_originals("u2", {});
  EXPECT_TRUE(store->originals().empty());
}

TEST_F(StoreTest, RunsAreListedFromTheLast) {
  const auto first = store->begin_run("sync", at(1));
  store->finish_run(first, at(2), "complete", R"({"created":3})");
  const auto second = store->begin_run("reconcile", at(3));
  EXPECT_GT(second, first);
  reopen();
  const auto runs = store->last_runs(5);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].command, "reconcile");
  EXPECT_FALSE(runs[0].finished);
  EXPECT_EQ(runs[0].outcome, "");
  EXPECT_EQ(runs[1].started, at(1));
  EXPECT_EQ(runs[1].finished, at(2));
  EXPECT_EQ(runs[1].outcome, "complete");
  EXPECT_EQ(runs[1].summary, R"({"created":3})");
  EXPECT_EQ(store->last_runs(1).size(), 1U);
}

TEST_F(StoreTest, VerdictsAreThoseOfTheLastLook) {
  store->put_verdicts({{"in_sync", 5}, {"missing", 1}}, at(1));
  store->put_verdicts({{"in_sync", 6}}, at(2));
  reopen();
  EXPECT_EQ(store->verdicts(), (std::map<std::string, std::int64_t>{{"in_sync", 6}}));
}

// --- generation: a plan is bound to it

struct GenerationCase {
  const char* name;
  void (*change)(Store&);
  bool grows;
};

class Generation : public testing::TestWithParam<GenerationCase> {};

TEST_P(Generation, GrowsWithChangesOnly) {
  const auto store = opened("memory");
  store->set_identity({"prod", "1", "2", model::Side::home, "h", "a"});
  store->put_binding(binding("u1"));
  store->put_holds("u1", {{"u1", "/schedule", "1", at(1)}});
  const auto intended = store->intend(intent("u1"));
  ASSERT_EQ(intended, 1);
  const auto before = store->generation();
  GetParam().change(*store);
  EXPECT_EQ(store->generation() > before, GetParam().grows);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, Generation,
    testing::Values(
        GenerationCase{"new_binding", [](Store& s) { s.put_binding(binding("u2")); }, true},
        GenerationCase{"renamed", [](Store& s) { s.put_binding(binding("u1", "other")); }, true},
        GenerationCase{
            "id_lost",
            [](Store& s) { s.put_binding({"u1", "thing", "nightly load", "", "11", {}}); }, true},
        GenerationCase{"same_binding", [](Store& s) { s.put_binding(binding("u1")); }, false},
        GenerationCase{"binding_removed", [](Store& s) { s.remove_binding("u1"); }, true},
        GenerationCase{"nothing_removed", [](Store& s) { s.remove_binding("u9"); }, false},
        GenerationCase{"hold_changed",
                       [](Store& s) { s.put_holds("u1", {{"u1", "/schedule", "2", at(1)}}); },
                       true},
        GenerationCase{"hold_added",
                       [](Store& s) { s.put_holds("u2", {{"u2", "/schedule", "1", at(1)}}); },
                       true},
        GenerationCase{"hold_gone", [](Store& s) { s.put_holds("u1", {}); }, true},
        GenerationCase{"same_hold_later",
                       [](Store& s) { s.put_holds("u1", {{"u1", "/schedule", "1", at(7)}}); },
                       false},
        GenerationCase{
            "roles_turned",
            [](Store& s) { s.set_identity({"prod", "1", "2", model::Side::away, "h", "a"}); },
            true},
        GenerationCase{
            "same_roles",
            [](Store& s) { s.set_identity({"prod", "1", "2", model::Side::home, "h", "a"}); },
            false},
        GenerationCase{"settled_with_a_binding",
                       [](Store& s) { s.settle(1, "done", binding("u3")); }, true},
        GenerationCase{"settled_without", [](Store& s) { s.settle(1, "failed", {}); }, false},
        GenerationCase{"settled_removal",
                       [](Store& s) { s.settle_removal(1, "u1", model::Side::away); }, true},
        GenerationCase{"agreed",
                       [](Store& s) { s.put_agreed(std::vector<Agreed>{{"u1", "", "a", "b"}}); },
                       false},
        GenerationCase{"known", [](Store& s) { s.put_known("u1", {"a", "b", "c"}); }, false},
        GenerationCase{
            "run",
            [](Store& s) { s.finish_run(s.begin_run("sync", at(1)), at(2), "complete", ""); },
            false},
        GenerationCase{"replication_point", [](Store& s) { s.set_replication_point(at(4)); },
                       false}),
    [](const auto& row) { return std::string(row.param.name); });

// --- in memory

TEST(StoreInMemory, LeavesNothingOnTheDiskAndStartsEmptyEachTime) {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  {
    const auto store = opened("memory");
    store->put_binding(binding("u1"));
    EXPECT_EQ(store->fingerprint_key().size(), 64U);
    EXPECT_EQ(opened("memory")->fingerprint_key(), store->fingerprint_key())
        << "a seed replays a run";
    EXPECT_TRUE(opened("memory")->bindings().empty());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace twinlake::state
