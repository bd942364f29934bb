// What a recovery point has comes back to either side: as much as was asked for, and nothing twice.
#include <gtest/gtest.h>

#include <map>

#include "base/hash.h"
#include "base/json_path.h"
#include "simulator/faults.h"
#include "simulator/files/unity_catalog.h"
#include "simulator/files/volume_files.h"
#include "state/testing.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using engine::RestoreOptions;
using nlohmann::json;
using state::TemporaryFolder;

enum class To { primary, secondary };

std::string print_source(int number) { return "# Databricks notebook source\nprint(" + std::to_string(number) + ")\n"; }

RestoreOptions from_point(Lab& lab, const std::string& point, To to, const std::string& kind = {}, const std::string& key = {}) {
  RestoreOptions options;
  options.point = *lab.history().find(point);
  options.to = to == To::primary ? engine::RestoreTo::primary : engine::RestoreTo::secondary;
  if (!kind.empty())
    options.selected = [kind, key](const model::Kind& of, const std::string& name) { return of.name == kind && name.starts_with(key); };
  return options;
}

void must(const Result<engine::SyncReport>& report) {
  if (!report) throw std::runtime_error(describe(report.error()));
  if (report->outcome != "complete") throw std::runtime_error(told(report));
}

std::string exported(Lab& lab, To side, const std::string& path) {
  const std::string place = "/api/2.0/workspace/export?format=SOURCE&path=" + path;
  const json answer = side == To::primary ? lab.primary("GET", place) : lab.secondary("GET", place);
  return base64_decode(text_at(answer, "/content"));
}

json job_named(Lab& lab, To side, const std::string& name) {
  const json all = side == To::primary ? lab.primary("GET", "/api/2.2/jobs/list?expand_tasks=true")
                                       : lab.secondary("GET", "/api/2.2/jobs/list?expand_tasks=true");
  json found;
  if (!all.contains("jobs")) return found;
  for (const json& job : all["jobs"]) {
    if (text_at(job, "/settings/name") != name) continue;
    if (!found.is_null()) throw std::runtime_error("the job " + name + " is there twice");
    found = job;
  }
  return found;
}

void delete_job(Lab& lab, const std::string& name) {
  lab.primary("POST", "/api/2.2/jobs/delete", {{"job_id", job_named(lab, To::primary, name)["job_id"]}});
}

TEST(Restore, AJobThatWasDeletedOnThePrimaryComesBackLiveAndIsReplicatedAgain) {
  for (const bool was_synced : {false, true}) {
    Lab lab;
    import_notebook(lab, "/Shared/load", print_source(1));
    lab.primary("POST", "/api/2.2/jobs/create", job_body("nightly", "/Shared/load"));
    lab.keep_history();
    must(lab.sync());
    delete_job(lab, "nightly");
    if (was_synced) must(lab.sync());
    EXPECT_EQ(job_named(lab, To::secondary, "nightly").is_null(), was_synced);
    must(lab.restore(from_point(lab, "1", To::primary, "job", "nightly")));
    EXPECT_EQ(text_at(job_named(lab, To::primary, "nightly"), "/settings/schedule/pause_status"), "UNPAUSED");
    must(lab.sync());
    EXPECT_EQ(text_at(job_named(lab, To::secondary, "nightly"), "/settings/schedule/pause_status"), "PAUSED");
    EXPECT_EQ(lab.not_in_sync(), "");
    EXPECT_TRUE(live_triggers(lab.away()).empty());
  }
}

