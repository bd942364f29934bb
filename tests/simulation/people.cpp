#include "simulation/people.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/json_path.h"

namespace twinlake::simulation {

using nlohmann::json;

namespace {

constexpr const char* jobs_api = "/api/2.2/jobs/";
constexpr const char* nothing_there = "nothing is there";

json numbered(std::initializer_list<json> elements) { return json(json::array_t(elements)); }

std::string encoded(const std::string& text) { return base64_encode(text); }

/// Every way in which a job starts by itself.
void add_trigger(json& settings, unsigned kind, unsigned minute) {
  const std::string cron = "0 " + std::to_string(minute) + " * * * ?";
  const json schedule = {{"quartz_cron_expression", cron}, {"timezone_id", "UTC"}};
  switch (kind) {
    case 0:
    case 1:
    case 2:
      settings["schedule"] = schedule;
      settings["schedule"]["pause_status"] = kind == 2 ? "PAUSED" : "UNPAUSED";
      break;
    case 3: settings["continuous"] = {{"pause_status", "UNPAUSED"}}; break;
    case 4:
      settings["trigger"] = {{"pause_status", "UNPAUSED"}, {"file_arrival", {{"url", "abfss://in@lake.dfs.core.windows.net/new/"}}}};
      break;
    case 5: settings["trigger"] = {{"pause_status", "UNPAUSED"}, {"periodic", {{"interval", 1}, {"unit", "DAYS"}}}}; break;
    default: break;
  }
}

}  // namespace

std::string People::edit(Side side, const Operation& operation) { return carry_out(edits(), side, operation); }
std::string People::meddle(Side side, const Operation& operation) { return carry_out(meddlings(), side, operation); }

std::string People::carry_out(std::span<const Edit> table, Side side, const Operation& operation) {
  side_ = side;
  operation_ = operation;
  unsigned all = 0;
  for (const Edit& edit : table) all += edit.weight;
  unsigned left = operation.what % all;
  const auto* edit = table.data();
  for (; left >= edit->weight; ++edit) left -= edit->weight;
  try {
    return std::string(edit->name) + ": " + (this->*edit->does)();
  } catch (const std::runtime_error& refusal) {
    return std::string(edit->name) + " was refused: " + refusal.what();
  }
}

std::vector<json> People::list(const char* name) const {
  const json world = site_.region(side_).world();
  const json& all = world.at(name);
  return {all.begin(), all.end()};
}

json People::one_of(std::vector<json> candidates) const {
  if (candidates.empty()) throw std::runtime_error(nothing_there);
  return candidates[operation_.which % candidates.size()];
}
json People::one_of(const char* name) const { return one_of(list(name)); }

std::vector<json> People::entries(std::string_view type) const {
  std::vector<json> found = list("tree");
  std::erase_if(found, [&](const json& entry) {
    const std::string path = text_at(entry, "/path");
    return text_at(entry, "/object_type") != type || !path.starts_with("/Shared/");
  });
  return found;
}

std::string People::name(std::string_view what) const { return std::string(what) + " " + std::to_string(operation_.number); }
unsigned People::number(unsigned salt, unsigned below) const { return (operation_.which / (salt + 1) + operation_.what * (salt + 3)) % below; }

void People::import_notebook(const std::string& path, const std::string& text) {
  post("/api/2.0/workspace/import", {{"path", path}, {"format", "SOURCE"}, {"language", "PYTHON"}, {"overwrite", true},
                                     {"content", encoded("# Databricks notebook source\n" + text)}});
}

std::string People::some_notebook() {
  const std::vector<json> notebooks = entries("NOTEBOOK");
  if (!notebooks.empty()) return text_at(notebooks[number(1, static_cast<unsigned>(notebooks.size()))], "/path");
  import_notebook("/Shared/first", "print(0)\n");
  return "/Shared/first";
}

std::string People::new_secret() {
  secrets_.push_back("s3cr3t-of-" + std::to_string(operation_.number) + "-" + std::to_string(operation_.which));
  return secrets_.back();
}

// --- jobs

std::string People::new_job() {
  json settings = {{"name", name("job")},
                   {"tasks", numbered({{{"task_key", "main"}, {"notebook_task", {{"notebook_path", some_notebook()}}}}})}};
  const std::vector<json> clusters = list("clusters");
  if (!clusters.empty() && number(2, 2) == 0) settings["tasks"][0]["existing_cluster_id"] = clusters.front().at("cluster_id");
  const std::vector<json> jobs = list("jobs");
  if (!jobs.empty() && number(3, 3) == 0)
    settings["tasks"].push_back({{"task_key", "then"}, {"run_job_task", {{"job_id", jobs[number(4, static_cast<unsigned>(jobs.size()))].at("job_id")}}}});
  add_trigger(settings, number(5, 8), number(6, 60));
  post(std::string(jobs_api) + "create", settings);
  return settings["name"];
}

std::string People::new_job_of_same_name() {
  const json job = one_of("jobs");
  const std::string same = text_at(job, "/settings/name");
  json settings = {{"name", same}, {"tasks", numbered({{{"task_key", "other"}, {"notebook_task", {{"notebook_path", some_notebook()}}}}})}};
  add_trigger(settings, number(5, 8), number(6, 60));
  post(std::string(jobs_api) + "create", settings);
  return same;
}

std::string People::change_job() {
  const json job = one_of("jobs");
  post(std::string(jobs_api) + "update", {{"job_id", job["job_id"]}, {"new_settings", {{"max_concurrent_runs", 2 + operation_.number}}}});
  return text_at(job, "/settings/name");
}

std::string People::rename_job() {
  const json job = one_of("jobs");
  post(std::string(jobs_api) + "update", {{"job_id", job["job_id"]}, {"new_settings", {{"name", name("renamed")}}}});
  return text_at(job, "/settings/name") + " to " + name("renamed");
}

std::string People::set_triggers(bool live) {
  std::vector<json> jobs = list("jobs");
  const auto trigger_of = [](const json& job) -> std::string {
    for (const char* place : {"schedule", "continuous", "trigger"})
      if (job.at("settings").contains(place)) return place;
    return {};
  };
  const std::string wanted = live ? "UNPAUSED" : "PAUSED";
  std::erase_if(jobs, [&](const json& job) {
    const std::string place = trigger_of(job);
    return place.empty() || text_at(job, "/settings/" + place + "/pause_status") == wanted;
  });
  const json job = one_of(std::move(jobs));
  const std::string place = trigger_of(job);
  json settings = json::object();
  settings[place] = job["settings"][place];
  settings[place]["pause_status"] = wanted;
  post(std::string(jobs_api) + "update", {{"job_id", job["job_id"]}, {"new_settings", settings}});
  return text_at(job, "/settings/name") + " " + place + " " + wanted;
}

std::string People::turn_job() { return set_triggers(number(1, 2) == 0); }
std::string People::let_job_run() { return set_triggers(true); }

std::string People::remove_job() {
  const json job = one_of("jobs");
  dangling_.push_back(text_at(job, "/job_id"));
  post(std::string(jobs_api) + "delete", {{"job_id", job["job_id"]}});
  return text_at(job, "/settings/name");
}

std::string People::remove_many_jobs() {
  const std::vector<json> jobs = list("jobs");
  if (jobs.size() < 3) return nothing_there;
  for (std::size_t i = 1; i < jobs.size(); ++i) {
    dangling_.push_back(text_at(jobs[i], "/job_id"));
    post(std::string(jobs_api) + "delete", {{"job_id", jobs[i]["job_id"]}});
  }
  return "all but " + text_at(jobs[0], "/settings/name");
}

// --- the tree

std::string People::new_notebook() {
  const std::vector<json> folders = entries("DIRECTORY");
  const std::string folder = folders.empty() || number(1, 3) == 0 ? "/Shared" : text_at(folders[number(2, static_cast<unsigned>(folders.size()))], "/path");
  const std::string path = folder + "/" + name("notebook");
  import_notebook(path, "print(" + std::to_string(operation_.which) + ")\n");
  return path;
}

std::string People::change_notebook() {
  const std::string path = text_at(one_of(entries("NOTEBOOK")), "/path");
  import_notebook(path, "changed = " + std::to_string(operation_.number) + "\n");
  return path;
}

std::string People::move_notebook() {
  const std::string path = text_at(one_of(entries("NOTEBOOK")), "/path");
  const std::string to = "/Shared/" + name("moved");
  post("/sim/tree/move", {{"from", path}, {"to", to}});
  return path + " to " + to;
}

std::string People::remove_notebook() {
  const std::string path = text_at(one_of(entries("NOTEBOOK")), "/path");
  post("/api/2.0/workspace/delete", {{"path", path}});
  return path;
}

std::string People::new_folder() {
  const std::string path = number(1, 2) == 0 ? "/Shared/" + name("folder") : "/Shared/" + name("outer") + "/" + name("inner");
  post("/api/2.0/workspace/mkdirs", {{"path", path}});
  return path;
}

std::string People::move_folder() {
  const std::string path = text_at(one_of(entries("DIRECTORY")), "/path");
  const std::string to = "/Shared/" + name("moved folder");
  post("/sim/tree/move", {{"from", path}, {"to", to}});
  return path + " to " + to;
}

std::string People::remove_folder() {
  const std::string path = text_at(one_of(entries("DIRECTORY")), "/path");
  post("/api/2.0/workspace/delete", {{"path", path}, {"recursive", true}});
  return path;
}

std::string People::new_file() {
  const std::string path = "/Shared/" + name("file") + ".txt";
  post("/api/2.0/workspace/import", {{"path", path}, {"format", "AUTO"}, {"overwrite", true}, {"content", encoded("rows " + std::to_string(operation_.which) + "\n")}});
  return path;
}

// --- compute

std::string People::new_pool() {
  post("/api/2.0/instance-pools/create", {{"instance_pool_name", name("pool")}, {"node_type_id", "Standard_DS3_v2"}, {"min_idle_instances", number(1, 3)}});
  return name("pool");
}

std::string People::change_pool() {
  const json pool = one_of("instance_pools");
  post("/api/2.0/instance-pools/edit", {{"instance_pool_id", pool["instance_pool_id"]}, {"instance_pool_name", name("pool")},
                                        {"node_type_id", pool["node_type_id"]}, {"idle_instance_autotermination_minutes", 10 + operation_.number}});
  return text_at(pool, "/instance_pool_name") + " to " + name("pool");
}

std::string People::remove_pool() {
  const json pool = one_of("instance_pools");
  dangling_.push_back(text_at(pool, "/instance_pool_id"));
  post("/api/2.0/instance-pools/delete", {{"instance_pool_id", pool["instance_pool_id"]}});
  return text_at(pool, "/instance_pool_name");
}

std::string People::new_policy() {
  json definition = {{"autotermination_minutes", {{"type", "fixed"}, {"value", 10 + number(1, 50)}}}};
  const std::vector<json> pools = list("instance_pools");
  if (!pools.empty() && number(2, 2) == 0) definition["instance_pool_id"] = {{"type", "fixed"}, {"value", pools.front()["instance_pool_id"]}};
  post("/api/2.0/policies/clusters/create", {{"name", name("policy")}, {"definition", definition.dump()}});
  return name("policy");
}

std::string People::change_policy() {
  std::vector<json> policies = list("cluster_policies");
  std::erase_if(policies, [](const json& policy) { return policy.value("is_default", false); });
  const json policy = one_of(std::move(policies));
  const json definition = {{"autotermination_minutes", {{"type", "fixed"}, {"value", 60 + operation_.number}}}};
  post("/api/2.0/policies/clusters/edit", {{"policy_id", policy["policy_id"]}, {"name", policy["name"]}, {"definition", definition.dump()}});
  return text_at(policy, "/name");
}

std::string People::remove_policy() {
  std::vector<json> policies = list("cluster_policies");
  std::erase_if(policies, [](const json& policy) { return policy.value("is_default", false); });
  const json policy = one_of(std::move(policies));
  dangling_.push_back(text_at(policy, "/policy_id"));
  post("/api/2.0/policies/clusters/delete", {{"policy_id", policy["policy_id"]}});
  return text_at(policy, "/name");
}

std::string People::new_cluster() {
  json cluster = {{"cluster_name", name("cluster")}, {"spark_version", "15.4.x-scala2.12"}, {"num_workers", 1 + number(1, 4)},
                  {"spark_env_vars", {{"PASSWORD", new_secret()}, {"STAGE", "prod"}}}};
  const std::vector<json> pools = list("instance_pools");
  if (pools.empty() || number(2, 2) == 0) {
    cluster["node_type_id"] = "Standard_DS3_v2";
  } else {
    cluster["instance_pool_id"] = pools.front()["instance_pool_id"];
  }
  post("/api/2.1/clusters/create", cluster);
  return name("cluster");
}

std::string People::change_cluster() {
  const json cluster = one_of("clusters");
  json edited = {{"cluster_id", cluster["cluster_id"]}, {"cluster_name", cluster["cluster_name"]}, {"spark_version", cluster["spark_version"]},
                 {"num_workers", 1 + operation_.number}};
  for (const char* kept : {"instance_pool_id", "node_type_id", "spark_env_vars"})
    if (cluster.contains(kept) && (std::string_view(kept) != "node_type_id" || !cluster.contains("instance_pool_id"))) edited[kept] = cluster[kept];
  post("/api/2.1/clusters/edit", edited);
  return text_at(cluster, "/cluster_name");
}

std::string People::remove_cluster() {
  const json cluster = one_of("clusters");
  dangling_.push_back(text_at(cluster, "/cluster_id"));
  post("/api/2.1/clusters/permanent-delete", {{"cluster_id", cluster["cluster_id"]}});
  return text_at(cluster, "/cluster_name");
}

// --- people

std::string People::new_user() {
  const std::string user = "user" + std::to_string(operation_.number) + "@contoso.example";
  post("/api/2.0/preview/scim/v2/Users", {{"userName", user}, {"displayName", user}});
  return user;
}

std::string People::new_group() {
  json group = {{"displayName", name("group")}};
  const std::vector<json> users = list("users");
  group["members"] = numbered({{{"value", users[number(1, static_cast<unsigned>(users.size()))]["id"]}}});
  post("/api/2.0/preview/scim/v2/Groups", group);
  return name("group");
}

std::string People::change_group() {
  std::vector<json> groups = list("groups");
  std::erase_if(groups, [](const json& group) { return !text_at(group, "/displayName").starts_with("group "); });
  const json group = one_of(std::move(groups));
  const std::vector<json> users = list("users");
  const json member = {{"value", users[number(1, static_cast<unsigned>(users.size()))]["id"]}};
  site_.ask(side_, "PATCH", "/api/2.0/preview/scim/v2/Groups/" + text_at(group, "/id"),
            {{"schemas", numbered({"urn:ietf:params:scim:api:messages:2.0:PatchOp"})},
             {"Operations", numbered({{{"op", "add"}, {"path", "members"}, {"value", numbered({member})}}})}});
  return text_at(group, "/displayName");
}

std::string People::remove_group() {
  std::vector<json> groups = list("groups");
  std::erase_if(groups, [](const json& group) { return !text_at(group, "/displayName").starts_with("group "); });
  const json group = one_of(std::move(groups));
  site_.ask(side_, "DELETE", "/api/2.0/preview/scim/v2/Groups/" + text_at(group, "/id"));
  return text_at(group, "/displayName");
}

std::string People::share() {
  std::vector<json> groups = list("groups");
  std::erase_if(groups, [](const json& group) { return !text_at(group, "/displayName").starts_with("group "); });
  const json group = one_of(std::move(groups));
  const json body = {{"access_control_list", numbered({{{"group_name", group["displayName"]}, {"permission_level", "CAN_MANAGE"}}})}};
  const std::vector<json> jobs = list("jobs");
  const std::vector<json> folders = entries("DIRECTORY");
  if (!jobs.empty() && number(1, 2) == 0) {
    const json& job = jobs[number(2, static_cast<unsigned>(jobs.size()))];
    site_.ask(side_, "PATCH", "/api/2.0/permissions/jobs/" + text_at(job, "/job_id"), body);
    return text_at(job, "/settings/name") + " with " + text_at(group, "/displayName");
  }
  if (folders.empty()) return nothing_there;
  const json& folder = folders[number(2, static_cast<unsigned>(folders.size()))];
  site_.ask(side_, "PATCH", "/api/2.0/permissions/directories/" + text_at(folder, "/object_id"), body);
  return text_at(folder, "/path") + " with " + text_at(group, "/displayName");
}

// --- secrets

std::string People::new_secret_scope() {
  const std::string scope = "scope-" + std::to_string(operation_.number);
  post("/api/2.0/secrets/scopes/create", {{"scope", scope}});
  post("/api/2.0/secrets/put", {{"scope", scope}, {"key", "lake"}, {"string_value", new_secret()}});
  return scope;
}

std::string People::put_secret() {
  const std::string scope = text_at(one_of("secret_scopes"), "/name");
  const std::string key = number(1, 2) == 0 ? "lake" : "key-" + std::to_string(operation_.number);
  post("/api/2.0/secrets/put", {{"scope", scope}, {"key", key}, {"string_value", new_secret()}});
  return scope + "/" + key;
}

std::string People::remove_secret() {
  const json secret = one_of("secrets");
  post("/api/2.0/secrets/delete", {{"scope", secret["scope"]}, {"key", secret["key"]}});
  return text_at(secret, "/scope") + "/" + text_at(secret, "/key");
}

std::string People::share_scope() {
  const std::string scope = text_at(one_of("secret_scopes"), "/name");
  const std::vector<json> users = list("users");
  const std::string user = text_at(users[number(1, static_cast<unsigned>(users.size()))], "/userName");
  post("/api/2.0/secrets/acls/put", {{"scope", scope}, {"principal", user}, {"permission", number(2, 2) == 0 ? "READ" : "WRITE"}});
  return scope + " with " + user;
}

std::string People::remove_scope() {
  const std::string scope = text_at(one_of("secret_scopes"), "/name");
  post("/api/2.0/secrets/scopes/delete", {{"scope", scope}});
  return scope;
}

// --- pipelines, SQL

std::string People::new_pipeline() {
  post("/api/2.0/pipelines", {{"name", name("pipeline")}, {"continuous", number(1, 2) == 0},
                              {"libraries", numbered({{{"notebook", {{"path", some_notebook()}}}}})}});
  return name("pipeline");
}

std::string People::change_pipeline() {
  const json pipeline = one_of("pipelines");
  json spec = pipeline["spec"];
  spec["name"] = name("pipeline");
  spec["continuous"] = !spec.value("continuous", false);
  site_.ask(side_, "PUT", "/api/2.0/pipelines/" + text_at(pipeline, "/pipeline_id"), spec);
  return text_at(pipeline, "/name") + " to " + name("pipeline");
}

std::string People::remove_pipeline() {
  const json pipeline = one_of("pipelines");
  dangling_.push_back(text_at(pipeline, "/pipeline_id"));
  site_.ask(side_, "DELETE", "/api/2.0/pipelines/" + text_at(pipeline, "/pipeline_id"));
  return text_at(pipeline, "/name");
}

std::string People::new_warehouse() {
  post("/api/2.0/sql/warehouses", {{"name", name("warehouse")}, {"cluster_size", "Small"}, {"auto_stop_mins", 10 + number(1, 20)}});
  return name("warehouse");
}

namespace {
void keep_named(std::vector<json>& items, std::string_view prefix) {
  std::erase_if(items, [&](const json& item) { return !text_at(item, "/name").starts_with(prefix); });
}
}  // namespace

std::string People::change_warehouse() {
  std::vector<json> warehouses = list("warehouses");
  keep_named(warehouses, "warehouse ");
  const json warehouse = one_of(std::move(warehouses));
  post("/api/2.0/sql/warehouses/" + text_at(warehouse, "/id") + "/edit", {{"name", name("warehouse")}, {"cluster_size", "Medium"}, {"auto_stop_mins", 20}});
  return text_at(warehouse, "/name") + " to " + name("warehouse");
}

std::string People::remove_warehouse() {
  std::vector<json> warehouses = list("warehouses");
  keep_named(warehouses, "warehouse ");
  const json warehouse = one_of(std::move(warehouses));
  dangling_.push_back(text_at(warehouse, "/id"));
  site_.ask(side_, "DELETE", "/api/2.0/sql/warehouses/" + text_at(warehouse, "/id"));
  return text_at(warehouse, "/name");
}

std::string People::new_query() {
  const json warehouse = one_of("warehouses");
  post("/api/2.0/sql/queries", {{"query", {{"display_name", name("query")}, {"query_text", "select " + std::to_string(operation_.which)},
                                           {"warehouse_id", warehouse["id"]}, {"parent_path", "/Workspace/Shared"}}},
                                {"auto_resolve_display_name", false}});
  return name("query");
}

std::string People::new_alert() {
  const json warehouse = one_of("warehouses");
  json evaluation = {{"source", {{"name", "late"}, {"aggregation", "SUM"}}}, {"comparison_operator", "GREATER_THAN"}, {"empty_result_state", "OK"}};
  evaluation["threshold"]["value"]["double_value"] = number(1, 9);
  post("/api/2.0/alerts", {{"display_name", name("alert")}, {"query_text", "select 1 as late"}, {"warehouse_id", warehouse["id"]},
                           {"parent_path", "/Workspace/Shared"}, {"evaluation", evaluation},
                           {"schedule", {{"quartz_cron_schedule", "0 0 6 * * ?"}, {"timezone_id", "UTC"}, {"pause_status", "UNPAUSED"}}}});
  return name("alert");
}

std::string People::remove_alert() {
  const json alert = one_of("alerts");
  site_.ask(side_, "DELETE", "/api/2.0/alerts/" + text_at(alert, "/id"));
  return text_at(alert, "/display_name");
}

// --- the workspace

std::string People::new_script() {
  post("/api/2.0/global-init-scripts", {{"name", name("script")}, {"script", encoded("#!/bin/sh\necho " + std::to_string(operation_.which) + "\n")}, {"enabled", true}});
  return name("script");
}

std::string People::change_script() {
  const json script = one_of("global_init_scripts");
  site_.ask(side_, "PATCH", "/api/2.0/global-init-scripts/" + text_at(script, "/script_id"),
            {{"name", script["name"]}, {"script", encoded("#!/bin/sh\ntrue " + std::to_string(operation_.number) + "\n")}, {"enabled", number(1, 2) == 0}});
  return text_at(script, "/name");
}

std::string People::remove_script() {
  const json script = one_of("global_init_scripts");
  site_.ask(side_, "DELETE", "/api/2.0/global-init-scripts/" + text_at(script, "/script_id"));
  return text_at(script, "/name");
}

std::string People::change_conf() {
  site_.ask(side_, "PATCH", "/api/2.0/workspace-conf", {{"maxTokenLifetimeDays", std::to_string(30 + operation_.number)}});
  return "maxTokenLifetimeDays";
}

std::string People::new_git_folder() {
  const std::string path = "/Shared/" + name("repo");
  post("/api/2.0/repos", {{"path", path}, {"url", "https://github.com/contoso/" + std::to_string(operation_.number) + ".git"}, {"provider", "gitHub"}});
  return path;
}

std::string People::new_destination() {
  post("/api/2.0/notification-destinations", {{"display_name", name("mail")}, {"config", {{"email", {{"addresses", numbered({"ops@contoso.example"})}}}}}});
  return name("mail");
}

// --- on the secondary

std::string People::own_job() {
  json settings = {{"name", name("own")}, {"tasks", numbered({{{"task_key", "mine"}, {"notebook_task", {{"notebook_path", some_notebook()}}}}})}};
  add_trigger(settings, number(5, 8), number(6, 60));
  post(std::string(jobs_api) + "create", settings);
  return settings["name"];
}

std::string People::own_job_of_a_name_that_is_there() {
  const Side here = side_;
  side_ = model::other(here);
  const std::vector<json> theirs = list("jobs");
  side_ = here;
  if (theirs.empty()) return nothing_there;
  const std::string same = text_at(theirs[operation_.which % theirs.size()], "/settings/name");
  post(std::string(jobs_api) + "create", {{"name", same}, {"tasks", numbered({{{"task_key", "mine"}, {"notebook_task", {{"notebook_path", "/Shared/mine"}}}}})}});
  return same;
}

std::string People::own_notebook() {
  const std::vector<json> folders = entries("DIRECTORY");
  const std::string folder = folders.empty() ? "/Shared" : text_at(folders[number(2, static_cast<unsigned>(folders.size()))], "/path");
  import_notebook(folder + "/" + name("own"), "mine = 1\n");
  return folder + "/" + name("own");
}

std::span<const People::Edit> People::edits() {
  static constexpr std::array table{
      Edit{"new job", 24, &People::new_job}, Edit{"new job of the same name", 2, &People::new_job_of_same_name},
      Edit{"change job", 8, &People::change_job}, Edit{"rename job", 5, &People::rename_job},
      Edit{"turn job", 12, &People::turn_job}, Edit{"remove job", 7, &People::remove_job},
      Edit{"remove many jobs", 1, &People::remove_many_jobs},
      Edit{"new notebook", 10, &People::new_notebook}, Edit{"change notebook", 7, &People::change_notebook},
      Edit{"move notebook", 5, &People::move_notebook}, Edit{"remove notebook", 4, &People::remove_notebook},
      Edit{"new folder", 7, &People::new_folder}, Edit{"move folder", 2, &People::move_folder},
      Edit{"remove folder", 3, &People::remove_folder}, Edit{"new file", 3, &People::new_file},
      Edit{"new pool", 6, &People::new_pool}, Edit{"change pool", 3, &People::change_pool}, Edit{"remove pool", 2, &People::remove_pool},
      Edit{"new policy", 4, &People::new_policy}, Edit{"change policy", 2, &People::change_policy}, Edit{"remove policy", 2, &People::remove_policy},
      Edit{"new cluster", 9, &People::new_cluster}, Edit{"change cluster", 3, &People::change_cluster}, Edit{"remove cluster", 3, &People::remove_cluster},
      Edit{"new user", 5, &People::new_user}, Edit{"new group", 5, &People::new_group}, Edit{"change group", 3, &People::change_group},
      Edit{"remove group", 1, &People::remove_group}, Edit{"share", 6, &People::share},
      Edit{"new secret scope", 5, &People::new_secret_scope}, Edit{"put secret", 5, &People::put_secret}, Edit{"remove secret", 2, &People::remove_secret},
      Edit{"share scope", 2, &People::share_scope}, Edit{"remove scope", 1, &People::remove_scope},
      Edit{"new pipeline", 5, &People::new_pipeline}, Edit{"change pipeline", 3, &People::change_pipeline}, Edit{"remove pipeline", 2, &People::remove_pipeline},
      Edit{"new warehouse", 4, &People::new_warehouse}, Edit{"change warehouse", 2, &People::change_warehouse}, Edit{"remove warehouse", 1, &People::remove_warehouse},
      Edit{"new query", 3, &People::new_query}, Edit{"new alert", 4, &People::new_alert}, Edit{"remove alert", 1, &People::remove_alert},
      Edit{"new script", 4, &People::new_script}, Edit{"change script", 2, &People::change_script}, Edit{"remove script", 2, &People::remove_script},
      Edit{"change conf", 2, &People::change_conf}, Edit{"new git folder", 2, &People::new_git_folder}, Edit{"new destination", 1, &People::new_destination},
  };
  return table;
}

std::span<const People::Edit> People::meddlings() {
  static constexpr std::array table{
      Edit{"let job run", 8, &People::let_job_run}, Edit{"own job", 5, &People::own_job},
      Edit{"own job of a name that is there", 2, &People::own_job_of_a_name_that_is_there}, Edit{"own notebook", 4, &People::own_notebook},
      Edit{"change job", 4, &People::change_job}, Edit{"rename job", 2, &People::rename_job}, Edit{"remove job", 3, &People::remove_job},
      Edit{"change notebook", 3, &People::change_notebook}, Edit{"remove notebook", 2, &People::remove_notebook},
      Edit{"remove folder", 1, &People::remove_folder}, Edit{"change cluster", 2, &People::change_cluster},
      Edit{"remove cluster", 2, &People::remove_cluster}, Edit{"change policy", 1, &People::change_policy}, Edit{"remove pool", 1, &People::remove_pool},
      Edit{"put secret", 2, &People::put_secret}, Edit{"remove script", 1, &People::remove_script}, Edit{"change pipeline", 2, &People::change_pipeline},
      Edit{"change conf", 1, &People::change_conf}, Edit{"new user", 1, &People::new_user}, Edit{"change warehouse", 1, &People::change_warehouse},
  };
  return table;
}

}  // namespace twinlake::simulation
