#include "simulator/jobs/jobs.h"

#include <algorithm>

#include "simulator/audit/audit_log.h"
#include "simulator/collection.h"
#include "simulator/identity/permissions.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t saved_jobs_limit = 10000;

/// Arrays whose elements an update merges by their key.
struct Keyed {
  const char* array;
  const char* key;
};
constexpr Keyed keyed[] = {{"tasks", "task_key"}, {"job_clusters", "job_cluster_key"}};

const Keyed* keyed_array(std::string_view name) {
  for (const Keyed& each : keyed)
    if (each.array == name) return &each;
  return nullptr;
}

void merge_by_key(json& old_array, const json& new_array, const Keyed& by) {
  if (!old_array.is_array()) old_array = json::array();
  for (const json& element : new_array) {
    const std::string key = text_of(element, by.key);
    const auto same =
        std::find_if(old_array.begin(), old_array.end(),
                     [&](const json& old_element) { return text_of(old_element, by.key) == key; });
    if (same == old_array.end())
      old_array.push_back(element);
    else
      *same = element;
  }
}

/// "name", "tasks/<key>" or "job_clusters/<key>".
void remove_field(json& settings, const std::string& name) {
  const std::size_t slash = name.find('/');
  const Keyed* by = keyed_array(name.substr(0, slash));
  if (slash == std::string::npos || by == nullptr) {
    settings.erase(name);
    return;
  }
  const auto array = settings.find(by->array);
  if (array == settings.end() || !array->is_array()) return;
  const std::string key = name.substr(slash + 1);
  for (auto element = array->begin(); element != array->end();)
    element = text_of(*element, by->key) == key ? array->erase(element) : element + 1;
}
}  // namespace

http::Response no_job(std::string_view id) {
  return invalid("Job " + std::string(id) + " does not exist.");
}

Jobs::Jobs(Region& region) : region_(region) {
  add_routes("/api/2.1/jobs/", Version::v21);
  add_routes("/api/2.2/jobs/", Version::v22);
  region.get<Permissions>().register_type(
      "jobs", [this](const std::string& id) { return jobs_.find(id) != nullptr; });
}

void Jobs::add_routes(const std::string& root, Version version) {
  using http::Method;
  Router& router = region_.router();
  router.add(Method::post, root + "create",
             [this, version](Call& call) { return create(call, version); });
  router.add(Method::post, root + "reset",
             [this, version](Call& call) { return reset(call, version); });
  router.add(Method::post, root + "update",
             [this, version](Call& call) { return update(call, version); });
  router.add(Method::post, root + "delete", [this](Call& call) { return remove(call); });
  router.add(Method::get, root + "get", [this, version](Call& call) { return get(call, version); });
  router.add(Method::get, root + "list",
             [this, version](Call& call) { return list(call, version); });
  add_run_routes(root);
}

bool Jobs::exists(std::int64_t id) const { return jobs_.find(std::to_string(id)) != nullptr; }

Job* Jobs::find_job(const json& body) { return jobs_.find(text_of(body, "job_id")); }

/// Ids of jobs reach far beyond what a double holds exactly, and beyond other ids.
std::int64_t Jobs::new_id() {
  constexpr std::int64_t upper_half = 4'200'000'000'000'000'000;
  for (;;) {
    std::int64_t id = region_.ids().number();
    if (id % 2 == 1) id += upper_half;
    if (!exists(id)) return id;
  }
}

/// The newer version queues unless told not to.
void Jobs::add_queue_default(json& settings, Version version) {
  if (version == Version::v22 && field(settings, "queue") == nullptr)
    settings["queue"] = json::object({{"enabled", true}});
}

/// Checks a definition and makes it that of the job.
Refusal Jobs::put(Job& job, json settings, Version version) {
  const JobLimits limits{version == Version::v22 ? std::size_t{1000} : std::size_t{100}};
  if (auto refusal = check_job(region_, settings, limits, job.id)) return refusal;
  const json* sent = field(settings, "run_as");
  json run_as = sent != nullptr ? *sent : job.run_as;
  settings.erase("run_as");
  settings.erase("access_control_list");
  add_job_defaults(settings);  // throws on what is no job at all: until here the old one stands
  job.run_as = std::move(run_as);
  job.settings = std::move(settings);
  return std::nullopt;
}

namespace {
/// Values are texts, JSON included.
json changed_params(const json& body) {
  json params = json::object({{"job_id", text_of(body, "job_id")}});
  if (const json* settings = field(body, "new_settings")) params["new_settings"] = settings->dump();
  return params;
}
}  // namespace

