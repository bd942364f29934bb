// What a recovery point has comes back into a workspace that is no side of the group.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/json_path.h"
#include "state/testing.h"
#include "support/estate.h"
#include "support/outside.h"

namespace twinlake::test {
namespace {

using engine::RestoreOptions;
using nlohmann::json;
using state::TemporaryFolder;

RestoreOptions all_of(Lab& lab, const std::string& point = "latest") {
  RestoreOptions options;
  options.point = *lab.history().find(point);
  return options;
}

void must_sync(Lab& lab) {
  const auto report = lab.sync();
  if (!report || report->outcome != "complete") throw std::runtime_error(told(report));
}

json the_job(Outside& third, const std::string& name) {
  json found;
  for (const json& job : third.ask("GET", "/api/2.2/jobs/list?expand_tasks=true").value("jobs", json::array()))
    if (text_at(job, "/settings/name") == name) {
      if (!found.is_null()) throw std::runtime_error("the job " + name + " is there twice");
      found = job;
    }
  return found;
}

json the_cluster(Outside& third, const std::string& name) {
  for (const json& cluster : third.ask("GET", "/api/2.1/clusters/list").value("clusters", json::array()))
    if (text_at(cluster, "/cluster_name") == name) return cluster;
  return nullptr;
}

std::string source_in(Outside& third, const std::string& path) {
  return base64_decode(text_at(third.ask("GET", "/api/2.0/workspace/export?format=SOURCE&path=" + path), "/content"));
}

std::string words_of(const std::vector<model::Finding>& findings) {
  std::string all;
  for (const model::Finding& finding : findings) all += finding.address + ": " + finding.message + "\n";
  return all;
}

std::string not_done_in(const Result<engine::SyncReport>& report) {
  std::string text;
  for (const engine::ObjectReport& object : report->objects)
    if (object.outcome != "done") text += object.address + ": " + object.outcome + ", " + object.error + "\n";
  return text;
}

std::vector<std::string> objects_not_done(const Result<engine::SyncReport>& report) {
  std::vector<std::string> addresses;
  for (const engine::ObjectReport& object : report->objects)
    if (object.outcome != "done") addresses.push_back(object.address);
  std::ranges::sort(addresses);
  return addresses;
}

/// What init scripts do is in no history.
const std::vector<std::string> scripts_of_estate = {"global_init_script:\"a first thing\"", "global_init_script:\"second thing\"",
                                                    "global_init_script_order:\"order of the scripts\""};

TEST(RestoreOutside, AWholeWorkspaceComesHeldIntoAnEmptyOneWithIdsOfItsOwn) {
  Lab lab;
  fill_small_estate(lab);
  lab.keep_history();
  must_sync(lab);
  Outside third(lab);
  lab.reset_logs();
  const auto plan = third.plan(all_of(lab));
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_TRUE(third.wire().log.writes.empty()) << "a plan writes nothing";
  // What no history has, somebody has to set by hand: each is named.
  const std::string findings = words_of(plan->plan.findings);
  for (const char* named : {"secret:\"keys/lake\": its content is not in the recovery point; it does not come back", "/spark_env_vars/PASSWORD"})
    EXPECT_NE(findings.find(named), std::string::npos) << findings;
  const auto report = third.restore(all_of(lab));
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_EQ(objects_not_done(report), scripts_of_estate);
  EXPECT_EQ(lab.primary_wire().log.total + lab.secondary_wire().log.total, 0) << "neither side was asked";
  EXPECT_EQ(source_in(third, "/Shared/etl/load"), "# Databricks notebook source\nprint(1)\n");
  EXPECT_EQ(text_at(third.ask("GET", "/api/2.0/dbfs/read?path=/elsewhere/lib.jar"), "/data"), base64_encode("PK\x03\x04"));
  EXPECT_TRUE(live_triggers(third.region()).empty());
  EXPECT_TRUE(running_compute(third.region()).empty());
  const json job = the_job(third, "load");
  const bool leads_there = std::ranges::any_of(job["settings"]["tasks"], [cluster = text_at(the_cluster(third, "shared"), "/cluster_id")](const json& task) {
    return text_at(task, "/existing_cluster_id") == cluster;
  });
  EXPECT_TRUE(leads_there) << to_text(job);
  const auto again = third.plan(all_of(lab));
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_EQ(again->plan.steps.size(), 0U);
  must_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "") << "the group goes on as before";
}

TEST(RestoreOutside, AnOlderPointComesLaterAndIsWrittenOverWhatCameBefore) {
  Lab lab;
  import_notebook(lab, "/Shared/a", "# Databricks notebook source\nprint(1)\n");
  lab.keep_history();
  must_sync(lab);
  import_notebook(lab, "/Shared/a", "# Databricks notebook source\nprint(2)\n");
  must_sync(lab);
  Outside third(lab);
  for (const char* point : {"2", "1"}) {
    const auto report = third.restore(all_of(lab, point));
    ASSERT_TRUE(report) << describe(report.error());
    EXPECT_EQ(report->outcome, "complete") << not_done_in(report);
    EXPECT_NE(source_in(third, "/Shared/a").find(std::string("print(") + point), std::string::npos);
  }
}

TEST(RestoreOutside, WhatIsThereUnderTheSameNameIsRefusedAndLeftAloneWhereThatWasSaid) {
  Lab lab;
  fill_small_estate(lab);
  import_notebook(lab, "/Shared/free", "# Databricks notebook source\nprint(1)\n");
  lab.keep_history();
  must_sync(lab);
  Outside third(lab);
  third.ask("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/etl"}});
  third.ask("POST", "/api/2.0/workspace/import", {{"path", "/Shared/etl/load"}, {"format", "SOURCE"}, {"language", "PYTHON"},
                                                  {"content", base64_encode("# Databricks notebook source\nprint('theirs')\n")}});
  third.ask("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/own"}});
  third.wire().log = {};
  const auto refused = third.restore(all_of(lab));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::refused);
  EXPECT_NE(describe(refused.error()).find("notebook:\"/Shared/etl/load\""), std::string::npos) << describe(refused.error());
  EXPECT_EQ(describe(refused.error()).find("/Shared/own"), std::string::npos) << "nobody would write that";
  EXPECT_TRUE(third.wire().log.writes.empty());
  RestoreOptions beside = all_of(lab);
  beside.leaves_others = true;
  const auto report = third.restore(beside);
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_NE(not_done_in(report).find("notebook:\"/Shared/etl/load\": conflict, the workspace has another object of that name"), std::string::npos)
      << not_done_in(report);
  std::vector<std::string> left = scripts_of_estate;
  left.emplace_back("notebook:\"/Shared/etl/load\"");
  EXPECT_EQ(objects_not_done(report), left);
  EXPECT_NE(source_in(third, "/Shared/etl/load").find("theirs"), std::string::npos);
  EXPECT_NE(source_in(third, "/Shared/free").find("print(1)"), std::string::npos);
  const json folder = third.ask("GET", "/api/2.0/workspace/get-status?path=/Shared/etl");
  const json access = third.ask("GET", "/api/2.0/permissions/directories/" + text_at(folder, "/object_id"));
  EXPECT_EQ(to_text(access).find("engineers"), std::string::npos) << "who may use what is theirs is theirs to say";
}

