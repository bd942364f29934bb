#include "base/quartz_cron.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace twinlake {

namespace {

using std::string_view;

constexpr std::array<string_view, 12> month_names = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                     "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<string_view, 7> day_names = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

/// The short names that Java still knows (java.time.ZoneId.SHORT_IDS), for those the database
/// lacks.
constexpr std::pair<string_view, string_view> java_zones[] = {
    {"ACT", "Australia/Darwin"},
    {"AET", "Australia/Sydney"},
    {"AGT", "America/Argentina/Buenos_Aires"},
    {"ART", "Africa/Cairo"},
    {"AST", "America/Anchorage"},
    {"BET", "America/Sao_Paulo"},
    {"BST", "Asia/Dhaka"},
    {"CAT", "Africa/Harare"},
    {"CNT", "America/St_Johns"},
    {"CST", "America/Chicago"},
    {"CTT", "Asia/Shanghai"},
    {"EAT", "Africa/Addis_Ababa"},
    {"ECT", "Europe/Paris"},
    {"IET", "America/Indiana/Indianapolis"},
    {"IST", "Asia/Kolkata"},
    {"JST", "Asia/Tokyo"},
    {"MIT", "Pacific/Apia"},
    {"NET", "Asia/Yerevan"},
    {"NST", "Pacific/Auckland"},
    {"PLT", "Asia/Karachi"},
    {"PNT", "America/Phoenix"},
    {"PRT", "America/Puerto_Rico"},
    {"PST", "America/Los_Angeles"},
    {"SST", "Pacific/Guadalcanal"},
    {"VST", "Asia/Ho_Chi_Minh"}};

tl::unexpected<Error> wrong(string_view what, string_view text) {
  return fail(Fault::invalid, std::string(what) + " \"" + std::string(text) + "\"");
}

Result<const date::time_zone*> zone_named(string_view name) {
  for (const auto& [short_name, full] : java_zones)
    if (name == short_name) name = full;
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return wrong("no time zone is called", name);
  }
}

