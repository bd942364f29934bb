#include "workspace/runs.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/pager.h"

namespace twinlake::workspace {

using nlohmann::json;

Task<Result<std::vector<ActiveRun>>> active_runs(Workspace& side) {
  http::Request request = http::Request::get("/api/2.2/jobs/runs/list");
  request.query = {{"active_only", "true"}, {"limit", "25"}};
  CO_TRY(const std::vector<json> all, co_await http::list_all(side.transport(), std::move(request),
                                                              http::PageStyle::token, "/runs"));
  std::vector<ActiveRun> runs;
  for (const json& run : all)
    runs.push_back({text_at(run, "/run_id"), text_at(run, "/job_id"), text_at(run, "/run_name"),
                    text_at(run, "/creator_user_name")});
  co_return runs;
}

Task<Result<void>> cancel_run(Workspace& side, std::string id) {
  json body = json::object();
  body["run_id"] = json::parse(id, nullptr, false);
  CO_CHECK(co_await side.call(http::Request::send_json(http::Method::post,
                                                       "/api/2.2/jobs/runs/cancel", to_text(body),
                                                       http::Effect::writes, http::Repeat::safe)));
  co_return Result<void>{};
}

Task<Result<std::string>> start_run(Workspace& side, std::string job_id, std::string token,
                                    json parameters) {
  json body = json::object();
  body["job_id"] = json::parse(job_id, nullptr, false);
  body["idempotency_token"] = std::move(token);
  if (!parameters.is_null()) body["job_parameters"] = std::move(parameters);
  CO_TRY(const json started, co_await side.call(http::Request::send_json(
                                 http::Method::post, "/api/2.2/jobs/run-now", to_text(body),
                                 http::Effect::executes, http::Repeat::safe)));
  std::string id = text_at(started, "/run_id");
  if (id.empty()) co_return fail(Fault::bad_answer, "the service began a run and did not name it");
  co_return id;
}

Task<Result<std::vector<std::string>>> jobs_named(Workspace& side, std::string name) {
  http::Request request = http::Request::get("/api/2.2/jobs/list");
  request.query = {{"name", name}, {"limit", "100"}};
  CO_TRY(const std::vector<json> all, co_await http::list_all(side.transport(), std::move(request),
                                                              http::PageStyle::token, "/jobs"));
  std::vector<std::string> ids;
  for (const json& job : all)
    if (text_at(job, "/settings/name") == name) ids.push_back(text_at(job, "/job_id"));
  co_return ids;
}

namespace {

constexpr std::array<std::string_view, 3> ends{"TERMINATED", "SKIPPED", "INTERNAL_ERROR"};

std::optional<Time> moment_at(const json& run, const char* pointer) {
  const json* millis = find_at(run, pointer);
  if (millis == nullptr || !millis->is_number_integer() || millis->get<std::int64_t>() <= 0)
    return std::nullopt;
  return Time(Millis(millis->get<std::int64_t>()));
}

/// A run has `state`, which is older, or `status`, which says the same in other words.
RunState state_of(const json& run) {
  RunState seen;
  const std::string life = text_at(run, "/state/life_cycle_state");
  seen.has_ended = std::ranges::find(ends, life) != ends.end() ||
                   (life.empty() && text_at(run, "/status/state") == "TERMINATED");
  seen.message = text_at(run, "/state/state_message");
  if (seen.message.empty()) seen.message = text_at(run, "/status/termination_details/message");
  if (seen.has_ended) {
    seen.result = text_at(run, "/state/result_state");
    if (seen.result.empty()) seen.result = text_at(run, "/status/termination_details/code");
    if (seen.result.empty()) seen.result = life;
  }
  seen.url = text_at(run, "/run_page_url");
  seen.started = moment_at(run, "/start_time");
  seen.ended = moment_at(run, "/end_time");
  return seen;
}

}  // namespace

Task<Result<RunState>> look_at_run(Workspace& side, std::string id) {
  http::Request request = http::Request::get("/api/2.2/jobs/runs/get");
  request.with_query("run_id", std::move(id));
  CO_TRY(const json run, co_await side.call(std::move(request)));
  RunState seen = state_of(run);
  if (const json* tasks = find_at(run, "/tasks"); tasks != nullptr && tasks->is_array())
    for (const json& task : *tasks)
      if (std::string of_task = text_at(task, "/run_id"); !of_task.empty())
        seen.task_runs.push_back(std::move(of_task));
  co_return seen;
}

Task<Result<std::string>> output_of_run(Workspace& side, RunState run) {
  std::string all;
  for (const std::string& id : run.task_runs) {
    http::Request request = http::Request::get("/api/2.2/jobs/runs/get-output");
    request.with_query("run_id", id);
    const auto output = co_await side.call(std::move(request));
    // Some sorts of tasks have none, and some outputs are kept for a while only.
    if (!output && (output.error().fault == Fault::not_found || output.error().status == 400))
      continue;
    if (!output) co_return fail(output.error());
    for (const char* place : {"/notebook_output/result", "/error"})
      if (const std::string text = text_at(*output, place); !text.empty())
        all += (all.empty() ? "" : "\n") + text;
  }
  co_return all;
}

}  // namespace twinlake::workspace
