// Runs of jobs: just enough to see what would have run.
#include "simulator/compute.h"
#include "simulator/jobs.h"

namespace twinlake::simulator {

namespace {
http::Response no_run(const std::string& id) { return invalid("Run " + id + " does not exist."); }

/// A live trigger that keeps the job running without pause.
bool runs_without_end(const json& settings) {
  const auto live = live_triggers(settings);
  if (const auto found = live.find("continuous"); found != live.end()) return found->second;
  std::size_t index = 0;
  for (const json& trigger : list_of(settings, "triggers")) {
    const bool is_live = live.at("triggers/" + std::to_string(index++));
    if (is_live && field(trigger, "continuous") != nullptr) return true;
  }
  return false;
}
}  // namespace

void Jobs::add_run_routes(const std::string& root) {
  using http::Method;
  Router& router = region_.router();
  router.add(Method::post, root + "run-now", [this](Call& call) { return run_now(call); });
  router.add(Method::post, root + "runs/submit", [this](Call& call) { return submit(call); });
  router.add(Method::get, root + "runs/list", [this](Call& call) { return list_runs(call); });
  router.add(Method::get, root + "runs/get", [this](Call& call) { return get_run(call); });
  router.add(Method::post, root + "runs/cancel", [this](Call& call) { return cancel_run(call); });
  router.add(Method::post, root + "runs/cancel-all",
             [this](Call& call) { return cancel_all(call); });
}

bool Jobs::is_active(const Run& run) const {
  return !run.cancelled && (run.end_time == 0 || region_.now_millis() < run.end_time);
}

Run& Jobs::start_run(const Job& job, const std::string& trigger, const std::string& creator) {
  Run run;
  run.id = region_.ids().number();
  run.job_id = job.id;
  for (const Run* other : runs_.all())
    if (other->job_id == job.id) ++run.number;
  ++run.number;
  run.trigger = trigger;
  run.creator = creator;
  run.name = text_of(job.settings, "name", "Untitled");
  run.start_time = region_.now_millis();
  run.end_time = trigger == "CONTINUOUS" ? 0 : run.start_time + run_millis;
  for (const json& task : list_of(job.settings, "tasks")) {
    run.task_keys.push_back(text_of(task, "task_key"));
    // A run wakes the cluster that its task names.
    if (const std::string id = text_of(task, "existing_cluster_id"); !id.empty())
      region_.get<Compute>().clusters().use(id);
  }
  const std::string id = std::to_string(run.id);
  return runs_.add(id, std::move(run));
}

/// A continuous job runs as long as it is not paused: a run begins, or ends, with its definition.
void Jobs::follow_continuous(const Job& job) {
  Run* active = nullptr;
  for (Run* run : runs_.all())
    if (run->job_id == job.id && run->trigger == "CONTINUOUS" && is_active(*run)) active = run;
  const bool wanted = runs_without_end(job.settings);
  if (wanted && active == nullptr) start_run(job, "CONTINUOUS", job.creator);
  if (!wanted && active != nullptr) {
    active->cancelled = true;
    active->end_time = region_.now_millis();
  }
}

void Jobs::cancel_runs_of(std::int64_t job_id) {
  for (Run* run : runs_.all()) {
    if (run->job_id != job_id || !is_active(*run)) continue;
    run->cancelled = true;
    run->end_time = region_.now_millis();
  }
}

json Jobs::describe(const Run& run) const {
  json state = json::object(
      {{"life_cycle_state", is_active(run) ? "RUNNING" : "TERMINATED"}, {"state_message", ""}});
  if (!is_active(run)) state["result_state"] = run.cancelled ? "CANCELED" : "SUCCESS";
  json out = json::object({{"run_id", run.id},
                           {"number_in_job", run.number},
                           {"run_name", run.name},
                           {"start_time", run.start_time},
                           {"trigger", run.trigger},
                           {"creator_user_name", run.creator},
                           {"run_type", run.job_id == 0 ? "SUBMIT_RUN" : "JOB_RUN"},
                           {"state", state}});
  if (run.job_id != 0) out["job_id"] = run.job_id;
  if (!is_active(run)) out["end_time"] = run.end_time;
  for (const json& key : run.task_keys)
    out["tasks"].push_back(json::object({{"task_key", key}, {"state", state}}));
  return out;
}

http::Response Jobs::run_now(Call& call) {
  const Job* job = find_job(call.body);
  if (job == nullptr) return no_job(text_of(call.body, "job_id"));
  const std::string token = text_of(call.body, "idempotency_token");
  if (token.size() > 64) return invalid("The idempotency token has more than 64 characters.");
  if (const auto known = run_tokens_.find(token); !token.empty() && known != run_tokens_.end())
    return answer(json::object({{"run_id", known->second}}));
  if (integer_of(job->settings, "max_concurrent_runs").value_or(1) == 0)
    return invalid_state("The job allows no runs: max_concurrent_runs is 0.");
  const Run& run = start_run(*job, "ONE_TIME", call.caller);
  if (!token.empty()) run_tokens_[token] = run.id;
  return answer(json::object({{"run_id", run.id}, {"number_in_job", run.number}}));
}

http::Response Jobs::submit(Call& call) {
  const std::string token = text_of(call.body, "idempotency_token");
  if (const auto known = run_tokens_.find(token); !token.empty() && known != run_tokens_.end())
    return answer(json::object({{"run_id", known->second}}));
  Job once;
  once.settings = call.body.is_object() ? call.body : json::object();
  once.settings["name"] = text_of(call.body, "run_name", "Untitled");
  if (auto refusal = check_job(region_, once.settings, JobLimits{100}, 0)) return *refusal;
  const Run& run = start_run(once, "ONE_TIME", call.caller);
  if (!token.empty()) run_tokens_[token] = run.id;
  return answer(json::object({{"run_id", run.id}}));
}

http::Response Jobs::list_runs(Call& call) const {
  Refusal refusal;
  const PageWish wish = page_wish(call, "limit", 20, 25, refusal);
  if (refusal) return *refusal;
  const std::string job = call.query("job_id");
  const bool active_only = call.query("active_only") == "true";
  const bool completed_only = call.query("completed_only") == "true";
  const auto page = runs_.page(wish, Shelf<Run>::Order::newest_first, [&](const Run& run) {
    if (!job.empty() && std::to_string(run.job_id) != job) return false;
    return !(active_only && !is_active(run)) && !(completed_only && is_active(run));
  });
  json body = json::object({{"has_more", !page.next.empty()}});
  for (const Run* run : page.items) {
    json row = describe(*run);
    if (call.query("expand_tasks") != "true") row.erase("tasks");
    body["runs"].push_back(std::move(row));
  }
  if (!page.next.empty()) body["next_page_token"] = page.next;
  return answer(body);
}

http::Response Jobs::get_run(Call& call) const {
  const Run* run = runs_.find(call.query("run_id"));
  return run == nullptr ? no_run(call.query("run_id")) : answer(describe(*run));
}

http::Response Jobs::cancel_run(Call& call) {
  Run* run = runs_.find(text_of(call.body, "run_id"));
  if (run == nullptr) return no_run(text_of(call.body, "run_id"));
  if (is_active(*run)) {
    run->cancelled = true;
    run->end_time = region_.now_millis();
  }
  return done();
}

http::Response Jobs::cancel_all(Call& call) {
  const Job* job = find_job(call.body);
  if (job == nullptr) return no_job(text_of(call.body, "job_id"));
  cancel_runs_of(job->id);
  return done();
}

}  // namespace twinlake::simulator
