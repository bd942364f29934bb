#include "simulator/jobs/jobs.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/hash.h"
#include "simulator/compute/compute.h"
#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string v21 = "/api/2.1/jobs/";
const std::string v22 = "/api/2.2/jobs/";

json task(const std::string& key) {
  return json::object(
      {{"task_key", key}, {"notebook_task", json::object({{"notebook_path", "/Shared/etl"}})}});
}
json job(const std::string& name, int tasks = 1) {
  json settings = json::object({{"name", name}, {"tasks", json::array()}});
  for (int i = 0; i < tasks; ++i)
    settings["tasks"].push_back(task("t" + std::to_string(10000 + i)));
  return settings;
}
json schedule(const std::string& pause_status) {
  json cron = json::object({{"quartz_cron_expression", "0 0 1 * * ?"}, {"timezone_id", "UTC"}});
  if (!pause_status.empty()) cron["pause_status"] = pause_status;
  return cron;
}

class JobsTest : public testing::Test {
 protected:
  http::Response create(const json& settings, const std::string& root = v22) {
    return probe.post(root + "create", settings);
  }
  std::string made(const json& settings, const std::string& root = v22) {
    const auto answer = create(settings, root);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return text_of(body_of(answer), "job_id");
  }
  json get(const std::string& id, const std::string& root = v22, const std::string& token = "") {
    return body_of(
        probe.get(root + "get?job_id=" + id + "&page_token=" + http::percent_encode(token)));
  }
  json settings_of(const std::string& id) { return get(id).at("settings"); }
  http::Response reset(const std::string& id, const json& settings, const std::string& root = v22) {
    json body = json::object({{"new_settings", settings}});
    body["job_id"] = std::strtoll(id.c_str(), nullptr, 10);
    return probe.post(root + "reset", body);
  }
  http::Response update(const std::string& id, const json& settings,
                        const json& removed = json::array()) {
    json body = json::object({{"new_settings", settings}, {"fields_to_remove", removed}});
    body["job_id"] = std::strtoll(id.c_str(), nullptr, 10);
    return probe.post(v22 + "update", body);
  }
  json runs() {
    const json body = body_of(probe.get(v22 + "runs/list"));
    return list_of(body, "runs");
  }
  Probe probe;
};

TEST_F(JobsTest, IdsAreLargerThanADoubleHolds) {
  bool beyond_other_ids = false;
  for (int i = 0; i < 20; ++i) {
    const std::string id = made(job("j"));
    const auto number = std::strtoll(id.c_str(), nullptr, 10);
    EXPECT_EQ(std::to_string(number), id);
    beyond_other_ids = beyond_other_ids || number > (1LL << 62);
    EXPECT_EQ(get(id).at("job_id").get<std::int64_t>(), number);
  }
  EXPECT_TRUE(beyond_other_ids);
}

TEST_F(JobsTest, ServerFillsDefaultsAndSorts) {
  json settings = json::object({{"tasks", json::array({task("b"), task("a"), task("c")})}});
  settings["tasks"][2]["depends_on"] =
      json::array({json::object({{"task_key", "b"}}), json::object({{"task_key", "a"}})});
  settings["tasks"][0]["new_cluster"] =
      json::object({{"num_workers", 1}, {"apply_policy_default_values", true}});
  settings["unknown_field"] = json::array({1});
  const json read = settings_of(made(settings));
  EXPECT_EQ(read.at("name"), "Untitled");
  EXPECT_EQ(read.at("format"), "MULTI_TASK");
  EXPECT_EQ(read.at("max_concurrent_runs"), 1);
  EXPECT_EQ(read.at("timeout_seconds"), 0);
  EXPECT_EQ(read.at("email_notifications"), json::object());
  EXPECT_EQ(read.at("webhook_notifications"), json::object());
  EXPECT_EQ(read.at("unknown_field"), json::array({1}));
  EXPECT_EQ(read.at("tasks")[0].at("task_key"), "a");
  EXPECT_EQ(read.at("tasks")[0].at("run_if"), "ALL_SUCCESS");
  EXPECT_EQ(read.at("tasks")[0].at("notebook_task").at("source"), "WORKSPACE");
  EXPECT_EQ(read.at("tasks")[2].at("depends_on")[0].at("task_key"), "a");
  const json& cluster = read.at("tasks")[1].at("new_cluster");
  EXPECT_FALSE(cluster.contains("apply_policy_default_values"));
  EXPECT_EQ(cluster.at("azure_attributes").at("availability"), "ON_DEMAND_AZURE");
}

