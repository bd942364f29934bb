#include "support/estate.h"

#include "base/hash.h"
#include "base/json_path.h"

namespace twinlake::test {

using nlohmann::json;

void import_notebook(Lab& lab, const std::string& path, const std::string& source) {
  lab.primary("POST", "/api/2.0/workspace/import",
              {{"path", path}, {"format", "SOURCE"}, {"language", "PYTHON"}, {"overwrite", true}, {"content", base64_encode(source)}});
}

json job_body(const std::string& name, const std::string& notebook) {
  return {{"name", name},
          {"tasks", json::array({{{"task_key", "main"}, {"notebook_task", {{"notebook_path", notebook}}}}})},
          {"schedule", {{"quartz_cron_expression", "0 0 2 * * ?"}, {"timezone_id", "UTC"}, {"pause_status", "UNPAUSED"}}}};
}

void fill_small_estate(Lab& lab) {
  const json ana = lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "ana@contoso.example"}, {"displayName", "Ana"}});
  lab.primary("POST", "/api/2.0/preview/scim/v2/Groups",
              {{"displayName", "engineers"}, {"members", json::array({{{"value", ana["id"]}}})}});
  lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/etl/empty"}});
  import_notebook(lab, "/Shared/etl/load", "# Databricks notebook source\nprint(1)\n");
  const json folder = lab.primary("GET", "/api/2.0/workspace/get-status?path=/Shared/etl");
  lab.primary("PUT", "/api/2.0/permissions/directories/" + text_at(folder, "/object_id"),
              {{"access_control_list", json::array({{{"group_name", "engineers"}, {"permission_level", "CAN_EDIT"}}})}});
  const json pool = lab.primary("POST", "/api/2.0/instance-pools/create",
                                {{"instance_pool_name", "small"}, {"node_type_id", "Standard_DS3_v2"}, {"min_idle_instances", 2}});
  lab.primary("POST", "/api/2.0/secrets/scopes/create", {{"scope", "keys"}});
  lab.primary("POST", "/api/2.0/secrets/put", {{"scope", "keys"}, {"key", "lake"}, {"string_value", planted_secret}});
  lab.primary("POST", "/api/2.0/secrets/acls/put", {{"scope", "keys"}, {"principal", "engineers"}, {"permission", "READ"}});
  for (const char* name : {"second thing", "a first thing"})
    lab.primary("POST", "/api/2.0/global-init-scripts", {{"name", name}, {"script", base64_encode("#!/bin/sh\n")}, {"enabled", true}});
  lab.primary("POST", "/api/2.0/dbfs/put", {{"path", "/elsewhere/lib.jar"}, {"contents", base64_encode("PK\x03\x04")}});
  lab.primary("PATCH", "/api/2.0/workspace-conf", {{"maxTokenLifetimeDays", "90"}});
  const json policy = lab.primary(
      "POST", "/api/2.0/policies/clusters/create",
      {{"name", "frugal"}, {"definition", to_text({{"instance_pool_id", {{"type", "fixed"}, {"value", pool["instance_pool_id"]}}}})}});
  const json cluster = lab.primary("POST", "/api/2.1/clusters/create",
                                   {{"cluster_name", "shared"}, {"spark_version", "15.4.x-scala2.12"}, {"num_workers", 2},
                                    {"instance_pool_id", pool["instance_pool_id"]}, {"policy_id", policy["policy_id"]},
                                    {"spark_env_vars", {{"LAKE_KEY", "{{secrets/keys/lake}}"}, {"PASSWORD", planted_literal}}}});
  lab.primary("POST", "/api/2.0/libraries/install",
              {{"cluster_id", cluster["cluster_id"]},
               {"libraries", json::array({{{"pypi", {{"package", "simplejson"}}}}, {{"jar", "dbfs:/elsewhere/lib.jar"}}})}});
  const json warehouse = lab.primary("POST", "/api/2.0/sql/warehouses",
                                     {{"name", "reports"}, {"cluster_size", "Small"}, {"auto_stop_mins", 0}});
  const json pipeline = lab.primary(
      "POST", "/api/2.0/pipelines",
      {{"name", "stream"}, {"continuous", true}, {"libraries", json::array({{{"notebook", {{"path", "/Shared/etl/load"}}}}})},
       {"clusters", json::array({{{"label", "default"}, {"policy_id", policy["policy_id"]}, {"num_workers", 1}}})}});
  json load = job_body("load", "/Shared/etl/load");
  load["tasks"][0]["existing_cluster_id"] = cluster["cluster_id"];
  load["tasks"].push_back({{"task_key", "refresh"}, {"pipeline_task", {{"pipeline_id", pipeline["pipeline_id"]}}}});
  load["tasks"].push_back({{"task_key", "ask"},
                           {"sql_task", {{"warehouse_id", warehouse["id"]}, {"file", {{"path", "/Shared/etl/load"}}}}}});
  const json first = lab.primary("POST", "/api/2.2/jobs/create", load);
  json chain = job_body("chain", "/Shared/etl/load");
  chain["tasks"].push_back({{"task_key", "then"}, {"run_job_task", {{"job_id", first["job_id"]}}}});
  const json second = lab.primary("POST", "/api/2.2/jobs/create", chain);
  // Closes a cycle: load runs chain runs load.
  load["tasks"].push_back({{"task_key", "again"}, {"run_job_task", {{"job_id", second["job_id"]}}}});
  lab.primary("POST", "/api/2.2/jobs/reset", {{"job_id", first["job_id"]}, {"new_settings", load}});
}

}  // namespace twinlake::test
