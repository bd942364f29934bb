#include "app/audit_parts.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include <set>
#include "app/report_json.h"

namespace twinlake::app {

using nlohmann::json;
using state::ActionRecord;
using state::Drill;
using state::DrillRun;
using state::Failover;
using state::Reconciliation;

namespace {

json text_or_none(const std::string& text) { return text.empty() ? json() : json(text); }

json seconds_between(const std::optional<Time>& from, const std::optional<Time>& to) {
  // A clock that was set back tells nothing about what lies between.
  if (!from || !to || *to < *from) return {};
  return std::chrono::duration<double>(*to - *from).count();
}

/// A span with what was aimed at; `because` says what it means, or why it is not known.
json measured(const std::optional<Time>& from, const std::optional<Time>& to,
              const std::optional<Micros>& objective, const std::string& because) {
  json span = json::object();
  span["seconds"] = seconds_between(from, to);
  span["from"] = moment_json(from);
  span["to"] = moment_json(to);
  span["objective_seconds"] =
      objective ? json(std::chrono::duration<double>(*objective).count()) : json();
  span["met"] = objective && !span["seconds"].is_null() ? json(*to - *from <= *objective) : json();
  span["because"] = because;
  return span;
}

json phase_json(const std::string& name, const std::optional<Time>& started,
                const std::optional<Time>& ended, const std::string& outcome,
                const std::string& detail) {
  json phase = json::object();
  phase["name"] = name;
  phase["started"] = moment_json(started);
  phase["ended"] = moment_json(ended);
  phase["seconds"] = seconds_between(started, ended);
  phase["outcome"] = text_or_none(outcome);
  phase["detail"] = text_or_none(detail);
  return phase;
}

json due_json(const ActionRecord& record) {
  json due = json::object();
  std::int64_t starts = 0;
  const std::string& text = record.detail;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), starts);
  due["address"] = record.place;
  due["starts"] = read.ec == std::errc() ? json(starts) : json();
  due["first"] = to_rfc3339(record.started);
  due["last"] = moment_json(record.ended);
  return due;
}

/// What a person confirmed is done; what a person skipped is not.
bool is_done(const ActionRecord& action) {
  return action.outcome == "done" || action.outcome == "confirmed" || action.outcome == "continued";
}

/// How far to the front: what failed and stayed so, what failed at first, what was done.
int rank_of(const ActionRecord& action, bool is_made_good) {
  return is_done(action) ? 2 : is_made_good ? 1 : 0;
}

json action_json(const ActionRecord& action, bool is_made_good) {
  const bool is_object = action.type == "object";
  json entry = json::object();
  entry["type"] = action.type;
  entry["action"] = action.name;
  entry["address"] = is_object ? json(action.place) : json();
  entry["group"] = is_object ? json() : text_or_none(action.place);
  entry["started"] = to_rfc3339(action.started);
  entry["ended"] = moment_json(action.ended);
  entry["seconds"] = seconds_between(action.started, action.ended);
  entry["outcome"] = text_or_none(action.outcome);
  entry["detail"] = text_or_none(action.detail);
  entry["done"] = is_done(action);
  entry["made_good"] = is_made_good;
  return entry;
}

}  // namespace

json rpo_of(const Failover& failover, const std::optional<Micros>& objective) {
  const bool is_forced = failover.type == Failover::Type::forced;
  if (!failover.turned)
    return measured({}, {}, objective, "The primary role did not move, so nothing was lost by it.");
  const Time until = is_forced ? failover.started : *failover.turned;
  if (!failover.replication_point)
    return measured({}, until, objective,
                    "Nobody recorded which moment of the old primary the new one equalled.");
  if (until < *failover.replication_point)
    return measured(failover.replication_point, until, objective,
                    "The clocks contradict each other: the replication point is the later moment.");
  return measured(failover.replication_point, until, objective,
                  is_forced ? "At most: from the replication point until the forced failover was "
                              "begun. The region may have been lost earlier."
                            : "At most: from the moment at which the last complete sync began to "
                              "read until the role moved.");
}

