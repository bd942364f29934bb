#include "simulation/people.h"

#include <algorithm>
#include <array>

#include "simulation/people_parts.h"

namespace twinlake::simulation {

using nlohmann::json;

namespace {

constexpr const char* jobs_api = "/api/2.2/jobs/";

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
    case 6:
      settings["triggers"] = numbered({{{"pause_status", "UNPAUSED"}, {"schedule", schedule}},
                                       {{"pause_status", minute % 2 == 0 ? "UNPAUSED" : "PAUSED"}, {"periodic", {{"interval", 2}, {"unit", "HOURS"}}}}});
      break;
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
  const auto sight = site_.look_at(side_);
  const json& all = sight->world().at(name);
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
                                     {"content", base64_encode("# Databricks notebook source\n" + text)}});
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

/// So many that their removal is a matter for a person.
std::string People::many_new_jobs() {
  const std::string notebook = some_notebook();
  const unsigned count = 6 + number(1, 6);
  for (unsigned i = 0; i < count; ++i) {
    json settings = {{"name", name("job") + " of many, " + std::to_string(i)},
                     {"tasks", numbered({{{"task_key", "main"}, {"notebook_task", {{"notebook_path", notebook}}}}})}};
    add_trigger(settings, (number(5, 8) + i) % 8, i);
    post(std::string(jobs_api) + "create", settings);
  }
  return std::to_string(count) + " named " + name("job");
}

/// A job that cannot be made again on the other side, and one that starts it.
std::string People::new_jobs_on_a_machine_that_goes() {
  const json cluster = post("/api/2.1/clusters/create", {{"cluster_name", name("short-lived")}, {"spark_version", "15.4.x-scala2.12"},
                                                         {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}});
  json settings = {{"name", name("job") + " on a machine that goes"},
                   {"tasks", numbered({{{"task_key", "main"}, {"existing_cluster_id", cluster.at("cluster_id")},
                                        {"notebook_task", {{"notebook_path", some_notebook()}}}}})}};
  const json job = post(std::string(jobs_api) + "create", settings);
  settings = {{"name", name("job") + " that starts it"},
              {"tasks", numbered({{{"task_key", "main"}, {"run_job_task", {{"job_id", job.at("job_id")}}}}})}};
  post(std::string(jobs_api) + "create", settings);
  dangling_.push_back(text_at(cluster, "/cluster_id"));
  post("/api/2.1/clusters/permanent-delete", {{"cluster_id", cluster.at("cluster_id")}});
  return name("job");
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
    for (const char* place : {"schedule", "continuous", "trigger", "triggers"})
      if (job.at("settings").contains(place)) return place;
    return {};
  };
  // Of several the first one is turned.
  const auto pause_of = [](const std::string& place) { return json::json_pointer("/" + place + (place == "triggers" ? "/0" : "") + "/pause_status"); };
  const std::string wanted = live ? "UNPAUSED" : "PAUSED";
  std::erase_if(jobs, [&](const json& job) {
    const std::string place = trigger_of(job);
    return place.empty() || text_at(job.at("settings"), pause_of(place).to_string()) == wanted;
  });
  const json job = one_of(std::move(jobs));
  const std::string place = trigger_of(job);
  json settings = json::object();
  settings[place] = job["settings"][place];
  settings[pause_of(place)] = wanted;
  post(std::string(jobs_api) + "update", {{"job_id", job["job_id"]}, {"new_settings", settings}});
  return text_at(job, "/settings/name") + " " + place + " " + wanted;
}

std::string People::turn_job() {
  const bool is_wanted = number(1, 2) == 0;
  try {
    return set_triggers(is_wanted);
  } catch (const std::runtime_error&) {
    return set_triggers(!is_wanted);
  }
}
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
  post("/api/2.0/workspace/import", {{"path", path}, {"format", "AUTO"}, {"overwrite", true}, {"content", base64_encode("rows " + std::to_string(operation_.which) + "\n")}});
  return path;
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

std::string People::own_notebook_of_a_path_that_is_there() {
  const Side here = side_;
  side_ = model::other(here);
  const std::vector<json> theirs = entries("NOTEBOOK");
  side_ = here;
  if (theirs.empty()) return nothing_there;
  const std::string path = text_at(theirs[operation_.which % theirs.size()], "/path");
  post("/api/2.0/workspace/mkdirs", {{"path", path.substr(0, path.rfind('/'))}});
  import_notebook(path, "mine = " + std::to_string(operation_.number) + "\n");
  return path;
}

unsigned People::what_of(std::span<const Edit> table, std::string_view name) {
  unsigned what = 0;
  for (const Edit& edit : table) {
    if (edit.name == name) return what;
    what += edit.weight;
  }
  throw std::logic_error("nobody does " + std::string(name));
}

std::span<const People::Edit> People::edits() {
  static constexpr std::array table{
      Edit{"new job", 30, &People::new_job}, Edit{"new job of the same name", 2, &People::new_job_of_same_name},
      Edit{"change job", 8, &People::change_job}, Edit{"rename job", 5, &People::rename_job},
      Edit{"turn job", 22, &People::turn_job}, Edit{"remove job", 7, &People::remove_job},
      Edit{"many new jobs", 3, &People::many_new_jobs}, Edit{"remove many jobs", 3, &People::remove_many_jobs},
      Edit{"new jobs on a machine that goes", 2, &People::new_jobs_on_a_machine_that_goes},
      Edit{"new notebook", 10, &People::new_notebook}, Edit{"change notebook", 7, &People::change_notebook},
      Edit{"move notebook", 5, &People::move_notebook}, Edit{"remove notebook", 4, &People::remove_notebook},
      Edit{"new folder", 7, &People::new_folder}, Edit{"move folder", 2, &People::move_folder},
      Edit{"remove folder", 3, &People::remove_folder}, Edit{"new file", 3, &People::new_file},
      Edit{"new pool", 6, &People::new_pool}, Edit{"change pool", 3, &People::change_pool}, Edit{"remove pool", 2, &People::remove_pool},
      Edit{"new policy", 4, &People::new_policy}, Edit{"change policy", 2, &People::change_policy}, Edit{"remove policy", 2, &People::remove_policy},
      Edit{"new cluster", 9, &People::new_cluster}, Edit{"change cluster", 3, &People::change_cluster}, Edit{"remove cluster", 3, &People::remove_cluster},
      Edit{"pin cluster", 4, &People::pin_cluster}, Edit{"change idle machines", 3, &People::change_idle_machines},
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
      Edit{"own job of a name that is there", 5, &People::own_job_of_a_name_that_is_there}, Edit{"own notebook", 4, &People::own_notebook},
      Edit{"own notebook of a path that is there", 4, &People::own_notebook_of_a_path_that_is_there},
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
