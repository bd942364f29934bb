#include "http/throttle.h"

#include <algorithm>

#include "http/classify.h"
#include "http/retry.h"

namespace twinlake::http {

namespace {
constexpr Micros catch_up = std::chrono::milliseconds(100);
// A 429 without Retry-After; official clients take one second too.
constexpr Micros default_pause = std::chrono::seconds(1);
}  // namespace

Pace::Pace(double per_second) {
  if (per_second > 0) interval_ = Micros(static_cast<std::int64_t>(1e6 / per_second) + 1);
}

Micros Pace::take(Time now) {
  if (interval_ == Micros(0)) return Micros(0);
  next_ = std::max(next_, now - catch_up);
  const Micros wait = std::max(Micros(0), Micros(next_ - now));
  next_ += interval_;
  return wait;
}

struct ThrottledTransport::LaneState {
  LaneState(Loop& loop, const Lane& lane)
      : places(loop, std::max(1, lane.in_flight)), pace(lane.per_second) {}
  Semaphore places;
  Pace pace;
  Time paused_until{};
};

ThrottledTransport::ThrottledTransport(Loop& loop, Transport& inner, std::span<const Lane> table)
    : loop_(loop), inner_(inner), table_(table) {
  for (const Lane& lane : table) {
    const auto same = std::find_if(table.begin(), table.end(),
                                   [&](const Lane& other) { return other.name == lane.name; });
    const auto index = static_cast<std::size_t>(same - table.begin());
    states_.push_back(index < states_.size() ? states_[index]
                                             : std::make_shared<LaneState>(loop, lane));
  }
}

ThrottledTransport::~ThrottledTransport() = default;

ThrottledTransport::LaneState& ThrottledTransport::state_of(Method method, std::string_view path) {
  for (std::size_t i = 0; i + 1 < table_.size(); ++i)
    if ((table_[i].any_method || table_[i].method == method) &&
        path.starts_with(table_[i].path_prefix))
      return *states_[i];
  return *states_.back();
}

Task<Result<Response>> ThrottledTransport::send(Request request) {
  LaneState& lane = state_of(request.method, request.path);
  const auto place = co_await lane.places.acquire();
  // Looked at again after each sleep: a pause may have come or grown meanwhile. Who waited for it
  // takes a new place, so that not all start in the moment it ends.
  do {
    while (loop_.now() < lane.paused_until) co_await loop_.sleep(lane.paused_until - loop_.now());
    if (const Micros wait = lane.pace.take(loop_.now()); wait > Micros(0))
      co_await loop_.sleep(wait);
  } while (loop_.now() < lane.paused_until);
  Result<Response> outcome = co_await inner_.send(std::move(request));
  if (outcome && is_throttled(*outcome)) {
    const Micros pause = asked_delay(*outcome, loop_.now()).value_or(default_pause);
    lane.paused_until = std::max(lane.paused_until, loop_.now() + pause);
  }
  co_return outcome;
}

}  // namespace twinlake::http
