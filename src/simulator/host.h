#pragma once
// Whatever answers requests in a simulation: a region's workspace, or the cloud around two of them.
// Transports and the server know only this.
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "http/message.h"

namespace twinlake::simulator {

/// How an answer reaches the client, if at all.
enum class Delivery {
  answer,
  lost_before_work,  ///< the connection broke, nothing was done; the client cannot know that
  lost_after_work,   ///< the work is done, the answer was lost
  unreachable,       ///< no connection: the region is lost
  truncated,         ///< the connection broke in the middle of the answer
};

struct Outcome {
  http::Response response;
  Delivery delivery = Delivery::answer;
  std::chrono::milliseconds extra_delay{0};  ///< before the answer is delivered
};

/// What a host was asked, for GET /sim/requests.
struct Traffic {
  struct Count {
    std::int64_t requests = 0;
    std::int64_t throttled = 0;  ///< answered 429
    std::int64_t failed = 0;     ///< answered 500 and above, or not at all
  };
  std::map<std::pair<std::string, std::string>, Count> routes;  ///< by method and route
  std::int64_t total = 0;
  std::int64_t throttled = 0;
  int in_flight = 0;
  int peak_in_flight = 0;

  void count(const http::Request& request, std::string_view route, const Outcome& outcome);
};

class Host {
 public:
  virtual ~Host() = default;
  /// The whole service. Never throws; `now_micros` is the caller's clock (virtual or real),
  /// microseconds since the epoch.
  [[nodiscard]] virtual Outcome serve(const http::Request& request, std::int64_t now_micros) = 0;
  [[nodiscard]] virtual Traffic& traffic() = 0;
  /// For messages about it: "region primary".
  [[nodiscard]] virtual std::string label() const = 0;

  /// Serves for callers that know of no lost answers: those come as status 0.
  [[nodiscard]] http::Response handle(const http::Request& request, std::int64_t now_micros);
};

/// Counts a request as in flight while it lives. The transports hold one around serve().
class InFlight {
 public:
  explicit InFlight(Host& host);
  ~InFlight() { --traffic_.in_flight; }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  Traffic& traffic_;
};

}  // namespace twinlake::simulator
