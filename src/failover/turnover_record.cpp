// What a turnover keeps of itself: every phase and every object, with times and outcome.
#include "failover/turnover.h"

namespace twinlake::failover {

using state::ActionRecord;

void Turnover::begin_phase(std::string_view name) {
  // A run that was killed cannot have told how its phase ended.
  std::vector<ActionRecord> open = store_.actions(ActionRecord::Subject::failover, failover_.id);
  std::erase_if(open, [](const ActionRecord& action) { return action.type != "phase" || !action.outcome.empty(); });
  for (ActionRecord& action : open) action.outcome = "interrupted";
  store_.finish_actions(open);
  phase_ = ActionRecord{.subject_id = failover_.id, .type = "phase", .name = std::string(name), .started = loop_.now()};
  phase_->id = store_.begin_action(*phase_);
}

void Turnover::end_phase(std::string_view outcome, std::string detail) {
  if (!phase_) return;
  phase_->ended = loop_.now();
  phase_->outcome = outcome;
  phase_->detail = std::move(detail);
  store_.finish_action(*phase_);
  phase_.reset();
}

Result<TurnoverReport> Turnover::left(Result<TurnoverReport> done) {
  if (!done) end_phase("failed", describe(done.error()));
  if (done) end_phase(done->outcome == "complete" ? "done" : done->outcome, {});
  return done;
}

std::vector<ActionRecord> Turnover::begin_objects(const engine::Plan& plan) {
  std::vector<ActionRecord> objects;
  for (const engine::Step& step : plan.steps)
    objects.push_back({.subject_id = failover_.id,
                       .type = "object",
                       .name = std::string(engine::name_of(step.action)),
                       .place = step.address(),
                       .started = loop_.now()});
  const std::vector<std::int64_t> ids = store_.begin_actions(objects);
  for (std::size_t i = 0; i < objects.size(); ++i) objects[i].id = ids[i];
  return objects;
}

void Turnover::end_objects(std::vector<ActionRecord> objects, const std::vector<engine::StepResult>& results) {
  for (std::size_t i = 0; i < objects.size() && i < results.size(); ++i) {
    objects[i].ended = loop_.now();
    objects[i].outcome = events::name_of(results[i].outcome);
    if (results[i].error) objects[i].detail = describe(*results[i].error);
  }
  store_.finish_actions(objects);
}

void Turnover::settle_objects(const std::string& action) {
  std::vector<ActionRecord> open = store_.actions(ActionRecord::Subject::failover, failover_.id);
  std::erase_if(open, [&](const ActionRecord& object) {
    return object.type != "object" || object.name != action || !object.outcome.empty();
  });
  for (ActionRecord& object : open) {
    object.outcome = "done";
    object.detail = "found done after an interruption";
  }
  store_.finish_actions(open);
}

void Turnover::keep_left() {
  std::vector<ActionRecord> objects;
  for (const std::string& address : left_)
    objects.push_back({.subject_id = failover_.id,
                       .type = "object",
                       .name = "release",
                       .place = address,
                       .started = loop_.now(),
                       .ended = loop_.now(),
                       .outcome = "skipped",
                       .detail = "left held: the operator went on without it"});
  (void)store_.begin_actions(objects);
}

std::optional<Time> Turnover::fence_began() const {
  if (failover_.type == state::Failover::Type::forced) return std::nullopt;
  for (const ActionRecord& action : store_.actions(ActionRecord::Subject::failover, failover_.id))
    if (action.type == "phase" && action.name == phase::fencing) return action.started;
  // The copy that this machine goes on from is older than the fence.
  return failover_.started;
}

std::map<std::string, Time> Turnover::released_until() const {
  std::map<std::string, Time> until;
  for (ActionRecord& action : store_.actions(ActionRecord::Subject::failover, failover_.id))
    if (action.type == "object" && action.name == "release" && action.outcome == "done" && action.ended)
      until[std::move(action.place)] = *action.ended;
  return until;
}

Time Turnover::released_last() const {
  std::optional<Time> last;
  for (const auto& [address, until] : released_until()) last = std::max(last.value_or(until), until);
  return last.value_or(loop_.now());
}

Window Turnover::keep_window(std::string name, Time from, Time to) {
  Window window{from, to, due_};
  std::vector<ActionRecord> records;
  records.push_back({.subject_id = failover_.id, .type = "window", .name = name, .started = window.from, .ended = window.to, .outcome = "done"});
  for (const Due& due : window.due)
    records.push_back({.subject_id = failover_.id,
                       .type = "due",
                       .name = name,
                       .place = due.address,
                       .started = due.starts.first,
                       .ended = due.starts.last,
                       .outcome = "done",
                       .detail = std::to_string(due.starts.count)});
  (void)store_.begin_actions(records);
  return window;
}

}  // namespace twinlake::failover
