// One job for each type of task that the service has, most with references to other objects.
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
json task(const std::string& key, const char* type, json body) {
  return json::object({{"task_key", key}, {type, std::move(body)}});
}

json after(json task, std::initializer_list<const char*> keys) {
  for (const char* key : keys) task["depends_on"].push_back(json::object({{"task_key", key}}));
  return task;
}

json job(const std::string& name, json tasks) {
  return json::object({{"name", name}, {"max_concurrent_runs", 1}, {"tasks", std::move(tasks)}});
}

json notebook(const Estate& estate, const char* team, std::size_t number) {
  return json::object(
      {{"notebook_path", estate.notebook_of(team, number)}, {"source", "WORKSPACE"}});
}

json destination(const Estate& estate, const char* name) {
  return json::object({{"destination_id", estate.shared_id("notification_destination", name)}});
}

std::string warehouse(const Estate& estate, const char* name) {
  return estate.shared_id("warehouse", name);
}

json small_cluster() {
  return json::object({{"spark_version", "15.4.x-scala2.12"},
                       {"node_type_id", "Standard_DS3_v2"},
                       {"num_workers", 2},
                       {"custom_tags", json::object({{"team", "platform"}})}});
}

json notebook_job(const Estate& estate) {
  json load = task("load", "notebook_task", notebook(estate, "finance", 3));
  load["notebook_task"]["base_parameters"] =
      json::object({{"day", "{{job.trigger.time.iso_date}}"}, {"mode", "full"}});
  load["existing_cluster_id"] = estate.clusters.front();
  load["max_retries"] = 2;
  load["min_retry_interval_millis"] = 60000;
  load["retry_on_timeout"] = true;
  load["timeout_seconds"] = 7200;
  load["libraries"] =
      json::array({json::object({{"pypi", json::object({{"package", "pandas==2.2.2"}})}})});
  json show = task("show", "notebook_task", notebook(estate, "finance", 1));
  show["notebook_task"]["warehouse_id"] = warehouse(estate, "finance-bi");
  show["run_if"] = "ALL_DONE";
  return job("ledger: load and show",
             json::array({std::move(load), after(std::move(show), {"load"})}));
}

json python_job(const Estate& estate) {
  json script =
      task("script", "spark_python_task",
           json::object({{"python_file", "/Workspace/Teams/finance/ledger/lib/ledger_rules.py"},
                         {"source", "WORKSPACE"},
                         {"parameters", json::array({"--day", "{{job.start_time.iso_date}}"})}}));
  script["job_cluster_key"] = "pooled";
  json wheel =
      task("wheel", "python_wheel_task",
           json::object({{"package_name", "helpers"},
                         {"entry_point", "main"},
                         {"named_parameters", json::object({{"table", "main.finance.ledger"}})}}));
  wheel["environment_key"] = "default";
  json out = job("python: script and wheel",
                 json::array({std::move(script), after(std::move(wheel), {"script"})}));
  json pooled = json::object({{"spark_version", "15.4.x-scala2.12"},
                              {"instance_pool_id", estate.pools.front()},
                              {"driver_instance_pool_id", estate.pools.back()},
                              {"policy_id", estate.policies.front()},
                              {"num_workers", 3}});
  out["job_clusters"] = json::array(
      {json::object({{"job_cluster_key", "pooled"}, {"new_cluster", std::move(pooled)}})});
  json spec = json::object({{"environment_version", "2"}});
  spec["dependencies"] =
      json::array({"/Workspace/Teams/finance/ledger/dist/helpers-1.4.2-py3-none-any.whl",
                   "-r /Workspace/Teams/finance/ledger/requirements.txt", "pyarrow>=15"});
  out["environments"] =
      json::array({json::object({{"environment_key", "default"}, {"spec", std::move(spec)}})});
  return out;
}

json jar_job(const Estate&) {
  json jar = task("score", "spark_jar_task",
                  json::object({{"main_class_name", "example.lakeside.Scoring"},
                                {"parameters", json::array({"--threshold", "0.85"})}}));
  jar["new_cluster"] = small_cluster();
  jar["libraries"] = json::array({json::object({{"jar", "dbfs:/FileStore/jars/scoring.jar"}})});
  json submit = task(
      "export", "spark_submit_task",
      json::object({{"parameters", json::array({"--class", "example.lakeside.Export",
                                                "dbfs:/FileStore/jars/export.jar", "2025"})}}));
  submit["new_cluster"] = small_cluster();
  return job("scoring (Scala)", json::array({std::move(jar), after(std::move(submit), {"score"})}));
}

