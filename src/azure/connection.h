#pragma once
// The HTTP stack of Azure Resource Manager, put together in one place.
#include <memory>
#include <string>

#include "azure/arm.h"
#include "azure/throttling.h"
#include "http/counting.h"
#include "http/guard.h"
#include "http/retry.h"
#include "workspace/auth.h"

namespace twinlake::azure {

struct ArmOptions {
  std::string host = "https://management.azure.com";
  http::Effect allowed = http::Effect::reads;
  std::string why_not_more = "this command only reads";
  http::RetryOptions retry = {};
};

/// Owns the decorators from the wire to the client. Must be gone before the loop.
class ArmConnection {
 public:
  ArmConnection(Loop& loop, std::unique_ptr<http::Transport> wire,
                std::unique_ptr<workspace::Credentials> credentials, ArmOptions options);
  [[nodiscard]] Arm& arm() { return arm_; }
  [[nodiscard]] const http::Counts& counts() const { return counting_.counts(); }

 private:
  // From the wire outward; destroyed in the opposite order.
  std::unique_ptr<http::Transport> wire_;
  http::CountingTransport counting_;
  ArmWire arm_wire_;
  std::unique_ptr<http::Transport> throttled_;
  std::unique_ptr<workspace::Credentials> credentials_;
  workspace::AuthenticatedTransport authenticated_;
  http::RetryingTransport retrying_;
  http::EffectGuard guard_;
  Arm arm_;
};

}  // namespace twinlake::azure
