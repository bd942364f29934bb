// Drills: what stands by is tried in copies, and nothing else notices.
#include <gtest/gtest.h>

#include <algorithm>

#include "app/glob.h"
#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/lab.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using failover::Drill;
using failover::DrillReport;
using nlohmann::json;

Result<DrillReport> start_drill(Lab& lab) {
  return lab.drill([](Drill& drill) { return drill.start(); });
}
Result<DrillReport> clean_up(Lab& lab) {
  return lab.drill([](Drill& drill) { return drill.cleanup(); });
}

json on_people_cluster(Lab& lab, const std::string& name, const std::string& notebook) {
  const json listed = lab.primary("GET", "/api/2.1/clusters/list");
  for (const json& cluster : listed.at("clusters"))
    if (cluster["cluster_name"] == "shared") {
      json job = job_body(name, notebook);
      job["tasks"][0].erase("new_cluster");
      job["tasks"][0].erase("job_cluster_key");
      job["tasks"][0]["existing_cluster_id"] = cluster["cluster_id"];
      return job;
    }
  throw std::runtime_error("no cluster");
}

/// Besides the small estate, a smoke job on a cluster that people use, whose notebook needs another one, and
/// a job that starts it and tells people of its failure.
void fill_for_drill(Lab& lab) {
  fill_small_estate(lab);
  lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/lib"}});
  import_notebook(lab, "/Shared/lib/dates", "# Databricks notebook source\ndates = 1\n");
  import_notebook(lab, "/Shared/etl/smoke", "# Databricks notebook source\n# MAGIC %run ../lib/dates\n\n# COMMAND ----------\ndbutils.notebook.exit(\"rows: 3\")\n");
  const json smoke = lab.primary("POST", "/api/2.2/jobs/create", on_people_cluster(lab, "smoke", "/Shared/etl/smoke"));
  json outer = job_body("outer", "/Shared/etl/smoke");
  outer["email_notifications"] = {{"on_failure", json::array({"ops@contoso.example"})}};
  outer["tasks"].push_back({{"task_key", "then"}, {"run_job_task", {{"job_id", smoke["job_id"]}}}});
  lab.primary("POST", "/api/2.2/jobs/create", outer);
  lab.drill_options.matches = [](std::string_view glob, std::string_view text) { return app::glob_matches(glob, text, app::GlobStyle::name); };
  lab.drill_options.run = {{.job = "smoke", .output = "rows: *", .parameters = {}}};
}

/// The world of the standby without what time alone changes, past runs, and our own folder, where the mirror lies.
json world_without_runs(Lab& lab) {
  json world = lab.away().world();
  world.erase("job_runs");
  for (const char* machines : {"clusters", "warehouses"})
    for (json& machine : world.at(machines))
      for (const char* member : {"state", "terminated_time", "simulated"}) machine.erase(member);
  std::erase_if(world.at("tree").get_ref<json::array_t&>(), [](const json& entry) { return entry.at("path").get<std::string>().starts_with("/Twinlake"); });
  return world;
}

std::vector<std::string> names_of_jobs(simulator::Region& region) {
  std::vector<std::string> names;
  const json world = region.world();
  for (const json& job : world["jobs"]) names.push_back(text_at(job, "/settings/name"));
  std::ranges::sort(names);
  return names;
}

json job_that_ends_with(Lab& lab, const std::string& end) {
  const json world = lab.away().world();
  for (const json& job : world["jobs"])
    if (text_at(job, "/settings/name").ends_with(" " + end)) return job["settings"];
  return nullptr;
}