json pipeline_job(const Estate& estate) {
  return job("orders: pipeline",
             json::array(
                 {task("refresh", "pipeline_task",
                       json::object({{"pipeline_id", estate.shared_id("pipeline", "orders-bronze")},
                                     {"full_refresh", false}}))}));
}

json sql_job(const Estate& estate) {
  const std::string id = warehouse(estate, "shared-sql");
  const auto sql = [&](const char* key, const char* member, json body) {
    return task(key, "sql_task", json::object({{"warehouse_id", id}, {member, std::move(body)}}));
  };
  const json receivers = json::array(
      {destination(estate, "on-call mail"), json::object({{"user_name", estate.user(2)}})});
  json dashboard =
      json::object({{"dashboard_id", estate.shared_id("legacy_dashboard", "Cost overview (old)")},
                    {"custom_subject", "Costs of yesterday"},
                    {"pause_subscriptions", false},
                    {"subscriptions", receivers}});
  json alert =
      json::object({{"alert_id", estate.shared_id("legacy_alert", "Open invoices above limit")},
                    {"pause_subscriptions", false},
                    {"subscriptions", receivers}});
  json query = sql("query", "query",
                   json::object({{"query_id", estate.shared_id("query", "Daily orders")}}));
  query["sql_task"]["parameters"] = json::object({{"day", "{{job.start_time.iso_date}}"}});
  json file = sql("file", "file",
                  json::object({{"path", "/Workspace/Teams/finance/ledger/sql/ledger_view.sql"},
                                {"source", "WORKSPACE"}}));
  return job("SQL of all sorts",
             json::array({std::move(query), after(std::move(file), {"query"}),
                          after(sql("dashboard", "dashboard", std::move(dashboard)), {"query"}),
                          after(sql("alert", "alert", std::move(alert)), {"file", "query"})}));
}

json dashboard_job(const Estate& estate) {
  json subscription = json::object({{"custom_subject", "Revenue of the week"}, {"paused", false}});
  subscription["subscribers"] = json::array(
      {destination(estate, "Finance channel"), json::object({{"user_name", estate.user(2)}})});
  json refresh = task("dashboard", "dashboard_task",
                      json::object({{"dashboard_id", estate.shared_id("dashboard", "Revenue")},
                                    {"warehouse_id", warehouse(estate, "finance-bi")},
                                    {"subscription", std::move(subscription)}}));
  json alert = task("alert", "alert_task",
                    json::object({{"alert_id", estate.shared_id("alert", "Late loads")},
                                  {"warehouse_id", warehouse(estate, "shared-sql")},
                                  {"subscribers", json::array({destination(estate, "pager")})}}));
  return job("revenue dashboard and alert",
             json::array({std::move(refresh), after(std::move(alert), {"dashboard"})}));
}

json dbt_job(const Estate& estate) {
  json body = json::object({{"commands", json::array({"dbt deps", "dbt build --select finance"})},
                            {"project_directory", "/Workspace/Teams/finance/ledger"},
                            {"warehouse_id", warehouse(estate, "finance-bi")},
                            {"catalog", "main"},
                            {"schema", "finance"}});
  json local = task("dbt", "dbt_task", std::move(body));
  local["environment_key"] = "dbt";
  json cloud = task(
      "cloud", "dbt_cloud_task",
      json::object({{"connection_resource_name", estate.shared_id("connection", "dbt-account")},
                    {"dbt_cloud_job_id", 70403103922117LL}}));
  json platform = task(
      "hosted", "dbt_platform_task",
      json::object({{"connection_resource_name", estate.shared_id("connection", "dbt-account")},
                    {"dbt_platform_job_id", "70403103922118"}}));
  json out =
      job("dbt: here and hosted", json::array({std::move(local), after(std::move(cloud), {"dbt"}),
                                               after(std::move(platform), {"dbt"})}));
  json spec =
      json::object({{"client", "2"}, {"dependencies", json::array({"dbt-databricks>=1.8,<2"})}});
  out["environments"] =
      json::array({json::object({{"environment_key", "dbt"}, {"spec", std::move(spec)}})});
  return out;
}

