#pragma once
// How fast a lane may be asked, learnt from what the service says: ADR 0035. Pure: time comes in as
// an argument, and all that is learnt lies in a record which may be shared.
#include <array>
#include <cstdint>

#include "base/loop.h"

namespace twinlake::http {

/// What is known of a lane. Plain data without pointers, all zero when new: it may lie in a file
/// that processes share. Times are microseconds of one clock of all who share it.
struct LaneRecord {
  std::int64_t next = 0;          ///< when the next request may begin
  std::int64_t paused_until = 0;  ///< Retry-After, for everybody
  double rate = 0;                ///< requests a second; infinite: no limit is known; 0: new record
  double refused = 0;             ///< the last rate that the service refused; 0: none is remembered
  double goal = 0;                ///< just below it: not exceeded while the memory is fresh
  double held = 0;                ///< a rate that went well for a whole term
  std::int64_t refused_at = 0;
  std::int64_t term = 0;  ///< how long the memory is fresh; grows when it proves right
  std::int64_t grown_at = 0;
  std::int64_t probing_since = 0;  ///< 0: the rate is not above what is remembered
  std::int64_t cuts = 0;           ///< requests that began before the last one tell nothing new
  std::int64_t answers = 0;        ///< good ones since the last cut
  std::int64_t window_began = 0;   ///< of the count of beginnings, a second long
  std::int64_t window_count = 0;
  std::array<double, 2> measured{};  ///< beginnings a second in the last two full windows

  struct User {
    std::int64_t id = 0;
    std::int64_t seen = 0;
  };
  std::array<User, 8> users{};  ///< who asked lately: requests in flight are divided among them
};

/// What a refusal says.
enum class Refusal {
  rate,  ///< 429: too many requests
  load,  ///< 503: too much of something; the rate falls, but nothing is learnt about a limit
};

class LaneControl {
 public:
  /// `published`: requests a second, 0 when there is no number. The rate begins there and never
  /// rises above `most` times of it.
  LaneControl(double published, double most);

  struct Place {
    Micros wait{0};
    bool is_granted = false;  ///< else ask again after that wait
    std::int64_t cuts = 0;    ///< to be given back with the answer
  };
  /// A place for one request. Places are given at most a second ahead, so that a rate that changes
  /// is felt at once.
  [[nodiscard]] Place take(LaneRecord& record, Time time) const;
  /// `cuts` of the place. `pause`: nobody asks before it is over. True when the rate fell: a
  /// refusal of a request from before the last fall is an echo of it.
  bool refused(LaneRecord& record, Time time, std::int64_t cuts, Micros pause, Refusal why) const;
  void answered(LaneRecord& record, Time time, std::int64_t cuts) const;

  [[nodiscard]] static bool is_paused(const LaneRecord& record, Time now);
  /// Notes that `id` is at work in the lane. How many are, with it.
  static int join(LaneRecord& record, Time time, std::int64_t id);
  [[nodiscard]] double ceiling() const { return ceiling_; }

 private:
  void tend(LaneRecord& record, std::int64_t now) const;
  void remember(LaneRecord& record, std::int64_t now, double at) const;
  [[nodiscard]] double goal_of(const LaneRecord& record) const;
  [[nodiscard]] double floor() const;
  void probe(LaneRecord& record, std::int64_t now, double seconds) const;

  double published_;
  double ceiling_;  ///< infinite without a published number
};

/// Requests in flight, of one process: falls to part of what was in flight when the service
/// refused, comes back fast to where that was and slowly beyond.
class Width {
 public:
  explicit Width(int most) : most_(most), width_(most), met_(most) {}
  [[nodiscard]] int now() const;
  void refused(int in_flight);
  void answered();
  /// Among so many processes.
  void share(int users) { users_ = users; }

 private:
  int most_;
  int users_ = 1;
  double width_;
  double met_;  ///< in flight at the last refusal
};

}  // namespace twinlake::http
