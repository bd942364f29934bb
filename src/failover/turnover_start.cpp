// The last part of a turnover: what shall always run is started on the new primary.
#include <algorithm>

#include "failover/turnover.h"
#include "workspace/rows.h"

namespace twinlake::failover {

using state::ActionRecord;

namespace {

constexpr const char* by_hand = "Start it by hand, or take it out of `always_on`, then run the same command again";

Turned turned_of(const AtRest& one, std::string outcome) { return {one.address(), "start", std::move(outcome), {}, {}}; }

}  // namespace

void Turnover::tell_starts(const StartPlan& plan) {
  for (const AtRest& one : plan.down) report_.turned.push_back(turned_of(one, "planned"));
  std::ranges::copy(plan.findings, std::back_inserter(report_.findings));
}

/// Written down before it is asked for, once for each, however often that is tried.
void Turnover::begin_starts(const std::vector<AtRest>& down, std::vector<ActionRecord>& begun) {
  for (const AtRest& one : down) {
    if (std::ranges::find(begun, one.address(), &ActionRecord::place) != begun.end()) continue;
    ActionRecord record{.subject_id = failover_.id, .type = "object", .name = "start", .place = one.address(), .started = loop_.now()};
    record.id = store_.begin_action(record);
    begun.push_back(std::move(record));
  }
}

/// What does not stand still any more has started. `failed`: the rest, with what the service said of it.
void Turnover::end_starts(std::vector<ActionRecord> begun, const std::map<std::string, Turned>& failed) {
  for (ActionRecord& record : begun) {
    const auto failure = failed.find(record.place);
    record.ended = loop_.now();
    record.outcome = failure == failed.end() ? "done" : "failed";
    if (failure != failed.end()) record.detail = failure->second.error;
    report_.turned.push_back(failure == failed.end() ? Turned{record.place, "start", "done", {}, {}} : failure->second);
  }
  store_.finish_actions(begun);
}

Task<Result<bool>> Turnover::start_always_on() {
  if (options_.always_on.empty()) co_return true;
  sink_.on(events::Phase{"starting what shall always run"});
  constexpr int passes = 12;
  constexpr Micros pause = std::chrono::seconds(10);
  std::vector<ActionRecord> begun;
  std::map<std::string, Turned> failed;
  for (int pass = 0; pass < passes && !stopping(); ++pass) {
    if (pass > 0) co_await loop_.sleep(pause);
    CO_TRY(const StartPlan plan, co_await plan_start(new_primary_, kinds_, options_.in_scope, options_.always_on));
    if (pass == 0) std::ranges::copy(plan.findings, std::back_inserter(report_.findings));
    failed.clear();
    for (const AtRest& one : plan.down) failed.emplace(one.address(), turned_of(one, "failed"));
    if (plan.down.empty()) break;
    begin_starts(plan.down, begun);
    co_await start_all(&plan, &failed);
  }
  const bool all_up = failed.empty() && !stopping();
  if (all_up) settle_objects("start");
  end_starts(std::move(begun), failed);
  co_return all_up;
}

Task<void> Turnover::start_all(const StartPlan* plan, std::map<std::string, Turned>* failed) {
  options_.let_run(true);
  for (const AtRest& one : plan->down) {
    Turned& turned = failed->at(one.address());
    turned.what_to_do = by_hand;
    turned.error = "it is still going down";
    if (one.is_going_down) continue;
    // Whether it worked is seen at the next look: an answer may be lost, or somebody else was faster.
    const auto asked = co_await workspace::call_by_row(new_primary_, *one.kind, one.kind->start.endpoint, one.id);
    turned.error = asked ? "it was started, and does not run" : describe(asked.error());
  }
  options_.let_run(false);
}

}  // namespace twinlake::failover
