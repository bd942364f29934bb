#include "simulator/azure/arm_limits.h"

#include <algorithm>
#include <vector>

#include "simulator/azure/resources.h"

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
constexpr double all_principals = 15;
constexpr double seconds_of_networks = 300;
}  // namespace

ArmLimits::Bucket& ArmLimits::filled(const std::string& name, double capacity, double per_second,
                                     std::int64_t now_micros) {
  const auto [place, is_new] = buckets_.try_emplace(name, Bucket{capacity, now_micros, 0});
  Bucket& bucket = place->second;
  const double seconds =
      static_cast<double>(std::max<std::int64_t>(0, now_micros - bucket.at_micros)) / 1e6;
  bucket.tokens = std::min(capacity, bucket.tokens + seconds * per_second);
  bucket.at_micros = std::max(bucket.at_micros, now_micros);
  return bucket;
}

ArmLimits::Verdict ArmLimits::take(const std::string& principal, http::Method method,
                                   const std::string& scope, std::string_view provider,
                                   std::int64_t now_micros) {
  const BucketSize size = size_of(method);
  const std::string end = "/" + scope + "/" + size.sort;
  std::vector<Bucket*> buckets{
      &filled("of " + principal + end, size.capacity, size.per_second, now_micros),
      &filled("of all" + end, size.capacity * all_principals, size.per_second * all_principals,
              now_micros)};
  if (same_id(provider, "Microsoft.Network")) {
    const bool reads = std::string_view(size.sort) == "reads";
    const double most = reads ? 10'000 : 1'000;
    buckets.push_back(&filled(reads ? "network reads" : "network writes", most,
                              most / seconds_of_networks, now_micros));
  }
  Verdict verdict;
  verdict.sort = size.sort;
  for (Bucket* bucket : buckets) {
    if (now_micros >= bucket->closed_until && bucket->tokens >= 1.0 - 1e-9) continue;
    bucket->closed_until = now_micros + closed_seconds * 1'000'000;
    verdict.wait_seconds = closed_seconds;
  }
  if (verdict.wait_seconds) return verdict;
  for (Bucket* bucket : buckets) bucket->tokens -= 1.0;
  verdict.remaining = static_cast<std::int64_t>(buckets.front()->tokens);
  return verdict;
}

}  // namespace twinlake::simulator
