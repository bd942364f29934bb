#pragma once
// Every place of a job that names another object.
#include <string_view>

#include "kinds/compute_fields.h"
#include "kinds/tree_fields.h"
#include "model/kind.h"

namespace twinlake::kinds::job {

using model::IfMissing;
using model::Match;
using model::Reference;

inline constexpr std::string_view users[] = {"user"};
inline constexpr std::string_view service_principals[] = {"service_principal"};
inline constexpr std::string_view groups[] = {"group"};
inline constexpr std::string_view clusters[] = {"cluster"};
inline constexpr std::string_view jobs[] = {"job"};
inline constexpr std::string_view warehouses[] = {"warehouse"};
inline constexpr std::string_view pipelines[] = {"pipeline"};
inline constexpr std::string_view queries[] = {"query"};
inline constexpr std::string_view new_alerts[] = {"alert"};
inline constexpr std::string_view any_alerts[] = {"legacy_alert", "alert"};
inline constexpr std::string_view dashboards[] = {"lakeview_dashboard"};
inline constexpr std::string_view any_dashboards[] = {"legacy_dashboard", "lakeview_dashboard"};
inline constexpr std::string_view destinations[] = {"notification_destination"};
inline constexpr std::string_view connections[] = {"connection"};
inline constexpr std::string_view notebook_kinds[] = {"notebook", "file"};
inline constexpr std::string_view code_kinds[] = {"file", "notebook", "directory", "dbfs_file",
                                                  "volume_file"};
inline constexpr std::string_view entries[] = {"unsupported_entry", "file"};

/// A path may lead out of what is replicated: then it stays as it is and is reported.
constexpr Reference path_to(std::string_view place, std::span<const std::string_view> kinds) {
  return {.path = place, .kinds = kinds, .match = Match::path, .missing = IfMissing::keep};
}
constexpr Reference id_of(std::string_view place, std::span<const std::string_view> kinds) {
  return {.path = place, .kinds = kinds, .match = Match::id};
}
constexpr Reference name_of(std::string_view place, std::span<const std::string_view> kinds) {
  return {.path = place, .kinds = kinds, .match = Match::key};
}
/// Somebody to be told: without them the rest still works.
constexpr Reference listener(std::string_view place, std::span<const std::string_view> kinds,
                             Match match) {
  return {
      .path = place, .kinds = kinds, .match = match, .missing = IfMissing::drop, .drop_levels = 1};
}

/// Relative to a task, at any depth.
inline constexpr Reference of_task[] = {
    id_of("/existing_cluster_id", clusters),
    id_of("/webhook_notifications/*/*/id", destinations),
    path_to("/notebook_task/notebook_path", notebook_kinds),
    id_of("/notebook_task/warehouse_id", warehouses),
    path_to("/spark_python_task/python_file", code_kinds),
    path_to("/spark_jar_task/jar_uri", file_kinds),
    path_to("/spark_submit_task/parameters/*", file_kinds),
    id_of("/pipeline_task/pipeline_id", pipelines),
    id_of("/run_job_task/job_id", jobs),
    id_of("/sql_task/warehouse_id", warehouses),
    id_of("/sql_task/query/query_id", queries),
    id_of("/sql_task/dashboard/dashboard_id", any_dashboards),
    id_of("/sql_task/alert/alert_id", any_alerts),
    path_to("/sql_task/file/path", code_kinds),
    id_of("/sql_task/alert/subscriptions/*/destination_id", destinations),
    id_of("/sql_task/dashboard/subscriptions/*/destination_id", destinations),
    listener("/sql_task/alert/subscriptions/*/user_name", users, Match::key),
    listener("/sql_task/dashboard/subscriptions/*/user_name", users, Match::key),
    id_of("/dashboard_task/dashboard_id", dashboards),
    id_of("/dashboard_task/warehouse_id", warehouses),
    id_of("/dashboard_task/subscription/subscribers/*/destination_id", destinations),
    listener("/dashboard_task/subscription/subscribers/*/user_name", users, Match::key),
    id_of("/alert_task/alert_id", new_alerts),
    path_to("/alert_task/workspace_path", entries),
    id_of("/alert_task/warehouse_id", warehouses),
    id_of("/alert_task/subscribers/*/destination_id", destinations),
    listener("/alert_task/subscribers/*/user_name", users, Match::key),
    id_of("/dbt_task/warehouse_id", warehouses),
    path_to("/dbt_task/project_directory", path_kinds),
    path_to("/dbt_task/profiles_directory", path_kinds),
    name_of("/dbt_cloud_task/connection_resource_name", connections),
    name_of("/dbt_platform_task/connection_resource_name", connections),
    name_of("/power_bi_task/connection_resource_name", connections),
    id_of("/power_bi_task/warehouse_id", warehouses),
    path_to("/gen_ai_compute_task/training_script_path", code_kinds),
    path_to("/gen_ai_compute_task/yaml_parameters_file_path", code_kinds),
    path_to("/ai_runtime_task/code_source_path", path_kinds),
    path_to("/ai_runtime_task/mlflow_experiment_directory", path_kinds),
    path_to("/ai_runtime_task/deployments/*/command_path", code_kinds),
};

/// Relative to the job.
inline constexpr Reference of_job[] = {
    name_of("/run_as/user_name", users),
    name_of("/run_as/service_principal_name", service_principals),
    name_of("/run_as/group_name", groups),
    id_of("/webhook_notifications/*/*/id", destinations),
    id_of("/schedule/sql_condition/sql_query_id", queries),
    id_of("/schedule/sql_condition/warehouse_id", warehouses),
    id_of("/trigger/sql_condition/sql_query_id", queries),
    id_of("/trigger/sql_condition/warehouse_id", warehouses),
    id_of("/triggers/*/sql_condition/sql_query_id", queries),
    id_of("/triggers/*/sql_condition/warehouse_id", warehouses),
    id_of("/triggers/*/schedule/sql_condition/sql_query_id", queries),
    id_of("/triggers/*/schedule/sql_condition/warehouse_id", warehouses),
    path_to("/environments/*/spec/base_environment", file_kinds),
    path_to("/environments/*/spec/dependencies/*", path_kinds),
    path_to("/environments/*/spec/java_dependencies/*", path_kinds),
    path_to("/deployment/metadata_file_path", path_kinds),
    path_to("/parent_path", path_kinds),
};

}  // namespace twinlake::kinds::job