json rto_of(const Failover& failover, const std::optional<Micros>& objective) {
  if (!failover.turned)
    return measured(failover.started, {}, objective, "The primary role did not move.");
  if (!failover.finished)
    return measured(failover.started, {}, objective, "The failover is not finished.");
  return measured(
      failover.started, failover.finished, objective,
      "From the begin of the failover to the last trigger that was given back. How long "
      "it took before that to decide is not known here.");
}

json rpo_of(const Drill& drill, const std::optional<Micros>& objective) {
  if (!drill.replication_point)
    return measured({}, drill.started, objective,
                    "The standby had no replication point when the drill began.");
  return measured(drill.replication_point, drill.started, objective,
                  "What a failover would have lost: the age of the standby when the drill began.");
}

json rto_of(const Drill& drill, const std::optional<Micros>& objective) {
  return measured(drill.started, {}, objective,
                  "A drill does not move the primary role, so no recovery time is measured.");
}

json phases_of(const std::vector<ActionRecord>& actions) {
  json phases = json::array();
  for (const ActionRecord& action : actions)
    if (action.type == "phase")
      phases.push_back(
          phase_json(action.name, action.started, action.ended, action.outcome, action.detail));
  return phases;
}

json phases_of(const Drill& drill, const std::vector<DrillRun>& runs) {
  json phases = json::array();
  phases.push_back(phase_json("copies made and tried", drill.started, drill.ended,
                              !drill.is_passed   ? ""
                              : *drill.is_passed ? "done"
                                                 : "failed",
                              ""));
  for (const DrillRun& run : runs)
    phases.push_back(phase_json("run of " + run.name, run.started, run.ended,
                                !run.is_passed   ? ""
                                : *run.is_passed ? "done"
                                                 : "failed",
                                run.because));
  phases.push_back(phase_json("until all was removed", drill.ended, drill.cleaned,
                              drill.cleaned ? "done" : "", ""));
  return phases;
}

json windows_of(const std::vector<ActionRecord>& actions) {
  json windows = json::array();
  for (const ActionRecord& action : actions) {
    if (action.type == "window") {
      json window = json::object();
      window["name"] = action.name;
      window["from"] = to_rfc3339(action.started);
      window["to"] = moment_json(action.ended);
      window["seconds"] = seconds_between(action.started, action.ended);
      window["due"] = json::array();
      windows.push_back(std::move(window));
    } else if (action.type == "due" && !windows.empty()) {
      // They follow the window that they came due in.
      windows.back()["due"].push_back(due_json(action));
    }
  }
  return windows;
}

json actions_of(const std::vector<ActionRecord>& actions) {
  static const std::set<std::string> others = {"phase", "plan", "window", "due"};
  struct Told {
    const ActionRecord* action;
    int rank;
  };
  std::vector<Told> all;
  std::set<std::tuple<std::string, std::string, std::string>> done_later;
  for (auto action = actions.rbegin(); action != actions.rend(); ++action) {
    if (others.contains(action->type)) continue;
    const auto name = std::tuple(action->type, action->name, action->place);
    all.push_back({&*action, rank_of(*action, done_later.contains(name))});
    if (is_done(*action)) done_later.insert(name);
  }
  std::ranges::reverse(all);
  std::ranges::stable_sort(all, {}, &Told::rank);
  json list = json::array();
  for (const Told& told : all) list.push_back(action_json(*told.action, told.rank == 1));
  return list;
}

json reconciliation_json(const std::optional<Reconciliation>& found) {
  if (!found) return {};
  json document = json::object();
  document["source"] = found->source;
  document["read_from"] = to_rfc3339(found->moment);
  document["ended"] = to_rfc3339(found->ended);
  document["in_sync"] = found->is_good;
  document["kinds"] = found->counts;
  std::map<std::string, std::int64_t> totals;
  for (const auto& [kind, states] : found->counts)
    for (const auto& [state, count] : states) totals[state] += count;
  document["totals"] = totals;
  document["objects"] = json::array();
  for (const state::Unequal& object : found->unequal) {
    json entry = json::object();
    entry["address"] = object.address;
    entry["state"] = object.state;
    entry["because"] = text_or_none(object.because);
    entry["what_to_do"] = text_or_none(object.what_to_do);
    document["objects"].push_back(std::move(entry));
  }
  document["objects_in_all"] = found->all_unequal;
  return document;
}

}  // namespace twinlake::app
