#include "app/watch.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/output.h"
#include "app/report_json.h"
#include "base/hash.h"

namespace twinlake::app {

using nlohmann::json;

namespace {

/// After a run that was too long: time for a failover, or another machine, to take the lock.
constexpr Micros breath = std::chrono::seconds(5);

/// A line of a log is no report; `status` and `reconcile` name all of them.
constexpr std::size_t objects_in_line = 20;

/// 0 to 1, the same for the same text.
double share_of(const std::string& text) {
  const auto number = std::stoul(sha256_hex(text).substr(0, 8), nullptr, 16);
  return static_cast<double>(number) / static_cast<double>(0xffffffffU);
}

std::string moment_text(Time moment) { return to_rfc3339(moment).substr(0, 19) + "Z"; }

double seconds_from(Time from, Time to) { return std::chrono::duration<double>(to - from).count(); }

std::optional<double> lag_of(const WatchedRun& run) {
  if (!run.point) return std::nullopt;
  return std::max(0.0, seconds_from(*run.point, run.ended));
}

bool is_beyond(const WatchedRun& run, std::optional<Micros> rpo) {
  const auto lag = lag_of(run);
  return rpo && (!lag || *lag > std::chrono::duration<double>(*rpo).count());
}

std::string_view outcome_of(const WatchedRun& run) {
  return run.report ? std::string_view(run.report->outcome) : "not run";
}

bool is_trouble(const engine::ObjectReport& object) {
  return object.outcome != "done" && object.outcome != "kept";
}

std::string work_text(const engine::SyncReport& report) {
  const engine::KindCounts sum = sum_of(report);
  const std::array<std::pair<std::int64_t, const char*>, 7> parts{{{sum.created, "created"},
                                                                   {sum.updated, "updated"},
                                                                   {sum.deleted, "deleted"},
                                                                   {sum.adopted, "adopted"},
                                                                   {sum.failed, "failed"},
                                                                   {sum.blocked, "blocked"},
                                                                   {sum.skipped, "skipped"}}};
  std::string text;
  for (const auto& [count, what] : parts)
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
  return text.empty() ? "no change" : text;
}

/// The first thing that was not done stands for all of them; `status` and `reconcile` name the
/// rest.
std::string trouble_text(const engine::SyncReport& report) {
  const auto first = std::ranges::find_if(report.objects, is_trouble);
  if (first == report.objects.end()) return {};
  const auto all = std::ranges::count_if(report.objects, is_trouble);
  std::string text = first->address + (first->error.empty() ? "" : ": " + first->error);
  if (all > 1) text += fmt::format(", and {} more", all - 1);
  return text;
}

std::string lag_text(const WatchedRun& run, std::optional<Micros> rpo, const Style& style) {
  const auto lag = lag_of(run);
  std::string text = lag ? "lag " + duration_text(*lag) : "never complete yet";
  if (!is_beyond(run, rpo)) return text;
  text += ", beyond the RPO of " + duration_text(std::chrono::duration<double>(*rpo).count());
  return style(Tone::bad, text);
}

Tone tone_of(const WatchedRun& run) {
  if (!run.report) return Tone::bad;
  if (run.report->outcome == "complete") return run.troubles.empty() ? Tone::good : Tone::warn;
  return run.report->outcome == "partial" ? Tone::warn : Tone::bad;
}

}  // namespace

Time WatchTimes::next(Time began, Time ended) {
  const double early = share_of(who_ + " " + std::to_string(++runs_)) / 10;
  const Micros shift(static_cast<std::int64_t>(static_cast<double>(every_.count()) * early));
  was_late_ = ended - began > every_;
  return std::max(began + every_ - shift, was_late_ ? ended + std::min(breath, every_) : ended);
}

bool ends_watch(const Error& error) {
  return error.fault == Fault::config || (error.fault == Fault::refused && !error.for_now);
}

std::string watch_line(const WatchedRun& run, std::optional<Micros> rpo, const Style& style) {
  std::string text =
      moment_text(run.began) + "  " + style(tone_of(run), fmt::format("{:<8}", outcome_of(run)));
  const std::string took = " in " + duration_text(seconds_from(run.began, run.ended));
  text += "  " + (run.report ? work_text(*run.report) + took + "; " : std::string());
  text += lag_text(run, rpo, style);
  if (run.error) text += "; " + printable(describe(*run.error));
  if (run.report)
    if (const std::string trouble = trouble_text(*run.report); !trouble.empty())
      text += "; " + printable(trouble);
  return text + "\n";
}

json watch_json(const WatchedRun& run, std::optional<Micros> rpo) {
  json line = json::object();
  line["began"] = to_rfc3339(run.began);
  line["ended"] = to_rfc3339(run.ended);
  line["outcome"] = outcome_of(run);
  line["counts"] = run.report ? counts_json(sum_of(*run.report)) : json();
  line["objects"] = json::array();
  std::size_t not_done = 0;
  if (run.report)
    for (const engine::ObjectReport& object : run.report->objects)
      if (is_trouble(object) && ++not_done <= objects_in_line)
        line["objects"].push_back(object_json(object));
  line["objects_not_done"] = not_done;
  const auto lag = lag_of(run);
  line["replication_point"] = moment_json(run.point);
  line["lag_seconds"] = lag ? json(*lag) : json();
  line["rpo_seconds"] = rpo ? json(std::chrono::duration<double>(*rpo).count()) : json();
  line["beyond_rpo"] = is_beyond(run, rpo);
  line["error"] = run.error ? error_json(*run.error).at("error") : json();
  line["warnings"] = json::array();
  for (const Error& trouble : run.troubles) line["warnings"].push_back(describe(trouble));
  return line;
}

}  // namespace twinlake::app
