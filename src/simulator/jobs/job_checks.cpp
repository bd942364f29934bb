// What the service refuses in the definition of a job, and what it adds to one.
#include <algorithm>
#include <set>

#include "simulator/compute/clusters.h"
#include "simulator/compute/compute.h"
#include "simulator/identity/identity.h"
#include "simulator/jobs/jobs.h"
#include "simulator/warehouse/lookups.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t tag_limit = 25;
constexpr std::size_t name_limit = 4096;
constexpr std::size_t description_limit = 27700;
constexpr std::string_view git_providers =
    "awsCodeCommit, azureDevOpsServices, bitbucketCloud, bitbucketServer, gitHub, "
    "gitHubEnterprise, "
    "gitLab, gitLabEnterpriseEdition";

Refusal missing_field(const std::string& name) {
  return invalid("Missing required field: " + name);
}

/// The checks share the region and the set of names that tasks may use.
class JobCheck {
 public:
  JobCheck(Region& region, const json& settings, std::int64_t own_id)
      : region_(region), settings_(settings), own_id_(own_id) {}

  Refusal all(const JobLimits& limits) {
    if (auto refusal = sizes(limits)) return refusal;
    if (auto refusal = triggers()) return refusal;
    if (auto refusal = git_source()) return refusal;
    if (auto refusal = run_as()) return refusal;
    if (auto refusal = webhooks(settings_)) return refusal;
    if (auto refusal = job_clusters()) return refusal;
    for (const json& environment : list_of(settings_, "environments"))
      environments_.insert(text_of(environment, "environment_key"));
    return tasks();
  }

 private:
  Refusal sizes(const JobLimits& limits) const {
    if (text_of(settings_, "name").size() > name_limit)
      return invalid("The job name is longer than 4096 bytes.");
    if (text_of(settings_, "description").size() > description_limit)
      return invalid("The job description is longer than 27700 characters.");
    if (count_of(settings_, "tags") > tag_limit) return invalid("A job has at most 25 tags.");
    if (count_of(settings_, "tasks") > limits.tasks)
      return invalid("The number of tasks exceeds the limit of " + std::to_string(limits.tasks) +
                     ".");
    const auto runs = integer_of(settings_, "max_concurrent_runs").value_or(1);
    if (runs < 0 || runs > 1000) return invalid("max_concurrent_runs must be between 0 and 1000.");
    return std::nullopt;
  }

  Refusal cron(const json& schedule, const std::string& place) const {
    for (const char* key : {"quartz_cron_expression", "timezone_id"})
      if (text_of(schedule, key).empty()) return missing_field(place + "." + key);
    return std::nullopt;
  }

  Refusal pause_status(const json& trigger, const std::string& place) const {
    const std::string status = text_of(trigger, "pause_status", "UNPAUSED");
    if (status != "PAUSED" && status != "UNPAUSED")
      return invalid(place + ".pause_status must be PAUSED or UNPAUSED, was " + status + ".");
    return std::nullopt;
  }

  /// `trigger` is one of the places that can start the job; a condition in it names a query.
  Refusal one_trigger(const json& trigger, const std::string& place) const {
    if (auto refusal = pause_status(trigger, place)) return refusal;
    const json* condition = field(trigger, "sql_condition");
    if (condition == nullptr) return std::nullopt;
    if (auto refusal = named("query", *condition, "sql_query_id")) return refusal;
    return named("warehouse", *condition, "warehouse_id");
  }

  Refusal triggers() const {
    std::size_t kinds = 0;
    for (const char* place : {"schedule", "trigger", "continuous", "triggers"})
      if (field(settings_, place) != nullptr) ++kinds;
    if (kinds > 1)
      return invalid("Only one of schedule, trigger, continuous and triggers can be given.");
    if (const json* schedule = field(settings_, "schedule")) {
      if (auto refusal = cron(*schedule, "schedule")) return refusal;
      if (auto refusal = one_trigger(*schedule, "schedule")) return refusal;
    }
    if (const json* trigger = field(settings_, "trigger"))
      if (auto refusal = one_trigger(*trigger, "trigger")) return refusal;
    if (const json* continuous = field(settings_, "continuous")) {
      if (auto refusal = one_concurrent_run()) return refusal;
      if (auto refusal = one_trigger(*continuous, "continuous")) return refusal;
    }
    std::size_t index = 0;
    for (const json& trigger : list_of(settings_, "triggers"))
      if (auto refusal = element_of_triggers(trigger, "triggers[" + std::to_string(index++) + "]"))
        return refusal;
    return std::nullopt;
  }

  Refusal one_concurrent_run() const {
    if (integer_of(settings_, "max_concurrent_runs").value_or(1) != 1)
      return invalid("A continuous job must have max_concurrent_runs 1.");
    return std::nullopt;
  }