TEST_F(JobsTest, IdSentAsTextIsShownAsNumber) {
  const std::string called = made(job("called"));
  json settings = job("caller");
  settings["tasks"][0] =
      json::object({{"task_key", "call"}, {"run_job_task", json::object({{"job_id", called}})}});
  const json shown = settings_of(made(settings)).at("tasks")[0].at("run_job_task").at("job_id");
  EXPECT_TRUE(shown.is_number_integer()) << shown;
  EXPECT_EQ(shown.dump(), called);
}

TEST_F(JobsTest, QueueIsOnByDefaultOnlyInTheNewerVersion) {
  EXPECT_EQ(settings_of(made(job("a"), v22)).at("queue").at("enabled"), true);
  EXPECT_FALSE(settings_of(made(job("b"), v21)).contains("queue"));
  json off = job("c");
  off["queue"] = json::object({{"enabled", false}});
  const std::string id = made(off);
  EXPECT_EQ(settings_of(id).at("queue").at("enabled"), false);
  reset(id, job("c"));
  EXPECT_EQ(settings_of(id).at("queue").at("enabled"), true)
      << "a reset without queue switches it on";
}

TEST_F(JobsTest, MissingJobSaysSo) {
  for (const auto& answer :
       {probe.get(v22 + "get?job_id=1"), reset("1", job("x")), update("1", job("x")),
        probe.post(v22 + "delete", json::object({{"job_id", 1}})),
        probe.post(v22 + "run-now", json::object({{"job_id", 1}}))}) {
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(code_of(answer), "INVALID_PARAMETER_VALUE");
    EXPECT_EQ(message_of(answer), "Job 1 does not exist.");
  }
}

TEST_F(JobsTest, DeletedJobIsGone) {
  const std::string id = made(job("j"));
  const auto remove = [&] {
    return probe.post(v22 + "delete",
                      json::object({{"job_id", std::strtoll(id.c_str(), nullptr, 10)}}));
  };
  EXPECT_EQ(remove().status, 200);
  EXPECT_EQ(remove().status, 400);
  EXPECT_EQ(probe.get(v22 + "get?job_id=" + id).status, 400);
}

TEST_F(JobsTest, NamesRepeat) {
  EXPECT_NE(made(job("same")), made(job("same")));
  made(job("other"));
  EXPECT_EQ(count_of(body_of(probe.get(v22 + "list?name=SAME")), "jobs"), 2U)
      << "exact, whatever the case";
}

TEST_F(JobsTest, ListIsNewestFirstInPages) {
  std::vector<std::string> newest_first;
  for (int i = 0; i < 7; ++i) newest_first.insert(newest_first.begin(), made(job("j")));
  std::vector<std::string> found;
  std::string token;
  do {
    const json page =
        body_of(probe.get(v22 + "list?limit=3&page_token=" + http::percent_encode(token)));
    for (const json& row : list_of(page, "jobs")) found.push_back(text_of(row, "job_id"));
    token = text_of(page, "next_page_token");
    EXPECT_EQ(flag_of(page, "has_more"), !token.empty());
    // A job that appears while the pages are turned must not repeat or hide another one.
    if (found.size() == 3) made(job("new"));
  } while (!token.empty());
  EXPECT_EQ(found, newest_first);
}

TEST_F(JobsTest, ListLimitsDifferByVersion) {
  EXPECT_EQ(probe.get(v21 + "list?limit=25").status, 200);
  EXPECT_EQ(probe.get(v21 + "list?limit=26").status, 400);
  EXPECT_EQ(probe.get(v22 + "list?limit=100").status, 200);
  EXPECT_EQ(probe.get(v22 + "list?limit=101").status, 400);
  EXPECT_EQ(probe.get(v22 + "list?page_token=guess").status, 400);
  for (int i = 0; i < 21; ++i) made(job("j"));
  EXPECT_EQ(count_of(body_of(probe.get(v22 + "list")), "jobs"), 20U) << "the default";
}

