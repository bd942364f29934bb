#pragma once
// How ARM throttles: token buckets by principal and sort of operation, for the subscription and for
// the tenant. Source: "request limits and throttling": reads 250, refilled by 25 a second; writes
// and deletes 200, by 10 a second; all principals of a subscription together 15 times that.
// Networks: 10000 reads and 1000 writes in five minutes, whoever asks.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace twinlake::simulator {

class ArmLimits {
 public:
  struct Verdict {
    std::string sort;                          ///< "reads", "writes", "deletes"
    std::int64_t remaining = 0;                ///< requests left now
    std::optional<std::int64_t> wait_seconds;  ///< refused: to be told in Retry-After
  };
  /// Takes a token. Who asks again before the time that was told is refused, and waits anew.
  [[nodiscard]] Verdict take(const std::string& principal, http::Method method,
                             const std::string& scope, std::string_view provider,
                             std::int64_t now_micros);

 private:
  struct Bucket {
    double tokens = 0;
    std::int64_t at_micros = 0;
    std::int64_t closed_until = 0;
  };
  [[nodiscard]] Bucket& filled(const std::string& name, double capacity, double per_second,
                               std::int64_t now_micros);
  std::map<std::string, Bucket> buckets_;
};

}  // namespace twinlake::simulator
