#include "app/failover_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/report_json.h"

namespace twinlake::app {

using failover::Turned;
using failover::TurnoverReport;
using nlohmann::json;
using state::Failover;

namespace {

constexpr std::size_t most_objects = 40;

std::string title(const TurnoverReport& report, const std::string& group) {
  const Failover& failover = report.failover;
  if (report.outcome == "planned")
    return "What a " + std::string(name_of(failover.type)) + " failover of " + group + " would do";
  const std::string what = std::string(name_of(failover.type)) + " failover of " + group;
  if (failover.phase == failover::phase::aborted) return "The " + what + " was given up";
  if (report.outcome != "complete")
    return "The " + what + " is not finished: it stands at " + failover.phase;
  return "The " + what + " is complete";
}

std::string counts(const TurnoverReport& report) {
  std::string text;
  for (const auto& [action, planned, done] :
       {std::tuple("hold", "to hold on the primary", "held on the old primary"),
        std::tuple("release", "to release on the secondary", "released"),
        std::tuple("start", "to start on the secondary", "started")}) {
    const bool is_plan = report.outcome == "planned";
    const auto count = std::ranges::count_if(report.turned, [&](const Turned& turned) {
      return turned.action == action && (is_plan || turned.outcome == "done");
    });
    if (count > 0)
      text += (text.empty() ? "" : ", ") + counted(count, "object", "objects") + " " +
              (is_plan ? planned : done);
  }
  return text.empty() ? "No trigger to turn" : text;
}

/// One sentence for a time in which triggers were not live on exactly one side.
std::string window_text(const failover::Window& window, std::string_view what,
                        std::string_view fate) {
  std::int64_t starts = 0;
  for (const failover::Due& due : window.due) starts += static_cast<std::int64_t>(due.starts.count);
  std::string text =
      fmt::format("  From {} to {} {}: ", to_rfc3339(window.from), to_rfc3339(window.to), what);
  if (starts == 0) return text + "no schedule was due then.\n";
  return text + fmt::format("{} of {} {}.\n", counted(starts, "start", "starts"),
                            counted(std::ssize(window.due), "schedule", "schedules"), fate);
}

std::string windows_text(const TurnoverReport& report) {
  std::string text;
  if (report.silent)
    text += window_text(*report.silent, "triggers were live on neither side",
                        "came due then and will not be made up for (-o json names them)");
  if (report.doubled)
    text += window_text(*report.doubled, "triggers may have been live on both sides",
                        "came due then and may have run twice (-o json names them)");
  return text;
}

std::string objects_text(const TurnoverReport& report, const Style& style) {
  std::string text;
  std::size_t shown = 0;
  std::size_t left_out = 0;
  for (const Turned& turned : report.turned) {
    const bool is_bad = turned.outcome != "done" && turned.outcome != "planned";
    if (!is_bad && report.outcome != "planned") continue;
    if (++shown > most_objects) {
      ++left_out;
      continue;
    }
    const std::string line =
        fit(fmt::format("    {:<8}{}", turned.action, printable(turned.address)), style.columns());
    text += (is_bad ? style(Tone::bad, line) : line) + "\n";
    if (!turned.error.empty()) text += wrapped(printable(turned.error), 12, style.columns());
    if (!turned.what_to_do.empty())
      text += wrapped("What to do: " + turned.what_to_do, 12, style.columns());
  }
  if (left_out > 0) text += fmt::format("    and {} more (-o json shows all)\n", left_out);
  return text;
}

/// What a preview says of the recovery plan.
std::string plan_text(const TurnoverReport& report, const Style& style) {
  if (report.recovery_plan.empty()) return {};
  std::string text = "  Once the role has moved:\n";
  for (const std::string& action : report.recovery_plan)
    text += wrapped(printable(action), 4, style.columns());
  return text + "    then everything else is released\n";
}

/// One object that cannot be released must not keep a failover open on that day.
std::string way_without(const TurnoverReport& report) {
  const auto bad = std::ranges::find_if(report.turned, [](const Turned& turned) {
    return turned.outcome == "failed" && (turned.action == "release" || turned.action == "look");
  });
  if (bad == report.turned.end()) return {};
  return " To end it without an object that cannot be released (it stays held): --without '" +
         printable(bad->address) + "'.";
}

std::string next_step(const TurnoverReport& report) {
  const Failover& failover = report.failover;
  if (report.outcome == "planned") return "Nothing was written.";
  if (failover.phase == failover::phase::aborted)
    return "The old primary has its triggers again, and its role.";
  if (report.outcome != "complete")
    return "Run the same command again: it goes on where it stands." + way_without(report);
  if (failover.fence == Failover::Fence::open)
    return "The old primary could not be told to stop: the first `twinlake sync` or `twinlake "
           "reprotect` that reaches it "
           "holds its triggers before anything else.";
  if (!failover.committed)
    return "When all is well: `twinlake commit`, then `twinlake reprotect` makes the old primary "
           "the standby.";
  return "";
}

}  // namespace

std::string turnover_text(const TurnoverReport& report, const std::string& group,
                          const Style& style) {
  std::string text = style(Tone::bold, title(report, group)) + "\n";
  text += "  " + counts(report) + ".\n";
  if (report.replication_point)
    text += "  The new primary equals the old one as it was at " +
            to_rfc3339(*report.replication_point) + ".\n";
  else
    text += "  No sync was ever complete, so nobody knows what is missing on the new primary.\n";
  const Failover& failover = report.failover;
  if (failover.turned && failover.finished)
    text +=
        "  The role moved after " +
        duration_text(std::chrono::duration<double>(*failover.turned - failover.started).count()) +
        ", everything was released after " +
        duration_text(
            std::chrono::duration<double>(*failover.finished - failover.started).count()) +
        ".\n";
  text += windows_text(report);
  text += plan_text(report, style);
  text += objects_text(report, style);
  for (const model::Finding& finding : report.findings)
    text += wrapped("Note: " + printable(finding.address + ": " + finding.message) +
                        (finding.what_to_do.empty() ? "" : ". " + finding.what_to_do),
                    2, style.columns());
  for (const failover::Halt& halt : report.halts) {
    text += wrapped(printable(halt.action + ": " + halt.because), 2, style.columns());
    text += wrapped("What to do: " + printable(halt.what_to_do), 4, style.columns());
  }
  const std::string next = report.halts.empty() ? next_step(report) : "";
  if (!next.empty()) text += wrapped(next, 2, style.columns());
  return text;
}

json turned_json(const Turned& turned) {
  json entry = json::object();
  entry["address"] = turned.address;
  entry["action"] = turned.action;
  entry["outcome"] = turned.outcome;
  if (!turned.error.empty()) entry["error"] = turned.error;
  if (!turned.what_to_do.empty()) entry["what_to_do"] = turned.what_to_do;
  return entry;
}

namespace {
json window_json(const std::optional<failover::Window>& window) {
  if (!window) return {};
  json document = json::object();
  document["from"] = to_rfc3339(window->from);
  document["to"] = to_rfc3339(window->to);
  document["due"] = json::array();
  for (const failover::Due& due : window->due) {
    json entry = json::object();
    entry["address"] = due.address;
    entry["starts"] = due.starts.count;
    entry["first"] = to_rfc3339(due.starts.first);
    entry["last"] = to_rfc3339(due.starts.last);
    document["due"].push_back(std::move(entry));
  }
  return document;
}

}  // namespace

json failover_json(const Failover& failover) {
  json document = json::object();
  document["type"] = name_of(failover.type);
  document["new_primary"] = model::name_of(failover.to);
  document["phase"] = failover.phase;
  document["fence"] = name_of(failover.fence);
  document["started"] = to_rfc3339(failover.started);
  document["turned"] = moment_json(failover.turned);
  document["finished"] = moment_json(failover.finished);
  document["committed"] = moment_json(failover.committed);
  return document;
}

json turnover_json(const TurnoverReport& report) {
  json document = failover_json(report.failover);
  document["outcome"] = report.outcome;
  document["replication_point"] = moment_json(report.replication_point);
  document["findings"] = json::array();
  for (const model::Finding& finding : report.findings) {
    json entry = json::object();
    entry["address"] = finding.address;
    entry["message"] = finding.message;
    entry["what_to_do"] = finding.what_to_do;
    document["findings"].push_back(std::move(entry));
  }
  document["recovery_plan"] = report.recovery_plan;
  document["halts"] = json::array();
  for (const failover::Halt& halt : report.halts) {
    json entry = json::object();
    entry["action"] = halt.action;
    entry["because"] = halt.because;
    entry["what_to_do"] = halt.what_to_do;
    document["halts"].push_back(std::move(entry));
  }
  document["silent"] = window_json(report.silent);
  document["doubled"] = window_json(report.doubled);
  document["runs_left"] = json::array();
  for (const workspace::ActiveRun& run : report.runs_left) {
    json entry = json::object();
    entry["run_id"] = run.id;
    entry["job_id"] = run.job_id;
    entry["name"] = run.name;
    document["runs_left"].push_back(std::move(entry));
  }
  return document;
}

}  // namespace twinlake::app
