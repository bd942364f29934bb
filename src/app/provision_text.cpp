#include "app/provision_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace twinlake::app {

using azure::Fate;
using azure::Level;
using nlohmann::json;

namespace {

Tone tone_of(Level level) {
  return level == Level::blocker ? Tone::bad : level == Level::warning ? Tone::warn : Tone::faint;
}

std::string finding_lines(const azure::TwinFinding& finding, const Style& style) {
  constexpr int indent = 11;
  std::string text =
      "  " + style(tone_of(finding.level), fmt::format("{:<9}", name_of(finding.level)));
  text += wrapped(printable(finding.about + ": " + finding.message), indent, style.columns())
              .substr(indent);
  if (!finding.what_to_do.empty())
    text += wrapped(printable("What to do: " + finding.what_to_do), indent + 2, style.columns());
  return text;
}

std::string findings_text(const azure::ProvisionPlan& plan, const Style& style) {
  std::string text;
  for (const Level level : {Level::blocker, Level::warning, Level::note})
    for (const azure::TwinFinding& finding : plan.findings)
      if (finding.level == level) text += finding_lines(finding, style);
  return text.empty() ? text : "\n" + style(Tone::bold, "Findings") + "\n" + text;
}

std::string steps_text(const azure::ProvisionPlan& plan, const Style& style) {
  if (plan.steps.empty()) return {};
  std::string text = "\n" + style(Tone::bold, "Steps") + "\n";
  int number = 0;
  for (const azure::ProvisionStep& step : plan.steps) {
    text += fmt::format("  {:>2}  {}\n", ++number, printable(step.title));
    if (!step.what_to_do.empty())
      text += wrapped(printable("Your part: " + step.what_to_do), 6, style.columns());
  }
  return text;
}

std::string properties_text(const azure::ProvisionPlan& plan, bool all, const Style& style) {
  constexpr int indent = 10;
  std::string text;
  for (const azure::TwinProperty& property : plan.twin.properties) {
    const bool is_plain = property.fate == Fate::copied || property.fate == Fate::server;
    if (is_plain && !all) continue;
    std::string line = property.place;
    if (line.starts_with("properties.")) line.erase(0, std::string_view("properties.").size());
    if (!property.to.empty()) line += " = " + property.to;
    if (!property.from.empty() && property.from != property.to)
      line += (property.to.empty() ? ": " : ", on the primary ") + property.from;
    text += fmt::format("  {:<8}", name_of(property.fate)) +
            wrapped(printable(line), indent, style.columns()).substr(indent);
  }
  if (text.empty()) return text;
  return "\n" +
         style(Tone::bold, all ? "Properties" : "Properties that are not as on the primary") +
         "\n" + text;
}

std::string differences_text(const azure::ProvisionPlan& plan, const Style& style) {
  if (plan.differences.empty()) return {};
  Table table({{"Setting"}, {"There"}, {"Wanted"}});
  for (const azure::TwinDifference& difference : plan.differences)
    table.add({difference.place, printable(difference.found), printable(difference.wanted)});
  return "\n" + style(Tone::bold, "Changes") + "\n" + table.text(style, 2, 2);
}

std::string last_line(const azure::ProvisionPlan& plan, bool checked) {
  if (!checked)
    return "Azure was not asked: names, quotas and networks are not checked, nothing was changed.";
  if (plan.is_blocked()) return "Something stands in the way; nothing was changed.";
  if (plan.steps.empty()) return "Nothing to do: the workspace is as it should be.";
  return "Nothing was changed; `twinlake provision --apply` carries it out.";
}

json finding_json(const azure::TwinFinding& finding) {
  json entry = json::object();
  entry["level"] = name_of(finding.level);
  entry["about"] = finding.about;
  entry["message"] = finding.message;
  entry["what_to_do"] = finding.what_to_do;
  return entry;
}

json provision_step_json(const azure::ProvisionStep& step) {
  json entry = json::object();
  entry["step"] = name_of(step.kind);
  entry["title"] = step.title;
  entry["method"] = http::name_of(step.method);
  entry["id"] = step.path;
  entry["api_version"] = step.api_version;
  entry["body"] = step.body;
  entry["what_to_do"] = step.what_to_do;
  return entry;
}

json property_json(const azure::TwinProperty& property) {
  json entry = json::object();
  entry["property"] = property.place;
  entry["fate"] = name_of(property.fate);
  entry["primary"] = property.from.empty() ? json() : json::parse(property.from, nullptr, false);
  entry["secondary"] = property.to.empty() ? json() : json::parse(property.to, nullptr, false);
  return entry;
}

}  // namespace

std::string provision_text(const azure::ProvisionPlan& plan, bool checked, bool verbose,
                           const Style& style) {
  const std::string what = plan.exists ? "is there already (" + plan.state + ")" : "is to be made";
  std::string text = style(Tone::bold, "The secondary workspace " + printable(plan.twin.name) +
                                           " in " + printable(plan.twin.region) + " " + what) +
                     "\n  " + printable(plan.twin.id) + "\n";
  text += steps_text(plan, style);
  text += differences_text(plan, style);
  if (!plan.exists || verbose) text += properties_text(plan, verbose, style);
  text += findings_text(plan, style);
  return text + "\n" + last_line(plan, checked) + "\n";
}

json provision_json(const azure::ProvisionPlan& plan, bool checked) {
  json document = json::object();
  document["id"] = plan.twin.id;
  document["region"] = plan.twin.region;
  document["checked"] = checked;
  document["exists"] = plan.exists;
  document["state"] = plan.state;
  document["host"] = plan.host;
  document["blocked"] = plan.is_blocked();
  document["body"] = plan.twin.body;
  for (const char* const list : {"steps", "findings", "properties", "changes"})
    document[list] = json::array();
  for (const auto& step : plan.steps) document["steps"].push_back(provision_step_json(step));
  for (const auto& finding : plan.findings) document["findings"].push_back(finding_json(finding));
  for (const auto& property : plan.twin.properties)
    document["properties"].push_back(property_json(property));
  for (const auto& difference : plan.differences)
    document["changes"].push_back({{"property", difference.place},
                                   {"found", difference.found},
                                   {"wanted", difference.wanted}});
  return document;
}

std::string progress_line(const azure::ProvisionProgress& progress) {
  std::string state = progress.state;
  if (progress.percent >= 0 && state == "under way")
    state = fmt::format("{:.0f} %", progress.percent);
  return fmt::format("[{}/{}] {}: {}\n", progress.number, progress.total,
                     printable(progress.step.title), state);
}

std::string outcome_text(const azure::ProvisionOutcome& outcome, const std::string& id,
                         const std::string& host, const Style& style) {
  std::string text = outcome.done.empty() ? "Nothing was to be done.\n" : std::string();
  for (const std::string& title : outcome.done) text += "Done: " + printable(title) + "\n";
  if (!outcome.waits_for.empty())
    return text + style(Tone::warn, "Your part") + ": " +
           wrapped(printable(outcome.waits_for), 2, style.columns()).substr(2);
  if (host.empty()) return text;
  text += "Its profile in ~/.databrickscfg, beside a login of Entra ID:\n\n  host = " +
          printable(host) + "\n  azure_workspace_resource_id = " + printable(id) + "\n\n";
  text += wrapped(
      "Who made it is let in as an admin. Without `host` Azure is asked for it once and the state "
      "remembers it; another machine would ask again, which a failover should not depend on. Then: "
      "`twinlake plan`.",
      0, style.columns());
  return text;
}

}  // namespace twinlake::app
