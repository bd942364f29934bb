#pragma once
// The one table of request limits: the client's lanes keep to it, the simulator enforces it and the
// bench computes its bound from it.
#include <span>
#include <string_view>

#include "http/message.h"

namespace twinlake::http {

struct Lane {
  std::string_view name;
  Method method;                 ///< with `any_method` the method does not count
  bool any_method;
  std::string_view path_prefix;  ///< the first row whose prefix fits is the lane of a request
  double per_second;             ///< 0: no published limit
  int in_flight;                 ///< how many requests the client keeps in flight at most
  std::string_view source;       ///< where the number comes from
};

/// All lanes; the last row takes everything.
[[nodiscard]] std::span<const Lane> lanes();
/// The same without rates, for a service that has none: what is left are the requests in flight.
[[nodiscard]] std::span<const Lane> lanes_without_rates();
[[nodiscard]] const Lane& lane_of(Method method, std::string_view path);

}  // namespace twinlake::http
