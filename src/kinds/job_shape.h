#pragma once
// The form in which a job is compared and sent: everything that the service would fill in by
// itself, and fill in differently on the other side, is said.
#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "kinds/compute_fields.h"
#include "kinds/run_as.h"

namespace twinlake::kinds::job {

using nlohmann::json;

inline void say_pause_status(json& trigger) {
  if (!trigger.is_object()) return;
  if (text_at(trigger, "/pause_status").empty()) trigger["pause_status"] = "UNPAUSED";
}

/// The state of one of several triggers stands at the element. One inside it would be missed by a
/// hold, so it moves out; either of them stops the trigger.
inline void say_element_pause(json& element) {
  if (!element.is_object()) return;
  for (const char* inner :
       {"schedule", "continuous", "periodic", "file_arrival", "table_update", "model"}) {
    const auto found = element.find(inner);
    if (found == element.end() || !found->is_object() || !found->contains("pause_status")) continue;
    if (text_at(*found, "/pause_status") == "PAUSED") element["pause_status"] = "PAUSED";
    found->erase("pause_status");
  }
  say_pause_status(element);
}

inline void say_triggers(json& settings) {
  for (const char* name : {"schedule", "trigger", "continuous"})
    if (const auto found = settings.find(name); found != settings.end()) say_pause_status(*found);
  if (const auto several = settings.find("triggers");
      several != settings.end() && several->is_array())
    for (json& element : *several) say_element_pause(element);
}

/// Without `source` the code comes from Git or from the workspace, whichever the job has.
inline void say_source(json& task, bool has_git) {
  for (const char* place :
       {"/notebook_task", "/spark_python_task", "/dbt_task", "/sql_task/file"}) {
    json* code = find_at(task, place);
    if (code != nullptr && code->is_object() && text_at(*code, "/source").empty())
      (*code)["source"] = has_git ? "GIT" : "WORKSPACE";
  }
}

inline void tidy_task(json& task, bool has_git) {
  if (!task.is_object()) return;
  say_source(task, has_git);
  if (const auto cluster = task.find("new_cluster"); cluster != task.end()) compute::tidy(*cluster);
}

inline json shape(const json& item) {
  const json* listed = find_at(item, "/settings");
  json settings = listed != nullptr && listed->is_object() ? *listed : json::object();
  say_run_as(item, settings);
  say_triggers(settings);
  // 2.2 queues runs when nothing is said; a job that says nothing today does not.
  if (const json* queue = find_at(settings, "/queue");
      queue == nullptr || !queue->contains("enabled"))
    settings["queue"]["enabled"] = false;
  const json* git = find_at(settings, "/git_source");
  const bool has_git = git != nullptr && git->is_object() && !git->empty();
  if (const auto tasks = settings.find("tasks"); tasks != settings.end() && tasks->is_array()) {
    for (json& task : *tasks) {
      tidy_task(task, has_git);
      if (json* inner = find_at(task, "/for_each_task/task")) tidy_task(*inner, has_git);
    }
  }
  if (const auto shared = settings.find("job_clusters");
      shared != settings.end() && shared->is_array())
    for (json& cluster : *shared)
      if (json* fields = find_at(cluster, "/new_cluster")) compute::tidy(*fields);
  return settings;
}

}  // namespace twinlake::kinds::job