TEST(RestoreOutside, RewritesAreMadeWhereThatWasSaid) {
  Lab lab;
  json job = job_body("nightly", "/Shared/a");
  job["parameters"] = json::array({{{"name", "store"}, {"default", "abfss://data@home.dfs.core.windows.net"}}});
  import_notebook(lab, "/Shared/a", "# Databricks notebook source\nprint(1)\n");
  lab.primary("POST", "/api/2.2/jobs/create", job);
  lab.rules.rewrite = rewritten_by([](const model::Kind&, json& definition) {
    if (json* store = definition.contains("parameters") ? &definition["parameters"][0]["default"] : nullptr) *store = "abfss://data@away.dfs.core.windows.net";
  });
  lab.keep_history();
  must_sync(lab);
  for (const bool rewrites : {false, true}) {
    Outside third(lab);
    RestoreOptions options = all_of(lab);
    options.rewrites = rewrites;
    const auto report = third.restore(options);
    ASSERT_TRUE(report) << describe(report.error());
    EXPECT_EQ(report->outcome, "complete") << not_done_in(report);
    EXPECT_EQ(text_at(the_job(third, "nightly"), "/settings/parameters/0/default"),
              rewrites ? "abfss://data@away.dfs.core.windows.net" : "abfss://data@home.dfs.core.windows.net");
  }
}

TEST(RestoreOutside, KilledAfterAnyExchangeAndRunAgainDoublesNothing) {
  const auto prepare = [](Lab& lab) {
    import_notebook(lab, "/Shared/load", "# Databricks notebook source\nprint(1)\n");
    json job = job_body("nightly", "/Shared/load");
    job["tasks"][0]["existing_cluster_id"] =
        lab.primary("POST", "/api/2.1/clusters/create", {{"cluster_name", "shared"}, {"spark_version", "15.4.x-scala2.12"}, {"num_workers", 1}, {"node_type_id", "Standard_DS3_v2"}})["cluster_id"];
    lab.primary("POST", "/api/2.2/jobs/create", job);
    lab.keep_history();
    must_sync(lab);
  };
  std::int64_t exchanges = 0;
  {
    Lab lab;
    prepare(lab);
    Outside third(lab);
    ASSERT_EQ(told(third.restore(all_of(lab))).find("failed"), std::string::npos);
    exchanges = third.wire().log.total;
  }
  ASSERT_GT(exchanges, 10);
  for (std::int64_t at = 1; at <= exchanges; ++at) {
    const TemporaryFolder folder;
    Lab lab({.state_folder = folder.path()});
    prepare(lab);
    Outside third(lab, folder.path());
    lab.killed_after(static_cast<int>(at), [&] { (void)third.restore(all_of(lab)); });
    const auto report = third.restore(all_of(lab));
    ASSERT_TRUE(report) << at << ": " << describe(report.error());
    EXPECT_EQ(report->outcome, "complete") << at << ": " << not_done_in(report);
    EXPECT_FALSE(the_job(third, "nightly").is_null()) << at;
    EXPECT_EQ(third.ask("GET", "/api/2.1/clusters/list")["clusters"].size(), 1U) << at;
    EXPECT_TRUE(live_triggers(third.region()).empty()) << at;
    EXPECT_TRUE(running_compute(third.region()).empty()) << at;
  }
}

}  // namespace
}  // namespace twinlake::test