  Refusal element_of_triggers(const json& trigger, const std::string& place) const {
    std::size_t kinds = 0;
    for (const char* kind :
         {"periodic", "schedule", "continuous", "file_arrival", "table_update", "model"})
      if (field(trigger, kind) != nullptr) ++kinds;
    if (kinds != 1) return invalid(place + " must be of exactly one type.");
    if (const json* schedule = field(trigger, "schedule"))
      if (auto refusal = cron(*schedule, place + ".schedule")) return refusal;
    if (field(trigger, "continuous") != nullptr)
      if (auto refusal = one_concurrent_run()) return refusal;
    return one_trigger(trigger, place);
  }

  Refusal git_source() const {
    const json* source = field(settings_, "git_source");
    if (source == nullptr) return std::nullopt;
    const std::string provider = text_of(*source, "git_provider");
    if (provider.empty() || lower(git_providers).find(lower(provider)) == std::string::npos)
      return invalid("git_source.git_provider must be one of: " + std::string(git_providers));
    if (text_of(*source, "git_url").empty()) return missing_field("git_source.git_url");
    return std::nullopt;
  }

  Refusal run_as() const {
    const json* run_as = field(settings_, "run_as");
    if (run_as == nullptr) return std::nullopt;
    const auto& identity = region_.get<Identity>();
    const std::string user = text_of(*run_as, "user_name");
    const std::string service_principal = text_of(*run_as, "service_principal_name");
    const std::string group = text_of(*run_as, "group_name");
    if (int{!user.empty()} + int{!service_principal.empty()} + int{!group.empty()} != 1)
      return invalid("run_as must name exactly one user, service principal or group.");
    const bool known = !user.empty() ? identity.find_user(user) != nullptr
                       : !service_principal.empty()
                           ? identity.find_service_principal(service_principal) != nullptr
                           : identity.find_group(group) != nullptr;
    if (!known)
      return invalid("The run_as principal " + user + service_principal + group +
                     " does not exist.");
    return std::nullopt;
  }

  /// An id in a member of `object`, when it is there, must be one of an existing object.
  Refusal named(const char* kind, const json& object, const char* key) const {
    const std::string id = text_of(object, key);
    if (id.empty() || region_.get<Lookups>().exists(kind, id)) return std::nullopt;
    return invalid("The " + std::string(kind) + " with id " + id + " does not exist.");
  }

  Refusal webhooks(const json& object) const {
    const json* notifications = field(object, "webhook_notifications");
    if (notifications == nullptr || !notifications->is_object()) return std::nullopt;
    for (const auto& [occasion, targets] : notifications->items())
      for (const json& target : targets.is_array() ? targets : json::array())
        if (auto refusal = named("notification_destination", target, "id")) return refusal;
    return std::nullopt;
  }

  Refusal new_cluster(const json& object) const {
    const json* cluster = field(object, "new_cluster");
    if (cluster == nullptr) return std::nullopt;
    return region_.get<Compute>().check_references(*cluster);
  }

  Refusal job_clusters() {
    for (const json& cluster : list_of(settings_, "job_clusters")) {
      const std::string key = text_of(cluster, "job_cluster_key");
      if (key.empty()) return missing_field("job_clusters.job_cluster_key");
      if (!job_clusters_.insert(key).second) return invalid("Duplicate job_cluster_key: " + key);
      if (auto refusal = new_cluster(cluster)) return refusal;
    }
    return std::nullopt;
  }

  Refusal tasks() const {
    std::set<std::string> keys;
    for (const json& task : list_of(settings_, "tasks")) {
      const std::string key = text_of(task, "task_key");
      if (key.empty() || key.size() > 100)
        return invalid("Each task needs a task_key of 1 to 100 characters.");
      if (!keys.insert(key).second) return invalid("Duplicate task_key: " + key);
    }
    for (const json& task : list_of(settings_, "tasks")) {
      for (const json& dependency : list_of(task, "depends_on"))
        if (const std::string key = text_of(dependency, "task_key"); !keys.contains(key))
          return invalid("Task " + text_of(task, "task_key") + " depends on unknown task " + key +
                         ".");
      if (auto refusal = one_task(task)) return refusal;
    }
    return std::nullopt;
  }

  Refusal one_task(const json& task) const {
    if (auto refusal = task_compute(task)) return refusal;
    if (auto refusal = webhooks(task)) return refusal;
    if (auto refusal = task_references(task)) return refusal;
    if (auto refusal = sql_task(task)) return refusal;
    if (const json* loop = field(task, "for_each_task"))
      if (const json* inner = field(*loop, "task")) return one_task(*inner);
    return std::nullopt;
  }

  Refusal task_compute(const json& task) const {
    if (const std::string id = text_of(task, "existing_cluster_id");
        !id.empty() && !region_.get<Compute>().clusters().exists(id))
      return no_cluster(id);
    if (const std::string key = text_of(task, "job_cluster_key");
        !key.empty() && !job_clusters_.contains(key))
      return invalid("Job cluster '" + key + "' is not defined in field 'job_clusters'.");
    if (const std::string key = text_of(task, "environment_key");
        !key.empty() && !environments_.contains(key))
      return invalid("Environment '" + key + "' is not defined in field 'environments'.");
    return new_cluster(task);
  }

