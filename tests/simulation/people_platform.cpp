// What people do with machines, with each other, with secrets, pipelines, SQL and the workspace itself.
#include "simulation/people.h"

#include "simulation/people_parts.h"

namespace twinlake::simulation {

using nlohmann::json;

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

/// Pinned by people, it stays when it has not run for a month; and no more.
std::string People::pin_cluster() {
  const json cluster = one_of("clusters");
  const bool is_pinned = !text_at(cluster, "/pinned_by_user_name").empty();
  post(std::string("/api/2.1/clusters/") + (is_pinned ? "unpin" : "pin"), {{"cluster_id", cluster["cluster_id"]}});
  return text_at(cluster, "/cluster_name") + (is_pinned ? " no more" : "");
}

std::string People::change_idle_machines() {
  const json pool = one_of("instance_pools");
  const unsigned wanted = 1 + number(2, 5);
  post("/api/2.0/instance-pools/edit", {{"instance_pool_id", pool["instance_pool_id"]}, {"instance_pool_name", pool["instance_pool_name"]},
                                        {"node_type_id", pool["node_type_id"]}, {"min_idle_instances", wanted}});
  return text_at(pool, "/instance_pool_name") + " " + std::to_string(wanted);
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
  post("/api/2.0/global-init-scripts", {{"name", name("script")}, {"script", base64_encode("#!/bin/sh\necho " + std::to_string(operation_.which) + "\n")}, {"enabled", true}});
  return name("script");
}

std::string People::change_script() {
  const json script = one_of("global_init_scripts");
  site_.ask(side_, "PATCH", "/api/2.0/global-init-scripts/" + text_at(script, "/script_id"),
            {{"name", script["name"]}, {"script", base64_encode("#!/bin/sh\ntrue " + std::to_string(operation_.number) + "\n")}, {"enabled", number(1, 2) == 0}});
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

}  // namespace twinlake::simulation
