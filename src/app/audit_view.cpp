#include "app/audit_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/terminal.h"
#include "base/loop.h"

namespace twinlake::app {

using nlohmann::json;

namespace {

constexpr const char* unknown = "not known";
constexpr double bar_units = 1000;
constexpr double least_bar = 4;  // what takes no time is still seen

json text_of(const json& value) { return value.is_null() ? json(unknown) : value; }

/// "2026-11-27 10:45:01 UTC".
std::string when(const json& moment) {
  if (!moment.is_string()) return unknown;
  std::string text = moment.get<std::string>().substr(0, 19);
  std::ranges::replace(text, 'T', ' ');
  return text + " UTC";
}

std::string took(const json& seconds) {
  return seconds.is_number() ? duration_text(seconds.get<double>()) : std::string(unknown);
}

/// Words and signs, because a printed page may have no colours.
json outcome_of(const json& outcome, bool is_made_good) {
  json shown = json::object();
  const bool is_done = outcome == "done" || outcome == "confirmed" || outcome == "continued";
  shown["mark"] = outcome.is_null() ? "?" : is_done ? "✓" : is_made_good ? "↻" : "✗";
  shown["class"] = outcome.is_null() ? "open" : is_done ? "good" : is_made_good ? "open" : "bad";
  shown["outcome"] = outcome.is_null() ? "end not known"
                     : is_made_good    ? outcome.get<std::string>() + ", done later"
                                       : outcome.get<std::string>();
  return shown;
}

json fact(const std::string& name, const json& value) {
  json entry = json::object();
  entry["name"] = name;
  entry["value"] = text_of(value);
  return entry;
}

std::string host_of(const json& side) {
  if (side["host"].is_null()) return unknown;
  return side["host"].get<std::string>() + " (workspace " +
         side["workspace_id"].get<std::string>() + ")";
}

json facts_of(const json& audit) {
  json facts = json::array();
  if (audit["subject"] == "drill") {
    const json& drill = audit["drill"];
    facts.push_back(fact("Primary, not touched", host_of(audit["from"])));
    facts.push_back(fact("Standby that was tried", host_of(audit["to"])));
    facts.push_back(fact("Drill", drill["label"]));
    facts.push_back(fact("Begun", when(drill["started"])));
    facts.push_back(fact("Runs had ended", when(drill["ended"])));
    facts.push_back(fact("Nothing was left", when(drill["cleaned"])));
    facts.push_back(fact("Replication point", when(drill["replication_point"])));
    return facts;
  }
  const json& failover = audit["failover"];
  facts.push_back(fact("Old primary", host_of(audit["from"])));
  facts.push_back(fact("New primary", host_of(audit["to"])));
  facts.push_back(fact(
      "Kind", failover["type"].get<std::string>() + " failover, number " + failover["id"].dump()));
  facts.push_back(fact("Begun by", failover["operator"]));
  facts.push_back(fact("Begun with", failover["program"]));
  facts.push_back(fact("Begun", when(failover["started"])));
  facts.push_back(fact("Role moved", when(failover["turned"])));
  facts.push_back(fact("Finished", when(failover["finished"])));
  facts.push_back(
      fact("Committed", failover["committed"].is_null() ? "no" : when(failover["committed"])));
  facts.push_back(fact("Replication point", when(failover["replication_point"])));
  return facts;
}

json span_of(const std::string& name, const json& span) {
  json shown = json::object();
  shown["name"] = name;
  shown["value"] = took(span["seconds"]);
  shown["because"] = span["because"];
  shown["is_span"] = span["seconds"].is_number();
  shown["from"] = when(span["from"]);
  shown["to"] = when(span["to"]);
  shown["objective"] = json();
  shown["class"] = span["met"].is_null() ? "" : span["met"].get<bool>() ? "good" : "bad";
  if (span["objective_seconds"].is_number())
    shown["objective"] = "Aimed at: " + took(span["objective_seconds"]) + ". " +
                         (span["met"].is_null()     ? "? Not known"
                          : span["met"].get<bool>() ? "✓ Met"
                                                    : "✗ Missed");
  return shown;
}

/// What the bars are drawn on.
struct Axis {
  Time from;
  Time to;
  [[nodiscard]] bool has(const json& moment) const {
    if (!moment.is_string()) return false;
    const Time time = time_from_rfc3339(moment.get<std::string>());
    return time >= from && time <= to;
  }
  [[nodiscard]] double place(const json& moment) const {
    const double all = std::chrono::duration<double>(to - from).count();
    const Time time = time_from_rfc3339(moment.get<std::string>());
    const double part = std::chrono::duration<double>(time - from).count();
    return all <= 0 ? 0 : part / all * (bar_units - least_bar);
  }
};

/// From the begin to the end of the whole; debts that were paid days later are told, not drawn.
Axis axis_of(const json& audit) {
  const json& facts = audit["subject"] == "drill" ? audit["drill"] : audit["failover"];
  const json& end = audit["subject"] == "drill" ? facts["cleaned"] : facts["finished"];
  Axis axis;
  axis.from = axis.to = time_from_rfc3339(facts["started"].get<std::string>());
  if (end.is_string()) {
    axis.to = time_from_rfc3339(end.get<std::string>());
    return axis;
  }
  for (const json& phase : audit["phases"])
    for (const char* moment : {"started", "ended"})
      if (phase[moment].is_string())
        axis.to = std::max(axis.to, time_from_rfc3339(phase[moment].get<std::string>()));
  return axis;
}

std::string number(double value) { return fmt::format("{:.1f}", value); }

json phase_of(const json& phase, const Axis& axis, const json& turned) {
  json shown = outcome_of(phase["outcome"], false);
  std::string name = phase["name"].get<std::string>();
  if (name == "catching_up") name = "catching up";
  shown["name"] = name;
  shown["started"] = when(phase["started"]);
  shown["took"] = took(phase["seconds"]);
  shown["detail"] = phase["detail"];
  shown["is_drawn"] = axis.has(phase["started"]);
  shown["x"] = shown["width"] = shown["turn"] = json();
  if (axis.has(phase["started"])) {
    const double x = axis.place(phase["started"]);
    shown["x"] = number(x);
    shown["width"] =
        number(std::max(least_bar, axis.has(phase["ended"]) ? axis.place(phase["ended"]) - x : 0));
    if (axis.has(turned)) shown["turn"] = number(axis.place(turned));
  }
  return shown;
}

json window_of(const json& window) {
  json shown = json::object();
  const bool is_silent = window["name"] == "silent";
  shown["title"] = is_silent                     ? "Nobody could start what was due"
                   : window["name"] == "doubled" ? "Both sides could start what was due"
                                                 : window["name"].get<std::string>();
  shown["because"] = is_silent ? "From the first trigger that was held on the old primary to the "
                                 "last one that was given back on the new one."
                               : "From the moment of the role to the last trigger that was held on "
                                 "the old primary.";
  shown["from"] = when(window["from"]);
  shown["to"] = when(window["to"]);
  shown["took"] = took(window["seconds"]);
  shown["due"] = json::array();
  for (const json& due : window["due"]) {
    json row = json::object();
    row["address"] = due["address"];
    row["starts"] = due["starts"].is_null() ? std::string(unknown) : due["starts"].dump();
    row["first"] = when(due["first"]);
    row["last"] = when(due["last"]);
    shown["due"].push_back(std::move(row));
  }
  shown["has_due"] = !shown["due"].empty();
  return shown;
}

json action_of(const json& action) {
  json shown = outcome_of(action["outcome"], action["made_good"].get<bool>());
  shown["action"] = action["action"];
  shown["address"] = action["address"].is_null() ? action["group"] : action["address"];
  shown["started"] = when(action["started"]);
  shown["took"] = took(action["seconds"]);
  shown["detail"] = action["detail"];
  return shown;
}

/// In sync, and what else there is, in one cell each.
void add_states(json& row, const std::string& look, const json& states) {
  std::string others;
  std::int64_t in_sync = 0;
  for (const auto& [state, count] : states.items()) {
    if (state == "in_sync")
      in_sync = count.get<std::int64_t>();
    else
      others += (others.empty() ? "" : ", ") + count.dump() + " " + state;
  }
  row[look + "_good"] = std::to_string(in_sync);
  row[look + "_other"] = others.empty() ? "–" : others;
}

json kind_row(const std::string& name, const json& before, const json& after) {
  json row = json::object();
  row["kind"] = name;
  add_states(row, "before", before);
  add_states(row, "after", after);
  return row;
}

json kinds_of(const json& before, const json& after) {
  const json none = json::object();
  std::set<std::string> names;
  for (const json* look : {&before, &after})
    if (!look->is_null())
      for (const auto& [kind, states] : (*look)["kinds"].items()) names.insert(kind);
  const auto states_of = [&](const json& look, const std::string& kind) {
    return look.is_null() ? none : look["kinds"].value(kind, none);
  };
  json rows = json::array();
  for (const std::string& kind : names)
    rows.push_back(kind_row(kind, states_of(before, kind), states_of(after, kind)));
  return rows;
}

json look_of(const json& look) {
  if (look.is_null()) return {};
  json shown = json::object();
  shown["source"] = look["source"];
  shown["read_from"] = when(look["read_from"]);
  shown["ended"] = when(look["ended"]);
  shown["verdict"] =
      look["in_sync"].get<bool>() ? "✓ everything in sync" : "✗ not everything in sync";
  shown["class"] = look["in_sync"].get<bool>() ? "good" : "bad";
  return shown;
}

/// Objects that were not in sync, or with `notes` what was noted about others.
json unequal_of(const json& look, bool notes) {
  json rows = json::array();
  if (look.is_null()) return rows;
  for (const json& object : look["objects"])
    if ((object["state"] == "note") == notes) rows.push_back(object);
  return rows;
}

/// What is there as it was before is not told twice.
json new_of(const json& after, const json& before) {
  const json known = unequal_of(before, false);
  const std::set<json> told(known.begin(), known.end());
  json rows = json::array();
  for (const json& object : unequal_of(after, false))
    if (!told.contains(object)) rows.push_back(object);
  return rows;
}

json more_of(const json& look) {
  if (look.is_null()) return {};
  const std::int64_t more = look["objects_in_all"].get<std::int64_t>() -
                            static_cast<std::int64_t>(look["objects"].size());
  return more > 0 ? json("and " + std::to_string(more) + " more, of which only the number was kept")
                  : json();
}

bool is_blank(const json& value) {
  return value.is_string() && value.get_ref<const std::string&>().empty();
}

json run_of(const json& run) {
  json shown = outcome_of(run["passed"].is_null()     ? json()
                          : run["passed"].get<bool>() ? json("done")
                                                      : json("failed"),
                          false);
  const auto answer = [](const json& value) { return is_blank(value) ? json(unknown) : value; };
  shown["outcome"] = run["passed"].is_null()     ? "not judged"
                     : run["passed"].get<bool>() ? "passed"
                                                 : "failed";
  shown["job"] = run["job"];
  const json& expected = run["expected"];
  std::string words;
  if (expected.is_object())
    for (const auto& [name, value] : expected.items())
      if (!is_blank(value))
        words += (words.empty() ? "" : ", ") + name + " " +
                 (value.is_string() ? value.get<std::string>() : value.dump());
  shown["expected"] = words.empty() ? unknown : words;
  shown["result"] = answer(run["result"]);
  shown["output"] = is_blank(run["output"]) ? json() : run["output"];
  shown["started"] = when(run["started"]);
  shown["ended"] = when(run["ended"]);
  shown["because"] = is_blank(run["because"]) ? json() : run["because"];
  return shown;
}

json drill_of(const json& drill) {
  if (drill.is_null()) return {};
  json shown = json::object();
  shown["label"] = drill["label"];
  shown["verdict"] = drill["verdict"];
  shown["started"] = when(drill["started"]);
  shown["cleaned"] = drill["cleaned"].is_null() ? json() : json(when(drill["cleaned"]));
  shown["copies_left"] = drill["copies_left"].dump();
  shown["runs"] = json::array();
  for (const json& run : drill["runs"]) shown["runs"].push_back(run_of(run));
  shown["copies"] = json::array();
  for (const json& copy : drill["copies"]) {
    json row = json::object();
    row["kind"] = copy["kind"];
    row["name"] = copy["name"];
    row["source"] = copy["source"];
    row["gone"] = copy["gone"].is_null() ? json("there, or not known") : json(when(copy["gone"]));
    shown["copies"].push_back(std::move(row));
  }
  shown["has_copies"] = !shown["copies"].empty();
  return shown;
}

template <class Show>
json each(const json& list, const Show& show) {
  json shown = json::array();
  for (const json& entry : list) shown.push_back(show(entry));
  return shown;
}

void add_looks(json& view, const json& audit) {
  const json& before = audit["before"];
  const json& after = audit["after"];
  view["before"] = look_of(before);
  view["after"] = look_of(after);
  view["kinds"] = kinds_of(before, after);
  view["unequal"] = unequal_of(before, false);
  view["unequal_after"] = new_of(after, before);
  view["same_after"] = counted(
      static_cast<std::int64_t>(unequal_of(after, false).size() - view["unequal_after"].size()),
      "object", "objects");
  view["notes"] = unequal_of(before.is_null() ? after : before, true);
  view["more"] = more_of(before);
  view["more_after"] = more_of(after);
  const json none = json::object();
  view["totals"] = kind_row("all", before.is_null() ? none : before["totals"],
                            after.is_null() ? none : after["totals"]);
}

}  // namespace

json audit_view(const json& audit) {
  json view = json::object();
  const bool is_drill = audit["subject"] == "drill";
  view["subject"] = is_drill ? json("Drill")
                             : json(audit["failover"]["type"] == "forced" ? "Forced failover"
                                                                          : "Planned failover");
  view["is_drill"] = is_drill;
  view["group"] = audit["group"];
  view["program"] = audit["program"];
  view["generated"] = when(audit["generated"]);
  view["verdict"] = audit["verdict"]["sentence"];
  view["verdict_class"] = audit["verdict"]["good"].get<bool>() ? "good" : "bad";
  view["verdict_mark"] = audit["verdict"]["good"].get<bool>() ? "✓" : "✗";
  view["facts"] = facts_of(audit);
  view["spans"] =
      json::array({span_of("Achieved RPO", audit["rpo"]), span_of("Achieved RTO", audit["rto"])});
  view["debts"] = audit["debts"];
  const Axis axis = axis_of(audit);
  const json turned = is_drill ? json() : audit["failover"]["turned"];
  view["phases"] =
      each(audit["phases"], [&](const json& phase) { return phase_of(phase, axis, turned); });
  view["axis_from"] = when(json(to_rfc3339(axis.from)));
  view["axis_to"] = when(json(to_rfc3339(axis.to)));
  view["turned"] = turned.is_null() ? json() : json(when(turned));
  view["windows"] = each(audit["windows"], window_of);
  view["actions"] = each(audit["actions"], action_of);
  add_looks(view, audit);
  view["drill"] = drill_of(audit["drill"]);
  view["include"] = audit["scope"]["include"];
  view["exclude"] = audit["scope"]["exclude"];
  for (const char* list : {"debts", "phases", "windows", "actions", "kinds", "unequal",
                           "unequal_after", "notes", "include", "exclude"})
    view[std::string("has_") + list] = !view[list].empty();
  return view;
}

}  // namespace twinlake::app