TEST(Restore, AFolderThatWasOverwrittenComesBackWithItsContentAndNothingElseIsTouched) {
  Lab lab;
  lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/etl/deep"}});
  for (const char* path : {"/Shared/etl/a", "/Shared/etl/deep/b", "/Shared/other"}) import_notebook(lab, path, print_source(1));
  lab.keep_history();
  must(lab.sync());
  for (const char* path : {"/Shared/etl/a", "/Shared/etl/deep/b", "/Shared/other"}) import_notebook(lab, path, print_source(666));
  import_notebook(lab, "/Shared/etl/new", print_source(2));
  must(lab.sync());
  RestoreOptions options = from_point(lab, "1", To::primary);
  options.selected = [](const model::Kind& kind, const std::string& key) { return kind.key_is_path && key.starts_with("/Shared/etl"); };
  must(lab.restore(options));
  EXPECT_EQ(exported(lab, To::primary, "/Shared/etl/a"), print_source(1));
  EXPECT_EQ(exported(lab, To::primary, "/Shared/etl/deep/b"), print_source(1));
  EXPECT_EQ(exported(lab, To::primary, "/Shared/other"), print_source(666));
  EXPECT_EQ(exported(lab, To::primary, "/Shared/etl/new"), print_source(2)) << "what came since stays";
  must(lab.sync());
  EXPECT_EQ(exported(lab, To::secondary, "/Shared/etl/deep/b"), print_source(1));
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Restore, AFolderThatWasRemovedComesBackWithThePermissionsOnIt) {
  Lab lab;
  fill_small_estate(lab);
  lab.keep_history();
  must(lab.sync());
  lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/etl"}, {"recursive", true}});
  must(lab.restore(from_point(lab, "1", To::primary, "notebook", "/Shared/etl/load")));
  EXPECT_NE(exported(lab, To::primary, "/Shared/etl/load"), "");
  const json folder = lab.primary("GET", "/api/2.0/workspace/get-status?path=/Shared/etl");
  const json access = lab.primary("GET", "/api/2.0/permissions/directories/" + text_at(folder, "/object_id"));
  EXPECT_NE(to_text(access).find("engineers"), std::string::npos);
  EXPECT_EQ(lab.plan_restore(from_point(lab, "1", To::primary, "notebook", "/Shared/etl/load")).plan.steps.size(), 0U);
}

std::string steps_of(const engine::Plan& plan) {
  std::string all;
  for (const engine::Step& step : plan.steps) all += std::string(engine::name_of(step.action)) + " " + step.address() + ": " + step.reason + "\n";
  return all;
}

TEST(Restore, WhatItNeedsAndIsGoneComesWithItAndThePlanSaysSo) {
  Lab lab;
  import_notebook(lab, "/Shared/load", print_source(1));
  const json pool = lab.primary("POST", "/api/2.0/instance-pools/create", {{"instance_pool_name", "small"}, {"node_type_id", "Standard_DS3_v2"}});
  const json there = lab.primary("POST", "/api/2.1/clusters/create",
                                 {{"cluster_name", "stays"}, {"spark_version", "15.4.x-scala2.12"}, {"num_workers", 1}, {"instance_pool_id", pool["instance_pool_id"]}});
  const json gone = lab.primary("POST", "/api/2.1/clusters/create",
                                {{"cluster_name", "goes"}, {"spark_version", "15.4.x-scala2.12"}, {"num_workers", 1}, {"instance_pool_id", pool["instance_pool_id"]}});
  json job = job_body("nightly", "/Shared/load");
  job["tasks"][0]["existing_cluster_id"] = there["cluster_id"];
  job["tasks"].push_back({{"task_key", "more"}, {"existing_cluster_id", gone["cluster_id"]}, {"notebook_task", {{"notebook_path", "/Shared/load"}}}});
  lab.primary("POST", "/api/2.2/jobs/create", job);
  lab.keep_history();
  must(lab.sync());
  delete_job(lab, "nightly");
  lab.primary("POST", "/api/2.1/clusters/permanent-delete", {{"cluster_id", gone["cluster_id"]}});
  must(lab.sync());
  const std::string steps = steps_of(lab.plan_restore(from_point(lab, "1", To::primary, "job", "nightly")).plan);
  EXPECT_NE(steps.find("create cluster:\"goes\": is not there now, and job:\"nightly\" needs it"), std::string::npos) << steps;
  EXPECT_NE(steps.find("create job:\"nightly\": is not there now\n"), std::string::npos) << steps;
  EXPECT_EQ(steps.find("stays"), std::string::npos) << steps;
  EXPECT_EQ(steps.find("notebook"), std::string::npos) << steps;
  must(lab.restore(from_point(lab, "1", To::primary, "job", "nightly")));
  const json restored = job_named(lab, To::primary, "nightly");
  std::set<std::string> clusters;
  for (const json& task : restored["settings"]["tasks"]) clusters.insert(text_at(task, "/existing_cluster_id"));
  EXPECT_TRUE(clusters.contains(text_at(there, "/cluster_id"))) << to_text(restored);
  EXPECT_EQ(clusters.size(), 2U);
  EXPECT_FALSE(clusters.contains(text_at(gone, "/cluster_id")));
  must(lab.sync());
  EXPECT_EQ(lab.not_in_sync(), "");
}

