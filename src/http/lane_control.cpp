#include "http/lane_control.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace twinlake::http {

namespace {

constexpr double second = 1e6;  // of the record's times
constexpr std::int64_t catch_up = 100'000;
constexpr std::int64_t ahead = 1'000'000;  // no place is given further ahead
constexpr std::int64_t longest_pause = std::int64_t{86'400} * 1'000'000;
constexpr std::int64_t user_stays = 10'000'000;

constexpr double cut = 0.8;
constexpr double near_limit = 0.95;  // of a rate that was refused
constexpr double same_limit = 1.25;  // a probe that is refused below this has met the known limit
constexpr double recovery = 0.02;    // of the goal, in a second
constexpr double free_recovery = 0.05;
constexpr double first_probe = 0.002;  // of the rate, in a second; doubles every two minutes
constexpr double fastest_probe = 0.05;
constexpr double probe_doubles_in = 120;
constexpr std::int64_t first_term = std::int64_t{120} * 1'000'000;
constexpr std::int64_t longest_term = std::int64_t{3600} * 1'000'000;
constexpr double slowest_share = 0.02;  // of the published rate
constexpr double slowest = 0.2;
constexpr double as_good_as_unlimited = 10'000;
constexpr double unlimited = std::numeric_limits<double>::infinity();

std::int64_t micros_of(Time time) { return time.time_since_epoch().count(); }

std::int64_t interval_of(double rate) {
  return std::isinf(rate) ? 0 : static_cast<std::int64_t>(second / rate) + 1;
}

bool is_rate(double rate) { return rate > 0; }  // not true of what is no number

/// From a file that somebody damaged, anything may come.
bool is_sound(const LaneRecord& record, std::int64_t now) {
  const std::int64_t furthest = now + ahead + interval_of(slowest);
  const bool times = record.next <= furthest && record.paused_until <= now + longest_pause &&
                     record.grown_at <= now && record.refused_at <= now + longest_pause &&
                     record.window_began <= now + longest_pause;
  return times && is_rate(record.rate) && record.refused >= 0 && record.goal >= 0 &&
         record.held >= 0 && record.term > 0 && record.term <= longest_term;
}

void count_beginning(LaneRecord& record, std::int64_t now) {
  const std::int64_t length = now - record.window_began;
  if (length >= ahead) {
    const bool is_full = length < 2 * ahead;
    record.measured = {is_full ? record.measured[1] : 0.0,
                       is_full ? static_cast<double>(record.window_count) * second /
                                     static_cast<double>(length)
                               : 0.0};
    record.window_began = now;
    record.window_count = 0;
  }
  ++record.window_count;
}

bool is_first_for_long(const LaneRecord& record, std::int64_t now) {
  return record.refused_at == 0 || now - record.refused_at > user_stays;
}

/// The rate at which the service was really asked when it refused.
double rate_at_refusal(const LaneRecord& record, std::int64_t now) {
  const double steady = std::max(record.measured[0], record.measured[1]);
  if (!std::isinf(record.rate)) {
    const bool is_known = record.measured[0] > 0 && record.measured[1] > 0;
    return is_known ? std::min(record.rate, steady * 1.1) : record.rate;
  }
  const double open = std::max(0.1, static_cast<double>(now - record.window_began) / second);
  return std::max({steady, static_cast<double>(record.window_count) / open, slowest});
}

}  // namespace

LaneControl::LaneControl(double published, double most)
    : published_(published), ceiling_(published > 0 ? published * most : unlimited) {}

double LaneControl::floor() const { return std::max(slowest, published_ * slowest_share); }

double LaneControl::goal_of(const LaneRecord& record) const {
  return record.refused > 0 ? std::min(record.goal, ceiling_) : ceiling_;
}

void LaneControl::tend(LaneRecord& record, std::int64_t now) const {
  if (is_sound(record, now)) {
    record.rate = std::min(record.rate, ceiling_);
    return;
  }
  record = LaneRecord();
  record.rate = published_ > 0 ? std::min(published_, ceiling_) : unlimited;
  record.term = first_term;
  record.grown_at = record.window_began = now;
}

LaneControl::Place LaneControl::take(LaneRecord& record, Time time) const {
  const std::int64_t now = micros_of(time);
  tend(record, now);
  Place place;
  place.cuts = record.cuts;
  const std::int64_t begins = std::max(record.next, now - catch_up);
  if (record.paused_until > now) {
    place.wait = Micros(record.paused_until - now);
  } else if (begins > now + ahead) {
    place.wait = Micros(std::min(begins - now - ahead, ahead));
  } else {
    place.wait = Micros(std::max<std::int64_t>(0, begins - now));
    place.is_granted = true;
    record.next = begins + interval_of(record.rate);
    count_beginning(record, now);
  }
  return place;
}

bool LaneControl::is_paused(const LaneRecord& record, Time now) {
  return record.paused_until > micros_of(now);
}

/// A probe that is refused is paid for with a longer term until the next one. Where it was refused
/// just above what had gone well for long, the limit is where it was, and that rate is the goal.
void LaneControl::remember(LaneRecord& record, std::int64_t now, double at) const {
  if (record.held > 0)
    record.term = at > record.held ? std::min(record.term * 2, longest_term) : first_term;
  const bool is_same = at > record.held && at < record.held * same_limit;
  record.goal = is_same ? record.held : std::max(floor(), at * near_limit);
  record.held = 0;
  record.refused = at;
  record.refused_at = now;
}

bool LaneControl::refused(LaneRecord& record, Time time, std::int64_t cuts, Micros pause,
                          Refusal why) const {
  const std::int64_t now = micros_of(time);
  tend(record, now);
  const std::int64_t wait = std::clamp<std::int64_t>(pause.count(), 0, longest_pause);
  record.paused_until = std::max(record.paused_until, now + wait);
  if (cuts != record.cuts) return false;
  if (std::isinf(record.rate) && (why == Refusal::load || is_first_for_long(record, now))) {
    // Of a lane without a number: fewer in flight, but one refusal is no reason to invent a rate.
    if (why == Refusal::rate) record.refused_at = now + wait;
  } else {
    const double at = rate_at_refusal(record, now);
    // When nothing at all gets through it is an outage, and says nothing about a limit.
    const bool tells = why == Refusal::rate && (record.answers > 0 || record.refused <= 0);
    if (tells) remember(record, now, at);
    record.rate = std::clamp(std::min(record.rate, at) * cut, floor(), ceiling_);
  }
  ++record.cuts;
  record.answers = 0;
  record.probing_since = 0;
  record.grown_at = now;
  record.next = std::min(record.next, now + interval_of(record.rate));
  // A window with a pause in it would measure too little.
  record.window_began = now + wait;
  record.window_count = 0;
  record.measured = {};
  return true;
}

/// Above what was refused, slowly at first: a limit that is where it was is met with a small step,
/// one that went away is left behind in minutes.
void LaneControl::probe(LaneRecord& record, std::int64_t now, double seconds) const {
  if (record.probing_since == 0) {
    record.probing_since = now;
    record.held = record.rate;
  }
  const double since = static_cast<double>(now - record.probing_since) / second;
  const double speed = std::min(fastest_probe, first_probe * std::exp2(since / probe_doubles_in));
  record.rate = std::min(ceiling_, record.rate * (1 + speed * seconds));
  if (record.rate < std::min(ceiling_, as_good_as_unlimited)) return;
  record.rate = ceiling_;
  record.refused = record.held = 0;
  record.term = first_term;
  record.probing_since = 0;
}

void LaneControl::answered(LaneRecord& record, Time time, std::int64_t cuts) const {
  const std::int64_t now = micros_of(time);
  tend(record, now);
  if (cuts != record.cuts) return;
  ++record.answers;
  // A lane that is hardly used learns as slowly as it is used.
  const double seconds = std::min(1.0, static_cast<double>(now - record.grown_at) / second);
  record.grown_at = now;
  const double goal = goal_of(record);
  if (record.rate < goal) {
    const double step = std::isinf(goal) ? record.rate * free_recovery : goal * recovery;
    record.rate = std::min(goal, record.rate + step * seconds);
    if (std::isinf(goal) && record.rate > as_good_as_unlimited) record.rate = goal;
  } else if (record.refused > 0 && now >= record.refused_at + record.term) {
    probe(record, now, seconds);
  }
}

int LaneControl::join(LaneRecord& record, Time time, std::int64_t id) {
  const std::int64_t now = micros_of(time);
  LaneRecord::User* place = nullptr;
  int others = 0;
  for (LaneRecord::User& user : record.users) {
    const bool is_here = user.id != 0 && user.seen <= now && now - user.seen < user_stays;
    if (user.id == id) place = &user;
    if (is_here && user.id != id) ++others;
    if (!is_here && (place == nullptr)) place = &user;
  }
  if (place != nullptr) *place = {id, now};
  return others + 1;
}

int Width::now() const {
  return std::max(1, std::min(static_cast<int>(width_), most_ / std::max(1, users_)));
}

void Width::refused(int in_flight) {
  met_ = std::max(1, in_flight);
  width_ = std::max(1.0, std::min(width_, met_) * 0.7);
}

void Width::answered() {
  const double step = width_ < met_ ? 1.0 : 0.1;
  width_ = std::min<double>(most_, width_ + step / width_);
}

}  // namespace twinlake::http
