#pragma once
// A region as a Transport, in the same process: time is the loop's, so a slow hour takes
// milliseconds.
#include "base/loop.h"
#include "http/transport.h"
#include "simulator/region.h"

namespace twinlake::simulator {

class InProcessTransport : public http::Transport {
 public:
  /// `latency` is the time of a whole exchange; half of it passes before the region sees the
  /// request.
  InProcessTransport(Loop& loop, Region& region, Millis latency)
      : loop_(loop), region_(region), latency_(latency) {}

  [[nodiscard]] Task<Result<http::Response>> send(http::Request request) override;

 private:
  Loop& loop_;
  Region& region_;
  Millis latency_;
};

}  // namespace twinlake::simulator