json power_bi_job(const Estate& estate) {
  json model = json::object({{"workspace_name", "Finance"},
                             {"model_name", "revenue"},
                             {"storage_mode", "DIRECT_QUERY"},
                             {"authentication_method", "OAUTH"},
                             {"overwrite_existing", true}});
  json table = json::object({{"catalog", "main"}, {"schema", "finance"}, {"name", "revenue"}});
  return job("publish to Power BI",
             json::array({task("publish", "power_bi_task",
                               json::object({{"connection_resource_name",
                                              estate.shared_id("connection", "power-bi-service")},
                                             {"warehouse_id", warehouse(estate, "finance-bi")},
                                             {"power_bi_model", std::move(model)},
                                             {"tables", json::array({std::move(table)})},
                                             {"refresh_after_update", true}}))}));
}

json branches_job(const Estate& estate) {
  json big = task(
      "is it much?", "condition_task",
      json::object(
          {{"op", "GREATER_THAN"}, {"left", "{{tasks.count.values.rows}}"}, {"right", "100000"}}));
  json count = task("count", "notebook_task", notebook(estate, "supply", 0));
  json many = task("many", "notebook_task", notebook(estate, "supply", 1));
  many["depends_on"] =
      json::array({json::object({{"task_key", "is it much?"}, {"outcome", "true"}})});
  json few = task("few", "notebook_task", notebook(estate, "supply", 2));
  few["depends_on"] =
      json::array({json::object({{"task_key", "is it much?"}, {"outcome", "false"}})});
  few["disabled"] = true;
  for (json* each : {&count, &many, &few}) (*each)["existing_cluster_id"] = estate.clusters.back();
  return job("orders: few or many", json::array({std::move(count), after(std::move(big), {"count"}),
                                                 std::move(many), std::move(few)}));
}

json loop_job(const Estate& estate) {
  json inner = task("one region", "notebook_task", notebook(estate, "telemetry", 4));
  inner["notebook_task"]["base_parameters"] = json::object({{"region", "{{input}}"}});
  inner["existing_cluster_id"] = estate.clusters.front();
  inner["webhook_notifications"]["on_failure"] =
      json::array({json::object({{"id", estate.shared_id("notification_destination", "pager")}})});
  json loop = task("all regions", "for_each_task",
                   json::object({{"inputs", "[\"north\", \"west\", \"south\"]"},
                                 {"concurrency", 2},
                                 {"task", std::move(inner)}}));
  json query = task(
      "one desk", "sql_task",
      json::object({{"warehouse_id", warehouse(estate, "risk-reporting")},
                    {"query", json::object({{"query_id",
                                             estate.shared_id("query", "Exposure by desk")}})}}));
  json second =
      task("all desks", "for_each_task",
           json::object({{"inputs", "{{job.parameters.desks}}"}, {"task", std::move(query)}}));
  json out = job("for each region, for each desk",
                 json::array({std::move(loop), after(std::move(second), {"all regions"})}));
  out["parameters"] =
      json::array({json::object({{"name", "desks"}, {"default", "[\"rates\", \"credit\"]"}})});
  return out;
}

