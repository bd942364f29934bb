#include "simulator/jobs/agenda.h"

#include <algorithm>
#include <utility>

#include "simulator/jobs/jobs.h"

namespace twinlake::simulator {

namespace {
constexpr std::int64_t second_millis = 1000;

std::int64_t unit_millis(std::string_view unit) {
  if (unit == "MINUTES") return 60 * second_millis;
  if (unit == "HOURS") return 3600 * second_millis;
  if (unit == "DAYS") return 24 * 3600 * second_millis;
  if (unit == "WEEKS") return 7 * 24 * 3600 * second_millis;
  return 0;
}

/// The live triggers of a job by their path, each as an element of `triggers` would say it.
std::map<std::string, json> live_ones(const json& settings) {
  std::map<std::string, json> found;
  const json& several = list_of(settings, "triggers");
  for (const auto& [place, is_live] : live_triggers(settings)) {
    if (!is_live) continue;
    if (place == "schedule")
      found[place]["schedule"] = settings.at("schedule");
    else if (place == "trigger")
      found[place] = settings.at("trigger");
    else if (place.starts_with("triggers/"))
      found[place] = several.at(std::stoul(place.substr(9)));
  }
  return found;
}

std::int64_t seconds_of(const json& object, std::string_view key) {
  return integer_of(object, key).value_or(0) * second_millis;
}
}  // namespace

std::int64_t Agenda::Timer::next_after(std::int64_t moment) const {
  if (every > 0) return moment + every;
  if (!cron) return 0;
  const auto next = cron->next_after(Time(std::chrono::milliseconds(moment)));
  return next ? to_epoch_millis(*next) : 0;
}

Agenda::Timer Agenda::timer_of(const json& trigger) {
  Timer timer;
  timer.trigger = trigger;
  if (const json* schedule = field(trigger, "schedule")) {
    // What is no cron expression fires never: no source tells how the service refuses it.
    auto cron = QuartzCron::parse(text_of(*schedule, "quartz_cron_expression"),
                                  text_of(*schedule, "timezone_id"));
    if (cron) timer.cron = *cron;
  }
  if (const json* periodic = field(trigger, "periodic"))
    timer.every =
        integer_of(*periodic, "interval").value_or(0) * unit_millis(text_of(*periodic, "unit"));
  if (const json* arrival = field(trigger, "file_arrival"))
    timer.watched = text_of(*arrival, "url");
  return timer;
}

void Agenda::set_next(std::int64_t job_id, const std::string& place, Timer& timer,
                      std::int64_t next) {
  if (timer.next != 0) due_.erase({timer.next, job_id, place});
  timer.next = next;
  if (next != 0) due_.insert({next, job_id, place});
}

void Agenda::follow(std::int64_t job_id, const json& settings, std::int64_t now) {
  Timers& timers = timers_[job_id];
  const std::map<std::string, json> live = live_ones(settings);
  for (auto timer = timers.begin(); timer != timers.end();) {
    const auto wanted = live.find(timer->first);
    const bool stays = wanted != live.end() && wanted->second == timer->second.trigger;
    if (!stays) set_next(job_id, timer->first, timer->second, 0);
    timer = stays ? std::next(timer) : timers.erase(timer);
  }
  for (const auto& [place, trigger] : live) {
    if (timers.contains(place)) continue;
    Timer& timer = timers.emplace(place, timer_of(trigger)).first->second;
    set_next(job_id, place, timer, timer.next_after(now));
  }
}

void Agenda::forget(std::int64_t job_id) {
  follow(job_id, json::object(), 0);
  timers_.erase(job_id);
}

void Agenda::arrived(std::string_view url, std::int64_t now) {
  for (auto& [job_id, timers] : timers_)
    for (auto& [place, timer] : timers) {
      if (timer.watched.empty() || !url.starts_with(timer.watched)) continue;
      const json& arrival = timer.trigger.at("file_arrival");
      const std::int64_t quiet = now + seconds_of(arrival, "wait_after_last_change_seconds");
      const std::int64_t again =
          timer.last + seconds_of(arrival, "min_time_between_triggers_seconds");
      set_next(job_id, place, timer, std::max(quiet, again));
    }
}

std::optional<Agenda::Fire> Agenda::take_due(std::int64_t now) {
  if (still_ && still_until_ && now >= *still_until_) go_on(*still_until_);
  if (still_ || due_.empty() || std::get<0>(*due_.begin()) > now) return std::nullopt;
  const auto [at, job_id, place] = *due_.begin();
  Timer& timer = timers_.at(job_id).at(place);
  timer.last = at;
  set_next(job_id, place, timer, timer.next_after(at));
  return Fire{at, job_id, timer.watched.empty() ? "PERIODIC" : "FILE_ARRIVAL"};
}

void Agenda::stand_still(std::optional<std::int64_t> until) {
  still_ = true;
  still_until_ = until;
}

void Agenda::go_on(std::int64_t now) {
  if (!std::exchange(still_, false)) return;
  for (auto& [job_id, timers] : timers_)
    for (auto& [place, timer] : timers)
      if (timer.next != 0 && timer.next <= now)
        set_next(job_id, place, timer, timer.next_after(now));
}

}  // namespace twinlake::simulator