/// Everything that people made on the standby is removed, as after an accident.
void empty_secondary(Lab& lab) {
  for (const json& job : lab.secondary("GET", "/api/2.2/jobs/list").value("jobs", json::array()))
    lab.secondary("POST", "/api/2.2/jobs/delete", {{"job_id", job["job_id"]}});
  for (const json& cluster : lab.secondary("GET", "/api/2.1/clusters/list").value("clusters", json::array())) {
    lab.secondary("POST", "/api/2.1/clusters/unpin", {{"cluster_id", cluster["cluster_id"]}});
    lab.secondary("POST", "/api/2.1/clusters/permanent-delete", {{"cluster_id", cluster["cluster_id"]}});
  }
  for (const json& entry : lab.secondary("GET", "/api/2.0/workspace/list?path=/Shared").value("objects", json::array()))
    lab.secondary("POST", "/api/2.0/workspace/delete", {{"path", entry["path"]}, {"recursive", true}});
}

TEST(Restore, AWholeWorkspaceComesBackIntoAnEmptySecondaryHeldAndWithoutThePrimary) {
  Lab lab;
  fill_small_estate(lab);
  for (int i = 0; i < 5; ++i) import_notebook(lab, "/Shared/n" + std::to_string(i), print_source(i));
  lab.keep_history();
  must(lab.sync());
  empty_secondary(lab);
  EXPECT_TRUE(job_named(lab, To::secondary, "load").is_null());
  lab.reset_logs();
  const auto report = lab.restore(from_point(lab, "latest", To::secondary));
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_EQ(report->outcome, "complete") << told(report);
  std::int64_t asked = 0;
  for (const auto& [route, times] : lab.primary_wire().log.by_route)
    if (route.find("scim/v2/Me") == std::string::npos) asked += times;
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(exported(lab, To::secondary, "/Shared/n3"), print_source(3));
  EXPECT_TRUE(live_triggers(lab.away()).empty());
  EXPECT_TRUE(running_compute(lab.away()).empty());
  // A password that was written out is in no point, and the plan has said so; all else is there.
  EXPECT_EQ(lab.not_in_sync(), "cluster:\"shared\": drifted, was changed on the secondary\n    /spark_env_vars/PASSWORD  -> (hidden)\n");
  const auto again = lab.plan_restore(from_point(lab, "latest", To::secondary));
  EXPECT_EQ(steps_of(again.plan), "");
  must(lab.sync());
  EXPECT_EQ(lab.not_in_sync(), "");
}

Task<void> until_clusters_run(Loop* loop) { co_await loop->sleep(std::chrono::minutes(10)); }

TEST(Restore, ASecretThatIsThereStaysAndOneThatIsMissingIsNamed) {
  Lab lab;
  fill_small_estate(lab);
  lab.keep_history();
  must(lab.sync());
  lab.loop().run(until_clusters_run(&lab.loop()));
  // Changed: the literal password of the cluster stays what it is now.
  const json all = lab.primary("GET", "/api/2.1/clusters/list");
  json cluster;
  for (const json& one : all["clusters"])
    if (text_at(one, "/cluster_name") == "shared") cluster = one;
  cluster["num_workers"] = 7;
  cluster["spark_env_vars"]["PASSWORD"] = "a new one";
  lab.primary("POST", "/api/2.1/clusters/edit", cluster);
  must(lab.restore(from_point(lab, "1", To::primary, "cluster", "shared")));
  const json back = lab.primary("GET", "/api/2.1/clusters/get?cluster_id=" + text_at(cluster, "/cluster_id"));
  EXPECT_EQ(text_at(back, "/num_workers"), "2");
  EXPECT_EQ(text_at(back, "/spark_env_vars/PASSWORD"), "a new one");
  lab.primary("POST", "/api/2.1/clusters/permanent-delete", {{"cluster_id", cluster["cluster_id"]}});
  const auto plan = lab.plan_restore(from_point(lab, "1", To::primary, "cluster", "shared")).plan;
  const bool is_named = std::ranges::any_of(plan.findings, [](const model::Finding& finding) {
    return finding.address == "cluster:\"shared\"" && finding.message.find("/spark_env_vars/PASSWORD") != std::string::npos;
  });
  EXPECT_TRUE(is_named) << steps_of(plan);
  must(lab.restore(from_point(lab, "1", To::primary, "cluster", "shared")));
}

