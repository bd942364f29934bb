// Runs of jobs: just enough to see what has run, and what would have.
#include <algorithm>
#include <limits>

#include "simulator/compute/compute.h"
#include "simulator/jobs/jobs.h"

namespace twinlake::simulator {

namespace {
/// Made by run-now and triggers, or by runs/submit.
const char* type_of(const Run& run) { return run.job_id == 0 ? "SUBMIT_RUN" : "JOB_RUN"; }

std::optional<std::int64_t> millis_in(const Call& call, const char* parameter) {
  const json members = json::object({{parameter, call.query(parameter)}});
  return integer_of(members, parameter);
}

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
  router.add(Method::get, root + "runs/get-output",
             [this](Call& call) { return get_run_output(call); });
  router.add(Method::get, root + "runs/get", [this](Call& call) { return get_run(call); });
  router.add(Method::post, root + "runs/cancel", [this](Call& call) { return cancel_run(call); });
  router.add(Method::post, root + "runs/cancel-all",
             [this](Call& call) { return cancel_all(call); });
}

bool Jobs::is_active(const Run& run) const {
  return !run.cancelled && !run.skipped &&
         (run.end_time == 0 || region_.now_millis() < run.end_time);
}

void Jobs::end_run(Run& run) {
  run.cancelled = true;
  run.end_time = region_.now_millis();
}

/// A job runs at most so often at once. What comes then waits for the end of another, or is
/// skipped.
void Jobs::take_its_turn(Job& job, Run& run) {
  std::vector<std::int64_t> ends;
  std::erase_if(job.open_runs, [&](std::int64_t id) {
    const Run* other = runs_.find(std::to_string(id));
    const bool is_open = other != nullptr && is_active(*other);
    if (is_open)
      ends.push_back(other->end_time != 0 ? other->end_time
                                          : std::numeric_limits<std::int64_t>::max());
    return !is_open;
  });
  const auto most = integer_of(job.settings, "max_concurrent_runs").value_or(1);
  const auto room = static_cast<std::size_t>(std::max<std::int64_t>(0, most));
  if (ends.size() >= room) {
    std::sort(ends.begin(), ends.end());
    const json* queue = field(job.settings, "queue");
    const bool waits = room > 0 && queue != nullptr && flag_of(*queue, "enabled");
    const std::int64_t end = waits ? ends[ends.size() - room] : 0;
    run.skipped = !waits || end == std::numeric_limits<std::int64_t>::max();
    if (!run.skipped) run.begins = end;
  }
  if (!run.skipped) job.open_runs.push_back(run.id);
}

Run& Jobs::start_run(Job& job, const std::string& trigger, const std::string& creator) {
  Run run;
  run.id = region_.ids().number();
  run.job_id = job.id;
  run.number = ++job.runs;
  run.trigger = trigger;
  run.creator = creator;
  run.name = text_of(job.settings, "name", "Untitled");
  run.start_time = region_.now_millis();
  run.begins = run.start_time;
  take_its_turn(job, run);
  run.end_time = run.skipped               ? run.start_time
                 : trigger == "CONTINUOUS" ? 0
                                           : run.begins + run_millis;
  for (const json& task : list_of(job.settings, "tasks")) {
    run.task_runs.push_back(try_task(task));
    // A run wakes the cluster that its task names.
    if (const std::string id = text_of(task, "existing_cluster_id"); !id.empty() && !run.skipped)
      region_.get<Compute>().clusters().use(id);
  }
  const std::string id = std::to_string(run.id);
  return runs_.add(id, std::move(run));
}

/// A continuous job runs as long as it is not paused: a run begins, or ends, with its definition,
/// and when one is cancelled the next begins.
void Jobs::follow_continuous(Job& job) {
  Run* active = nullptr;
  for (const std::int64_t id : job.open_runs)
    if (Run* run = runs_.find(std::to_string(id)); run != nullptr && is_active(*run))
      if (run->trigger == "CONTINUOUS") active = run;
  const bool wanted = runs_without_end(job.settings);
  if (wanted && active == nullptr) start_run(job, "CONTINUOUS", job.creator);
  if (!wanted && active != nullptr) end_run(*active);
}

void Jobs::follow_triggers(Job& job) {
  follow_continuous(job);
  agenda_.follow(job.id, job.settings, region_.now_millis());
}

void Jobs::catch_up() {
  while (const auto fire = agenda_.take_due(region_.now_millis())) {
    const Region::Earlier then(region_, fire->at);
    Job* job = jobs_.find(std::to_string(fire->job_id));
    if (job != nullptr) start_run(*job, fire->trigger, job->creator);
  }
}

void Jobs::file_arrived(std::string_view url) { agenda_.arrived(url, region_.now_millis()); }

void Jobs::go_on() { agenda_.go_on(region_.now_millis()); }

void Jobs::cancel_runs_of(std::int64_t job_id) {
  for (Run* run : runs_.all())
    if (run->job_id == job_id && is_active(*run)) end_run(*run);
}

json Jobs::describe(const Run& run) const {
  const bool waits = is_active(run) && region_.now_millis() < run.begins;
  const char* life_cycle = run.skipped      ? "SKIPPED"
                           : waits          ? "QUEUED"
                           : is_active(run) ? "RUNNING"
                                            : "TERMINATED";
  json state = json::object({{"life_cycle_state", life_cycle}, {"state_message", ""}});
  const bool has_failed =
      std::ranges::any_of(run.task_runs, [](const json& task) { return task.contains("error"); });
  if (!is_active(run) && !run.skipped)
    state["result_state"] = run.cancelled ? "CANCELED" : has_failed ? "FAILED" : "SUCCESS";
  json out = json::object({{"run_id", run.id},
                           {"number_in_job", run.number},
                           {"run_name", run.name},
                           {"start_time", run.start_time},
                           {"trigger", run.trigger},
                           {"creator_user_name", run.creator},
                           {"run_type", type_of(run)},
                           {"state", state}});
  if (run.job_id != 0) out["job_id"] = run.job_id;
  if (!is_active(run)) out["end_time"] = run.end_time;
  for (const json& task : run.task_runs) {
    json task_state = state;
    if (state.contains("result_state") && !run.cancelled)
      task_state["result_state"] = task.contains("error") ? "FAILED" : "SUCCESS";
    out["tasks"].push_back(json::object(
        {{"run_id", task.at("run_id")}, {"task_key", task.at("task_key")}, {"state", task_state}}));
  }
  return out;
}

http::Response Jobs::run_now(Call& call) {
  Job* job = find_job(call.body);
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
  const std::string type = call.query("run_type");
  constexpr std::int64_t ever = std::numeric_limits<std::int64_t>::max();
  const std::int64_t from = millis_in(call, "start_time_from").value_or(0);
  const std::int64_t to = millis_in(call, "start_time_to").value_or(ever);
  const auto page = runs_.page(wish, Shelf<Run>::Order::newest_first, [&](const Run& run) {
    if (!job.empty() && std::to_string(run.job_id) != job) return false;
    if (!type.empty() && type != type_of(run)) return false;
    if (run.start_time < from || run.start_time > to) return false;
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
  if (is_active(*run)) end_run(*run);
  if (Job* job = jobs_.find(std::to_string(run->job_id))) follow_continuous(*job);
  return done();
}

http::Response Jobs::cancel_all(Call& call) {
  Job* job = find_job(call.body);
  if (job == nullptr) return no_job(text_of(call.body, "job_id"));
  cancel_runs_of(job->id);
  follow_continuous(*job);
  return done();
}

}  // namespace twinlake::simulator