  Refusal task_references(const json& task) const {
    for (const char* type :
         {"notebook_task", "sql_task", "dashboard_task", "alert_task", "dbt_task", "power_bi_task"})
      if (const json* body = field(task, type))
        if (auto refusal = named("warehouse", *body, "warehouse_id")) return refusal;
    if (const json* body = field(task, "pipeline_task"))
      if (auto refusal = named("pipeline", *body, "pipeline_id")) return refusal;
    if (const json* body = field(task, "dashboard_task")) {
      if (auto refusal = named("dashboard", *body, "dashboard_id")) return refusal;
      if (const json* subscription = field(*body, "subscription"))
        if (auto refusal = destinations(*subscription, "subscribers")) return refusal;
    }
    if (const json* body = field(task, "alert_task")) {
      if (auto refusal = named("alert", *body, "alert_id")) return refusal;
      if (auto refusal = destinations(*body, "subscribers")) return refusal;
    }
    if (const json* body = field(task, "run_job_task")) {
      const auto id = integer_of(*body, "job_id");
      if (!id || (*id != own_id_ && !region_.get<Jobs>().exists(*id)))
        return no_job(text_of(*body, "job_id"));
    }
    return std::nullopt;
  }

  Refusal sql_task(const json& task) const {
    const json* body = field(task, "sql_task");
    if (body == nullptr) return std::nullopt;
    if (text_of(*body, "warehouse_id").empty()) return missing_field("sql_task.warehouse_id");
    if (const json* query = field(*body, "query"))
      if (auto refusal = named("query", *query, "query_id")) return refusal;
    if (const json* alert = field(*body, "alert")) {
      if (auto refusal = named("legacy_alert", *alert, "alert_id")) return refusal;
      if (auto refusal = destinations(*alert, "subscriptions")) return refusal;
    }
    if (const json* dashboard = field(*body, "dashboard")) {
      if (auto refusal = named("legacy_dashboard", *dashboard, "dashboard_id")) return refusal;
      if (auto refusal = destinations(*dashboard, "subscriptions")) return refusal;
    }
    return std::nullopt;
  }

  Refusal destinations(const json& object, const char* key) const {
    for (const json& subscriber : list_of(object, key))
      if (auto refusal = named("notification_destination", subscriber, "destination_id"))
        return refusal;
    return std::nullopt;
  }

  Region& region_;
  const json& settings_;
  std::int64_t own_id_;
  std::set<std::string> job_clusters_;
  std::set<std::string> environments_;
};

void sort_by(json& array, const char* key) {
  std::sort(array.begin(), array.end(),
            [&](const json& a, const json& b) { return text_of(a, key) < text_of(b, key); });
}

void add_cluster_definition_defaults(json& object) {
  const auto cluster = object.find("new_cluster");
  if (cluster == object.end() || !cluster->is_object()) return;
  cluster->erase("apply_policy_default_values");  // used up, and never seen again
  add_cluster_defaults(*cluster);
  fill(*cluster, json::object({{"data_security_mode", "NONE"}}));
}

void add_task_defaults(json& task, const char* source) {
  fill(task, json::object({{"run_if", "ALL_SUCCESS"},
                           {"timeout_seconds", 0},
                           {"email_notifications", json::object()}}));
  if (const auto dependencies = task.find("depends_on");
      dependencies != task.end() && dependencies->is_array())
    sort_by(*dependencies, "task_key");
  add_cluster_definition_defaults(task);
  for (const char* type : {"notebook_task", "spark_python_task", "dbt_task"})
    if (const auto body = task.find(type); body != task.end() && body->is_object())
      fill(*body, json::object({{"source", source}}));
  // An id may be sent as text, because not every language has large numbers; it is shown as one.
  if (const auto called = task.find("run_job_task"); called != task.end() && called->is_object())
    if (const auto id = integer_of(*called, "job_id")) (*called)["job_id"] = *id;
  if (const auto loop = task.find("for_each_task"); loop != task.end() && loop->is_object())
    if (const auto inner = loop->find("task"); inner != loop->end() && inner->is_object())
      add_task_defaults(*inner, source);
}
}  // namespace

Refusal check_job(Region& region, const json& settings, const JobLimits& limits,
                  std::int64_t own_id) {
  return JobCheck(region, settings, own_id).all(limits);
}

void add_job_defaults(json& settings) {
  fill(settings, json::object({{"name", "Untitled"},
                               {"email_notifications", json::object()},
                               {"webhook_notifications", json::object()},
                               {"timeout_seconds", 0},
                               {"max_concurrent_runs", 1}}));
  settings["format"] = "MULTI_TASK";  // whatever was sent
  const char* source = field(settings, "git_source") != nullptr ? "GIT" : "WORKSPACE";
  if (const auto clusters = settings.find("job_clusters");
      clusters != settings.end() && clusters->is_array())
    for (json& cluster : *clusters)
      if (cluster.is_object()) add_cluster_definition_defaults(cluster);
  const auto tasks = settings.find("tasks");
  if (tasks == settings.end() || !tasks->is_array()) return;
  for (json& task : *tasks) add_task_defaults(task, source);
  sort_by(*tasks, "task_key");
}

}  // namespace twinlake::simulator
