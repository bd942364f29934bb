#include "app/report_text.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "app/ages_text.h"
#include "app/remedy.h"

namespace twinlake::app {

using engine::Action;
using engine::Standing;
using engine::Step;
using engine::Stop;
using engine::Verdict;

namespace {

constexpr std::size_t most_fields = 20;
constexpr std::size_t most_findings = 20;

struct Sign {
  std::string_view mark;
  Tone tone;
};

Sign sign_of(Action action) {
  switch (action) {
    case Action::create: return {"+", Tone::good};
    case Action::update: return {"~", Tone::warn};
    case Action::adopt: return {"=", Tone::plain};
    case Action::remove: return {"-", Tone::bad};
    case Action::hold: return {"|", Tone::warn};
    case Action::release: return {">", Tone::good};
  }
  return {"?", Tone::plain};
}

std::string value_text(const std::string& value) { return value.empty() ? "(none)" : value; }

/// "a.b.c: old → new" on one line where it fits.
std::string change_text(const model::Change& change, std::size_t indent, int columns) {
  const std::string place = std::string(indent, ' ') +
                            printable(change.pointer.empty() ? "(content)" : change.pointer) + ": ";
  const int room = std::max(24, columns - width_of(place) - 3) / 2;
  const std::string before = fit(printable(value_text(change.before)), room);
  const std::string after = fit(printable(value_text(change.after)), room);
  return fit(place + before + " → " + after, columns) + "\n";
}

std::string step_text(const Step& step, const Style& style) {
  const Sign sign = sign_of(step.action);
  std::string line = fmt::format("    {} {}", sign.mark, printable(step.address()));
  const std::string reason = printable(step.reason);
  std::string text;
  if (width_of(line) + 2 + width_of(reason) <= style.columns()) {
    text = style(sign.tone, line) + "  " + style(Tone::faint, reason) + "\n";
  } else {
    text = style(sign.tone, fit(line, style.columns())) + "\n" +
           style(Tone::faint, wrapped(reason, 8, style.columns()));
  }
  for (std::size_t i = 0; i < std::min(most_fields, step.changes.size()); ++i)
    text += change_text(step.changes[i], 8, style.columns());
  if (step.changes.size() > most_fields)
    text += fmt::format("        and {} more fields (-o json shows all)\n",
                        step.changes.size() - most_fields);
  for (std::size_t i = 0; i < std::min(most_fields, step.rewritten.size()); ++i)
    text += style(Tone::faint, "        rewritten ") +
            change_text(step.rewritten[i], 0, style.columns() - 18);
  if (step.rewritten.size() > most_fields)
    text += fmt::format("        and {} more rewritten fields (-o json shows all)\n",
                        step.rewritten.size() - most_fields);
  return text;
}

std::string stopped_text(const Verdict& verdict, const Style& style) {
  std::string text =
      style(Tone::bad, fit("    ! " + printable(verdict.address()), style.columns())) + "\n";
  text += wrapped(printable(verdict.because), 8, style.columns());
  if (!verdict.what_to_do.empty())
    text += advice("What to do: " + verdict.what_to_do, 8, style.columns());
  return text;
}

std::string findings_text(const std::vector<model::Finding>& findings, const Style& style) {
  if (findings.empty()) return {};
  std::string text = style(Tone::bold, "\nNotes") + "\n";
  for (std::size_t i = 0; i < std::min(most_findings, findings.size()); ++i) {
    const model::Finding& finding = findings[i];
    text += wrapped(printable(finding.address + ": " + finding.message) +
                        (finding.what_to_do.empty() ? "" : ". " + finding.what_to_do),
                    2, style.columns());
  }
  if (findings.size() > most_findings)
    text += fmt::format("  and {} more (-o json shows all)\n", findings.size() - most_findings);
  return text;
}

std::string plan_summary(const engine::Plan& plan, std::size_t stopped) {
  std::map<Action, std::int64_t> actions;
  for (const Step& step : plan.steps)
    if (!step.completes_shell) ++actions[step.action];
  const auto unchanged = std::count_if(
      plan.verdicts.begin(), plan.verdicts.end(),
      [](const Verdict& v) { return v.standing == Standing::in_sync && v.stop == Stop::none; });
  std::string text;
  const auto add = [&](std::int64_t count, std::string_view what) {
    if (count > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(what);
  };
  add(actions[Action::create], "to create");
  add(actions[Action::update], "to update");
  add(actions[Action::remove], "to delete");
  add(actions[Action::adopt], "to adopt");
  if (text.empty()) text = "Nothing to do";
  add(static_cast<std::int64_t>(stopped), "cannot be done");
  return text + fmt::format("; {} in sync.\n", unchanged);
}

/// Where the page is narrow, columns with nothing in them go first.
std::string counts_table(const engine::SyncReport& report, const Style& style) {
  using Count = std::int64_t engine::KindCounts::*;
  const std::array<std::pair<const char*, Count>, 8> all{{
      {"created", &engine::KindCounts::created},
      {"updated", &engine::KindCounts::updated},
      {"deleted", &engine::KindCounts::deleted},
      {"adopted", &engine::KindCounts::adopted},
      {"unchanged", &engine::KindCounts::unchanged},
      {"failed", &engine::KindCounts::failed},
      {"blocked", &engine::KindCounts::blocked},
      {"skipped", &engine::KindCounts::skipped},
  }};
  const auto is_used = [&](Count count) {
    return std::any_of(report.kinds.begin(), report.kinds.end(),
                       [&](const auto& entry) { return entry.second.*count != 0; });
  };
  const auto table_of = [&](bool every) {
    std::vector<Table::Column> titles = {{"kind"}};
    for (const auto& [name, count] : all)
      if (every || is_used(count)) titles.push_back({name, Table::Align::right});
    Table table(std::move(titles));
    for (const auto& [kind, counts] : report.kinds) {
      std::vector<std::string> cells = {kind};
      for (const auto& [name, count] : all)
        if (every || is_used(count))
          cells.push_back(counts.*count == 0 ? "·" : std::to_string(counts.*count));
      table.add(std::move(cells));
    }
    return table;
  };
  if (report.kinds.empty()) return {};
  const Table table = table_of(true);
  return (table.width(2) <= style.columns() ? table : table_of(false)).text(style, 2, 0);
}

std::string object_text(const engine::ObjectReport& object, const Style& style) {
  const std::string what =
      object.action == "none" ? object.outcome : object.outcome + " (" + object.action + ")";
  std::string text =
      style(Tone::bad, fit("  " + what + "  " + printable(object.address), style.columns())) + "\n";
  text += wrapped(printable(object.error), 6, style.columns());
  return text + advice("What to do: " + remedy_of(object), 6, style.columns());
}

Tone tone_of(Standing standing) {
  switch (standing) {
    case Standing::in_sync: return Tone::good;
    case Standing::unsupported: return Tone::faint;
    case Standing::lagging:
    case Standing::drifted:
    case Standing::extra:
    case Standing::unknown: return Tone::warn;
    case Standing::missing:
    case Standing::failed: return Tone::bad;
  }
  return Tone::plain;
}

bool has_same_explanation(const Verdict& a, const Verdict& b) {
  return a.standing == b.standing && a.because == b.because && a.what_to_do == b.what_to_do &&
         a.changes.empty() && b.changes.empty();
}

/// `next`: the verdict shown below this one. What is true of both is said once, under the last.
std::string verdict_text(const Verdict& verdict, const Verdict* next, const Style& style) {
  const std::string state = padded(engine::name_of(verdict.standing), 12);
  std::string text = "  " + style(tone_of(verdict.standing), state) +
                     fit(printable(verdict.address()), style.columns() - 14) + "\n";
  if (verdict.standing == Standing::in_sync ||
      (next != nullptr && has_same_explanation(verdict, *next)))
    return text;
  text += wrapped(printable(verdict.because), 14, style.columns());
  for (std::size_t i = 0; i < std::min<std::size_t>(5, verdict.changes.size()); ++i)
    text += change_text(verdict.changes[i], 14, style.columns());
  if (!verdict.what_to_do.empty())
    text += advice("What to do: " + verdict.what_to_do, 14, style.columns());
  return text;
}

}  // namespace

std::string plan_text(const engine::Plan& plan, const std::string& group, const Style& style,
                      std::string_view what) {
  std::map<std::string_view, std::vector<const Step*>> steps;
  std::map<std::string_view, std::vector<const Verdict*>> stopped;
  for (const Step& step : plan.steps) steps[step.kind->name].push_back(&step);
  std::size_t stops = 0;
  for (const Verdict& verdict : plan.verdicts) {
    if (verdict.stop == Stop::none) continue;
    stopped[verdict.kind->name].push_back(&verdict);
    steps[verdict.kind->name];
    ++stops;
  }
  std::string text = style(Tone::bold, "Plan for " + group + ": " + std::string(what)) + "\n";
  for (auto& [kind, list] : steps) {
    // The order of carrying out is the engine's affair; people look for names.
    std::stable_sort(list.begin(), list.end(),
                     [](const Step* a, const Step* b) { return a->key < b->key; });
    text += fmt::format("\n  {}\n", style(Tone::bold, kind));
    for (const Step* step : list) text += step_text(*step, style);
    for (const Verdict* verdict : stopped[kind]) text += stopped_text(*verdict, style);
  }
  return text + findings_text(plan.findings, style) + "\n" + plan_summary(plan, stops);
}

namespace {

std::string run_text(const engine::SyncReport& report, const std::string& title, Time now,
                     const Style& style) {
  const bool good = report.outcome == "complete";
  std::string text = style(good ? Tone::good : Tone::warn,
                           title + " in " + duration_text(report.seconds) + ": " + report.outcome) +
                     "\n\n";
  text += counts_table(report, style);
  bool titled = false;
  for (const engine::ObjectReport& object : report.objects) {
    if (object.outcome == "done") continue;
    if (!std::exchange(titled, true)) text += style(Tone::bold, "\nNot done") + "\n";
    text += object_text(object, style);
  }
  text += findings_text(report.findings, style);
  return text + ages_text(report.ages, now, style) + audit_text(report.audit, now, style);
}

}  // namespace

std::string restore_text(const engine::SyncReport& report, std::string_view what, Time now,
                         const Style& style) {
  return run_text(report, "Restored " + std::string(what), now, style);
}

std::string sync_text(const engine::SyncReport& report, const std::string& group, Time now,
                      const Style& style) {
  const std::string text = run_text(report, "Synced " + group, now, style);
  if (!report.replication_point)
    return text + "\nReplication point: none yet, no sync was complete\n";
  const double age = std::chrono::duration<double>(now - *report.replication_point).count();
  return text + "\nReplication point: " + to_rfc3339(*report.replication_point) + " (" +
         duration_text(age) + " ago)\n";
}

std::string verdicts_text(const std::vector<Verdict>& verdicts, const std::string& group, bool all,
                          const Style& style) {
  std::string text = style(Tone::bold, "Reconciliation of " + group) + "\n\n";
  std::vector<const Verdict*> shown;
  for (const Verdict& verdict : verdicts)
    if (all || verdict.standing != Standing::in_sync || verdict.spoils) shown.push_back(&verdict);
  for (std::size_t i = 0; i < shown.size(); ++i)
    text += verdict_text(*shown[i], i + 1 < shown.size() ? shown[i + 1] : nullptr, style);
  if (!shown.empty()) text += "\n";
  std::string counts;
  for (const auto& [state, count] : engine::count_verdicts(verdicts))
    counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " + state;
  const bool good = engine::all_in_sync(verdicts);
  return text +
         style(good ? Tone::good : Tone::warn,
               good ? "Everything is in sync" : "Not everything is in sync") +
         ": " + (counts.empty() ? "there are no objects" : counts) + "\n";
}

}  // namespace twinlake::app
