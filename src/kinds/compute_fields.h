#pragma once
// What a cluster and the clusters inside a job have in common. All paths are relative to the
// cluster.
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "kinds/tree_fields.h"
#include "model/kind.h"

namespace twinlake::kinds::compute {

using model::Default;
using model::IfMissing;
using model::Match;
using model::Reference;

/// Made by the server, or meaningless on another side. Passwords and keys never come out anyway.
inline constexpr std::string_view strip[] = {
    "/cluster_id",
    "/creator_user_name",
    "/cluster_source",
    "/state",
    "/state_message",
    "/start_time",
    "/terminated_time",
    "/termination_reason",
    "/last_restarted_time",
    "/last_state_loss_time",
    "/last_activity_time",
    "/default_tags",
    "/driver",
    "/executors",
    "/spark_context_id",
    "/jdbc_port",
    "/cluster_cores",
    "/cluster_memory_mb",
    "/cluster_log_status",
    "/spec",
    "/effective_spark_version",
    "/pinned_by_user_name",
    "/disk_spec",
    "/init_scripts_safe_mode",
    "/instance_source",
    "/driver_instance_source",
    "/aws_attributes",
    "/gcp_attributes",
    "/clone_from",
    "/idempotency_token",
    "/docker_image/basic_auth/password",
    "/azure_attributes/log_analytics_info/log_analytics_primary_key"};

/// Filled in by the server when they were not said.
inline constexpr Default defaults[] = {
    {"/azure_attributes/availability", "\"ON_DEMAND_AZURE\""},
    {"/azure_attributes/first_on_demand", "1"},
    {"/azure_attributes/spot_bid_max_price", "-1"},
    {"/enable_elastic_disk", "true"},
    {"/enable_local_disk_encryption", "false"},
    {"/runtime_engine", "\"STANDARD\""},
    {"/runtime_engine", "\"NULL\""},
    {"/cluster_name", "\"\""},
};

inline constexpr std::string_view policies[] = {"cluster_policy"};
inline constexpr std::string_view pools[] = {"instance_pool"};
inline constexpr std::string_view scopes[] = {"secret", "secret_scope"};
inline constexpr std::string_view people[] = {"user", "service_principal", "group"};

inline constexpr std::string_view node_types[] = {"node_type"};

/// Kept where the region lacks it: the cluster can still be made, only not started.
constexpr Reference machine(std::string_view place) {
  return {.path = place, .kinds = node_types, .match = Match::key, .missing = IfMissing::keep};
}

inline constexpr Reference references[] = {
    machine("/node_type_id"),
    machine("/driver_node_type_id"),
    machine("/worker_node_type_flexibility/alternate_node_type_ids/*"),
    machine("/driver_node_type_flexibility/alternate_node_type_ids/*"),
    {.path = "/policy_id", .kinds = policies, .match = Match::id},
    {.path = "/instance_pool_id", .kinds = pools, .match = Match::id},
    {.path = "/driver_instance_pool_id", .kinds = pools, .match = Match::id},
    {.path = "/single_user_name", .kinds = people, .match = Match::key},
    // Workspace files, DBFS, volumes; of abfss there is nothing to find.
    {.path = "/init_scripts/*/*/destination",
     .kinds = file_kinds,
     .match = Match::path,
     .missing = IfMissing::keep},
    {.path = "/spark_conf/*",
     .kinds = scopes,
     .match = Match::inside_text,
     .missing = IfMissing::keep},
    {.path = "/spark_env_vars/*",
     .kinds = scopes,
     .match = Match::inside_text,
     .missing = IfMissing::keep},
};

/// A library of any form that lies in the tree.
inline constexpr Reference library_references[] = {
    {.path = "/jar", .kinds = file_kinds, .match = Match::path, .missing = IfMissing::keep},
    {.path = "/whl", .kinds = file_kinds, .match = Match::path, .missing = IfMissing::keep},
    {.path = "/egg", .kinds = file_kinds, .match = Match::path, .missing = IfMissing::keep},
    {.path = "/requirements",
     .kinds = file_kinds,
     .match = Match::path,
     .missing = IfMissing::keep},
};

/// Values here are often secrets written out in full.
inline constexpr std::string_view sensitive[] = {"/spark_conf/*", "/spark_env_vars/*",
                                                 "/docker_image/basic_auth",
                                                 "/azure_attributes/log_analytics_info"};

/// Of the region, unless it is said to be the same in both.
inline constexpr std::string_view region_bound[] = {"/init_scripts/*/abfss/destination",
                                                    "/azure_attributes/capacity_reservation_group"};
inline constexpr std::string_view settings[] = {"/custom_tags/*"};

inline bool has(const nlohmann::json& cluster, const char* field) {
  const auto found = cluster.find(field);
  return found != cluster.end() && !found->is_null() &&
         !(found->is_string() && found->get_ref<const std::string&>().empty());
}

/// A pool decides the machines; what the server shows of them is not part of the definition.
inline void leave_machines_to_pool(nlohmann::json& cluster) {
  if (!has(cluster, "instance_pool_id")) {
    cluster.erase("driver_instance_pool_id");
    return;
  }
  for (const char* field : {"node_type_id", "driver_node_type_id", "enable_elastic_disk",
                            "worker_node_type_flexibility", "driver_node_type_flexibility"})
    cluster.erase(field);
  if (const auto azure = cluster.find("azure_attributes");
      azure != cluster.end() && azure->is_object())
    for (const char* field : {"availability", "first_on_demand", "spot_bid_max_price"})
      azure->erase(field);
}

/// Brings a cluster's fields to the form in which they can be sent and compared.
inline void tidy(nlohmann::json& cluster) {
  if (!cluster.is_object()) return;
  leave_machines_to_pool(cluster);
  if (has(cluster, "autoscale")) cluster.erase("num_workers");
  // An answer may leave out the 0 of a single node; a policy or `is_single_node` may also say it.
  const bool said_elsewhere = has(cluster, "policy_id") || cluster.value("is_single_node", false);
  if (!has(cluster, "autoscale") && !has(cluster, "num_workers") && !said_elsewhere)
    cluster["num_workers"] = 0;
  if (has(cluster, "node_type_id") &&
      cluster.value("driver_node_type_id", nlohmann::json()) == cluster["node_type_id"])
    cluster.erase("driver_node_type_id");
  // Two names of the same mode; the service answers with either.
  const std::string mode = text_at(cluster, "/data_security_mode");
  if (mode == "DATA_SECURITY_MODE_STANDARD") cluster["data_security_mode"] = "USER_ISOLATION";
  if (mode == "DATA_SECURITY_MODE_DEDICATED") cluster["data_security_mode"] = "SINGLE_USER";
}

}  // namespace twinlake::kinds::compute
