// Killed after every single exchange of a sync, resumed by another process: the same end world, with
// nothing twice and nothing running.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

/// How often each name stands on the secondary; what a duplicate would change.
std::map<std::string, int> names(simulator::Region& region) {
  const json world = region.world();
  std::map<std::string, int> counts;
  const auto count = [&](const char* list, const char* pointer) {
    for (const json& item : world.at(list)) ++counts[std::string(list) + " " + text_at(item, pointer)];
  };
  count("jobs", "/settings/name");
  count("clusters", "/cluster_name");
  count("instance_pools", "/instance_pool_name");
  count("cluster_policies", "/name");
  count("groups", "/displayName");
  count("users", "/userName");
  count("warehouses", "/name");
  count("pipelines", "/name");
  return counts;
}

int exchanges_of_a_whole_sync() {
  Lab lab;
  fill_small_estate(lab);
  lab.reset_logs();
  EXPECT_TRUE(lab.sync());
  return static_cast<int>(lab.primary_wire().log.total + lab.secondary_wire().log.total);
}

void expect_same_end(Lab& lab, const std::map<std::string, int>& expected, int killed_after) {
  const auto report = lab.sync();
  ASSERT_TRUE(report) << "killed after " << killed_after;
  EXPECT_EQ(lab.not_in_sync(), "") << "killed after " << killed_after;
  EXPECT_EQ(names(lab.away()), expected) << "killed after " << killed_after;
  EXPECT_TRUE(live_triggers(lab.away()).empty()) << "killed after " << killed_after;
  EXPECT_TRUE(running_compute(lab.away()).empty()) << "killed after " << killed_after;
  EXPECT_TRUE(lab.store().in_doubt().empty()) << "killed after " << killed_after;
}

