#include "app/report_json.h"

#include <nlohmann/json.hpp>

#include "app/ages_text.h"
#include "app/remedy.h"

namespace twinlake::app {

using nlohmann::json;

namespace {

json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }

json changes_json(const std::vector<model::Change>& changes) {
  json list = json::array();
  for (const model::Change& change : changes) {
    json entry = json::object();
    entry["pointer"] = change.pointer;
    entry["before"] = text_or_null(change.before);
    entry["after"] = text_or_null(change.after);
    list.push_back(std::move(entry));
  }
  return list;
}

json findings_json(const std::vector<model::Finding>& findings) {
  json list = json::array();
  for (const model::Finding& finding : findings) {
    json entry = json::object();
    entry["address"] = finding.address;
    entry["message"] = finding.message;
    entry["what_to_do"] = text_or_null(finding.what_to_do);
    list.push_back(std::move(entry));
  }
  return list;
}

json step_json(const engine::Step& step) {
  json entry = json::object();
  entry["action"] = engine::name_of(step.action);
  entry["address"] = step.address();
  entry["kind"] = step.kind->name;
  entry["uuid"] = step.uuid;
  entry["reason"] = step.reason;
  entry["primary_id"] = text_or_null(step.source_id);
  entry["secondary_id"] = text_or_null(step.target_id);
  entry["changes"] = changes_json(step.changes);
  entry["rewritten"] = changes_json(step.rewritten);
  return entry;
}

}  // namespace

engine::KindCounts sum_of(const engine::SyncReport& report) {
  engine::KindCounts sum;
  for (const auto& [kind, counts] : report.kinds) {
    sum.created += counts.created;
    sum.updated += counts.updated;
    sum.deleted += counts.deleted;
    sum.adopted += counts.adopted;
    sum.unchanged += counts.unchanged;
    sum.failed += counts.failed;
    sum.blocked += counts.blocked;
    sum.skipped += counts.skipped;
  }
  return sum;
}

json counts_json(const engine::KindCounts& counts) {
  json entry = json::object();
  entry["created"] = counts.created;
  entry["updated"] = counts.updated;
  entry["deleted"] = counts.deleted;
  entry["adopted"] = counts.adopted;
  entry["unchanged"] = counts.unchanged;
  entry["failed"] = counts.failed;
  entry["blocked"] = counts.blocked;
  entry["skipped"] = counts.skipped;
  return entry;
}

json moment_json(const std::optional<Time>& moment) {
  return moment ? json(to_rfc3339(*moment)) : json();
}

json object_json(const engine::ObjectReport& object) {
  json entry = json::object();
  entry["address"] = object.address;
  entry["kind"] = object.kind;
  entry["action"] = object.action;
  entry["outcome"] = object.outcome;
  entry["error"] = text_or_null(object.error);
  entry["what_to_do"] = text_or_null(remedy_of(object));
  return entry;
}

json verdict_json(const engine::Verdict& verdict) {
  json entry = json::object();
  entry["address"] = verdict.address();
  entry["kind"] = verdict.kind->name;
  entry["state"] = engine::name_of(verdict.standing);
  entry["because"] = text_or_null(verdict.because);
  entry["what_to_do"] = text_or_null(verdict.what_to_do);
  if (verdict.read) entry["as_of"] = moment_json(verdict.read);
  if (!verdict.changes.empty()) entry["changes"] = changes_json(verdict.changes);
  return entry;
}

json plan_json(const engine::Plan& plan, const std::string& group, std::int64_t generation,
               Time created) {
  json document = json::object();
  document["group"] = group;
  document["generation"] = generation;
  document["fingerprint"] = plan.fingerprint;
  document["created"] = to_rfc3339(created);
  json counts = json::object();
  for (const engine::Action action : {engine::Action::create, engine::Action::update,
                                      engine::Action::remove, engine::Action::adopt})
    counts[std::string(engine::name_of(action))] = 0;
  document["steps"] = json::array();
  for (const engine::Step& step : plan.steps) {
    json& count = counts[std::string(engine::name_of(step.action))];
    if (!step.completes_shell) count = count.get<int>() + 1;
    document["steps"].push_back(step_json(step));
  }
  document["counts"] = std::move(counts);
  document["stopped"] = json::array();
  for (const engine::Verdict& verdict : plan.verdicts)
    if (verdict.stop != engine::Stop::none) document["stopped"].push_back(verdict_json(verdict));
  document["findings"] = findings_json(plan.findings);
  return document;
}

json sync_json(const engine::SyncReport& report) {
  json document = json::object();
  document["outcome"] = report.outcome;
  document["replication_point"] = moment_json(report.replication_point);
  document["seconds"] = report.seconds;
  document["counts"] = counts_json(sum_of(report));
  document["kinds"] = json::object();
  for (const auto& [kind, counts] : report.kinds) document["kinds"][kind] = counts_json(counts);
  document["read_in_turns"] = ages_json(report.ages);
  if (!report.audit.empty()) document["audit_log"] = audit_json(report.audit);
  document["findings"] = findings_json(report.findings);
  return document;
}

json requests_json(const http::Counts& counts, std::uint64_t sent) {
  json entry = json::object();
  entry["sent"] = sent;
  entry["throttled"] = counts.throttled;
  entry["writes"] = counts.of(http::Effect::writes) + counts.of(http::Effect::executes);
  return entry;
}

json verdicts_json(const std::vector<engine::Verdict>& verdicts,
                   const std::vector<model::Finding>& findings) {
  json document = json::object();
  document["in_sync"] = engine::all_in_sync(verdicts);
  document["counts"] = json::object();
  for (const auto& [state, count] : engine::count_verdicts(verdicts))
    document["counts"][state] = count;
  document["findings"] = findings_json(findings);
  return document;
}

}  // namespace twinlake::app
