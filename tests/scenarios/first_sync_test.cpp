// The main job on a small estate: what is on the primary comes to stand on the secondary, held.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.h"
#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

json find_named(const json& list, const std::string& pointer, const std::string& name) {
  for (const json& item : list)
    if (text_at(item, pointer) == name) return item;
  return nullptr;
}

TEST(FirstSync, MakesTheStandbyEqualAndHoldsEverything) {
  Lab lab;
  fill_small_estate(lab);
  const auto report = lab.sync();
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(live_triggers(lab.away()), std::vector<std::string>{});
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{});
  const json world = lab.away().world();
  const json pool = find_named(world["instance_pools"], "/instance_pool_name", "small");
  EXPECT_EQ(text_at(pool, "/min_idle_instances"), "0");
  const json cluster = find_named(world["clusters"], "/cluster_name", "shared");
  EXPECT_EQ(text_at(cluster, "/instance_pool_id"), text_at(pool, "/instance_pool_id")) << "the secondary's own pool";
  const json load = find_named(world["jobs"], "/settings/name", "load");
  const json chain = find_named(world["jobs"], "/settings/name", "chain");
  EXPECT_EQ(text_at(find_named(chain["settings"]["tasks"], "/task_key", "then"), "/run_job_task/job_id"), text_at(load, "/job_id"));
  EXPECT_EQ(text_at(find_named(load["settings"]["tasks"], "/task_key", "again"), "/run_job_task/job_id"), text_at(chain, "/job_id"));
}

TEST(FirstSync, RemembersWhatEachTriggerWas) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  int live_schedules = 0;
  int idle_pools = 0;
  for (const state::HoldRecord& hold : lab.store().holds()) {
    live_schedules += hold.place == "/schedule/pause_status" && hold.live == "\"UNPAUSED\"" ? 1 : 0;
    idle_pools += hold.place == "/min_idle_instances" && hold.live == "2" ? 1 : 0;
  }
  EXPECT_EQ(live_schedules, 2);
  EXPECT_EQ(idle_pools, 1);
}

TEST(FirstSync, AContinuousPipelineIsHeldAndItsTaskFindsIt) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  const json world = lab.away().world();
  const json pipeline = find_named(world["pipelines"], "/name", "stream");
  EXPECT_EQ(pipeline["spec"].value("continuous", false), false);
  EXPECT_EQ(text_at(pipeline, "/spec/clusters/0/policy_id"),
            text_at(find_named(world["cluster_policies"], "/name", "frugal"), "/policy_id"));
  EXPECT_NE(text_at(pipeline, "/run_as/user_name"), "") << "else it would run as the replicator";
  const json load = find_named(world["jobs"], "/settings/name", "load");
  EXPECT_EQ(text_at(find_named(load["settings"]["tasks"], "/task_key", "refresh"), "/pipeline_task/pipeline_id"),
            text_at(pipeline, "/pipeline_id"));
  int held = 0;
  for (const state::HoldRecord& hold : lab.store().holds()) held += hold.place == "/continuous" && hold.live == "true" ? 1 : 0;
  EXPECT_EQ(held, 1);
}

TEST(SecondSync, AWarehouseThatIsChangedIsStoppedAgain) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  const std::string id = text_at(find_named(lab.home().world()["warehouses"], "/name", "reports"), "/id");
  lab.primary("POST", "/api/2.0/sql/warehouses/" + id + "/edit", {{"cluster_size", "Large"}});
  lab.reset_logs();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.secondary_wire().log.writes.size(), 2U) << "the edit, and the stop that it needs";
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{});
  EXPECT_EQ(text_at(find_named(lab.away().world()["warehouses"], "/name", "reports"), "/cluster_size"), "Large");
}

TEST(SecondSync, StopsWhatCouldNotBeStoppedBefore) {
  Lab lab;
  fill_small_estate(lab);
  simulator::FaultRule refusal;
  refusal.method = "POST";
  refusal.path = "/api/2.1/clusters/delete";
  refusal.status = 403;
  refusal.times = 1000;
  lab.away().faults().add(refusal);
  EXPECT_EQ(lab.sync()->outcome, "partial");
  EXPECT_FALSE(running_compute(lab.away()).empty());
  lab.away().faults().clear();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{});
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(SecondSync, AWarehouseGoesBackToADefaultToo) {
  Lab lab;
  lab.primary("POST", "/api/2.0/sql/warehouses", {{"name", "w"}, {"cluster_size", "Small"}, {"max_num_clusters", 4}});
  ASSERT_EQ(lab.sync()->outcome, "complete");
  const std::string id = text_at(find_named(lab.home().world()["warehouses"], "/name", "w"), "/id");
  lab.primary("POST", "/api/2.0/sql/warehouses/" + id + "/edit", {{"max_num_clusters", 1}});
  ASSERT_EQ(lab.sync()->outcome, "complete");
  EXPECT_EQ(lab.not_in_sync(), "") << "an edit keeps what it is not told";
}

