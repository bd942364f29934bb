#include "app/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/audit_parts.h"
#include "app/drill_text.h"
#include "app/failover_text.h"
#include "app/report_json.h"
#include "failover/turnover.h"

namespace twinlake::app {

using nlohmann::json;
using state::ActionRecord;
using state::Drill;
using state::Failover;
using state::Store;

namespace {

json side_json(const std::optional<state::Identity>& identity, model::Side side) {
  json entry = json::object();
  const bool is_home = side == model::Side::home;
  entry["side"] = model::name_of(side);
  entry["host"] = identity ? json(is_home ? identity->home_host : identity->away_host) : json();
  entry["workspace_id"] =
      identity ? json(is_home ? identity->home_workspace_id : identity->away_workspace_id) : json();
  return entry;
}

json owed(const std::string& what, const std::string& what_to_do) {
  json entry = json::object();
  entry["what"] = what;
  entry["what_to_do"] = what_to_do;
  return entry;
}

json debts_of(const Failover& failover, bool is_last) {
  json debts = json::array();
  if (!failover.finished)
    debts.push_back(owed("The failover is not finished: it stands at " + failover.phase + ".",
                         "Run the same `twinlake failover` command again"));
  if (failover::owes_fence(failover))
    debts.push_back(owed(
        "The old primary may still start things on its own.",
        "Run `twinlake sync` or `twinlake reprotect` as soon as it answers: it is held first"));
  if (is_last && failover.turned && failover.finished && !failover.committed)
    debts.push_back(owed("The failover is not committed; nothing is replicated meanwhile.",
                         "`twinlake commit`, then `twinlake reprotect`"));
  return debts;
}

void add_debts_of_group(const Store& store, json& debts) {
  if (const auto drill = store.last_drill(); drill && !drill->cleaned)
    debts.push_back(owed("Copies of the drill " + drill->label + " are not removed.",
                         "`twinlake drill cleanup`"));
  if (const std::size_t in_doubt = store.in_doubt().size(); in_doubt > 0)
    debts.push_back(owed(counted(static_cast<std::int64_t>(in_doubt), "write is", "writes are") +
                             " in doubt: begun, with an answer that was lost.",
                         "The next `twinlake sync` looks them up"));
}

json failover_facts(const Failover& failover) {
  json facts = failover_json(failover);
  facts["id"] = failover.id;
  facts["replication_point"] = moment_json(failover.replication_point);
  facts["program"] = failover.program.empty() ? json() : json(failover.program);
  facts["operator"] = failover.operator_name.empty() ? json() : json(failover.operator_name);
  return facts;
}

json drill_facts(const Store& store, const Drill& drill) {
  failover::DrillReport report;
  report.drill = drill;
  report.outcome = std::string(failover::verdict_of(drill));
  report.copies = store.drill_copies(drill.id);
  report.runs = store.drill_runs(drill.id);
  json facts = drill_json(report);
  facts.erase("findings");
  facts["copies_left"] = std::ranges::count_if(
      report.copies, [](const state::DrillCopy& copy) { return !copy.gone && !copy.id.empty(); });
  return facts;
}

std::int64_t count_unmade(const json& actions) {
  return std::ranges::count_if(actions, [](const json& action) {
    return !action["done"].get<bool>() && !action["made_good"].get<bool>();
  });
}

json verdict_of_failover(const Failover& failover, const json& actions) {
  const std::string what = "The " + std::string(state::name_of(failover.type)) + " failover ";
  const std::int64_t failed = count_unmade(actions);
  json verdict = json::object();
  verdict["good"] = false;
  if (failover.phase == failover::phase::aborted) {
    verdict["word"] = "given up";
    verdict["sentence"] = what + "was given up; the primary role did not move.";
  } else if (failover.phase == failover::phase::overtaken) {
    verdict["word"] = "turned back";
    verdict["sentence"] =
        what + "did not come to its end: its new primary was lost, and the role was turned back.";
  } else if (!failover.finished) {
    verdict["word"] = "unfinished";
    verdict["sentence"] = what + "is not finished: it stands at " + failover.phase + ".";
  } else if (failed > 0) {
    verdict["word"] = "complete, with failures";
    verdict["sentence"] =
        what + "is complete, but " + counted(failed, "action was", "actions were") + " not done.";
  } else {
    verdict["word"] = "complete";
    verdict["sentence"] = what + "is complete: " +
                          counted(static_cast<std::int64_t>(actions.size()), "action", "actions") +
                          ", and none is left undone.";
    verdict["good"] = true;
  }
  return verdict;
}

json verdict_of_drill(const Drill& drill) {
  json verdict = json::object();
  const std::string word(failover::verdict_of(drill));
  verdict["good"] = word == "passed";
  verdict["word"] = word;
  verdict["sentence"] = word == "passed"
                            ? "The drill has passed: the runs gave what was expected, and nothing "
                              "that it made is left."
                            : "The drill has not passed: " + word + ".";
  return verdict;
}

struct Subject {
  std::optional<Failover> failover;
  std::optional<Drill> drill;
};

Result<Subject> subject_of(const Store& store, const AuditRequest& request) {
  Subject subject;
  subject.drill = store.last_drill();
  if (request.is_drill && !subject.drill)
    return fail(Fault::refused, "there was no drill yet of the group `" + request.group + "`",
                "`twinlake drill start` holds one");
  if (request.is_drill) return subject;
  const auto last = store.last_failover();
  subject.failover = request.failover ? store.failover(*request.failover) : last;
  if (request.failover && !subject.failover)
    return fail(Fault::refused,
                "no failover of the group `" + request.group + "` has the number " +
                    std::to_string(*request.failover),
                last ? "The last one has the number " + std::to_string(last->id)
                     : "There was none on record here");
  if (!subject.failover && !subject.drill)
    return fail(Fault::refused,
                "there was neither a failover nor a drill yet of the group `" + request.group + "`",
                "`twinlake drill start` tries the standby, and is reported here; `twinlake "
                "readiness` says whether a failover could begin");
  return subject;
}

json head_of(const AuditRequest& request) {
  json document = json::object();
  document["group"] = request.group;
  document["generated"] = to_rfc3339(request.now);
  document["program"] = "Twinlake " TWINLAKE_VERSION;
  document["scope"]["include"] = request.include;
  document["scope"]["exclude"] = request.exclude;
  return document;
}

void tell_failover(const Store& store, const Failover& failover, const AuditRequest& request,
                   json& document) {
  const auto actions = store.actions(ActionRecord::Subject::failover, failover.id);
  const auto identity = store.identity();
  document["subject"] = "failover";
  document["from"] = side_json(identity, model::other(failover.to));
  document["to"] = side_json(identity, failover.to);
  document["failover"] = failover_facts(failover);
  document["rpo"] = rpo_of(failover, request.rpo);
  document["rto"] = rto_of(failover, request.rto);
  document["phases"] = phases_of(actions);
  document["windows"] = windows_of(actions);
  const std::string plan = failover::kept_plan(store, failover.id);
  document["recovery_plan"] = plan.empty() ? json() : json(plan);
  document["actions"] = actions_of(actions);
  document["verdict"] = verdict_of_failover(failover, document["actions"]);
  document["debts"] = debts_of(failover, store.last_failover()->id == failover.id);
  document["before"] =
      reconciliation_json(store.reconciliation_before(failover.turned.value_or(failover.started)));
  document["after"] = failover.finished
                          ? reconciliation_json(store.reconciliation_after(*failover.finished))
                          : json();
}

void tell_drill(const Store& store, const Drill& drill, const AuditRequest& request,
                json& document) {
  const auto identity = store.identity();
  document["subject"] = "drill";
  document["from"] = side_json(identity, model::other(drill.side));
  document["to"] = side_json(identity, drill.side);
  document["failover"] = json();
  document["rpo"] = rpo_of(drill, request.rpo);
  document["rto"] = rto_of(drill, request.rto);
  document["phases"] = phases_of(drill, store.drill_runs(drill.id));
  document["windows"] = json::array();
  document["actions"] = actions_of(store.actions(ActionRecord::Subject::drill, drill.id));
  document["verdict"] = verdict_of_drill(drill);
  document["debts"] = json::array();
  document["before"] = reconciliation_json(store.reconciliation_before(drill.started));
  document["after"] =
      drill.cleaned ? reconciliation_json(store.reconciliation_after(*drill.cleaned)) : json();
}

std::string span_line(const char* name, const json& span) {
  std::string text =
      span["seconds"].is_null() ? "not known" : duration_text(span["seconds"].get<double>());
  if (!span["objective_seconds"].is_null())
    text += " (aimed at " + duration_text(span["objective_seconds"].get<double>()) + ": " +
            (span["met"].is_null()     ? "not known"
             : span["met"].get<bool>() ? "met"
                                       : "missed") +
            ")";
  return fmt::format("  {:<14}{}\n", name, text);
}

std::string totals_line(const char* name, const json& looked) {
  std::string text;
  if (!looked.is_null())
    for (const auto& [state, count] : looked["totals"].items())
      text += (text.empty() ? "" : ", ") + count.dump() + " " + state;
  return fmt::format("  {:<14}{}\n", name, looked.is_null() ? "nothing on record" : text);
}

}  // namespace

Result<json> audit_json(const Store& store, const AuditRequest& request) {
  TRY(const Subject subject, subject_of(store, request));
  json document = head_of(request);
  if (subject.failover)
    tell_failover(store, *subject.failover, request, document);
  else
    tell_drill(store, *subject.drill, request, document);
  add_debts_of_group(store, document["debts"]);
  document["drill"] = subject.drill ? drill_facts(store, *subject.drill) : json();
  return document;
}

std::string audit_text(const json& audit, const Style& style) {
  const json& verdict = audit["verdict"];
  std::string text = wrapped(printable(verdict["sentence"].get<std::string>()), 0, style.columns());
  text = style(verdict["good"].get<bool>() ? Tone::good : Tone::warn,
               text.substr(0, text.size() - 1)) +
         "\n";
  text += span_line("achieved RPO", audit["rpo"]) + span_line("achieved RTO", audit["rto"]);
  text += totals_line("before", audit["before"]) + totals_line("after", audit["after"]);
  for (const json& debt : audit["debts"])
    text += wrapped(
        "Owed: " + debt["what"].get<std::string>() + " " + debt["what_to_do"].get<std::string>(), 2,
        style.columns());
  return text;
}

}  // namespace twinlake::app
