#pragma once
// Keeps to the limits of each lane before the service has to insist, makes all requests of a lane
// wait when it does, and learns from that.
#include <memory>
#include <span>
#include <vector>

#include "base/loop.h"
#include "http/lane_ledger.h"
#include "http/limits.h"
#include "http/transport.h"

namespace twinlake::http {

struct ThrottleOptions {
  /// Rates rise at most to so many times the published ones.
  double most = 1;
  /// What is learnt lies there; nullptr: in this transport alone. Must outlive it.
  LaneLedger* ledger = nullptr;
  std::int64_t user = 0;  ///< among those who share the ledger; 0: this process
};

class ThrottledTransport final : public Transport {
 public:
  ThrottledTransport(Loop& loop, Transport& inner, std::span<const Lane> table = lanes(),
                     ThrottleOptions options = {});
  ~ThrottledTransport() override;
  [[nodiscard]] Task<Result<Response>> send(Request request) override;

 private:
  struct LaneState;
  LaneState& state_of(Method method, std::string_view path);
  /// Waits for a place; how often the rate had been cut when it began.
  [[nodiscard]] Task<std::int64_t> enter(LaneState* lane);
  void learn(LaneState& lane, const Result<Response>& outcome, std::int64_t cuts);
  [[nodiscard]] Time shared_now() const;

  Loop& loop_;
  Transport& inner_;
  std::span<const Lane> table_;
  OwnLedger own_;
  LaneLedger& ledger_;
  std::int64_t user_;
  std::vector<std::shared_ptr<LaneState>> states_;  // shared: rows of one name are one lane
};

}  // namespace twinlake::http