TEST(CrashSweep, AKillAfterAnyExchangeEndsInTheSameWorld) {
  const int exchanges = exchanges_of_a_whole_sync();
  ASSERT_GT(exchanges, 50);
  Lab whole;
  fill_small_estate(whole);
  ASSERT_TRUE(whole.sync());
  const auto expected = names(whole.away());
  for (int after = 1; after <= exchanges; after += sweep_step(1, 7)) {
    const StateFolder folder;
    Lab lab(folder.options());
    fill_small_estate(lab);
    ASSERT_FALSE(lab.sync_killed_after(after) && after < exchanges) << after;
    expect_same_end(lab, expected, after);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(CrashSweep, TwoKillsInARowToo) {
  const int exchanges = exchanges_of_a_whole_sync();
  Lab whole;
  fill_small_estate(whole);
  ASSERT_TRUE(whole.sync());
  const auto expected = names(whole.away());
  for (int after = 7; after <= exchanges; after += sweep_step(11, 23)) {
    const StateFolder folder;
    Lab lab(folder.options());
    fill_small_estate(lab);
    (void)lab.sync_killed_after(after);
    (void)lab.sync_killed_after(after / 2 + 3);
    expect_same_end(lab, expected, after);
    if (testing::Test::HasFailure()) return;
  }
}

bool is_making_a_notebook(Lab& lab) {
  const std::vector<state::Intent> open = lab.store().in_doubt();
  return std::ranges::any_of(open, [](const state::Intent& intent) { return intent.kind == "notebook" && intent.action == "create"; });
}

/// Exchanges that a whole sync has begun when its first notebook is made.
int exchanges_before_a_notebook() {
  Lab lab;
  fill_small_estate(lab);
  lab.reset_logs();
  int first = 0;
  lab.secondary_wire().on_write = [&](const http::Request& request) {
    if (first == 0 && request.path == "/api/2.0/workspace/import")
      first = static_cast<int>(lab.primary_wire().log.total + lab.secondary_wire().log.total);
  };
  EXPECT_TRUE(lab.sync());
  return first;
}

/// Something was synced, and something has become of it since.
struct Since {
  void (*before)(Lab& lab);
  void (*since)(Lab& lab);
};

/// Kills the next sync after each of its last exchanges, which are its writes, and syncs again; gives how many of the kills
/// came between two writes.
int kill_among_writes(const Since& story, void (*expect)(Lab& lab)) {
  int between = 0;
  std::size_t all_writes = 0;
  std::int64_t exchanges = 0;
  for (std::int64_t after = 0; after <= exchanges; after = after == 0 ? std::max<std::int64_t>(1, exchanges - 25) : after + 1) {
    const StateFolder folder;
    Lab lab(folder.options());
    story.before(lab);
    EXPECT_TRUE(lab.sync());
    story.since(lab);
    lab.reset_logs();
    const bool is_whole = lab.sync_killed_after(after == 0 ? 100'000 : static_cast<int>(after));
    const std::size_t writes = lab.secondary_wire().log.writes.size();
    if (after == 0) {
      EXPECT_TRUE(is_whole);
      all_writes = writes;
      exchanges = lab.primary_wire().log.total + lab.secondary_wire().log.total;
    }
    between += writes > 0 && writes < all_writes ? 1 : 0;
    EXPECT_TRUE(lab.sync()) << after;
    EXPECT_EQ(lab.not_in_sync(), "") << after;
    expect(lab);
    if (testing::Test::HasFailure()) break;
  }
  return between;
}

/// The new place is made first, and the old one is ours until it is removed.
TEST(CrashSweep, AKillInTheMiddleOfAMoveLeavesNothingBehind) {
  const Since moved{[](Lab& lab) { import_notebook(lab, "/Shared/before", "# Databricks notebook source\nprint(1)\n"); },
                    [](Lab& lab) { lab.primary("POST", "/sim/tree/move", {{"from", "/Shared/before"}, {"to", "/Shared/after"}}); }};
  EXPECT_GT(kill_among_writes(moved, [](Lab&) {}), 0);
}

/// What is ours by its marker may have been started by a write of which this machine knows nothing.
TEST(CrashSweep, WhatIsRecognisedByItsMarkerIsStoppedWhateverKillsTheRun) {
  const Since forgotten{[](Lab& lab) {
                          lab.primary("POST", "/api/2.1/clusters/create",
                                      {{"cluster_name", "shared"}, {"spark_version", "15.4.x-scala2.12"}, {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}});
                        },
                        [](Lab& lab) {
                          for (const state::Binding& binding : lab.store().bindings())
                            if (binding.kind == "cluster") lab.store().remove_binding(binding.uuid);
                          lab.away().advance(std::chrono::minutes(10));
                          const json world = lab.away().world();
                          lab.secondary("POST", "/api/2.1/clusters/start", {{"cluster_id", world.at("clusters").at(0).at("cluster_id")}});
                        }};
  (void)kill_among_writes(forgotten, [](Lab& lab) { EXPECT_TRUE(running_compute(lab.away()).empty()); });
}

/// What a killed run was making is ours, also when the next run can look for it nowhere.
TEST(CrashSweep, AnIntentStaysOpenWhileNothingCanBeListed) {
  const int exchanges = exchanges_of_a_whole_sync();
  int met = 0;
  // Others are under way at the same time, so some fewer have ended when the intent is written.
  const int first = std::max(1, exchanges_before_a_notebook() - 16);
  for (int after = first; after <= exchanges && met < 3; ++after) {
    const StateFolder folder;
    Lab lab(folder.options());
    fill_small_estate(lab);
    (void)lab.sync_killed_after(after);
    if (!is_making_a_notebook(lab)) continue;
    ++met;
    simulator::FaultRule failing;
    failing.path = "/api/2.0/workspace/list";
    failing.times = 0;
    failing.status = 403;
    lab.home().faults().add(failing);
    ASSERT_TRUE(lab.sync());
    lab.home().faults().clear();
    import_notebook(lab, "/Shared/etl/load", "# Databricks notebook source\nprint(2)\n");
    const auto report = lab.sync();
    ASSERT_TRUE(report) << after;
    EXPECT_EQ(lab.not_in_sync(), "") << after;
    EXPECT_TRUE(lab.store().in_doubt().empty()) << after;
  }
  EXPECT_EQ(met, 3);
}

}  // namespace
}  // namespace twinlake::test
