#include "model/starts.h"

#include <algorithm>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "base/quartz_cron.h"

namespace twinlake::model {

using nlohmann::json;

namespace {

constexpr Micros event_wait = std::chrono::minutes(1);

using VisitTrigger = std::function<void(const Hold& rule, const json& trigger)>;

/// Visits each live trigger that starts something: the object in which its state lies.
void for_each_live(const Kind& kind, const json& definition, const VisitTrigger& visit) {
  for (const Hold& rule : kind.holds) {
    if (!rule.starts) continue;
    const std::size_t slash = rule.path.rfind('/');
    const std::string key(rule.path.substr(slash + 1));
    JsonPath(rule.path.substr(0, slash))
        .visit(definition, [&](const json& trigger, const std::string&) {
          if (!trigger.is_object()) return;
          const auto state = trigger.find(key);
          const json live = state != trigger.end() ? *state : json::parse(rule.absent);
          if (live != json::parse(rule.held)) visit(rule, trigger);
        });
  }
}

std::optional<QuartzCron> cron_of(const Timing& timing, const json& trigger) {
  auto cron = QuartzCron::parse(text_at(trigger, timing.at), text_at(trigger, timing.zone));
  return cron ? std::optional(*cron) : std::nullopt;
}

/// {"interval": 4, "unit": "HOURS"}
Micros interval_of(const json& value) {
  const std::string unit = text_at(value, "/unit");
  const Micros one = unit == "MINUTES" ? Micros(std::chrono::minutes(1))
                     : unit == "HOURS" ? Micros(std::chrono::hours(1))
                     : unit == "DAYS"  ? Micros(std::chrono::hours(24))
                     : unit == "WEEKS" ? Micros(std::chrono::hours(24 * 7))
                                       : Micros(0);
  const json* const count = find_at(value, "/interval");
  return count != nullptr && count->is_number_integer() ? one * count->get<std::int64_t>()
                                                        : Micros(0);
}

/// Nothing: a schedule that never comes again.
std::optional<Time> start_of(const Hold& rule, const json& trigger, Time now) {
  for (const Timing& timing : rule.timings) {
    const json* const said = find_at(trigger, timing.at);
    if (said == nullptr) continue;
    switch (timing.says) {
      case Timing::Says::at_once: return now;
      case Timing::Says::interval: return now + interval_of(*said) / 2;
      case Timing::Says::cron:
        if (const auto cron = cron_of(timing, trigger)) return cron->next_after(now);
        break;
    }
  }
  return now + event_wait;
}

}  // namespace

std::optional<Time> next_start(const Kind& kind, const json& definition, Time now) {
  std::optional<Time> soonest;
  for_each_live(kind, definition, [&](const Hold& rule, const json& trigger) {
    const auto start = start_of(rule, trigger, now);
    if (start && (!soonest || *start < *soonest)) soonest = start;
  });
  return soonest;
}

DueStarts due_starts(const Kind& kind, const json& definition, Time from, Time to) {
  DueStarts due;
  for_each_live(kind, definition, [&](const Hold& rule, const json& trigger) {
    for (const Timing& timing : rule.timings) {
      if (timing.says != Timing::Says::cron || find_at(trigger, timing.at) == nullptr) continue;
      const auto cron = cron_of(timing, trigger);
      if (!cron) continue;
      for (auto start = cron->next_after(from); start && *start <= to;
           start = cron->next_after(*start)) {
        due.first = due.count == 0 ? *start : std::min(due.first, *start);
        due.last = due.count == 0 ? *start : std::max(due.last, *start);
        ++due.count;
      }
    }
  });
  return due;
}

}  // namespace twinlake::model
