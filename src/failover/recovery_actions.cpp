// What the actions of a recovery plan do.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "base/secret_text.h"
#include "failover/recovery.h"
#include "http/classify.h"
#include "http/link.h"
#include "workspace/process.h"
#include "workspace/runs.h"

namespace twinlake::failover {

using nlohmann::json;
using Ending = Recovery::Ending;

namespace {

constexpr std::size_t most_words = 300;

Millis in_millis(Micros time) { return std::chrono::duration_cast<Millis>(time); }

std::string seconds(Micros time) { return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s"; }

/// The end of what a program wrote: there stands why it failed. Hidden first, for half a secret is not known as one.
std::string last_words(const workspace::ProcessOutput& output) {
  const std::string text = hide_secrets(output.err.empty() ? output.out : output.err);
  const std::string end = text.size() > most_words ? text.substr(text.size() - most_words) : text;
  return http::tidy_message(end, most_words);
}

http::Request request_to(const Address& address, const json& context) {
  const http::Request link = http::request_to_link(address.target.reveal());
  http::Request request = http::Request::post(link.path, to_text(context));
  request.raw_query = link.raw_query;
  request.query = link.query;
  return request;
}

/// The service may repeat what it was sent: nothing of its text is kept.
Ending ending_of(const Result<http::Response>& answer) {
  if (answer && answer->ok()) return {"done", {}};
  if (answer) return {"failed", "it answered with status " + std::to_string(answer->status)};
  if (answer.error().fault == Fault::in_doubt) return {"in doubt", "no answer in time: it may have been done"};
  return {"failed", "it could not be reached"};
}

}  // namespace

Task<Ending> Recovery::end_of(const GroupRun* run, const PlanAction* action, Time begun) {
  switch (action->type) {
    case ActionType::release: {
      const Semaphore::Permit turn = co_await one_release_.acquire();
      auto ending = co_await release_(*action);
      if (ending) co_return std::move(*ending);
      broken_ = std::move(ending).error();
      co_return Ending();
    }
    case ActionType::canary: co_return co_await run_canary(action);
    case ActionType::command: co_return co_await run_command(run->group, action);
    case ActionType::webhook: co_return co_await call_webhook(run->group, action);
    case ActionType::manual: co_return co_await wait_for_person(run, action, begun);
  }
  co_return Ending();
}

json Recovery::context_of(const PlanGroup& group, const PlanAction& action) const {
  json context = json::object();
  context["plan"] = options_.plan.name;
  context["group"] = group.name;
  context["action"] = action.name;
  context["direction"] = std::string(model::name_of(model::other(failover_.to))) + "->" + std::string(model::name_of(failover_.to));
  context["failover"] = name_of(failover_.type);
  context["failover_id"] = std::to_string(failover_.id);
  return context;
}

Task<Ending> Recovery::run_command(const PlanGroup* group, const PlanAction* action) {
  const json context = context_of(*group, *action);
  workspace::ProcessInput input;
  input.text = to_text(context);
  input.own_group = true;
  for (const auto& [member, variable] : {std::pair("/plan", "TWINLAKE_PLAN"), std::pair("/group", "TWINLAKE_GROUP"),
                                         std::pair("/action", "TWINLAKE_ACTION"), std::pair("/direction", "TWINLAKE_DIRECTION"),
                                         std::pair("/failover", "TWINLAKE_FAILOVER"), std::pair("/failover_id", "TWINLAKE_FAILOVER_ID")})
    input.environment.emplace_back(variable, text_at(context, member));
  auto output = co_await workspace::run_process(loop_, action->command, in_millis(action->timeout), std::move(input));
  if (!output) {
    const bool is_late = output.error().fault == Fault::unavailable;
    co_return Ending{is_late ? "timed out" : "failed",
                     is_late ? "it did not end within " + seconds(action->timeout) + " and was ended" : output.error().message};
  }
  if (output->exit_code == 0) co_return Ending{"done", {}};
  co_return Ending{"failed", "exit code " + std::to_string(output->exit_code), last_words(*output)};
}

Task<Ending> Recovery::call_webhook(const PlanGroup* group, const PlanAction* action) {
  const Webhook& webhook = action->webhook;
  const Address address = address_for(webhook);
  auto transport = options_.open_webhook(address.base_url, in_millis(action->timeout));
  if (!transport) co_return Ending{"failed", "the address cannot be used"};
  http::Request request = request_to(address, context_of(*group, *action));
  if (!webhook.header.empty()) request.headers.emplace_back(webhook.header, options_.environment(webhook.value_from).value_or(""));
  if (action->repeat) request.repeat = http::Repeat::safe;
  const auto answer = co_await (*transport)->send(std::move(request));
  Ending ending = ending_of(answer);
  // Not to be repeated by the transport, but known to have had its time.
  if (action->repeat && !answer && answer.error().fault != Fault::cancelled) ending.outcome = "failed";
  co_return ending;
}

Task<Ending> Recovery::run_canary(const PlanAction* action) {
  const Time deadline = loop_.now() + action->timeout;
  auto jobs = co_await workspace::jobs_named(new_primary_, action->job);
  if (!jobs) co_return Ending{"failed", describe(jobs.error())};
  if (jobs->size() != 1)
    co_return Ending{"failed", jobs->empty() ? "the new primary has no job of that name" : "the new primary has several jobs of that name"};
  // The same for the same attempt, so that a run that was killed finds the one that it started.
  const std::string token = uuid_from(std::to_string(failover_.id) + to_rfc3339(failover_.started) + action->name + "/" +
                                      std::to_string(failures_of(action->name)));
  auto run = co_await workspace::start_run(new_primary_, jobs->front(), token, nullptr);
  if (!run) co_return Ending{run.error().fault == Fault::in_doubt ? "in doubt" : "failed", describe(run.error())};
  co_return co_await wait_for_run(std::move(*run), deadline);
}

Task<Ending> Recovery::wait_for_run(std::string run, Time deadline) {
  while (!stopping()) {
    const auto seen = co_await workspace::look_at_run(new_primary_, run);
    if (seen && seen->has_ended && seen->result == "SUCCESS") co_return Ending{"done", "run " + run};
    if (seen && seen->has_ended)
      co_return Ending{"failed", "run " + run + " ended as " + seen->result + (seen->message.empty() ? "" : ": " + http::tidy_message(seen->message))};
    if (loop_.now() >= deadline) {
      (void)co_await workspace::cancel_run(new_primary_, run);
      co_return Ending{"timed out", seen ? "run " + run + " did not end in time and was cancelled" : describe(seen.error())};
    }
    co_await loop_.sleep(std::min<Micros>(std::chrono::seconds(5), deadline - loop_.now()));
  }
  co_return Ending{"", "run " + run + " is still under way"};
}

/// A person may answer from anywhere where the state is: what is said stands in the record.
Task<Ending> Recovery::wait_for_person(const GroupRun* run, const PlanAction* action, Time begun) {
  const Time deadline = begun + action->timeout;
  // Beside something that failed it would be waited for in vain.
  while (!stopping() && !run->is_halted) {
    const auto record = last_of(action->name);
    if (record && !is_unsure(*record)) co_return Ending{record->outcome, record->detail};
    if (loop_.now() >= deadline) co_return Ending{"timed out", "nobody confirmed it within " + seconds(action->timeout)};
    co_await loop_.sleep(std::min<Micros>(std::chrono::seconds(1), deadline - loop_.now()));
  }
  co_return Ending{"", action->text};
}

}  // namespace twinlake::failover