void Jobs::tell_audit(const Call& call, std::string action, json params, json result) {
  AuditLog::Event event{.service = "jobs", .action = std::move(action), .caller = call.caller};
  event.params = std::move(params);
  event.result = std::move(result);
  region_.get<AuditLog>().record(std::move(event));
}

http::Response Jobs::create(Call& call, Version version) {
  if (jobs_.size() >= saved_jobs_limit)
    return error(400, "QUOTA_EXCEEDED", "The workspace already has 10000 saved jobs.");
  Job job;
  job.creator = call.caller;
  job.created_time = region_.now_millis();
  json settings = call.body.is_object() ? call.body : json::object();
  add_queue_default(settings, version);
  if (auto refusal = put(job, std::move(settings), version)) return *refusal;
  job.id = new_id();
  const std::string id = std::to_string(job.id);
  auto& permissions = region_.get<Permissions>();
  Job& added = jobs_.add(id, std::move(job));
  permissions.created("jobs", id, call.caller);
  if (const json* grants = field(call.body, "access_control_list"))
    if (auto refusal = permissions.set_initial("jobs", id, *grants)) {
      jobs_.erase(id);
      permissions.removed("jobs", id);
      return *refusal;
    }
  follow_triggers(added);
  json made = json::object({{"job_id", added.id}});
  tell_audit(call, "create", json::object(), made.dump());
  return answer(made);
}

/// A full replacement, except that run_as stays when it is not sent.
http::Response Jobs::reset(Call& call, Version version) {
  Job* job = find_job(call.body);
  if (job == nullptr) return no_job(text_of(call.body, "job_id"));
  const json* sent = field(call.body, "new_settings");
  if (sent == nullptr) return invalid("Missing required field: new_settings");
  json settings = *sent;
  add_queue_default(settings, version);
  if (auto refusal = put(*job, std::move(settings), version)) return *refusal;
  follow_triggers(*job);
  tell_audit(call, "reset", changed_params(call.body), nullptr);
  return done();
}

http::Response Jobs::update(Call& call, Version version) {
  Job* job = find_job(call.body);
  if (job == nullptr) return no_job(text_of(call.body, "job_id"));
  json settings = job->settings;
  for (const json& name : list_of(call.body, "fields_to_remove"))
    if (name.is_string()) remove_field(settings, name.get<std::string>());
  if (const json* changes = field(call.body, "new_settings")) {
    for (const auto& [key, value] : changes->items()) {
      const Keyed* by = keyed_array(key);
      if (by != nullptr && value.is_array())
        merge_by_key(settings[key], value, *by);
      else
        settings[key] = value;
    }
  }
  if (auto refusal = put(*job, std::move(settings), version)) return *refusal;
  follow_triggers(*job);
  tell_audit(call, "update", changed_params(call.body), nullptr);
  return done();
}

http::Response Jobs::remove(Call& call) {
  const Job* job = find_job(call.body);
  if (job == nullptr) return no_job(text_of(call.body, "job_id"));
  const std::string id = std::to_string(job->id);
  cancel_runs_of(job->id);
  agenda_.forget(job->id);
  jobs_.erase(id);
  region_.get<Permissions>().removed("jobs", id);
  tell_audit(call, "delete", json::object({{"job_id", id}}), nullptr);
  return done();
}

std::map<std::string, bool> live_triggers(const json& settings) {
  const auto is_live = [](const json& trigger) {
    return text_of(trigger, "pause_status") != "PAUSED";
  };
  std::map<std::string, bool> found;
  for (const char* place : {"schedule", "trigger", "continuous"})
    if (const json* trigger = field(settings, place)) found[place] = is_live(*trigger);
  std::size_t index = 0;
  for (const json& trigger : list_of(settings, "triggers"))
    found["triggers/" + std::to_string(index++)] = is_live(trigger);
  return found;
}

json Jobs::world() const {
  json jobs = json::array();
  json live = json::array();
  for (const Job* job : jobs_.all()) {
    json entry = head(*job);
    entry["settings"] = job->settings;
    if (!job->run_as.is_null()) entry["run_as"] = job->run_as;
    for (const auto& [place, is_live] : live_triggers(job->settings))
      if (is_live)
        live.push_back(json::object(
            {{"job_id", job->id}, {"name", text_of(job->settings, "name")}, {"trigger", place}}));
    jobs.push_back(std::move(entry));
  }
  json runs = json::array();
  for (const Run* run : runs_.all()) runs.push_back(describe(*run));
  return json::object({{"jobs", jobs}, {"live_job_triggers", live}, {"job_runs", runs}});
}

}  // namespace twinlake::simulator
