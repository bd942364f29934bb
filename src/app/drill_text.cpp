#include "app/drill_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/report_json.h"

namespace twinlake::app {

using failover::DrillReport;
using nlohmann::json;
using state::DrillCopy;
using state::DrillRun;

namespace {

constexpr std::size_t most_copies = 20;

json truth_json(const std::optional<bool>& truth) { return truth ? json(*truth) : json(); }

std::string took(const DrillRun& run) {
  if (!run.started || !run.ended) return "";
  return ", " + duration_text(std::chrono::duration<double>(*run.ended - *run.started).count());
}

std::string run_text(const DrillRun& run, bool is_plan, const Style& style) {
  const bool passed = run.is_passed.value_or(false);
  const char* word = is_plan ? "would run" : !run.is_passed ? "runs" : passed ? "passed" : "failed";
  const Tone tone = !run.is_passed ? Tone::bold : passed ? Tone::good : Tone::bad;
  std::string text = "    " + style(tone, fmt::format("{:<10}", word)) + printable(run.name) +
                     (run.result.empty() ? "" : " (" + run.result + took(run) + ")") + "\n";
  if (!run.because.empty()) text += wrapped(printable(run.because), 14, style.columns());
  if (!run.output.empty())
    text += wrapped("answered: " + printable(run.output), 14, style.columns());
  return text;
}

std::string copies_text(const DrillReport& report, const Style& style) {
  const auto gone = std::ranges::count_if(
      report.copies, [](const DrillCopy& copy) { return copy.gone.has_value(); });
  const auto all = static_cast<std::int64_t>(report.copies.size());
  if (report.outcome != "planned")
    return "  " + counted(all, "copy", "copies") +
           (gone == all ? ", all removed.\n"
                        : ", " + std::to_string(all - gone) + " of them there.\n");
  std::string text;
  std::size_t shown = 0;
  for (const DrillCopy& copy : report.copies)
    if (++shown <= most_copies)
      text +=
          fit(fmt::format("    {:<10}{}", copy.kind, printable(copy.name)), style.columns()) + "\n";
  if (shown > most_copies)
    text += fmt::format("    and {} more (-o json shows all)\n", shown - most_copies);
  return "  " + counted(all, "copy", "copies") + " below " + report.drill.folder + ":\n" + text;
}

std::string next_step(const DrillReport& report) {
  if (report.outcome == "planned") return "Nothing was written.";
  if (report.drill.phase == failover::drill_phase::clean)
    return report.outcome == "passed" ? "The drill has passed: the runs and the clean-up."
                                      : "Everything is removed, but the drill has not passed.";
  if (report.outcome == "running")
    return "`twinlake drill status` looks at the runs; `twinlake drill cleanup` ends them.";
  return "Look at the copies if you like. `twinlake drill cleanup` removes them; only then is the "
         "drill complete.";
}

}  // namespace

std::string drill_text(const DrillReport& report, const std::string& group, const Style& style) {
  std::string text =
      style(Tone::bold, report.outcome == "planned"
                            ? "What a drill of " + group + " would do"
                            : "Drill of " + group + ", " + to_rfc3339(report.drill.started) + ": " +
                                  std::string(failover::verdict_of(report.drill))) +
      "\n";
  if (report.drill.replication_point)
    text += "  It tries the standby as of " + to_rfc3339(*report.drill.replication_point) + ".\n";
  text += copies_text(report, style);
  for (const DrillRun& run : report.runs) text += run_text(run, report.outcome == "planned", style);
  for (const model::Finding& finding : report.findings)
    text += wrapped("Note: " + printable(finding.address + " " + finding.message) +
                        (finding.what_to_do.empty() ? "" : ". " + finding.what_to_do),
                    2, style.columns());
  return text + wrapped(next_step(report), 2, style.columns());
}

json drill_json(const state::Drill& drill) {
  json document = json::object();
  document["label"] = drill.label;
  document["verdict"] = failover::verdict_of(drill);
  document["phase"] = drill.phase;
  document["folder"] = drill.folder;
  document["started"] = to_rfc3339(drill.started);
  document["ended"] = moment_json(drill.ended);
  document["cleaned"] = moment_json(drill.cleaned);
  document["runs_passed"] = truth_json(drill.is_passed);
  document["replication_point"] = moment_json(drill.replication_point);
  return document;
}

json drill_json(const DrillReport& report) {
  json document = drill_json(report.drill);
  document["outcome"] = report.outcome;
  document["copies"] = json::array();
  for (const DrillCopy& copy : report.copies) {
    json entry = json::object();
    entry["kind"] = copy.kind;
    entry["source"] = copy.source;
    entry["name"] = copy.name;
    entry["id"] = copy.id;
    entry["gone"] = moment_json(copy.gone);
    document["copies"].push_back(std::move(entry));
  }
  document["runs"] = json::array();
  for (const DrillRun& run : report.runs) {
    json entry = json::object();
    entry["job"] = run.name;
    entry["run_id"] = run.run_id;
    entry["expected"] = json::parse(run.expectation, nullptr, false);
    entry["result"] = run.result;
    entry["output"] = run.output;
    entry["started"] = moment_json(run.started);
    entry["ended"] = moment_json(run.ended);
    entry["passed"] = truth_json(run.is_passed);
    entry["because"] = run.because;
    document["runs"].push_back(std::move(entry));
  }
  document["findings"] = json::array();
  for (const model::Finding& finding : report.findings) {
    json entry = json::object();
    entry["address"] = finding.address;
    entry["message"] = finding.message;
    entry["what_to_do"] = finding.what_to_do;
    document["findings"].push_back(std::move(entry));
  }
  return document;
}

std::string drill_line(const state::Drill& drill) {
  return std::string(failover::verdict_of(drill)) + ", begun " + to_rfc3339(drill.started) +
         (drill.cleaned ? "" : "; `twinlake drill cleanup` removes what it made");
}

}  // namespace twinlake::app