TEST(Drills, RunsCopiesAndLeavesNothingBehind) {
  Lab lab;
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  const json before = world_without_runs(lab);
  const auto report = start_drill(lab);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "passed") << told(report);
  ASSERT_EQ(report->runs.size(), 1U);
  EXPECT_EQ(report->runs[0].output, "rows: 3");

  const json copy = job_that_ends_with(lab, "smoke");
  EXPECT_TRUE(text_at(copy, "/tags/twinlake_drill").starts_with(report->drill.label));
  EXPECT_EQ(text_at(copy, "/tasks/0/notebook_task/notebook_path"), report->drill.folder + "/Shared/etl/smoke");
  EXPECT_EQ(text_at(copy, "/tasks/0/existing_cluster_id"), "") << "the machines of people stay as they are";
  EXPECT_EQ(text_at(copy, "/job_clusters/0/new_cluster/spark_version"), "15.4.x-scala2.12");
  EXPECT_EQ(copy["tasks"][0]["libraries"].size(), 2U) << "with the libraries of that cluster";
  EXPECT_EQ(text_at(copy, "/schedule/pause_status"), "PAUSED");
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{});
  EXPECT_NO_THROW(lab.secondary("GET", "/api/2.0/workspace/get-status?path=" + report->drill.folder + "/Shared/lib/dates"))
      << "what the notebook names comes along";

  const auto cleaned = clean_up(lab);
  ASSERT_TRUE(cleaned) << told(cleaned);
  EXPECT_EQ(cleaned->outcome, "passed") << told(cleaned);
  EXPECT_EQ(cleaned->drill.phase, failover::drill_phase::clean);
  EXPECT_TRUE(std::ranges::all_of(cleaned->copies, [](const auto& one) { return one.gone.has_value(); }));
  json after = world_without_runs(lab);
  EXPECT_EQ(json::diff(before, after), json::array());
}

TEST(Drills, ReplicationGoesOnMeanwhileAndSeesNothingOfIt) {
  Lab lab;
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  ASSERT_TRUE(start_drill(lab));
  lab.reset_logs();
  const auto synced = lab.sync();
  ASSERT_TRUE(synced) << told(synced);
  EXPECT_EQ(synced->outcome, "complete");
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{}) << told(synced);
  EXPECT_EQ(lab.not_in_sync(), "");
  for (const engine::Verdict& verdict : lab.reconcile()) EXPECT_EQ(verdict.key.find("drill-"), std::string::npos) << verdict.address();
}

TEST(Drills, WhatAJobStartsIsCopiedTooAndNobodyIsTold) {
  Lab lab;
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  lab.drill_options.run = {{.job = "outer", .output = "", .parameters = {}}};
  const auto report = start_drill(lab);
  ASSERT_TRUE(report) << told(report);
  const json copy = job_that_ends_with(lab, "outer");
  const json inner = job_that_ends_with(lab, "smoke");
  ASSERT_FALSE(inner.is_null());
  EXPECT_FALSE(copy.contains("email_notifications") && !copy["email_notifications"].empty());
  std::string of_inner;
  const json world = lab.away().world();
  for (const json& job : world["jobs"])
    if (job["settings"] == inner) of_inner = text_at(job, "/job_id");
  EXPECT_EQ(text_at(copy, "/tasks/1/run_job_task/job_id"), of_inner);
}

TEST(Drills, AWrongAnswerAndAFailureAreNoPass) {
  Lab lab;
  fill_for_drill(lab);
  import_notebook(lab, "/Shared/etl/bad", "# Databricks notebook source\nraise ValueError(\"no table\")\n");
  lab.primary("POST", "/api/2.2/jobs/create", job_body("bad", "/Shared/etl/bad"));
  ASSERT_TRUE(lab.sync());
  lab.drill_options.run = {{.job = "smoke", .output = "rows: 4", .parameters = {}}, {.job = "bad", .output = "", .parameters = {}}};
  const auto report = start_drill(lab);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "failed");
  ASSERT_EQ(report->runs.size(), 2U);
  EXPECT_EQ(report->runs[0].name, "bad");
  EXPECT_NE(report->runs[0].because.find("ended with FAILED, not SUCCESS"), std::string::npos) << told(report);
  EXPECT_EQ(report->runs[0].output, "ValueError(\"no table\")");
  EXPECT_NE(report->runs[1].because.find("answered something else than `rows: 4`"), std::string::npos) << told(report);
  const auto cleaned = clean_up(lab);
  ASSERT_TRUE(cleaned) << told(cleaned);
  EXPECT_EQ(cleaned->outcome, "failed") << "clean, but not passed";
}

