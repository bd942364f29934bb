#pragma once
// What Azure Resource Manager says about its limits, and how we keep to it. Sources:
// request-limits-and-throttling (token buckets since 2024); @typespec/ts-http-runtime for the
// waiting times in milliseconds.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/loop.h"
#include "http/limits.h"
#include "http/transport.h"

namespace twinlake::azure {

/// Requests a second of one principal in one subscription and region: buckets are refilled at 25
/// (reads) and 10 (writes, deletes) a second.
[[nodiscard]] std::span<const http::Lane> arm_lanes();

/// `retry-after-ms` or `x-ms-retry-after-ms`.
[[nodiscard]] std::optional<Millis> asked_milliseconds(const http::Headers& headers);

/// The least of all `x-ms-ratelimit-remaining-*` that count requests. Those of single providers
/// (`-resource: Microsoft.Compute/HighCostGet3Min;46`) have a scale of their own and do not count.
[[nodiscard]] std::optional<std::int64_t> remaining_requests(const http::Headers& headers);

/// What is left of one bucket, and how far apart requests start then: the bucket is shared with
/// everything else that signs in as the same principal, so keeping to our own rate does not empty
/// it alone. The less is left, the slower we are, down to one request in two seconds. Pure.
class Allowance {
 public:
  /// `refill`: requests a second.
  explicit Allowance(double refill) : refill_(refill) {}
  void tell(std::int64_t remaining);
  /// Takes the next place; how long to wait for it.
  [[nodiscard]] Micros take(Time now);

 private:
  double refill_;
  Micros apart_{0};
  Time next_{};
};

/// Slows down while buckets run low, before the service has to refuse, and makes `Retry-After` of
/// the waiting times that Azure gives in milliseconds (rounded up), so that lanes and retries above
/// it understand them.
class ArmWire final : public http::Transport {
 public:
  ArmWire(Loop& loop, http::Transport& inner) : loop_(loop), inner_(inner) {}
  [[nodiscard]] Task<Result<http::Response>> send(http::Request request) override;

 private:
  /// By subscription and sort of request.
  [[nodiscard]] Allowance& allowance_of(const http::Request& request);

  Loop& loop_;
  http::Transport& inner_;
  std::map<std::string, Allowance> allowances_;
};

}  // namespace twinlake::azure