TEST(SecondSync, AWarehouseIsStoppedAlsoWhenTheRunDiedBeforeThat) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  const std::string id = text_at(find_named(lab.home().world()["warehouses"], "/name", "reports"), "/id");
  lab.primary("POST", "/api/2.0/sql/warehouses/" + id + "/edit", {{"cluster_size", "Large"}});
  int exchanges = 0;
  while (running_compute(lab.away()).empty()) ASSERT_FALSE(lab.sync_killed_after(++exchanges)) << "it was never seen running";
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{});
}

TEST(SecondSync, WithNothingChangedPlansAndWritesNothing) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  const auto generation = lab.store().generation();
  lab.reset_logs();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->objects.size(), 0U) << told(report);
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
  EXPECT_EQ(lab.primary_wire().log.writes, std::vector<std::string>{});
  EXPECT_EQ(lab.store().generation(), generation);
}

TEST(SecondSync, WritesExactlyWhatChanged) {
  Lab lab;
  // No listing tells that only a grant was changed.
  lab.rules.sweep = engine::SweepRules::always();
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  import_notebook(lab, "/Shared/etl/load", "# Databricks notebook source\nprint(2)\n");
  const json jobs = lab.primary("GET", "/api/2.2/jobs/list");
  const json load = find_named(jobs["jobs"], "/settings/name", "load");
  lab.primary("POST", "/api/2.2/jobs/update", {{"job_id", load["job_id"]}, {"new_settings", {{"max_concurrent_runs", 3}}}});
  const json folder = lab.primary("GET", "/api/2.0/workspace/get-status?path=/Shared/etl");
  lab.primary("PUT", "/api/2.0/permissions/directories/" + text_at(folder, "/object_id"),
              {{"access_control_list", json::array({{{"group_name", "engineers"}, {"permission_level", "CAN_READ"}}})}});
  lab.reset_logs();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->objects.size(), 3U) << told(report);
  EXPECT_EQ(lab.secondary_wire().log.writes.size(), 3U);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(SecondSync, RepairsWhatWasChangedOnTheSecondaryByHand) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  const json jobs = lab.secondary("GET", "/api/2.2/jobs/list");
  const json load = find_named(jobs["jobs"], "/settings/name", "load");
  lab.secondary("POST", "/api/2.2/jobs/update",
                {{"job_id", load["job_id"]},
                 {"new_settings", {{"schedule", {{"quartz_cron_expression", "0 0 2 * * ?"}, {"timezone_id", "UTC"}, {"pause_status", "UNPAUSED"}}}}}});
  ASSERT_EQ(live_triggers(lab.away()).size(), 1U);
  const std::string drift = lab.not_in_sync();
  EXPECT_NE(drift.find("drifted"), std::string::npos) << drift;
  EXPECT_NE(drift.find("/schedule/pause_status"), std::string::npos) << drift;
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(live_triggers(lab.away()).size(), 0U);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(SecondSync, RenamesMovesAndDeletionsArrive) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  const json jobs = lab.primary("GET", "/api/2.2/jobs/list");
  const json chain = find_named(jobs["jobs"], "/settings/name", "chain");
  lab.primary("POST", "/api/2.2/jobs/update", {{"job_id", chain["job_id"]}, {"new_settings", {{"name", "chained"}}}});
  lab.primary("POST", "/sim/tree/move", {{"from", "/Shared/etl/load"}, {"to", "/Shared/etl/loader"}});
  lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/etl/empty"}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_THROW(lab.secondary("GET", "/api/2.0/workspace/get-status?path=/Shared/etl/load"), std::runtime_error);
  EXPECT_THROW(lab.secondary("GET", "/api/2.0/workspace/get-status?path=/Shared/etl/empty"), std::runtime_error);
  EXPECT_EQ(lab.secondary("GET", "/api/2.2/jobs/list")["jobs"].size(), 2U) << "a rename makes no second job";
}

TEST(SecondSync, WhatAKilledCreateHasMadeIsFoundThoughItMovedMeanwhile) {
  bool ended = false;
  for (int exchanges = 1; !ended; ++exchanges) {
    Lab lab;
    import_notebook(lab, "/Shared/first", "# Databricks notebook source\n1");
    lab.primary("POST", "/api/2.0/policies/clusters/create", {{"name", "first"}, {"definition", "{}"}});
    ended = lab.sync_killed_after(exchanges);
    lab.primary("POST", "/sim/tree/move", {{"from", "/Shared/first"}, {"to", "/Shared/moved"}});
    const json policies = lab.primary("GET", "/api/2.0/policies/clusters/list");
    const json policy = find_named(policies["policies"], "/name", "first");
    lab.primary("POST", "/api/2.0/policies/clusters/edit", {{"policy_id", policy["policy_id"]}, {"name", "renamed"}, {"definition", "{}"}});
    const auto report = lab.sync();
    ASSERT_TRUE(report);
    ASSERT_EQ(report->outcome, "complete") << "killed after " << exchanges << " exchanges: " << told(report);
    ASSERT_EQ(lab.not_in_sync(), "") << "killed after " << exchanges << " exchanges";
  }
}