TEST(Restore, KilledAfterAnyExchangeAndRunAgainDoublesNothing) {
  const auto prepare = [](Lab& lab) {
    import_notebook(lab, "/Shared/load", print_source(1));
    lab.primary("POST", "/api/2.2/jobs/create", job_body("nightly", "/Shared/load"));
    lab.keep_history();
    must(lab.sync());
    delete_job(lab, "nightly");
    lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/load"}, {"recursive", false}});
    must(lab.sync());
    lab.reset_logs();
  };
  const auto options = [](Lab& lab) { return from_point(lab, "1", To::primary, "job", "nightly"); };
  std::int64_t exchanges = 0;
  {
    Lab lab;
    prepare(lab);
    must(lab.restore(options(lab)));
    exchanges = lab.primary_wire().log.total + lab.secondary_wire().log.total;
  }
  for (std::int64_t at = 1; at <= 2 * exchanges; ++at) {
    const bool syncs_first = at > exchanges;
    const TemporaryFolder folder;
    Lab lab({.state_folder = folder.path()});
    prepare(lab);
    const RestoreOptions what = options(lab);
    lab.killed_after(static_cast<int>(syncs_first ? at - exchanges : at), [&] { (void)lab.restore(what); });
    // A run by the clock may come first.
    if (syncs_first) must(lab.sync());
    must(lab.restore(options(lab)));
    EXPECT_FALSE(job_named(lab, To::primary, "nightly").is_null()) << at;
    EXPECT_EQ(exported(lab, To::primary, "/Shared/load"), print_source(1)) << at;
    must(lab.sync());
    EXPECT_FALSE(job_named(lab, To::secondary, "nightly").is_null()) << at;
    EXPECT_EQ(lab.not_in_sync(), "") << "killed after " << at;
  }
}

std::string not_done(const Result<engine::SyncReport>& report) {
  std::string text;
  for (const engine::ObjectReport& object : report->objects)
    if (object.outcome != "done") text += object.address + ": " + object.outcome + ", " + object.error + "\n";
  return text;
}

TEST(Restore, WhatDoesNotReadBackAsItWasWrittenIsToldByObjectAndIsNoSuccess) {
  Lab lab;
  for (const char* path : {"/Shared/a", "/Shared/b"}) import_notebook(lab, path, print_source(1));
  for (const char* name : {"nightly", "hourly"}) lab.primary("POST", "/api/2.2/jobs/create", job_body(name, "/Shared/a"));
  lab.keep_history();
  must(lab.sync());
  for (const char* path : {"/Shared/a", "/Shared/b"}) import_notebook(lab, path, print_source(2));
  for (const char* name : {"nightly", "hourly"}) delete_job(lab, name);
  // Somebody else writes at the same time.
  lab.primary_wire().on_write = [&lab](const http::Request& request) {
    if (request.path == "/api/2.0/workspace/import" && request.body.find("/Shared/a") != std::string::npos) import_notebook(lab, "/Shared/a", print_source(3));
    if (request.path != "/api/2.2/jobs/create" || request.body.find("nightly") == std::string::npos) return;
    lab.primary("POST", "/api/2.2/jobs/update", {{"job_id", job_named(lab, To::primary, "nightly")["job_id"]}, {"new_settings", {{"max_concurrent_runs", 7}}}});
  };
  const auto report = lab.restore(from_point(lab, "1", To::primary));
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_EQ(report->outcome, "partial");
  const std::string told = not_done(report);
  EXPECT_NE(told.find("job:\"nightly\": failed, was written, but reads back different: /max_concurrent_runs is 7 and should be (none)"), std::string::npos) << told;
  EXPECT_NE(told.find("notebook:\"/Shared/a\": failed, was written, but reads back different: /content_sha256"), std::string::npos) << told;
  EXPECT_EQ(std::ranges::count(told, '\n'), 2) << told;
  lab.primary_wire().on_write = nullptr;
  must(lab.restore(from_point(lab, "1", To::primary)));
  EXPECT_EQ(exported(lab, To::primary, "/Shared/a"), print_source(1));
}

TEST(Restore, WhatIsRemovedRightAfterItWasWrittenDidNotComeBack) {
  Lab lab;
  import_notebook(lab, "/Shared/a", print_source(1));
  lab.primary("POST", "/api/2.2/jobs/create", job_body("nightly", "/Shared/a"));
  lab.keep_history();
  must(lab.sync());
  delete_job(lab, "nightly");
  lab.primary_wire().on_write = [&lab](const http::Request& request) {
    if (request.path == "/api/2.2/jobs/create") delete_job(lab, "nightly");
  };
  const auto report = lab.restore(from_point(lab, "1", To::primary, "job", "nightly"));
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_NE(not_done(report).find("was written, but the primary does not list it"), std::string::npos) << not_done(report);
}

TEST(Restore, TextsSpeakOfThePointAndOfTheSideThatIsWritten) {
  Lab lab;
  import_notebook(lab, "/Shared/a", print_source(1));
  lab.keep_history();
  must(lab.sync());
  for (const To to : {To::primary, To::secondary}) {
    simulator::Region& region = to == To::primary ? lab.home() : lab.away();
    simulator::FaultRule rule;
    rule.path = "/api/2.2/jobs/list";
    rule.times = 0;
    rule.status = 403;
    region.faults().add(rule);
    const auto plan = lab.plan_restore(from_point(lab, "1", to)).plan;
    std::string because;
    for (const engine::Verdict& verdict : plan.verdicts) because += verdict.because + " " + verdict.what_to_do + "\n";
    EXPECT_NE(because.find(to == To::primary ? "could not be listed on the primary" : "could not be listed on the secondary"), std::string::npos) << because;
    EXPECT_EQ(because.find(to == To::primary ? "secondary" : "primary"), std::string::npos) << because;
  }
}