TEST_F(JobsTest, ListElementsAreShort) {
  json settings = job("j", 120);
  settings["parameters"] = json::array({json::object({{"name", "p"}, {"default", "1"}})});
  settings["run_as"] = json::object({{"user_name", "replicator@twinlake.example"}});
  made(settings);
  const json plain = body_of(probe.get(v22 + "list")).at("jobs")[0];
  for (const char* key : {"tasks", "job_clusters", "environments", "parameters", "run_as"})
    EXPECT_FALSE(plain.at("settings").contains(key)) << key;
  EXPECT_FALSE(plain.contains("run_as_user_name"));
  const json expanded = body_of(probe.get(v22 + "list?expand_tasks=true")).at("jobs")[0];
  EXPECT_EQ(count_of(expanded.at("settings"), "tasks"), 100U);
  EXPECT_EQ(expanded.at("has_more"), true);
  EXPECT_FALSE(expanded.contains("run_as_user_name"));
}

TEST_F(JobsTest, GetComesInPagesOfEachArray) {
  json settings = job("big", 250);
  for (int i = 0; i < 120; ++i)
    settings["parameters"].push_back(
        json::object({{"name", "p" + std::to_string(i)}, {"default", ""}}));
  const std::string id = made(settings);
  std::size_t tasks = 0;
  std::size_t parameters = 0;
  int pages = 0;
  std::string token;
  do {
    const json page = get(id, v22, token);
    tasks += count_of(page.at("settings"), "tasks");
    parameters += count_of(page.at("settings"), "parameters");
    EXPECT_EQ(page.at("settings").contains("name"), pages == 0) << "single values come once";
    token = text_of(page, "next_page_token");
    EXPECT_EQ(flag_of(page, "has_more"), !token.empty());
    if (++pages == 3) EXPECT_FALSE(page.at("settings").contains("parameters")) << "exhausted";
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(tasks, 250U);
  EXPECT_EQ(parameters, 120U);
  EXPECT_EQ(count_of(get(id, v21).at("settings"), "tasks"), 100U) << "the older version cuts off";
  EXPECT_EQ(probe.get(v22 + "get?job_id=" + id + "&page_token=guess").status, 400);
}

TEST_F(JobsTest, ManyTasksOnlyByTheNewerVersion) {
  EXPECT_EQ(create(job("j", 101), v21).status, 400);
  EXPECT_EQ(create(job("j", 100), v21).status, 200);
  EXPECT_EQ(create(job("j", 1000), v22).status, 200);
  EXPECT_EQ(create(job("j", 1001), v22).status, 400);
}

TEST_F(JobsTest, ResetReplacesAllButRunAs) {
  auto& identity = probe.region().get<Identity>();
  identity.ensure_user("ana@contoso.com", false);
  json settings = job("j");
  settings["run_as"] = json::object({{"user_name", "ana@contoso.com"}});
  settings["tags"] = json::object({{"a", "b"}});
  const std::string id = made(settings);
  ASSERT_EQ(reset(id, job("k")).status, 200);
  const json read = get(id);
  EXPECT_EQ(read.at("settings").at("name"), "k");
  EXPECT_FALSE(read.at("settings").contains("tags"));
  EXPECT_EQ(read.at("run_as_user_name"), "ana@contoso.com");
  EXPECT_EQ(read.at("settings").at("run_as"), settings.at("run_as"));
}

TEST_F(JobsTest, RunAsIsTheCreatorUnlessSent) {
  const json read = get(made(job("j")));
  EXPECT_EQ(read.at("run_as_user_name"), "replicator@twinlake.example");
  EXPECT_FALSE(read.at("settings").contains("run_as")) << "only what was sent comes back";
}

TEST_F(JobsTest, UpdateMergesKeyedArraysAndRemovesFields) {
  json settings = job("j");
  settings["tasks"] = json::array({task("a"), task("b")});
  settings["tags"] = json::object({{"x", "1"}});
  const std::string id = made(settings);
  json changed = task("b");
  changed["description"] = "changed";
  ASSERT_EQ(update(id, json::object({{"tasks", json::array({changed, task("c")})}}),
                   json::array({"tags", "tasks/a"}))
                .status,
            200);
  const json read = settings_of(id);
  ASSERT_EQ(count_of(read, "tasks"), 2U);
  EXPECT_EQ(read.at("tasks")[0].at("description"), "changed");
  EXPECT_EQ(read.at("tasks")[1].at("task_key"), "c");
  EXPECT_FALSE(read.contains("tags"));
  EXPECT_EQ(read.at("name"), "j");
}

TEST_F(JobsTest, FailedChangeChangesNothing) {
  const std::string id = made(job("j"));
  json wrong = job("k");
  wrong["tasks"][0]["existing_cluster_id"] = "gone";
  EXPECT_EQ(reset(id, wrong).status, 400);
  EXPECT_EQ(update(id, wrong).status, 400);
  EXPECT_EQ(settings_of(id).at("name"), "j");
}

TEST_F(JobsTest, AccessControlListOfCreateIsApplied) {
  probe.region().get<Identity>().ensure_user("ana@contoso.com", false);
  json settings = job("j");
  const auto owner = [](const std::string& name) {
    return json::object({{"user_name", name}, {"permission_level", "IS_OWNER"}});
  };
  settings["access_control_list"] = json::array({owner("ana@contoso.com")});
  const std::string id = made(settings);
  EXPECT_FALSE(settings_of(id).contains("access_control_list"));
  const auto seen = probe.get("/api/2.0/permissions/jobs/" + id);
  EXPECT_NE(seen.body.find("ana@contoso.com"), std::string::npos) << seen.body;
  settings["access_control_list"] = json::array({owner("nobody@contoso.com")});
  EXPECT_NE(create(settings).status, 200);
  EXPECT_EQ(count_of(body_of(probe.get(v22 + "list")), "jobs"), 1U)
      << "the refused one is not there";
}

TEST_F(JobsTest, LiveContinuousJobRunsAtOnce) {
  json settings = job("stream");
  settings["continuous"] = json::object({{"pause_status", "PAUSED"}});
  const std::string id = made(settings);
  EXPECT_EQ(runs().size(), 0U);
  settings["continuous"] = json::object();  // missing pause_status: UNPAUSED
  reset(id, settings);
  ASSERT_EQ(runs().size(), 1U);
  EXPECT_EQ(runs()[0].at("trigger"), "CONTINUOUS");
  probe.wait_millis(1000 * run_millis);
  EXPECT_EQ(runs()[0].at("state").at("life_cycle_state"), "RUNNING") << "until it is paused";
  settings["continuous"] = json::object({{"pause_status", "PAUSED"}});
  reset(id, settings);
  EXPECT_EQ(runs()[0].at("state").at("life_cycle_state"), "TERMINATED");
  made(json::object({{"triggers", json::array({json::object({{"continuous", json::object()}})})}}));
  EXPECT_EQ(runs().size(), 2U) << "in triggers[] too";
}

TEST_F(JobsTest, WorldNamesLiveTriggers) {
  json live = job("live");
  live["schedule"] = schedule("");
  made(live);
  json held = job("held");
  held["schedule"] = schedule("PAUSED");
  made(held);
  json several = job("several");
  const json periodic = json::object({{"interval", 1}, {"unit", "HOURS"}});
  several["triggers"] =
      json::array({json::object({{"periodic", periodic}, {"pause_status", "PAUSED"}}),
                   json::object({{"periodic", periodic}})});
  made(several);
  const json found = probe.region().get<Jobs>().world().at("live_job_triggers");
  ASSERT_EQ(found.size(), 2U) << found;
  EXPECT_EQ(found[0].at("name"), "live");
  EXPECT_EQ(found[1].at("trigger"), "triggers/1");
}

TEST_F(JobsTest, RunNowLeavesARunAndWakesItsCluster) {
  const json cluster = json::object({{"spark_version", "15.4.x-scala2.12"},
                                     {"node_type_id", "Standard_DS3_v2"},
                                     {"num_workers", 1}});
  const std::string cluster_id =
      text_of(body_of(probe.post("/api/2.1/clusters/create", cluster)), "cluster_id");
  probe.post("/api/2.1/clusters/delete", json::object({{"cluster_id", cluster_id}}));
  probe.wait_millis(cluster_stop_millis);
  // A run of a notebook that is missing would fail.
  json notebook =
      json::object({{"path", "/Shared/etl"}, {"format", "SOURCE"}, {"language", "PYTHON"}});
  notebook["content"] = base64_encode("# nothing\n");
  ASSERT_EQ(probe.post("/api/2.0/workspace/import", notebook).status, 200);
  json settings = job("j");
  settings["tasks"][0]["existing_cluster_id"] = cluster_id;
  const std::string id = made(settings);
  json body = json::object({{"idempotency_token", "once"}});
  body["job_id"] = std::strtoll(id.c_str(), nullptr, 10);
  const std::string run = text_of(body_of(probe.post(v22 + "run-now", body)), "run_id");
  EXPECT_EQ(text_of(body_of(probe.post(v22 + "run-now", body)), "run_id"), run)
      << "the token repeats";
  ASSERT_EQ(runs().size(), 1U);
  const json cluster_now = body_of(probe.get("/api/2.1/clusters/get?cluster_id=" + cluster_id));
  EXPECT_EQ(cluster_now.at("state"), "PENDING");
  probe.wait_millis(run_millis);
  const json seen = body_of(probe.get(v22 + "runs/get?run_id=" + run));
  EXPECT_EQ(seen.at("state").at("result_state"), "SUCCESS");
  EXPECT_EQ(count_of(seen, "tasks"), 1U);
}

TEST_F(JobsTest, ARunComesToWhatItsNotebookSays) {
  const auto result_of = [&](const std::string& source) {
    json notebook = json::object({{"path", "/Shared/etl"},
                                  {"format", "SOURCE"},
                                  {"language", "PYTHON"},
                                  {"overwrite", true}});
    notebook["content"] = base64_encode("# Databricks notebook source\n" + source);
    EXPECT_EQ(probe.post("/api/2.0/workspace/import", notebook).status, 200);
    json body = json::object();
    body["job_id"] = std::strtoll(made(job("j")).c_str(), nullptr, 10);
    const std::string run = text_of(body_of(probe.post(v22 + "run-now", body)), "run_id");
    probe.wait_millis(run_millis);
    const json seen = body_of(probe.get(v22 + "runs/get?run_id=" + run));
    const std::string task = text_of(seen.at("tasks").at(0), "run_id");
    json told = body_of(probe.get(v22 + "runs/get-output?run_id=" + task));
    told["result"] = seen.at("state").at("result_state");
    return told;
  };
  const json good = result_of("dbutils.notebook.exit(\"rows: 3\")\n");
  EXPECT_EQ(good.at("result"), "SUCCESS");
  EXPECT_EQ(good.at("notebook_output").at("result"), "rows: 3");
  const json bad = result_of("raise ValueError(\"no\")\n");
  EXPECT_EQ(bad.at("result"), "FAILED");
  EXPECT_EQ(bad.at("error"), "ValueError(\"no\")");
  EXPECT_EQ(probe.get(v22 + "runs/get-output?run_id=1").status, 400);
}

TEST_F(JobsTest, RunsCanBeSubmittedAndCancelled) {
  json body = job("x");
  body["run_name"] = "once";
  const std::string run = text_of(body_of(probe.post(v21 + "runs/submit", body)), "run_id");
  ASSERT_FALSE(run.empty());
  EXPECT_EQ(count_of(body_of(probe.get(v22 + "list")), "jobs"), 0U) << "no job is made";
  json cancel = json::object();
  cancel["run_id"] = std::strtoll(run.c_str(), nullptr, 10);
  EXPECT_EQ(probe.post(v21 + "runs/cancel", cancel).status, 200);
  EXPECT_EQ(body_of(probe.get(v21 + "runs/get?run_id=" + run)).at("state").at("result_state"),
            "CANCELED");
  EXPECT_EQ(probe.get(v21 + "runs/get?run_id=1").status, 400);
  body["tasks"][0]["existing_cluster_id"] = "gone";
  EXPECT_EQ(probe.post(v21 + "runs/submit", body).status, 400);
}

}  // namespace
}  // namespace twinlake::simulator