TEST(Drills, ARunThatDoesNotEndIsCancelled) {
  Lab lab;
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  lab.drill_options.run[0].within = std::chrono::seconds(5);  // a run takes ten there
  const auto report = start_drill(lab);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "failed");
  EXPECT_NE(told(report).find("was cancelled"), std::string::npos) << told(report);
}

TEST(Drills, WhatCannotBeTriedAloneIsRefusedBeforeAnythingIsMade) {
  Lab lab;
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  lab.reset_logs();
  lab.drill_options.run = {{.job = "load", .output = "", .parameters = {}}};
  const auto report = start_drill(lab);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().fault, Fault::refused);
  EXPECT_NE(report.error().message.find("job:\"load\": its task `refresh` would update the tables of a pipeline"), std::string::npos)
      << report.error().message;
  lab.drill_options.run = {{.job = "no such", .output = "", .parameters = {}}};
  EXPECT_FALSE(start_drill(lab));
  lab.drill_options.run.clear();
  EXPECT_FALSE(start_drill(lab));
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
  EXPECT_FALSE(lab.store().last_drill());
}

TEST(Drills, JobsOfOneNameAreTwoCopiesAndBothGo) {
  Lab lab;
  fill_for_drill(lab);
  lab.primary("POST", "/api/2.2/jobs/create", on_people_cluster(lab, "smoke", "/Shared/etl/smoke"));
  ASSERT_TRUE(lab.sync());
  const std::vector<std::string> before = names_of_jobs(lab.away());
  ASSERT_EQ(std::ranges::count(before, "smoke"), 2);
  bool killed = false;
  for (int exchanges = 1; names_of_jobs(lab.away()).size() == before.size(); ++exchanges)
    killed = !lab.killed_after(exchanges, [&] { (void)start_drill(lab); });
  ASSERT_TRUE(killed) << "one of them was made, and the other was not";
  const auto report = start_drill(lab);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(names_of_jobs(lab.away()).size(), before.size() + 2);
  EXPECT_EQ(report->runs.size(), 2U);
  const auto cleaned = clean_up(lab);
  ASSERT_TRUE(cleaned) << told(cleaned);
  EXPECT_EQ(names_of_jobs(lab.away()), before);
}

TEST(Drills, ParametersReachTheRunAndNoState) {
  const StateFolder folder;
  Lab lab(folder.options());
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  lab.drill_options.run[0].parameters = {{"password", planted_secret}};
  const auto report = start_drill(lab);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "passed");
  for (const auto& run : report->runs) EXPECT_EQ(run.expectation.find(planted_secret), std::string::npos);
}

TEST(Drills, AStandbyThatBecamePrimaryIsOnlyCleaned) {
  Lab lab;
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  lab.drill_options.wait = false;
  ASSERT_TRUE(start_drill(lab));
  lab.turn_roles();
  const auto again = start_drill(lab);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::refused);
  EXPECT_NE(again.error().hint.find("drill cleanup"), std::string::npos) << again.error().hint;
  lab.turn_roles();
  const auto cleaned = clean_up(lab);
  ASSERT_TRUE(cleaned) << told(cleaned);
}

TEST(Drills, AnotherOneWaitsForTheCleanUp) {
  Lab lab;
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  ASSERT_TRUE(start_drill(lab));
  const auto again = start_drill(lab);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().hint.find("drill cleanup"), std::string::npos);
  ASSERT_TRUE(clean_up(lab));
  EXPECT_TRUE(start_drill(lab));
}

