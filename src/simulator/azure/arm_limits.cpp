#include "simulator/azure/arm_limits.h"

#include <algorithm>

namespace twinlake::simulator {

namespace {
struct BucketSize {
  const char* sort;
  double capacity;
  double per_second;
};

BucketSize size_of(http::Method method) {
  using http::Method;
  switch (method) {
    case Method::get:
    case Method::head: return {"reads", 250, 25};
    case Method::del: return {"deletes", 200, 10};
    case Method::post:
    case Method::put:
    case Method::patch: break;
  }
  return {"writes", 200, 10};
}
constexpr std::int64_t closed_seconds = 5;
}  // namespace

ArmLimits::Verdict ArmLimits::take(const std::string& principal, http::Method method,
                                   const std::string& scope, std::int64_t now_micros) {
  const BucketSize size = size_of(method);
  const auto [place, is_new] = buckets_.try_emplace(principal + "/" + scope + "/" + size.sort,
                                                    Bucket{size.capacity, now_micros, 0});
  Bucket& bucket = place->second;
  const double seconds =
      static_cast<double>(std::max<std::int64_t>(0, now_micros - bucket.at_micros)) / 1e6;
  bucket.tokens = std::min(size.capacity, bucket.tokens + seconds * size.per_second);
  bucket.at_micros = std::max(bucket.at_micros, now_micros);
  Verdict verdict;
  verdict.sort = size.sort;
  if (now_micros < bucket.closed_until || bucket.tokens < 1.0 - 1e-9) {
    bucket.closed_until = now_micros + closed_seconds * 1'000'000;
    verdict.wait_seconds = closed_seconds;
    return verdict;
  }
  bucket.tokens -= 1.0;
  verdict.remaining = static_cast<std::int64_t>(bucket.tokens);
  return verdict;
}

}  // namespace twinlake::simulator
