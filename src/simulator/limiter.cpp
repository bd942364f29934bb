#include "simulator/limiter.h"

#include <algorithm>
#include <cmath>

namespace twinlake::simulator {

std::optional<std::int64_t> Limiter::refuse(const http::Lane& lane, std::int64_t now_micros) {
  const double per_second = lane.per_second * factor_;
  if (per_second <= 0) return std::nullopt;
  const double capacity = std::max(1.0, per_second);
  const auto [place, is_new] = buckets_.try_emplace(lane.name, Bucket{capacity, now_micros});
  Bucket& bucket = place->second;
  if (now_micros > bucket.at_micros) {
    const double seconds = static_cast<double>(now_micros - bucket.at_micros) / 1e6;
    bucket.tokens = std::min(capacity, bucket.tokens + seconds * per_second);
    bucket.at_micros = now_micros;
  }
  // The smallest part is forgiven: a client that waits exactly as told must not be refused again
  // because of rounding.
  if (bucket.tokens >= 1.0 - 1e-9) {
    bucket.tokens -= 1.0;
    return std::nullopt;
  }
  return static_cast<std::int64_t>(std::ceil((1.0 - bucket.tokens) / per_second * 1000.0));
}

}  // namespace twinlake::simulator
