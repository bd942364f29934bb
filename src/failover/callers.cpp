#include "failover/callers.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "base/uuid.h"
#include "model/kind.h"

namespace twinlake::failover {

using engine::Pair;
using workspace::PastRun;

namespace {

constexpr std::size_t most_jobs_named = 3;

/// What has runs, by its id on the primary.
std::map<std::string, const Pair*> jobs_of(const engine::World& world) {
  std::map<std::string, const Pair*> jobs;
  for (const Pair& pair : world.pairs)
    if (pair.kind->has_runs && pair.primary != nullptr) jobs.emplace(pair.primary->id, &pair);
  return jobs;
}

/// Activities for notebooks, jars and Python submit runs with names of this form.
bool names_data_factory(const PastRun& run) { return run.name.starts_with("ADF_"); }

/// Somebody who tries a job of their own in the pages of the workspace is no caller. Applications have no pages.
bool is_from_outside(const PastRun& run, const engine::World& world, const std::map<std::string, std::string>& creators) {
  if (run.job_id.empty()) return true;
  if (run.trigger != "ONE_TIME") return false;
  const auto creator = creators.find(run.job_id);
  // A job that is gone, or not replicated. We have run such ones ourselves in drills.
  if (creator == creators.end()) return !world.primary_self.contains(run.creator);
  return run.creator.empty() || is_uuid(run.creator) || run.creator != creator->second;
}

std::string jobs_text(const Caller& caller, const std::map<std::string, const Pair*>& jobs) {
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto& [id, runs] : caller.jobs) order.emplace_back(runs, id);
  std::ranges::sort(order, std::greater<>());
  std::string text;
  for (std::size_t i = 0; i < std::min(order.size(), most_jobs_named); ++i) {
    const auto job = jobs.find(order[i].second);
    const Pair* pair = job == jobs.end() ? nullptr : job->second;
    text += (text.empty() ? "" : "; ") + (pair == nullptr ? "a job that is not replicated" : pair->address()) + ", id " + order[i].second;
    if (pair != nullptr && pair->secondary != nullptr) text += " (on the standby " + pair->secondary->id + ")";
  }
  if (order.size() > most_jobs_named) text += "; and " + std::to_string(order.size() - most_jobs_named) + " more";
  return text;
}

std::string address_of(const Caller& caller) {
  if (caller.who.empty()) return "somebody who was deleted since";
  return model::address_of(is_uuid(caller.who) ? "service_principal" : "user", caller.who);
}

}  // namespace

std::vector<Caller> callers_in(const workspace::RunHistory& history, const engine::World& world, const std::map<std::string, std::string>& creators) {
  std::map<std::tuple<std::string, bool, bool>, Caller> found;
  for (const PastRun& run : history.runs) {
    if (!is_from_outside(run, world, creators)) continue;
    const bool submits = run.job_id.empty();
    Caller& caller = found[{run.creator, submits, names_data_factory(run)}];
    caller.who = run.creator;
    caller.submits = submits;
    caller.is_data_factory = names_data_factory(run);
    ++caller.runs;
    if (!submits) ++caller.jobs[run.job_id];
    if (submits && caller.run_name.empty()) caller.run_name = run.name;
  }
  std::vector<Caller> callers;
  for (auto& [key, caller] : found) callers.push_back(std::move(caller));
  std::ranges::stable_sort(callers, std::greater<>(), &Caller::runs);
  return callers;
}

std::vector<model::Finding> tell_callers(const std::vector<Caller>& callers, const engine::World& world, const std::string& standby_host) {
  const auto jobs = jobs_of(world);
  const std::string host = standby_host.empty() ? "the host of the standby" : standby_host;
  std::vector<model::Finding> findings;
  for (const Caller& caller : callers) {
    model::Finding finding{.address = address_of(caller), .message = {}, .what_to_do = {}};
    if (caller.submits) {
      finding.message = "submitted " + counted(static_cast<std::int64_t>(caller.runs), "run", "runs") + (caller.is_data_factory ? " from Data Factory" : "") +
                        ", the last one named \"" + caller.run_name + "\"";
      finding.what_to_do = caller.is_data_factory
                               ? "Keep a linked service for " + host + " ready, with the ids of clusters there (`twinlake ids`)"
                               : "Let it ask " + host + " after a failover, with the ids of clusters and pools there (`twinlake ids`)";
    } else {
      finding.message =
          "started " + counted(static_cast<std::int64_t>(caller.runs), "run", "runs") + " of " + counted(std::ssize(caller.jobs), "job", "jobs") + ": " + jobs_text(caller, jobs);
      finding.what_to_do = "Let it ask " + host + " after a failover, with the ids of jobs there: `twinlake ids --kind job`";
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace twinlake::failover
