#include "azure/operation.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "azure/arm.h"
#include "azure/throttling.h"
#include "http/classify.h"
#include "http/retry.h"

namespace twinlake::azure {

namespace {

using nlohmann::json;
using Poll = Operation::Poll;

// Without Retry-After: the contract says 60 s, the clients of others ask every 10 s.
constexpr Micros default_pause = std::chrono::seconds(10);
constexpr Micros shortest_pause = std::chrono::seconds(1);
constexpr Micros longest_pause = std::chrono::minutes(10);
constexpr int most_failed_reads = 10;
constexpr int most_absent_reads = 6;

std::string state_in(const json& body, const char* key) {
  const auto found = body.is_object() ? body.find(key) : body.end();
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string provisioning_state(const json& body) {
  const auto found = body.is_object() ? body.find("properties") : body.end();
  return found == body.end() ? std::string() : state_in(*found, "provisioningState");
}

json parsed_body(const http::Response& response) {
  json body = json::parse(response.body, nullptr, false);
  return body.is_discarded() ? json() : body;
}

Micros pause_after(const http::Response& response, Time now) {
  std::optional<Micros> asked = asked_milliseconds(response.headers);
  if (!asked) asked = http::asked_delay(response, now);
  return std::clamp(asked.value_or(default_pause), shortest_pause, longest_pause);
}

/// Where to go on, as the answer says. False when it says nothing that can be followed.
bool take_urls(Operation& operation, const http::Response& response, std::string_view host) {
  const auto usable = [&](const char* name) -> std::string {
    const std::string* const url = http::find_header(response.headers, name);
    if (url == nullptr || !target_on(host, *url)) return {};
    return *url;
  };
  const std::string status = usable("Azure-AsyncOperation");
  const std::string location = usable("Location");
  if (!status.empty()) {
    operation.poll = Poll::status;
    operation.url = status;
    if (operation.verb == http::Method::post && !location.empty()) operation.result = location;
    return true;
  }
  // While a status URL is followed, its answers carry at most the Location of the result.
  if (location.empty() || operation.poll == Poll::status) return false;
  operation.poll = Poll::location;
  operation.url = location;
  return true;
}

void finish(Operation& operation) {
  operation.poll = Poll::finished;
  operation.percent = 100;
}

Error ended_badly(const Operation& operation, Ending ending, const json& body) {
  const bool has_error = body.is_object() && body.contains("error") && body["error"].is_object();
  std::string code;
  std::string why = has_error ? arm_message(body["error"], code) : std::string();
  if (why.empty() && body.is_object() && body.contains("properties") &&
      body["properties"].is_object() && body["properties"].contains("error"))
    why = arm_message(body["properties"]["error"], code);
  if (why.empty()) why = "the service does not say why";
  Error error(Fault::invalid,
              std::string(ending == Ending::cancelled ? "the operation was cancelled: "
                                                      : "the operation failed: ") +
                  why);
  error.method = std::string(http::name_of(operation.verb));
  error.path = operation.path;
  error.service_code = code.empty() ? (ending == Ending::cancelled ? "Canceled" : "Failed") : code;
  return error;
}

/// A state in words, wherever it stood.
Result<void> take_state(Operation& operation, const std::string& state, const json& body) {
  const Ending ending = ending_of(state);
  switch (ending) {
    case Ending::running: return {};
    case Ending::succeeded: finish(operation); return {};
    case Ending::failed:
    case Ending::cancelled: return fail(ended_badly(operation, ending, body));
  }
  return {};
}

/// It says nothing about the operation: the network, a rate limit, a service that is not well.
Result<void> take_unread(Operation& operation, const Result<http::Response>& polled, Time now) {
  operation.next = now + (polled ? pause_after(*polled, now) : default_pause);
  if (++operation.failed_reads < most_failed_reads) return {};
  const http::Request about(http::Method::get, operation.path);
  Error error = polled ? arm_error(about, *polled) : polled.error();
  error.fault = Fault::in_doubt;
  error.message = "how far the operation is cannot be read: " + error.message;
  error.hint = "It may go on all the same: repeat the command later, it asks again";
  return fail(std::move(error));
}

/// 404 on the way: right after the beginning it only means "not yet".
Result<void> take_absence(Operation& operation, const Result<http::Response>& polled, Time now) {
  const bool removing = operation.verb == http::Method::del;
  if (operation.poll == Poll::resource && removing) {
    finish(operation);
    return {};
  }
  operation.next = now + pause_after(*polled, now);
  if (++operation.absent_reads < most_absent_reads) return {};
  if (operation.poll != Poll::resource && operation.verb != http::Method::post) {
    // The record of the operation is gone; what it made can still be asked.
    operation.poll = Poll::resource;
    operation.absent_reads = 0;
    return {};
  }
  Error error(Fault::in_doubt, "the operation is not known to the service any more",
              "Repeat the command: it looks at what is there");
  error.method = std::string(http::name_of(operation.verb));
  error.path = operation.path;
  error.status = 404;
  return fail(std::move(error));
}

Result<void> take_good(Operation& operation, const http::Response& response) {
  const json body = parsed_body(response);
  const std::string status = state_in(body, "status");
  const std::string provisioning = provisioning_state(body);
  switch (operation.poll) {
    case Poll::finished: return {};
    case Poll::status:
      if (!status.empty()) return take_state(operation, status, body);
      if (!provisioning.empty()) return take_state(operation, provisioning, body);
      if (response.status != 202) finish(operation);
      return {};
    case Poll::location:
      if (response.status == 202) return {};
      return take_state(operation, provisioning, body);
    case Poll::resource:
      if (operation.verb == http::Method::del) return {};  // it is still there
      return take_state(operation, provisioning, body);
  }
  return {};
}

Result<std::string> text_in(const json& kept, const char* key) {
  const auto found = kept.find(key);
  if (found == kept.end() || !found->is_string())
    return fail(Fault::invalid, std::string("a kept operation has no text `") + key + "`");
  return found->get<std::string>();
}

}  // namespace

std::string_view name_of(Poll poll) {
  switch (poll) {
    case Poll::finished: return "finished";
    case Poll::status: return "status";
    case Poll::location: return "location";
    case Poll::resource: return "resource";
  }
  return "?";
}

json to_json(const Operation& operation) {
  json kept = json::object();
  kept["verb"] = http::name_of(operation.verb);
  kept["path"] = operation.path;
  kept["api_version"] = operation.api_version;
  kept["poll"] = name_of(operation.poll);
  kept["url"] = operation.url;
  kept["result"] = operation.result;
  kept["started"] = to_rfc3339(operation.started);
  kept["next"] = to_rfc3339(operation.next);
  return kept;
}

Result<Operation> operation_from(const json& kept) {
  if (!kept.is_object()) return fail(Fault::invalid, "a kept operation is not an object");
  Operation operation;
  TRY(const std::string verb, text_in(kept, "verb"));
  const auto method = http::method_from(verb);
  if (!method) return fail(Fault::invalid, "a kept operation has no known verb");
  operation.verb = *method;
  TRY(operation.path, text_in(kept, "path"));
  TRY(operation.api_version, text_in(kept, "api_version"));
  TRY(operation.url, text_in(kept, "url"));
  TRY(operation.result, text_in(kept, "result"));
  TRY(const std::string started, text_in(kept, "started"));
  TRY(const std::string next, text_in(kept, "next"));
  operation.started = time_from_rfc3339(started);
  operation.next = time_from_rfc3339(next);
  TRY(const std::string poll, text_in(kept, "poll"));
  for (const Poll known : {Poll::finished, Poll::status, Poll::location, Poll::resource})
    if (name_of(known) == poll) {
      operation.poll = known;
      return operation;
    }
  return fail(Fault::invalid, "a kept operation is followed in an unknown way: " + poll);
}

Ending ending_of(std::string_view state) {
  const std::string small = lower_case(state);
  if (small.empty() || small == "succeeded") return Ending::succeeded;
  if (small == "failed") return Ending::failed;
  return small == "canceled" || small == "cancelled" ? Ending::cancelled : Ending::running;
}

Result<Operation> operation_begun(http::Method verb, const std::string& path,
                                  const std::string& api_version, const http::Response& response,
                                  Time now, std::string_view host) {
  Operation operation;
  operation.verb = verb;
  operation.path = path;
  operation.api_version = api_version;
  operation.started = now;
  operation.answer = response.body;
  operation.next = now + pause_after(response, now);
  const bool may_have_urls = response.status == 201 || response.status == 202 ||
                             http::find_header(response.headers, "Azure-AsyncOperation") != nullptr;
  // A 201 may carry a Location that is only the new resource: the state in its body decides then.
  const bool is_accepted = response.status == 202;
  if (may_have_urls && take_urls(operation, response, host) &&
      (is_accepted || operation.poll == Poll::status))
    return operation;
  operation.url.clear();
  operation.poll = Poll::resource;
  if (verb == http::Method::post && is_accepted) {
    Error error(Fault::in_doubt, "it was accepted, and the service does not say how far it is",
                "Look at what it should have changed before it is sent again");
    error.method = std::string(http::name_of(verb));
    error.path = path;
    error.status = response.status;
    return fail(std::move(error));
  }
  // Nothing tells more about a POST than its answer.
  if (verb == http::Method::post || (verb == http::Method::del && !is_accepted)) {
    finish(operation);
    return operation;
  }
  if (is_accepted) return operation;
  const json body = parsed_body(response);
  CHECK(take_state(operation, provisioning_state(body), body));
  return operation;
}

Result<void> take_poll(Operation& operation, const Result<http::Response>& polled, Time now,
                       std::string_view host) {
  if (operation.finished()) return {};
  if (!polled) return take_unread(operation, polled, now);
  if (polled->status == 404 || polled->status == 410) return take_absence(operation, polled, now);
  constexpr std::array says_nothing{401, 403, 408, 429};
  const bool unread = polled->status >= 500 || std::find(says_nothing.begin(), says_nothing.end(),
                                                         polled->status) != says_nothing.end();
  // Of a status URL only a good answer tells; a Location answers with the failure itself.
  if (unread || (!polled->ok() && operation.poll != Poll::location))
    return take_unread(operation, polled, now);
  if (!polled->ok()) {
    const http::Request about(operation.verb, operation.path);
    Error error = arm_error(about, *polled);
    error.message = "the operation failed: " + error.message;
    return fail(std::move(error));
  }
  operation.failed_reads = 0;
  operation.absent_reads = 0;
  operation.next = now + pause_after(*polled, now);
  operation.answer = polled->body;
  const json body = parsed_body(*polled);
  if (body.is_object() && body.contains("percentComplete") && body["percentComplete"].is_number())
    operation.percent = body["percentComplete"].get<double>();
  CHECK(take_good(operation, *polled));
  if (!operation.finished()) static_cast<void>(take_urls(operation, *polled, host));
  return {};
}

namespace {

/// What a finished operation made.
Task<Result<json>> outcome_of(Arm& arm, Operation operation, Poll last) {
  if (operation.verb == http::Method::del) co_return json::object();
  if (operation.verb != http::Method::post) {
    const json body = json::parse(operation.answer, nullptr, false);
    // A resource answers for itself; a status does not.
    const bool is_resource = body.is_object() && body.contains("id") && body.contains("properties");
    if (is_resource && last != Poll::status && last != Poll::location) co_return body;
    co_return co_await arm.get(operation.path, operation.api_version);
  }
  http::Response response(200, operation.answer);
  if (!operation.result.empty()) {
    CO_TRY(response, co_await arm.fetch(operation.result));
  }
  const http::Request about(http::Method::post, operation.path);
  if (!response.ok()) co_return fail(arm_error(about, response));
  co_return http::parse_answer(about, std::move(response));
}

std::string poll_url(const Operation& operation) {
  if (operation.poll != Poll::resource) return operation.url;
  return operation.path + "?api-version=" + operation.api_version;
}

}  // namespace

Task<void> pause_until(Loop& loop, Time until, std::function<bool()> stop) {
  constexpr Micros between_questions = std::chrono::milliseconds(500);
  while (loop.now() < until && !(stop && stop())) {
    const Micros left = until - loop.now();
    co_await loop.sleep(stop ? std::min(left, between_questions) : left);
  }
}

Task<Result<json>> complete(Arm& arm, Operation operation, Patience patience) {
  Loop& loop = arm.loop();
  const Time end = loop.now() + patience.limit;
  if (patience.watch) patience.watch(operation);
  Poll last = operation.poll;
  while (!operation.finished()) {
    co_await pause_until(loop, std::min(operation.next, end), patience.stop);
    if (patience.stop && patience.stop())
      co_return fail(Fault::cancelled, "stopped; the operation goes on in Azure",
                     "Repeat the command to go on");
    if (loop.now() >= end)
      co_return fail(Fault::in_doubt, "the operation has not ended in time",
                     "It goes on in Azure: repeat the command later to follow it");
    last = operation.poll;
    std::string url = poll_url(operation);
    const Result<http::Response> polled = co_await arm.fetch(std::move(url));
    auto taken = take_poll(operation, polled, loop.now(), arm.host());
    if (!taken) co_return fail(std::move(taken).error());
    if (patience.watch) patience.watch(operation);
  }
  co_return co_await outcome_of(arm, std::move(operation), last);
}

}  // namespace twinlake::azure