std::vector<string_view> split(string_view text, string_view separators) {
  std::vector<string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(separators);
    if (end != 0) parts.push_back(text.substr(0, end));
    if (end == string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

/// What one field may hold, and what its values are called.
struct Field {
  string_view name;
  int low;
  int high;
  std::span<const string_view> names = {};  ///< the first of them is `low`
};

Result<int> value_of(string_view text, const Field& field) {
  const auto named = std::ranges::find(field.names, text);
  if (named != field.names.end()) return field.low + static_cast<int>(named - field.names.begin());
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = problem == std::errc() && end == text.data() + text.size();
  if (!is_number || value < field.low || value > field.high)
    return wrong("the " + std::string(field.name) + " cannot be", text);
  return value;
}

/// One element of a list: `*`, `5`, `5-9`, and each of them with `/2`; a range may run over the end
/// ("FRI-MON").
Result<void> add_element(string_view text, const Field& field, std::vector<int>& values) {
  const std::size_t slash = text.find('/');
  const string_view range = text.substr(0, slash);
  const std::size_t dash = range.find('-');
  int step = 1;
  if (slash != string_view::npos) {
    const Field steps{"step", 1, field.high};
    TRY(step, value_of(text.substr(slash + 1), steps));
  }
  const bool is_all = range == "*" || (range.empty() && slash != string_view::npos);
  int from = field.low;
  if (!is_all) {
    TRY(from, value_of(range.substr(0, dash), field));
  }
  int to = is_all || slash != string_view::npos ? field.high : from;
  if (dash != string_view::npos) {
    TRY(to, value_of(range.substr(dash + 1), field));
  }
  const int count = field.high - field.low + 1;
  if (to < from) to += count;
  for (int value = from; value <= to; value += step)
    values.push_back(field.low + (value - field.low) % count);
  return {};
}

Result<std::vector<int>> values_of(string_view text, const Field& field) {
  std::vector<int> values;
  for (const string_view element : split(text, ",")) CHECK(add_element(element, field, values));
  if (values.empty())
    return wrong("nothing is said of the " + std::string(field.name) + " in", text);
  return values;
}

template <std::size_t Size>
Result<void> set_field(std::bitset<Size>& bits, string_view text, const Field& field,
                       int origin = 0) {
  TRY(const std::vector<int> values, values_of(text, field));
  for (const int value : values) bits.set(static_cast<std::size_t>(value - origin));
  return {};
}

constexpr Field month_day{"day of the month", 1, 31};
constexpr Field week_day{"day of the week", 1, 7, day_names};

int length_of(std::chrono::year_month month) {
  const std::chrono::year_month_day_last last(month.year(),
                                              std::chrono::month_day_last(month.month()));
  return static_cast<int>(static_cast<unsigned>(last.day()));
}

/// 1 (Sunday) to 7, as Quartz counts.
int weekday_of(std::chrono::year_month month, int day) {
  const std::chrono::year_month_day date(month.year(), month.month(),
                                         std::chrono::day(static_cast<unsigned>(day)));
  return static_cast<int>(std::chrono::weekday(std::chrono::sys_days(date)).c_encoding()) + 1;
}

/// The nearest Monday to Friday that does not leave the month.
int nearest_weekday(std::chrono::year_month month, int day) {
  const int name = weekday_of(month, day);
  if (name == 7) return day == 1 ? 3 : day - 1;
  if (name == 1) return day == length_of(month) ? day - 2 : day + 1;
  return day;
}

}  // namespace

Result<QuartzCron::Days> QuartzCron::days_of_month(string_view text) {
  Days days;
  if (text == "?") {
    days.unspecified = true;
    return days;
  }
  string_view rest = text;
  if (rest.ends_with('W')) {
    days.weekday = true;
    rest.remove_suffix(1);
  }
  if (rest.starts_with('L')) {
    days.last = true;
    rest.remove_prefix(1);
    if (rest.empty()) return days;
    if (!rest.starts_with('-')) return wrong("the day of the month cannot be", text);
    TRY(days.before_last, value_of(rest.substr(1), Field{"days before the last", 0, 30}));
    return days;
  }
  CHECK(set_field(days.fixed, rest, month_day));
  if (days.weekday && days.fixed.count() != 1)
    return wrong("W belongs to a single day, not to", text);
  return days;
}

Result<QuartzCron::Days> QuartzCron::days_of_week(string_view text) {
  Days days;
  if (text == "?") {
    days.unspecified = true;
    return days;
  }
  if (text == "L") text = "7";
  string_view rest = text;
  if (const std::size_t hash = rest.find('#'); hash != string_view::npos) {
    TRY(days.nth, value_of(rest.substr(hash + 1), Field{"number behind #", 1, 5}));
    rest = rest.substr(0, hash);
  } else if (rest.ends_with('L')) {
    days.last = true;
    rest.remove_suffix(1);
  }
  CHECK(set_field(days.fixed, rest, week_day));
  if ((days.nth != 0 || days.last) && days.fixed.count() != 1)
    return wrong("L and # belong to a single day of the week, not to", text);
  return days;
}

Result<QuartzCron> QuartzCron::parse(string_view expression, string_view zone) {
  std::string text(expression);
  std::ranges::transform(text, text.begin(), [](unsigned char letter) {
    return static_cast<char>(std::toupper(letter));
  });
  const std::vector<string_view> fields = split(text, " \t");
  if (fields.size() != 6 && fields.size() != 7)
    return wrong("a Quartz expression has six or seven fields, unlike", expression);
  QuartzCron cron;
  CHECK(set_field(cron.seconds_, fields[0], Field{"second", 0, 59}));
  CHECK(set_field(cron.minutes_, fields[1], Field{"minute", 0, 59}));
  CHECK(set_field(cron.hours_, fields[2], Field{"hour", 0, 23}));
  TRY(cron.of_month_, days_of_month(fields[3]));
  CHECK(set_field(cron.months_, fields[4], Field{"month", 1, 12, month_names}));
  TRY(cron.of_week_, days_of_week(fields[5]));
  CHECK(set_field(cron.years_, fields.size() == 7 ? fields[6] : string_view("*"),
                  Field{"year", first_year, last_year}, first_year));
  if (cron.of_month_.unspecified == cron.of_week_.unspecified)
    return wrong("either the day of the month or that of the week must be ? in", expression);
  TRY(cron.zone_, zone_named(zone));
  return cron;
}

std::bitset<32> QuartzCron::days_in(std::chrono::year_month month) const {
  std::bitset<32> days;
  const int length = length_of(month);
  if (!of_week_.unspecified) {
    for (int day = 1; day <= length; ++day) {
      if (!of_week_.fixed.test(static_cast<std::size_t>(weekday_of(month, day)))) continue;
      if (of_week_.nth != 0 && (day - 1) / 7 + 1 != of_week_.nth) continue;
      if (of_week_.last && day + 7 <= length) continue;
      days.set(static_cast<std::size_t>(day));
    }
    return days;
  }
  if (of_month_.last && of_month_.before_last < length)
    days.set(static_cast<std::size_t>(length - of_month_.before_last));
  for (int day = 1; day <= length; ++day)
    if (of_month_.fixed.test(static_cast<std::size_t>(day)))
      days.set(static_cast<std::size_t>(day));
  if (!of_month_.weekday) return days;
  std::bitset<32> moved;
  for (int day = 1; day <= length; ++day)
    if (days.test(static_cast<std::size_t>(day)))
      moved.set(static_cast<std::size_t>(nearest_weekday(month, day)));
  return moved;
}

/// The first time of a day that is not before `from`, in seconds.
std::optional<std::int64_t> QuartzCron::second_of_day(std::int64_t from) const {
  const std::int64_t first_hour = from / 3600;
  for (std::int64_t hour = first_hour; hour < 24; ++hour) {
    if (!hours_.test(static_cast<std::size_t>(hour))) continue;
    const std::int64_t rest = std::max<std::int64_t>(0, from - hour * 3600);
    for (std::int64_t minute = rest / 60; minute < 60; ++minute) {
      if (!minutes_.test(static_cast<std::size_t>(minute))) continue;
      for (std::int64_t second = std::max<std::int64_t>(0, rest - minute * 60); second < 60;
           ++second)
        if (seconds_.test(static_cast<std::size_t>(second)))
          return hour * 3600 + minute * 60 + second;
    }
  }
  return std::nullopt;
}

std::optional<QuartzCron::LocalSeconds> QuartzCron::next_local(LocalSeconds from) const {
  const auto start = std::chrono::floor<std::chrono::days>(from);
  const std::chrono::year_month_day first{std::chrono::sys_days(start)};
  std::chrono::year_month month(first.year(), first.month());
  for (; static_cast<int>(month.year()) <= last_year; month += std::chrono::months(1)) {
    const int year = static_cast<int>(month.year());
    if (year < first_year || !years_.test(static_cast<std::size_t>(year - first_year))) continue;
    if (!months_.test(static_cast<unsigned>(month.month()))) continue;
    const std::bitset<32> days = days_in(month);
    for (unsigned number = 1; number < days.size(); ++number) {
      if (!days.test(number)) continue;
      const auto day = std::chrono::sys_days(month / std::chrono::day(number)).time_since_epoch();
      if (day < start) continue;
      const std::int64_t earliest = day == start ? LocalSeconds(from - day).count() : 0;
      if (const auto second = second_of_day(earliest)) return day + LocalSeconds(*second);
    }
  }
  return std::nullopt;
}

std::optional<Time> QuartzCron::next_after(Time moment) const {
  const auto now =
      date::sys_seconds(std::chrono::floor<std::chrono::seconds>(moment.time_since_epoch()));
  LocalSeconds from = zone_->to_local(now).time_since_epoch() + LocalSeconds(1);
  while (const auto local = next_local(from)) {
    const date::local_info info =
        zone_->get_info(date::local_seconds(std::chrono::seconds(*local)));
    const Time fires(std::chrono::duration_cast<Micros>(*local - info.first.offset));
    if (info.result != date::local_info::nonexistent && fires > moment) return fires;
    from = *local + LocalSeconds(1);
  }
  return std::nullopt;
}

}  // namespace twinlake
