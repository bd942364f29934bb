#include "http/throttle.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>
#include "http/retry.h"

namespace twinlake::http {

namespace {
// A 429 without Retry-After; official clients take one second too.
constexpr Micros default_pause = std::chrono::seconds(1);

std::optional<Refusal> refusal_in(const Result<Response>& outcome) {
  const Trouble trouble = trouble_of(outcome);
  if (trouble == Trouble::throttled) return Refusal::rate;
  if (outcome && outcome->status == 503) return Refusal::load;
  return std::nullopt;
}
}  // namespace

struct ThrottledTransport::LaneState {
  LaneState(Loop& loop, const Lane& lane, std::size_t at, double most)
      : index(at),
        control(lane.per_second, most),
        width(std::max(1, lane.in_flight)),
        permits(loop, width.now()),
        given(width.now()) {}

  void give_permits() {
    const int wanted = width.now();
    permits.add_permits(wanted - std::exchange(given, wanted));
  }

  std::size_t index;  ///< in the ledger
  LaneControl control;
  Width width;
  Semaphore permits;
  int given;  ///< permits in all
  int in_flight = 0;
};

ThrottledTransport::ThrottledTransport(Loop& loop, Transport& inner, std::span<const Lane> table,
                                       ThrottleOptions options)
    : loop_(loop),
      inner_(inner),
      table_(table),
      own_(table.size()),
      ledger_(options.ledger != nullptr ? *options.ledger : own_),
      user_(options.user != 0 ? options.user : getpid()) {
  for (const Lane& lane : table) {
    const auto same = std::find_if(table.begin(), table.end(),
                                   [&](const Lane& other) { return other.name == lane.name; });
    const auto index = static_cast<std::size_t>(same - table.begin());
    states_.push_back(index < states_.size()
                          ? states_[index]
                          : std::make_shared<LaneState>(loop, lane, index, options.most));
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

Time ThrottledTransport::shared_now() const { return ledger_.shared(loop_.now()); }

Task<std::int64_t> ThrottledTransport::enter(LaneState* lane) {
  for (;;) {
    LaneControl::Place place;
    int users = 1;
    ledger_.visit(lane->index, [&](LaneRecord& record) {
      place = lane->control.take(record, shared_now());
      users = LaneControl::join(record, shared_now(), user_);
    });
    lane->width.share(users);
    if (place.wait <= Micros(0)) co_return place.cuts;
    co_await loop_.sleep(place.wait);
    if (!place.is_granted) continue;
    // Looked at again after a sleep: a pause may have come meanwhile. Who waited for it takes a new
    // place, so that not all start in the moment it ends.
    bool is_paused = false;
    ledger_.visit(lane->index, [&](LaneRecord& record) {
      is_paused = LaneControl::is_paused(record, shared_now());
      place.cuts = record.cuts;
    });
    if (!is_paused) co_return place.cuts;
  }
}

void ThrottledTransport::learn(LaneState& lane, const Result<Response>& outcome,
                               std::int64_t cuts) {
  const std::optional<Refusal> refusal = refusal_in(outcome);
  if (refusal) {
    // 503 without a Retry-After is the trouble of one request.
    const Micros least = *refusal == Refusal::rate ? default_pause : Micros(0);
    const Micros pause = asked_delay(*outcome, loop_.now()).value_or(least);
    bool fell = false;
    ledger_.visit(lane.index, [&](LaneRecord& record) {
      fell = lane.control.refused(record, shared_now(), cuts, pause, *refusal);
    });
    if (fell) lane.width.refused(lane.in_flight);
  } else if (outcome) {
    ledger_.visit(lane.index, [&](LaneRecord& record) {
      lane.control.answered(record, shared_now(), cuts);
    });
    lane.width.answered();
  }
  lane.give_permits();
}

Task<Result<Response>> ThrottledTransport::send(Request request) {
  LaneState& lane = state_of(request.method, request.path);
  const auto permit = co_await lane.permits.acquire();
  const std::int64_t cuts = co_await enter(&lane);
  ++lane.in_flight;
  Result<Response> outcome = co_await inner_.send(std::move(request));
  learn(lane, outcome, cuts);
  --lane.in_flight;
  co_return outcome;
}

}  // namespace twinlake::http
