#pragma once
// The published request limits, enforced: one token bucket per lane that holds one second's worth.
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "http/limits.h"

namespace twinlake::simulator {

class Limiter {
 public:
  /// Takes a token; when there is none, the milliseconds until there is one.
  [[nodiscard]] std::optional<std::int64_t> refuse(const http::Lane& lane, std::int64_t now_micros);

  /// The true limits are so many times the published ones.
  void scale(double factor) { factor_ = factor; }

 private:
  struct Bucket {
    double tokens = 0;
    std::int64_t at_micros = 0;
  };
  std::map<std::string_view, Bucket> buckets_;  ///< by lane
  double factor_ = 1;
};

}  // namespace twinlake::simulator
