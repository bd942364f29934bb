#pragma once
// A region, or the cloud around two of them, as a Transport in the same process: time is the
// loop's, so a slow hour takes milliseconds.
#include "base/loop.h"
#include "http/transport.h"
#include "simulator/host.h"

namespace twinlake::simulator {

class InProcessTransport : public http::Transport {
 public:
  /// `latency` is the time of a whole exchange; half of it passes before the host sees the
  /// request.
  InProcessTransport(Loop& loop, Host& host, Millis latency)
      : loop_(loop), host_(host), latency_(latency) {}

  [[nodiscard]] Task<Result<http::Response>> send(http::Request request) override;

 private:
  Loop& loop_;
  Host& host_;
  Millis latency_;
};

}  // namespace twinlake::simulator
