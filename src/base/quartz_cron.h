#pragma once
// When a Quartz cron expression fires, in a time zone: what the service's schedules are written in.
//
// As in the tutorial of Quartz's CronTrigger: seconds, minutes, hours, day of month, month, day of
// week, and perhaps years; `* ? - , /`, names of months and days, and for days `L`, `L-3`, `15W`,
// `LW`, `6L` and `6#3`.
#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/loop.h"
#include "base/result.h"

namespace date {
class time_zone;  // NOLINT(readability-identifier-naming)
}

namespace twinlake {

class QuartzCron {
 public:
  /// `zone`: a name of the IANA database, or one of Java's short ones ("PST"). Fault::invalid tells
  /// what is wrong with either.
  [[nodiscard]] static Result<QuartzCron> parse(std::string_view expression, std::string_view zone);

  /// The first fire after that moment; nothing when there is none before the year 2100. A local
  /// time that a change to summer time skips does not fire; one that comes twice fires the first
  /// time only.
  [[nodiscard]] std::optional<Time> next_after(Time moment) const;

 private:
  QuartzCron() = default;
  static constexpr int first_year = 1970;
  static constexpr int last_year = 2099;

  /// Days of a month or of a week, of which the other says `?`.
  struct Days {
    bool unspecified = false;
    std::bitset<32> fixed;  ///< 1..31, or 1 (Sunday)..7
    bool last = false;      ///< the month's last day, or the last one with that name
    int before_last = 0;    ///< so many days before it
    bool weekday = false;   ///< the nearest Monday to Friday of the same month
    int nth = 0;            ///< the nth of that name in the month
  };
  using LocalSeconds = std::chrono::duration<std::int64_t>;  ///< of the local calendar, since 1970

  [[nodiscard]] static Result<Days> days_of_month(std::string_view text);
  [[nodiscard]] static Result<Days> days_of_week(std::string_view text);
  [[nodiscard]] std::bitset<32> days_in(std::chrono::year_month month) const;
  [[nodiscard]] std::optional<std::int64_t> second_of_day(std::int64_t from) const;
  [[nodiscard]] std::optional<LocalSeconds> next_local(LocalSeconds from) const;

  std::bitset<64> seconds_;
  std::bitset<64> minutes_;
  std::bitset<64> hours_;
  std::bitset<64> months_;
  std::bitset<last_year - first_year + 1> years_;
  Days of_month_;
  Days of_week_;
  const date::time_zone* zone_ =
      nullptr;  ///< of the library's table, which lives as long as the program
};

}  // namespace twinlake
