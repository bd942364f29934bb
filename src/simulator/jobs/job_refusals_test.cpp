// One row for each reason for which the service refuses a job.
#include <gtest/gtest.h>

#include <functional>

#include "simulator/identity/identity.h"
#include "simulator/jobs/jobs.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

json object(const std::string& key, const json& value) {
  json made = json::object();
  made[key] = value;
  return made;
}

json base_job() {
  json task = object("task_key", "a");
  task["notebook_task"] = object("notebook_path", "/Shared/etl");
  return json::object({{"name", "j"}, {"tasks", json::array({task})}});
}

json cron() {
  return json::object({{"quartz_cron_expression", "0 0 1 * * ?"}, {"timezone_id", "UTC"}});
}

struct Row {
  const char* name;
  const char* says;  ///< part of the message: the row is refused for its own reason
  std::function<void(json& settings, json& task)> spoil;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class JobRefusal : public testing::TestWithParam<Row> {};

TEST_P(JobRefusal, IsRefusedAsInvalid) {
  Probe probe;
  ASSERT_EQ(probe.post("/api/2.2/jobs/create", base_job()).status, 200)
      << "the base itself is right";
  json settings = base_job();
  json task = settings["tasks"][0];
  GetParam().spoil(settings, task);
  if (count_of(settings, "tasks") == 1) settings["tasks"][0] = task;
  for (const char* root : {"/api/2.1/jobs/", "/api/2.2/jobs/"}) {
    const auto answer = probe.post(std::string(root) + "create", settings);
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(code_of(answer), "INVALID_PARAMETER_VALUE");
    EXPECT_NE(message_of(answer).find(GetParam().says), std::string::npos) << message_of(answer);
  }
}

/// The same reference, one level down in a loop.
Row nested(const char* name, const char* says, const char* type, const json& body) {
  return {name, says, [=](json&, json& task) {
            json inner = object("task_key", "inner");
            inner[type] = body;
            task = object("task_key", "a");
            task["for_each_task"] = json::object({{"inputs", "[1]"}, {"task", inner}});
          }};
}
Row in_task(const char* name, const char* says, const char* type, const json& body) {
  return {name, says, [=](json&, json& task) { task[type] = body; }};
}
Row in_settings(const char* name, const char* says, const char* key, const json& body) {
  return {name, says, [=](json& settings, json&) { settings[key] = body; }};
}

/// The rows that need a warehouse that exists stand in JobReferences.
json sql(const char* what, const json& body) {
  return json::object({{"warehouse_id", "gone"}, {what, body}});
}

json webhook() {
  return object("on_failure", json::array({object("id", "00000000-0000-0000-0000-000000000000")}));
}

json too_many_tags() {
  json tags = json::object();
  for (int i = 0; i < 26; ++i) tags["t" + std::to_string(i)] = "v";
  return tags;
}

INSTANTIATE_TEST_SUITE_P(
    All, JobRefusal,
    testing::Values(
        in_task("unknown_cluster", "Cluster 0101-000000-gone1 does not exist", "existing_cluster_id", "0101-000000-gone1"),
        in_task("unknown_policy", "Cluster policy", "new_cluster", object("policy_id", "0000000000000000")),
        in_task("unknown_pool", "instance pool", "new_cluster", object("instance_pool_id", "gone")),
        in_task("unknown_driver_pool", "instance pool", "new_cluster", object("driver_instance_pool_id", "gone")),
        in_settings("unknown_policy_of_job_cluster", "Cluster policy", "job_clusters",
                    json::array({json::object({{"job_cluster_key", "m"},
                                               {"new_cluster", object("policy_id", "gone")}})})),
        in_task("unknown_job_cluster_key", "Job cluster 'none'", "job_cluster_key", "none"),
        in_task("unknown_environment", "Environment 'none'", "environment_key", "none"),
        in_task("unknown_job", "Job 42 does not exist.", "run_job_task", object("job_id", 42)),
        in_task("run_job_without_id", "does not exist.", "run_job_task", json::object()),
        in_task("unknown_pipeline", "The pipeline with id gone", "pipeline_task", object("pipeline_id", "gone")),
        in_task("unknown_warehouse_of_notebook", "The warehouse with id gone", "notebook_task",
                json::object({{"notebook_path", "/x"}, {"warehouse_id", "gone"}})),
        in_task("unknown_warehouse_of_sql", "The warehouse with id gone", "sql_task", sql("file", object("path", "/x"))),
        in_task("sql_without_warehouse", "sql_task.warehouse_id", "sql_task", object("file", object("path", "/x"))),
        in_task("unknown_dashboard", "The dashboard with id gone", "dashboard_task", object("dashboard_id", "gone")),
        in_task("unknown_warehouse_of_dashboard", "The warehouse with id gone", "dashboard_task", object("warehouse_id", "gone")),
        in_task("unknown_subscriber", "The notification_destination with id gone", "dashboard_task",
                object("subscription",
                       object("subscribers", json::array({object("destination_id", "gone")})))),
        in_task("unknown_alert", "The alert with id gone", "alert_task", object("alert_id", "gone")),
        in_task("unknown_warehouse_of_dbt", "The warehouse with id gone", "dbt_task", object("warehouse_id", "gone")),
        in_task("unknown_warehouse_of_power_bi", "The warehouse with id gone", "power_bi_task", object("warehouse_id", "gone")),
        in_task("unknown_webhook_of_task", "The notification_destination with id", "webhook_notifications", webhook()),
        in_settings("unknown_webhook_of_job", "The notification_destination with id", "webhook_notifications", webhook()),
        nested("nested_unknown_pipeline", "The pipeline with id gone", "pipeline_task", object("pipeline_id", "gone")),
        nested("nested_unknown_cluster", "Cluster gone does not exist", "existing_cluster_id", "gone"),
        in_settings("run_as_unknown", "nobody@contoso.com does not exist", "run_as", object("user_name", "nobody@contoso.com")),
        in_settings("run_as_wrong_kind", "replicator@twinlake.example does not exist", "run_as",
                    object("service_principal_name", "replicator@twinlake.example")),
        in_settings("run_as_two", "exactly one", "run_as",
                    json::object({{"user_name", "replicator@twinlake.example"}, {"group_name", "admins"}})),
        in_settings("run_as_empty", "exactly one", "run_as", json::object()),
        in_settings("cron_without_timezone", "schedule.timezone_id", "schedule", object("quartz_cron_expression", "0 0 1 * * ?")),
        in_settings("cron_without_expression", "schedule.quartz_cron_expression", "schedule", object("timezone_id", "UTC")),
        in_settings("wrong_pause_status", "continuous.pause_status", "continuous", object("pause_status", "STOPPED")),
        in_settings("condition_of_unknown_query", "The query with id gone", "trigger",
                    object("sql_condition", object("sql_query_id", "gone"))),
        in_settings("element_of_two_types", "triggers[0] must be of exactly one type", "triggers",
                    json::array({json::object({{"periodic", json::object()}, {"continuous", json::object()}})})),
        in_settings("element_of_no_type", "triggers[0] must be", "triggers", json::array({object("pause_status", "PAUSED")})),
        in_settings("element_cron_incomplete", "triggers[0].schedule.quartz_cron_expression", "triggers",
                    json::array({object("schedule", object("timezone_id", "UTC"))})),
        Row{"two_triggers", "Only one of schedule",
            [](json& settings, json&) {
              settings["schedule"] = cron();
              settings["continuous"] = object("pause_status", "PAUSED");
            }},
        Row{"continuous_with_many_runs", "max_concurrent_runs 1",
            [](json& settings, json&) {
              settings["continuous"] = object("pause_status", "PAUSED");
              settings["max_concurrent_runs"] = 2;
            }},
        in_settings("too_many_runs", "max_concurrent_runs must be between", "max_concurrent_runs", 1001),
        in_settings("git_without_provider", "git_source.git_provider must be one of: ", "git_source", object("git_url", "https://github.com/a/b")),
        in_settings("git_without_url", "git_source.git_url", "git_source", object("git_provider", "gitHub")),
        in_settings("too_many_tags", "25 tags", "tags", too_many_tags()),
        in_settings("long_name", "4096", "name", std::string(4097, 'x')),
        in_settings("duplicate_task", "Duplicate task_key: a", "tasks",
                    json::array({object("task_key", "a"), object("task_key", "a")})),
        in_settings("task_without_key", "needs a task_key", "tasks", json::array({json::object(), object("task_key", "a")})),
        in_settings("duplicate_job_cluster", "Duplicate job_cluster_key: m", "job_clusters",
                    json::array({object("job_cluster_key", "m"), object("job_cluster_key", "m")})),
        in_task("depends_on_unknown", "depends on unknown task none", "depends_on", json::array({object("task_key", "none")}))),
    [](const testing::TestParamInfo<Row>& row) { return std::string(row.param.name); });

class JobReferences : public testing::Test {
 protected:
  std::string plant(const std::string& kind, const json& body) {
    const json made = body_of(probe.post("/sim/lookups/" + kind, body));
    for (const char* key : {"id", "pipeline_id", "dashboard_id"})
      if (made.contains(key)) return text_of(made, key);
    return "";
  }
  http::Response create_with(const json& task_body, const char* type) {
    json settings = base_job();
    settings["tasks"][0][type] = task_body;
    return probe.post("/api/2.2/jobs/create", settings);
  }
  Probe probe;
};

TEST_F(JobReferences, AreTakenWhenTheyExist) {
  const std::string warehouse = plant("warehouse", object("name", "w"));
  const std::string hook = plant("notification_destination", object("display_name", "ops"));
  const json people = json::array({object("destination_id", hook)});
  const auto sql = [&](const char* what, const char* kind) {
    json body = object("subscriptions", people);
    body[std::string(what) + "_id"] =
        plant(kind, json::object({{"name", "x"}, {"display_name", kind}}));
    return json::object({{"warehouse_id", warehouse}, {what, body}});
  };
  EXPECT_EQ(create_with(sql("query", "query"), "sql_task").status, 200);
  EXPECT_EQ(create_with(sql("alert", "legacy_alert"), "sql_task").status, 200);
  EXPECT_EQ(create_with(sql("dashboard", "legacy_dashboard"), "sql_task").status, 200);
  const json pipeline = object("pipeline_id", plant("pipeline", object("name", "p")));
  EXPECT_EQ(create_with(pipeline, "pipeline_task").status, 200);
  json dashboard = object("dashboard_id", plant("dashboard", object("display_name", "d")));
  dashboard["subscription"] = object("subscribers", people);
  EXPECT_EQ(create_with(dashboard, "dashboard_task").status, 200);
  json alert = object("alert_id", plant("alert", object("display_name", "a")));
  alert["subscribers"] = people;
  EXPECT_EQ(create_with(alert, "alert_task").status, 200);
  const json webhooks = object("on_failure", json::array({object("id", hook)}));
  EXPECT_EQ(create_with(webhooks, "webhook_notifications").status, 200);
}

TEST_F(JobReferences, OfSqlTasksAreMissedWhenTheWarehouseIsThere) {
  const std::string warehouse = plant("warehouse", object("name", "w"));
  const auto refused = [&](const char* what, const json& body) {
    const auto answer =
        create_with(json::object({{"warehouse_id", warehouse}, {what, body}}), "sql_task");
    return answer.status == 400 &&
           message_of(answer).find("with id gone does not exist") != std::string::npos;
  };
  for (const char* what : {"query", "alert", "dashboard"})
    EXPECT_TRUE(refused(what, object(std::string(what) + "_id", "gone"))) << what;
  const json people = object("subscriptions", json::array({object("destination_id", "gone")}));
  EXPECT_TRUE(refused("alert", people));
  EXPECT_TRUE(refused("dashboard", people));
}

TEST_F(JobReferences, AJobMayRunItselfOnlyOnceItExists) {
  const json made = body_of(probe.post("/api/2.2/jobs/create", base_job()));
  json settings = base_job();
  settings["tasks"][0]["run_job_task"] = object("job_id", made.at("job_id"));
  json body = object("new_settings", settings);
  body["job_id"] = made.at("job_id");
  EXPECT_EQ(probe.post("/api/2.2/jobs/reset", body).status, 200);
}

TEST_F(JobReferences, RunAsMayBeUserPrincipalOrGroup) {
  probe.region().get<Identity>().ensure_service_principal("3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa",
                                                          false);
  const std::pair<const char*, const char*> forms[] = {
      {"user_name", "replicator@twinlake.example"},
      {"service_principal_name", "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa"},
      {"group_name", "admins"}};
  for (const auto& [key, name] : forms) {
    json settings = base_job();
    settings["run_as"] = object(key, name);
    const json made = body_of(probe.post("/api/2.2/jobs/create", settings));
    const json read = body_of(probe.get("/api/2.2/jobs/get?job_id=" + text_of(made, "job_id")));
    EXPECT_EQ(read.at("settings").at("run_as"), settings.at("run_as"));
    EXPECT_EQ(text_of(read, "run_as_user_name"), std::string(key) == "group_name" ? "" : name);
  }
}

}  // namespace
}  // namespace twinlake::simulator
