#include "azure/connection.h"

#include "http/throttle.h"

namespace twinlake::azure {

ArmConnection::ArmConnection(Loop& loop, std::unique_ptr<http::Transport> wire,
                             std::unique_ptr<workspace::Credentials> credentials,
                             ArmOptions options)
    : wire_(std::move(wire)),
      counting_(*wire_),
      arm_wire_(loop, counting_),
      throttled_(std::make_unique<http::ThrottledTransport>(loop, arm_wire_, arm_lanes())),
      credentials_(std::move(credentials)),
      authenticated_(*throttled_, *credentials_),
      retrying_(loop, authenticated_, options.retry),
      guard_(retrying_, options.allowed, options.why_not_more),
      arm_(loop, guard_, options.host) {}

}  // namespace twinlake::azure
