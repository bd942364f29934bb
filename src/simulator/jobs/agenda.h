#pragma once
// Which triggers of jobs are live, and when the next of them fires. What a fire does is not known
// here.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "base/quartz_cron.h"
#include "simulator/body.h"

namespace twinlake::simulator {

/// Times are milliseconds since the epoch, of the region's clock.
class Agenda {
 public:
  struct Fire {
    std::int64_t at = 0;
    std::int64_t job_id = 0;
    std::string trigger;  ///< as runs name it: PERIODIC, FILE_ARRIVAL
  };

  /// A job was made or changed. What became live counts from now on; what stayed as it was goes on.
  void follow(std::int64_t job_id, const json& settings, std::int64_t now);
  void forget(std::int64_t job_id);
  /// A file came to that place: who watches it fires once it has been quiet there, and not too
  /// often.
  void arrived(std::string_view url, std::int64_t now);
  /// The earliest fire that is due by now; each is given once.
  [[nodiscard]] std::optional<Fire> take_due(std::int64_t now);

  /// Nothing fires, and nothing is made up for, until that moment or until go_on().
  void stand_still(std::optional<std::int64_t> until);
  void go_on(std::int64_t now);

 private:
  struct Timer {
    json trigger;  ///< its definition
    std::optional<QuartzCron> cron;
    std::int64_t every = 0;  ///< milliseconds between fires of a periodic one
    std::string watched;     ///< the place where files arrive
    std::int64_t last = 0;   ///< when it fired
    std::int64_t next = 0;   ///< 0: not known to fire
    [[nodiscard]] std::int64_t next_after(std::int64_t moment) const;
  };
  using Timers = std::map<std::string, Timer>;  ///< by the path of the trigger
  static Timer timer_of(const json& trigger);
  void set_next(std::int64_t job_id, const std::string& place, Timer& timer, std::int64_t next);

  std::map<std::int64_t, Timers> timers_;                              ///< by job
  std::set<std::tuple<std::int64_t, std::int64_t, std::string>> due_;  ///< moment, job, path
  bool still_ = false;
  std::optional<std::int64_t> still_until_;
};

}  // namespace twinlake::simulator
