#include "app/duration.h"

#include <array>
#include <charconv>

#include "app/terminal.h"

namespace twinlake::app {

namespace {

struct Unit {
  std::string_view name;
  double seconds;
};
constexpr std::array units{Unit{"ms", 0.001}, Unit{"s", 1}, Unit{"m", 60}, Unit{"h", 3600},
                           Unit{"d", 86'400}};

double seconds_in(std::string_view unit) {
  for (const Unit& known : units)
    if (known.name == unit) return known.seconds;
  return 0;
}

}  // namespace

Result<Micros> duration_of(const std::string& text, std::string_view option, Micros most) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const bool is_number = parsed.ec == std::errc();
  const double seconds = is_number ? number * seconds_in(std::string_view(parsed.ptr, end)) : 0;
  const double longest = std::chrono::duration<double>(most).count();
  // Written so that what is no number at all fails too.
  if (!(seconds >= 0.001 && seconds <= longest))
    return fail(Fault::config, "`" + text + "` of " + std::string(option) + " is no span of time",
                "Write a number and ms, s, m, h or d, like 5m; at most " + duration_text(longest));
  return Micros(static_cast<std::int64_t>(seconds * 1e6));
}

}  // namespace twinlake::app
