#include "http/retry.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <random>

#include "http/classify.h"

namespace twinlake::http {

namespace {

struct TransientRow {
  std::string_view text;
  Trouble trouble;
};

// Messages that official clients repeat on, whatever the status. "Worker environment" errors last
// for minutes after a workspace was created.
constexpr std::array transient_messages{
    TransientRow{"UnknownWorkerEnvironmentException", Trouble::not_begun},
    TransientRow{"does not have any associated worker environments", Trouble::not_begun},
    TransientRow{"There is no worker environment with id", Trouble::not_begun},
    TransientRow{"Unknown worker environment", Trouble::not_begun},
    TransientRow{"ClusterNotReadyException", Trouble::not_begun},
    TransientRow{"RPC token bucket limit has been exceeded", Trouble::throttled},
    TransientRow{"Timed out after ", Trouble::server_failed},
    TransientRow{"deadline exceeded", Trouble::server_failed},
    TransientRow{"Please try again later or try a faster operation", Trouble::server_failed},
};

Trouble trouble_of_answer(const Response& response) {
  if (response.status < 400) return Trouble::none;
  const ErrorBody facts = read_error(response);
  // A quota on the number of objects: waiting does not help.
  if (facts.code == "QUOTA_EXCEEDED" || facts.code == "RESOURCE_LIMIT_EXCEEDED")
    return Trouble::none;
  if (is_throttled(response)) return Trouble::throttled;
  if (facts.code == "PERMISSION_NOT_PROPAGATED") return Trouble::not_begun;
  for (const TransientRow& row : transient_messages)
    if (facts.message.find(row.text) != std::string::npos) return row.trouble;
  if (response.status == 503 || facts.code == "ABORTED" || facts.code == "COULD_NOT_ACQUIRE_LOCK" ||
      facts.code == "WORKSPACE_TEMPORARILY_UNAVAILABLE")
    return Trouble::unavailable;
  // A 500 with a code that says why is final, whatever the status suggests.
  const auto meaning = fault_of_code(facts.code);
  if (meaning && *meaning != Fault::unavailable) return Trouble::none;
  constexpr std::array failing{408, 500, 502, 504};
  const bool failed = std::find(failing.begin(), failing.end(), response.status) != failing.end();
  return failed ? Trouble::server_failed : Trouble::none;
}

/// The state of one request on its way through its attempts.
struct Journey {
  Time trouble_since{};
  Micros throttled_for{0};
  int attempts = 0;
  int server_failures = 0;
};

/// True when the budget allows another attempt after `delay`; keeps the books.
bool pay(Journey& journey, Trouble trouble, Micros delay, Time now, const RetryOptions& options) {
  if (trouble == Trouble::throttled) {
    journey.throttled_for += delay;
    // Waiting for a limit is not part of how long other trouble lasts.
    if (journey.trouble_since != Time{}) journey.trouble_since += delay;
    return journey.throttled_for <= options.throttled_budget;
  }
  if (trouble == Trouble::server_failed &&
      ++journey.server_failures >= options.most_server_failures)
    return false;
  if (journey.trouble_since == Time{}) journey.trouble_since = now;
  return now + delay - journey.trouble_since <= options.budget;
}

Error give_up(const Request& request, Result<Response> outcome, Trouble trouble, int attempts) {
  Error error = outcome ? classify(request, *outcome) : std::move(outcome).error();
  if (request.repeat == Repeat::unsafe &&
      (trouble == Trouble::unavailable || trouble == Trouble::server_failed))
    error.fault = Fault::in_doubt;
  error.attempts = attempts;
  return error;
}

}  // namespace

Trouble trouble_of(const Result<Response>& outcome) {
  if (outcome) return trouble_of_answer(*outcome);
  return outcome.error().fault == Fault::network ? Trouble::not_sent : Trouble::none;
}

bool is_safe_to_repeat(Trouble trouble, Repeat repeat) {
  switch (trouble) {
    case Trouble::none: return false;
    case Trouble::throttled:
    case Trouble::not_begun:
    case Trouble::not_sent: return true;
    case Trouble::unavailable:
    case Trouble::server_failed: return repeat == Repeat::safe;
  }
  return false;
}

std::optional<Micros> asked_delay(const Response& response, Time now) {
  std::optional<Micros> asked;
  if (const std::string* value = find_header(response.headers, "Retry-After")) {
    std::int64_t seconds = 0;
    const auto [stop, error] =
        std::from_chars(value->data(), value->data() + value->size(), seconds);
    if (error == std::errc() && stop == value->data() + value->size()) {
      asked = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
    } else if (const std::time_t date = curl_getdate(value->c_str(), nullptr); date > 0) {
      // Compared in seconds: a year far enough away is more than microseconds can count.
      const auto until = std::chrono::seconds(date) - std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
      asked = std::clamp<std::chrono::seconds>(until, std::chrono::seconds(0), std::chrono::hours(24));
    }
  }
  if (response.status >= 400)
    if (const auto delay = read_error(response).retry_delay)
      asked = std::max(asked.value_or(Micros(0)), *delay);
  return asked;
}

Micros delay_before_retry(int attempt, std::optional<Micros> floor, double chance,
                          const RetryOptions& options) {
  const int doublings = std::clamp(attempt - 1, 0, 20);
  const Micros backoff =
      std::min(options.longest_delay, options.first_delay * (std::int64_t{1} << doublings));
  // With a floor, the random part only spreads the returns; without one it is the delay itself.
  const Micros least = floor ? *floor : backoff / 2;
  const Micros spread = floor ? std::min<Micros>(backoff, std::chrono::seconds(1)) : backoff / 2;
  return least + Micros(static_cast<std::int64_t>(chance * static_cast<double>(spread.count())));
}

Task<Result<Response>> RetryingTransport::send(Request request) {
  Journey journey;
  for (;;) {
    Request copy = request;
    Result<Response> outcome = co_await inner_.send(std::move(copy));
    ++journey.attempts;
    const Trouble trouble = trouble_of(outcome);
    if (trouble == Trouble::none) {
      if (outcome) co_return outcome;
      co_return fail(give_up(request, std::move(outcome), trouble, journey.attempts));
    }
    if (!is_safe_to_repeat(trouble, request.repeat))
      co_return fail(give_up(request, std::move(outcome), trouble, journey.attempts));
    const auto floor = outcome ? asked_delay(*outcome, loop_.now()) : std::nullopt;
    const double chance = std::uniform_real_distribution<double>(0, 1)(loop_.random());
    const Micros delay = delay_before_retry(journey.attempts, floor, chance, options_);
    if (!pay(journey, trouble, delay, loop_.now(), options_))
      co_return fail(give_up(request, std::move(outcome), trouble, journey.attempts));
    co_await loop_.sleep(delay);
  }
}

}  // namespace twinlake::http
