#include "app/ages_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/report_json.h"
#include "base/text.h"

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

std::string audit_line(const state::AuditReading& reading, Time now) {
  const std::string known = reading.read ? "known up to " + since(*reading.read, now) + " ago"
                                         : std::string("never read yet");
  if (!reading.why_not.empty()) {
    const std::string what_to_do = reading.what_to_do.empty() ? "" : ". " + reading.what_to_do;
    return known + "; not read now: " + reading.why_not + what_to_do;
  }
  std::string text = fmt::format("{}; {}, {} read again because of them", known,
                                 counted(reading.events, "event", "events"),
                                 counted(reading.changed, "object", "objects"));
  if (reading.unknown > 0)
    text += fmt::format("; {} not replicated",
                        counted(reading.unknown, "other object is", "other objects are"));
  if (reading.unnamed > 0)
    text += fmt::format("; {} not say of which object",
                        counted(reading.unnamed, "event does", "events do"));
  return text;
}

std::string audit_text(const std::vector<engine::AuditTold>& told, Time now, const Style& style) {
  std::string text;
  for (const auto& [role, reading] : told)
    text += wrapped(role + ": " + audit_line(reading, now), 2, style.columns());
  return text.empty() ? text : style(Tone::bold, "\nAudit logs") + "\n" + text;
}

json audit_json(const std::vector<engine::AuditTold>& told) {
  json document = json::object();
  for (const auto& [role, reading] : told) {
    json& entry = document[role];
    entry["known_until"] = moment_json(reading.read);
    entry["events"] = reading.events;
    entry["changed"] = reading.changed;
    entry["unknown"] = reading.unknown;
    entry["unnamed"] = reading.unnamed;
    if (reading.why_not.empty()) continue;
    entry["not_read"] = reading.why_not;
    entry["what_to_do"] = reading.what_to_do;
  }
  return document;
}

std::string age_line(const state::SweptKind& kind, Time now) {
  return fmt::format("{} {}, the oldest as of {} ago", kind.count, kind.kind,
                     since(kind.oldest, now));
}

}  // namespace twinlake::app
