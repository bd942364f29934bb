#pragma once
// How a copy of a job is tried in a drill without touching what others use.
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kinds/calls.h"
#include "kinds/compute_fields.h"

namespace twinlake::kinds::cluster {
const model::Kind& cluster_kind();
}  // namespace twinlake::kinds::cluster
namespace twinlake::kinds::cluster_library {
const model::Kind& cluster_library_kind();
}  // namespace twinlake::kinds::cluster_library

namespace twinlake::kinds::job {

/// Tasks that do something to what is no copy, or that people get mail from.
inline constexpr std::pair<std::string_view, std::string_view> not_alone[] = {
    {"pipeline_task", "would update the tables of a pipeline"},
    {"alert_task", "would tell people of an alert"},
    {"dashboard_task", "would send a dashboard to people"},
    {"dbt_cloud_task", "would start something outside of the workspace"},
    {"dbt_platform_task", "would start something outside of the workspace"},
    {"power_bi_task", "would change something outside of the workspace"},
};

/// Who would be told, and what else reaches beyond the copy. A continuous job cannot be run once.
inline constexpr std::string_view left_out_of_trial[] = {
    "/continuous",
    "/deployment",
    "/edit_mode",
    "/email_notifications",
    "/webhook_notifications",
    "/tasks/*/email_notifications",
    "/tasks/*/webhook_notifications",
    "/tasks/*/for_each_task/task/email_notifications",
    "/tasks/*/for_each_task/task/webhook_notifications"};

/// Each task, and what a for-each task repeats.
inline std::vector<nlohmann::json*> all_tasks(nlohmann::json& definition) {
  std::vector<nlohmann::json*> all;
  nlohmann::json* tasks = find_at(definition, "/tasks");
  if (tasks == nullptr || !tasks->is_array()) return all;
  for (nlohmann::json& task : *tasks) {
    all.push_back(&task);
    if (nlohmann::json* inner = find_at(task, "/for_each_task/task")) all.push_back(inner);
  }
  return all;
}

/// A cluster of the workspace as a job cluster with the same machines, and its libraries.
struct StandIn {
  nlohmann::json new_cluster;
  nlohmann::json libraries = nlohmann::json::array();
};

inline Task<Result<StandIn>> stand_in_for(workspace::Workspace& side, std::string cluster) {
  http::Request request = http::Request::get("/api/2.1/clusters/get");
  request.with_query("cluster_id", cluster);
  CO_TRY(const nlohmann::json item, co_await side.call(std::move(request)));
  StandIn made;
  made.new_cluster = cluster::cluster_kind().shape(item);
  for (const std::string_view place : cluster::cluster_kind().strip)
    JsonPath(place).erase_from(made.new_cluster);
  // A job cluster has no name of its own and ends with its run.
  for (const char* member : {"cluster_name", "autotermination_minutes"})
    made.new_cluster.erase(member);
  if (nlohmann::json* tags = find_at(made.new_cluster, "/custom_tags"); tags && tags->is_object())
    std::erase_if(tags->get_ref<nlohmann::json::object_t&>(),
                  [](const auto& tag) { return tag.first.starts_with("twinlake"); });
  request = http::Request::get("/api/2.0/libraries/cluster-status");
  request.with_query("cluster_id", std::move(cluster));
  CO_TRY(const nlohmann::json statuses, co_await side.call(std::move(request)));
  made.libraries = cluster_library::cluster_library_kind().shape(statuses).at("libraries");
  co_return made;
}

/// Tasks on clusters that people use get one of their own, with the same libraries.
inline Task<Result<nlohmann::json>> isolate(workspace::Workspace& side, nlohmann::json definition) {
  std::map<std::string, std::pair<std::string, StandIn>> made;
  for (nlohmann::json* task : all_tasks(definition)) {
    for (const auto& [member, why] : not_alone)
      if (task->contains(member))
        co_return fail(Fault::refused,
                       "its task `" + text_at(*task, "/task_key") + "` " + std::string(why),
                       "Leave this job out of the drill, and try it by hand");
    const std::string cluster = text_at(*task, "/existing_cluster_id");
    if (cluster.empty()) continue;
    if (!made.contains(cluster)) {
      CO_TRY(StandIn stand_in, co_await stand_in_for(side, cluster));
      made.emplace(cluster, std::pair("twinlake_drill_" + std::to_string(made.size() + 1),
                                      std::move(stand_in)));
    }
    const auto& [key, stand_in] = made.at(cluster);
    task->erase("existing_cluster_id");
    (*task)["job_cluster_key"] = key;
    for (const nlohmann::json& library :
         missing_in(stand_in.libraries, array_at(task, "/libraries")))
      (*task)["libraries"].push_back(library);
  }
  for (auto& [cluster, named] : made) {
    nlohmann::json job_cluster = nlohmann::json::object();
    job_cluster["job_cluster_key"] = named.first;
    job_cluster["new_cluster"] = std::move(named.second.new_cluster);
    definition["job_clusters"].push_back(std::move(job_cluster));
  }
  co_return definition;
}

inline constexpr model::Trial trial{.name_at = "/name",
                                    .runs_as_at = "/run_as",
                                    .leave_out = left_out_of_trial,
                                    .isolate = isolate};

}  // namespace twinlake::kinds::job