TEST(Restore, FilesOnDbfsComeBackInOneBlockOrMany) {
  const std::string small = "PK\x03\x04 a library";
  const std::string large = std::string((2U << 20U) + 17, 'x') + "end";
  Lab lab;
  lab.given.dbfs_roots = {"/FileStore/jars"};
  const auto put = [&](const std::string& name, const std::string& bytes) {
    const json opened = lab.primary("POST", "/api/2.0/dbfs/create", {{"path", "/FileStore/jars/" + name}, {"overwrite", true}});
    for (std::size_t at = 0; at < bytes.size(); at += 1U << 20U)
      lab.primary("POST", "/api/2.0/dbfs/add-block", {{"handle", opened["handle"]}, {"data", base64_encode(bytes.substr(at, 1U << 20U))}});
    lab.primary("POST", "/api/2.0/dbfs/close", {{"handle", opened["handle"]}});
  };
  put("small.jar", small);
  put("large.jar", large);
  lab.keep_history();
  must(lab.sync());
  lab.primary("POST", "/api/2.0/dbfs/delete", {{"path", "/FileStore/jars/small.jar"}, {"recursive", false}});
  put("large.jar", "overwritten by mistake");
  must(lab.sync());
  must(lab.restore(from_point(lab, "1", To::primary, "dbfs_file", "dbfs:/FileStore/jars")));
  must(lab.sync());
  for (const To side : {To::primary, To::secondary}) {
    const auto read = [&](const std::string& name) {
      std::string bytes;
      for (;;) {
        const std::string place = "/api/2.0/dbfs/read?length=1048576&path=/FileStore/jars/" + name + "&offset=" + std::to_string(bytes.size());
        const std::string block = base64_decode(text_at(side == To::primary ? lab.primary("GET", place) : lab.secondary("GET", place), "/data"));
        if (block.empty()) return bytes;
        bytes += block;
      }
    };
    EXPECT_EQ(read("small.jar"), small);
    EXPECT_EQ(sha256_hex(read("large.jar")), sha256_hex(large));
  }
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Restore, AFileInAVolumeComesBack) {
  const std::string path = "/Volumes/main/raw/files/core.whl";
  const std::string bytes = std::string("PK\x03\x04\0 core", 10);
  Lab lab;
  for (simulator::Region* region : {&lab.home(), &lab.away()})
    ASSERT_FALSE(region->get<simulator::UnityCatalog>().plant_volume("main.raw.files"));
  ASSERT_FALSE(lab.home().get<simulator::VolumeFiles>().plant(path, bytes));
  import_notebook(lab, "/Shared/n", print_source(1));
  json job = job_body("names it", "/Shared/n");
  job["tasks"][0]["libraries"] = json::array({{{"whl", path}}});
  lab.primary("POST", "/api/2.2/jobs/create", job);
  lab.keep_history();
  must(lab.sync());
  ASSERT_FALSE(lab.home().get<simulator::VolumeFiles>().plant(path, "overwritten by mistake"));
  must(lab.sync());
  must(lab.restore(from_point(lab, "1", To::primary, "volume_file", path)));
  must(lab.sync());
  for (simulator::Region* region : {&lab.home(), &lab.away()})
    EXPECT_EQ(region->get<simulator::VolumeFiles>().find(path)->content.text(), bytes);
}

TEST(Restore, ThePrimaryIsOnlyWrittenWhereThatWasAskedFor) {
  Lab lab;
  import_notebook(lab, "/Shared/a", print_source(1));
  lab.keep_history();
  must(lab.sync());
  import_notebook(lab, "/Shared/a", print_source(2));
  must(lab.sync());
  lab.reset_logs();
  must(lab.restore(from_point(lab, "1", To::secondary, "notebook", "/Shared/a")));
  EXPECT_TRUE(lab.primary_wire().log.writes.empty());
  EXPECT_EQ(exported(lab, To::secondary, "/Shared/a"), print_source(1));
  (void)lab.plan_restore(from_point(lab, "1", To::primary, "notebook", "/Shared/a"));
  EXPECT_TRUE(lab.primary_wire().log.writes.empty());
}

}  // namespace
}  // namespace twinlake::test