TEST(SecondSync, WhatPeopleMadeWhereAKilledCreateMayHaveBeenIsTheirs) {
  const std::string theirs = base64_encode("# Databricks notebook source\n'theirs'\n");
  bool ended = false;
  for (int exchanges = 1; !ended; ++exchanges) {
    Lab lab;
    import_notebook(lab, "/Shared/first", "# Databricks notebook source\n1");
    ended = lab.sync_killed_after(exchanges);
    const json there = lab.secondary("GET", "/api/2.0/workspace/list?path=/Shared");
    if (!find_named(there.value("objects", json::array()), "/path", "/Shared/first").is_null()) continue;
    lab.secondary("POST", "/api/2.0/workspace/import", {{"path", "/Shared/first"}, {"format", "SOURCE"}, {"language", "PYTHON"}, {"content", theirs}});
    lab.primary("POST", "/sim/tree/move", {{"from", "/Shared/first"}, {"to", "/Shared/moved"}});
    ASSERT_TRUE(lab.sync());
    const json kept = lab.secondary("GET", "/api/2.0/workspace/export?path=/Shared/first&format=SOURCE");
    ASSERT_EQ(text_at(kept, "/content"), theirs) << "killed after " << exchanges << " exchanges";
    ASSERT_NO_THROW(lab.secondary("GET", "/api/2.0/workspace/get-status?path=/Shared/moved"));
  }
}

TEST(SecondSync, AFolderStaysForWhatPeoplePutIntoIt) {
  Lab lab;
  lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/gone/inner"}});
  import_notebook(lab, "/Shared/gone/inner/ours", "# Databricks notebook source\n1");
  import_notebook(lab, "/Shared/gone/ours", "# Databricks notebook source\n1");
  ASSERT_TRUE(lab.sync());
  lab.secondary("POST", "/api/2.0/workspace/import", {{"path", "/Shared/gone/inner/theirs"}, {"format", "SOURCE"}, {"language", "PYTHON"},
                                                      {"content", base64_encode("# Databricks notebook source\n2")}});
  lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/gone"}, {"recursive", true}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  const json left = lab.secondary("GET", "/api/2.0/workspace/list?path=/Shared/gone/inner");
  ASSERT_EQ(left["objects"].size(), 1U) << left.dump();
  EXPECT_EQ(text_at(left["objects"][0], "/path"), "/Shared/gone/inner/theirs");
  EXPECT_THROW(lab.secondary("GET", "/api/2.0/workspace/get-status?path=/Shared/gone/ours"), std::runtime_error);
  EXPECT_NE(lab.not_in_sync().find(R"(holds notebook:"/Shared/gone/inner/theirs", which stays)"), std::string::npos) << lab.not_in_sync();
  lab.reset_logs();
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
  // Once they have moved it, the folders go too.
  lab.secondary("POST", "/sim/tree/move", {{"from", "/Shared/gone/inner/theirs"}, {"to", "/Shared/theirs"}});
  ASSERT_TRUE(lab.sync());
  EXPECT_THROW(lab.secondary("GET", "/api/2.0/workspace/get-status?path=/Shared/gone"), std::runtime_error);
}

TEST(SecondSync, WhatNamesARecreatedObjectIsRepairedToo) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  const json policies = lab.secondary("GET", "/api/2.0/policies/clusters/list");
  lab.secondary("POST", "/api/2.0/policies/clusters/delete", {{"policy_id", find_named(policies["policies"], "/name", "frugal")["policy_id"]}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "") << "the cluster must name the new policy";
}

TEST(Foreign, ObjectsOfTheSecondaryAreNeverTouched) {
  Lab lab;
  fill_small_estate(lab);
  lab.secondary("POST", "/api/2.2/jobs/create", {{"name", "theirs"}});
  lab.secondary("POST", "/api/2.2/jobs/create", {{"name", "load"}, {"max_concurrent_runs", 9}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial") << told(report);
  const json jobs = lab.secondary("GET", "/api/2.2/jobs/list");
  EXPECT_EQ(text_at(find_named(jobs["jobs"], "/settings/name", "load"), "/settings/max_concurrent_runs"), "9");
  const std::string verdicts = lab.not_in_sync();
  EXPECT_NE(verdicts.find("job:\"load\""), std::string::npos) << verdicts;
  EXPECT_NE(verdicts.find("job:\"theirs\": extra"), std::string::npos) << verdicts;
}

TEST(Deletions, BeyondTheThresholdAreKeptUntilAllowed) {
  Lab lab;
  lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/many"}});
  for (int i = 0; i < 10; ++i) import_notebook(lab, "/Shared/many/n" + std::to_string(i), "# Databricks notebook source\n1\n");
  ASSERT_TRUE(lab.sync());
  for (int i = 0; i < 8; ++i) lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/many/n" + std::to_string(i)}});
  ASSERT_EQ(lab.sync()->outcome, "partial");
  EXPECT_EQ(lab.secondary("GET", "/api/2.0/workspace/list?path=/Shared/many")["objects"].size(), 10U);
  lab.rules.allow_deletes = 8;
  EXPECT_EQ(lab.sync()->outcome, "complete");
  EXPECT_EQ(lab.secondary("GET", "/api/2.0/workspace/list?path=/Shared/many")["objects"].size(), 2U);
}

}  // namespace
}  // namespace twinlake::test