json newer_types_job(const Estate& estate) {
  json clean =
      task("clean room", "clean_rooms_notebook_task",
           json::object({{"clean_room_name", "partners"},
                         {"notebook_name", "overlap"},
                         {"notebook_base_parameters", json::object({{"quarter", "2025Q4"}})}}));
  json train = task("train", "gen_ai_compute_task",
                    json::object({{"dl_runtime_image", "standard-1"},
                                  {"training_script_path",
                                   "/Workspace/Teams/risk/exposure/lib/exposure_rules.py"},
                                  {"source", "WORKSPACE"},
                                  {"mlflow_experiment_name", "/Shared/experiments/exposure"},
                                  {"command", "python train.py"}}));
  train["gen_ai_compute_task"]["compute"] =
      json::object({{"num_gpus", 1}, {"gpu_type", "GPU_1xA10"}});
  json serve = task(
      "tune", "ai_runtime_task",
      json::object(
          {{"experiment", "exposure"},
           {"code_source_path", "/Workspace/Teams/risk/exposure"},
           {"deployments",
            json::array({json::object(
                {{"command_path", "/Workspace/Teams/risk/exposure/init/install-agent.sh"}})})}}));
  json plain = task(
      "operator", "python_operator_task",
      json::object({{"main", "helpers.operators:refresh"},
                    {"parameters", json::array({json::object(
                                       {{"name", "table"}, {"value", "main.risk.exposure"}})})}}));
  json show = task("show", "notebook_task", notebook(estate, "risk", 2));
  show["existing_cluster_id"] = estate.clusters.front();
  return job("types that few use",
             json::array({std::move(clean), std::move(train), std::move(serve), std::move(plain),
                          after(std::move(show), {"train", "clean room"})}));
}

json git_job(const Estate& estate) {
  json load = task("load", "notebook_task",
                   json::object({{"notebook_path", "jobs/load"}, {"source", "GIT"}}));
  load["existing_cluster_id"] = estate.clusters.front();
  json out = job("deployed from Git", json::array({std::move(load)}));
  out["git_source"] = json::object({{"git_url", "https://git.lakeside.example/platform/jobs.git"},
                                    {"git_provider", "gitLab"},
                                    {"git_branch", "main"}});
  out["deployment"] =
      json::object({{"kind", "BUNDLE"},
                    {"metadata_file_path", "/Workspace/Shared/common/bundle/metadata.json"}});
  out["edit_mode"] = "EDITABLE";
  return out;
}

json noisy_job(const Estate& estate) {
  json watch = task("watch", "notebook_task", notebook(estate, "platform", 0));
  watch["new_cluster"] = small_cluster();
  watch["new_cluster"]["init_scripts"] = json::array({json::object(
      {{"workspace",
        json::object({{"destination", "/Teams/finance/ledger/init/install-agent.sh"}})}})});
  watch["email_notifications"]["on_failure"] = json::array({"on-call@lakeside.example"});
  watch["notification_settings"] =
      json::object({{"alert_on_last_attempt", true}, {"no_alert_for_skipped_runs", true}});
  watch["health"]["rules"] = json::array({json::object(
      {{"metric", "RUN_DURATION_SECONDS"}, {"op", "GREATER_THAN"}, {"value", 3600}})});
  json out = job("watch everything", json::array({std::move(watch)}));
  for (const char* occasion :
       {"on_start", "on_success", "on_failure", "on_duration_warning_threshold_exceeded",
        "on_streaming_backlog_exceeded"})
    out["webhook_notifications"][occasion] = json::array(
        {json::object({{"id", estate.shared_id("notification_destination", "#data-platform")}}),
         json::object({{"id", estate.shared_id("notification_destination", "ticket-hook")}})});
  out["email_notifications"]["on_failure"] =
      json::array({estate.user(1), "on-call@lakeside.example"});
  out["email_notifications"]["no_alert_for_skipped_runs"] = true;
  out["notification_settings"] =
      json::object({{"no_alert_for_skipped_runs", true}, {"no_alert_for_canceled_runs", false}});
  out["health"]["rules"] = json::array({json::object(
      {{"metric", "RUN_DURATION_SECONDS"}, {"op", "GREATER_THAN"}, {"value", 7200}})});
  out["description"] = "Looks after the loads of all teams.\nQuestions: on-call.";
  out["tags"] = json::object({{"team", "platform"}, {"criticality", "high"}});
  out["timeout_seconds"] = 10800;
  out["queue"] = json::object({{"enabled", false}});
  out["max_concurrent_runs"] = 4;
  out["performance_target"] = "STANDARD";
  return out;
}
}  // namespace

std::vector<json> job_samples(const Estate& estate) {
  std::vector<json> samples;
  for (const auto& make :
       {notebook_job, python_job, jar_job, pipeline_job, sql_job, dashboard_job, dbt_job,
        power_bi_job, branches_job, loop_job, newer_types_job, git_job, noisy_job})
    samples.push_back(make(estate));
  return samples;
}

}  // namespace twinlake::simulator
