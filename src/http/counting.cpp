#include "http/counting.h"

#include "http/classify.h"
#include "http/limits.h"

namespace twinlake::http {

Task<Result<Response>> CountingTransport::send(Request request) {
  ++counts_.sent;
  ++counts_.by_effect[static_cast<std::size_t>(request.effect)];
  const Lane& lane = lane_of(request.method, request.path);
  ++counts_.by_lane[{std::string(lane.name), std::string(name_of(request.method))}];
  Result<Response> outcome = co_await inner_.send(std::move(request));
  if (!outcome) ++counts_.failed;
  if (outcome && is_throttled(*outcome)) ++counts_.throttled;
  co_return outcome;
}

}  // namespace twinlake::http
