#include "app/ages_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/report_json.h"

namespace twinlake::app {

using nlohmann::json;

namespace {
std::string since(Time then, Time now) {
  return duration_text(std::chrono::duration<double>(now - then).count());
}
}  // namespace

std::string ages_text(const Ages& ages, Time now, const Style& style) {
  std::string text;
  for (const auto& [kind, age] : ages) {
    if (age.trusted == 0) continue;
    const double at_most = std::chrono::duration<double>(age.max_age).count();
    text += wrapped(
        fmt::format("{}: {} read now, {} in sync as of {} ago or later; each is read "
                    "again within {}",
                    kind, age.read, age.trusted, since(*age.oldest, now), duration_text(at_most)),
        2, style.columns());
  }
  return text.empty() ? text : style(Tone::bold, "\nRead in turns") + "\n" + text;
}

json ages_json(const Ages& ages) {
  json document = json::object();
  for (const auto& [kind, age] : ages) {
    json& entry = document[kind];
    entry["read"] = age.read;
    entry["trusted"] = age.trusted;
    entry["oldest"] = moment_json(age.oldest);
    entry["max_age_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(age.max_age).count();
  }
  return document;
}

std::string age_line(const state::SweptKind& kind, Time now) {
  return fmt::format("{} {}, the oldest as of {} ago", kind.count, kind.kind,
                     since(kind.oldest, now));
}

}  // namespace twinlake::app
