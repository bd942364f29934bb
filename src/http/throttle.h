#pragma once
// Keeps to the limits of each lane before the service has to insist, and makes all requests of a
// lane wait when it does.
#include <memory>
#include <span>
#include <vector>

#include "base/loop.h"
#include "http/limits.h"
#include "http/transport.h"

namespace twinlake::http {

/// Evenly spaced starts at a given rate. A late caller may catch up a little, so that a busy loop
/// does not lose throughput. Pure: time comes in as an argument.
class Pace {
 public:
  explicit Pace(double per_second);
  /// Takes the next place; how long to wait for it.
  [[nodiscard]] Micros take(Time now);

 private:
  Micros interval_{0};
  Time next_{};
};

class ThrottledTransport final : public Transport {
 public:
  ThrottledTransport(Loop& loop, Transport& inner, std::span<const Lane> table = lanes());
  ~ThrottledTransport() override;
  [[nodiscard]] Task<Result<Response>> send(Request request) override;

 private:
  struct LaneState;
  LaneState& state_of(Method method, std::string_view path);

  Loop& loop_;
  Transport& inner_;
  std::span<const Lane> table_;
  std::vector<std::shared_ptr<LaneState>> states_;  // shared: rows of one name are one lane
};

}  // namespace twinlake::http
