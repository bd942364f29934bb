#pragma once
// Sending again. Three questions, each a pure function: may I? is it safe? how long?
#include <optional>

#include "base/loop.h"
#include "http/transport.h"

namespace twinlake::http {

/// Why a try was no success, as far as trying again is concerned.
enum class Trouble {
  none,           ///< an answer to pass on, good or bad
  throttled,      ///< refused by a rate limit before any work
  not_begun,      ///< the service says that it could not begin (no worker yet, rights not spread)
  unavailable,    ///< 503 or a lock: probably not done
  server_failed,  ///< 500, 502, 504, time-outs: may have been done
  not_sent,       ///< it did not arrive: resolve, connect, TLS, or lost on the way and safe
};

/// May I? Looks at the answer only.
[[nodiscard]] Trouble trouble_of(const Result<Response>& outcome);

/// Is it safe? What is not safe to repeat is repeated only when no work was done for certain:
/// a 503 does not promise that, even with Retry-After (rule 3 of the design).
[[nodiscard]] bool is_safe_to_repeat(Trouble trouble, Repeat repeat);

/// The time that the service asked for: Retry-After (seconds or an HTTP date) or RetryInfo.
[[nodiscard]] std::optional<Micros> asked_delay(const Response& response, Time now);

struct RetryOptions {
  Micros first_delay = std::chrono::seconds(1);
  Micros longest_delay = std::chrono::seconds(20);
  /// How long trouble may last before it is given up.
  Micros budget = std::chrono::minutes(5);
  /// One object that the service cannot serve (a 500 each time) must not hold up a run for long.
  int most_server_failures = 6;
  /// Throttling slows, it does not lose: this only ends a service that never lets us in.
  Micros throttled_budget = std::chrono::hours(2);
};

/// How long? Never less than the floor; above it a random part, so that many do not return at once.
/// `attempt` counts from 1; `chance` is in [0, 1).
[[nodiscard]] Micros delay_before_retry(int attempt, std::optional<Micros> floor, double chance,
                                        const RetryOptions& options);

/// The outcome is an answer to pass on, or an error that carries the number of attempts. Answers
/// that would be tried again but no longer may become errors by `classify`.
class RetryingTransport final : public Transport {
 public:
  RetryingTransport(Loop& loop, Transport& inner, RetryOptions options = {})
      : loop_(loop), inner_(inner), options_(options) {}
  [[nodiscard]] Task<Result<Response>> send(Request request) override;

 private:
  Loop& loop_;
  Transport& inner_;
  RetryOptions options_;
};

}  // namespace twinlake::http