TEST(Drills, WhatCouldNotBeRemovedIsNamedAndTheDrillHasNotPassed) {
  Lab lab;
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  ASSERT_TRUE(start_drill(lab));
  simulator::FaultRule rule;
  rule.method = "POST";
  rule.path = "/api/2.2/jobs/delete";
  rule.times = 0;
  rule.action = simulator::FaultAction::status;
  rule.status = 403;
  rule.error_code = "PERMISSION_DENIED";
  lab.away().faults().add(rule);
  EXPECT_FALSE(clean_up(lab));
  EXPECT_EQ(lab.store().last_drill()->phase, failover::drill_phase::cleaning);
  lab.away().faults().clear();
  const auto cleaned = clean_up(lab);
  ASSERT_TRUE(cleaned) << told(cleaned);
  EXPECT_EQ(cleaned->outcome, "passed");
}

TEST(Drills, AreNoPartOfAPrimaryAfterAFailoverEither) {
  Lab lab;
  fill_for_drill(lab);
  ASSERT_TRUE(lab.sync());
  ASSERT_TRUE(start_drill(lab));
  const std::vector<std::string> names = names_of_jobs(lab.home());
  lab.turnover.runs = failover::Runs::cancel;
  const auto moved = lab.fail_over(state::Failover::Type::planned);
  ASSERT_TRUE(moved) << told(moved);
  lab.commit();
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(names_of_jobs(lab.home()), names);
}

TEST(DrillCrash, AKillAfterAnyExchangeIsGoneOnWithAndLeavesNothing) {
  int survived = 0;
  for (int exchanges = 1; survived == 0; exchanges += sweep_step(5, 23)) {
    const StateFolder folder;
    Lab lab(folder.options());
    fill_for_drill(lab);
    ASSERT_TRUE(lab.sync());
    const json before = world_without_runs(lab);
    const std::vector<std::string> names = names_of_jobs(lab.away());
    survived += lab.killed_after(exchanges, [&] { (void)start_drill(lab); }) ? 1 : 0;
    if (!lab.store().last_drill() || lab.store().last_drill()->phase != failover::drill_phase::judged) {
      const auto again = start_drill(lab);
      ASSERT_TRUE(again) << told(again) << exchanges;
    }
    EXPECT_EQ(names_of_jobs(lab.away()).size(), names.size() + 1) << "no copy twice, " << exchanges;
    if (!lab.killed_after(1 + exchanges / 4, [&] { (void)clean_up(lab); })) {
      const auto cleaned = clean_up(lab);
      ASSERT_TRUE(cleaned) << told(cleaned) << exchanges;
    }
    EXPECT_EQ(lab.store().last_drill()->phase, failover::drill_phase::clean) << exchanges;
    EXPECT_EQ(failover::verdict_of(*lab.store().last_drill()), "passed") << exchanges;
    EXPECT_EQ(json::diff(before, world_without_runs(lab)), json::array()) << exchanges;
    if (testing::Test::HasFailure()) return;
  }
}

TEST(DrillCrash, TheStandbyIsLostAtAnyEventOfADrillAndNothingIsLeftWhenItReturns) {
  bool was_lost = true;
  for (int exchange = 1; was_lost; exchange += sweep_step(5, 23)) {
    Lab lab;
    fill_for_drill(lab);
    ASSERT_TRUE(lab.sync());
    const json before = world_without_runs(lab);
    const json primary_before = lab.home().world().at("jobs");
    was_lost = lab.lost_at(lab.away(), exchange, [&] {
      (void)start_drill(lab);
      (void)clean_up(lab);
    });
    lab.away().faults().end_outage();
    if (lab.store().last_drill() && lab.store().last_drill()->phase != failover::drill_phase::clean) {
      const auto cleaned = clean_up(lab);
      ASSERT_TRUE(cleaned) << told(cleaned) << exchange;
      EXPECT_EQ(lab.store().last_drill()->phase, failover::drill_phase::clean) << exchange;
    }
    EXPECT_EQ(json::diff(before, world_without_runs(lab)), json::array()) << exchange;
    EXPECT_EQ(json::diff(primary_before, lab.home().world().at("jobs")), json::array()) << exchange;
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace twinlake::test
