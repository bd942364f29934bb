#include "simulator/host.h"

#include <algorithm>

namespace twinlake::simulator {

void Traffic::count(const http::Request& request, std::string_view route, const Outcome& outcome) {
  Count& row = routes[{std::string(http::name_of(request.method)), std::string(route)}];
  ++row.requests;
  ++total;
  if (outcome.delivery != Delivery::answer || outcome.response.status >= 500) ++row.failed;
  if (outcome.delivery == Delivery::answer && outcome.response.status == 429) {
    ++row.throttled;
    ++throttled;
  }
}

http::Response Host::handle(const http::Request& request, std::int64_t now_micros) {
  Outcome outcome = serve(request, now_micros);
  if (outcome.delivery != Delivery::answer) outcome.response.status = 0;
  return std::move(outcome.response);
}

InFlight::InFlight(Host& host) : traffic_(host.traffic()) {
  traffic_.peak_in_flight = std::max(traffic_.peak_in_flight, ++traffic_.in_flight);
}

}  // namespace twinlake::simulator
