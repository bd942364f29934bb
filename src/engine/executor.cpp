#include "engine/executor.h"

#include <nlohmann/json.hpp>

#include "workspace/rows.h"

namespace twinlake::engine {

using events::Outcome;
using model::Kind;
using nlohmann::json;

Executor::Executor(Loop& loop, workspace::Workspace& primary, workspace::Workspace& secondary, state::Store& store,
                   events::Sink& sink, ExecutorOptions options)
    : loop_(loop), primary_(primary), secondary_(secondary), store_(store), sink_(sink), options_(std::move(options)) {}

void Executor::learn_ids(const World& world) {
  for (const Pair& pair : world.pairs)
    if (pair.secondary != nullptr && pair.kind->child_of.empty())
      ids_[pair.uuid] = TargetId{pair.secondary->id, pair.kind->id_is_number};
}

Task<std::vector<StepResult>> Executor::run(const World& world, const Plan& plan) {
  learn_ids(world);
  // Before anything is written: what the standby holds must never be known less well than it is held.
  for (const auto& [uuid, holds] : plan.holds) store_.put_holds(uuid, holds);
  results_.assign(plan.steps.size(), StepResult{});
  dependents_.assign(plan.steps.size(), {});
  open_needs_.assign(plan.steps.size(), 0);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    for (const std::size_t before : plan.steps[i].after) {
      ++open_needs_[i];
      dependents_[before].push_back(i);
    }
  }
  co_await run_stage(plan, 0);
  co_await run_stage(plan, 1);
  co_return std::move(results_);
}

Task<void> Executor::run_stage(const Plan& plan, int stage) {
  TaskGroup group(loop_);
  running_ = &group;
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    if (plan.steps[i].stage == stage && open_needs_[i] == 0) enqueue(plan, i);
  co_await group.join();
  running_ = nullptr;
}

void Executor::enqueue(const Plan& plan, std::size_t index) {
  Queue& queue = queues_[plan.steps[index].kind];
  queue.ready.push_back(index);
  start_ready(plan, queue);
}

void Executor::start_ready(const Plan& plan, Queue& queue) {
  // A step that ends at once comes back to here; a deep stack of those would end the program.
  if (queue.filling) return;
  queue.filling = true;
  while (!queue.ready.empty() && queue.running < options_.width) {
    const std::size_t index = queue.ready.front();
    queue.ready.pop_front();
    ++queue.running;
    running_->start(run_step(plan, index));
  }
  queue.filling = false;
}

const Step* Executor::failed_dependency(const Plan& plan, const Step& step) const {
  for (const std::size_t before : step.after)
    if (results_[before].outcome != Outcome::done) return &plan.steps[before];
  return nullptr;
}

Task<void> Executor::run_step(const Plan& plan, std::size_t index) {
  const Step& step = plan.steps[index];
  StepResult result;
  if (const Step* cause = failed_dependency(plan, step)) {
    result.outcome = Outcome::blocked;
    result.error = Error(Fault::blocked, "waits for " + cause->address() + ", which did not succeed");
  } else {
    if (!stopping()) {
      sink_.on(events::StepStarted{std::string(step.kind->name), step.address(), std::string(name_of(step.action))});
      result = co_await perform(step);
    }
  }
  events::StepFinished finished{std::string(step.kind->name), step.address(), std::string(name_of(step.action)),
                                result.outcome, {}};
  if (result.error) {
    result.error->address = step.address();
    finished.message = describe(*result.error);
  }
  sink_.on(finished);
  results_[index] = std::move(result);
  for (const std::size_t next : dependents_[index])
    if (--open_needs_[next] == 0 && plan.steps[next].stage == step.stage) enqueue(plan, next);
  Queue& queue = queues_[step.kind];
  --queue.running;
  start_ready(plan, queue);
}

state::Intent Executor::intent_of(const Step& step) const {
  state::Intent intent;
  intent.run = options_.run;
  intent.uuid = step.uuid;
  intent.kind = std::string(step.kind->name);
  intent.key = step.key;
  intent.side = secondary_.side();
  intent.action = std::string(name_of(step.action));
  intent.target_id = step.target_id;
  intent.started = loop_.now();
  return intent;
}

state::Binding Executor::binding_of(const Step& step, const std::string& id) const {
  state::Binding binding;
  binding.uuid = step.uuid;
  binding.kind = std::string(step.kind->name);
  binding.key = step.key;
  binding.origin = step.origin;
  binding.on(primary_.side()) = step.source_id;
  binding.on(secondary_.side()) = id;
  return binding;
}

Result<std::shared_ptr<const json>> Executor::in_words_of_secondary(const Step& step, const json& form,
                                                                    bool with_markers) const {
  model::TargetContext context;
  context.id_of = [this](const std::string& uuid, bool& is_number) -> std::optional<std::string> {
    const auto found = ids_.find(uuid);
    if (found == ids_.end()) return std::nullopt;
    is_number = found->second.is_number;
    return found->second.text;
  };
  if (with_markers) {
    context.group = options_.group;
    context.uuid = step.uuid;
  }
  TRY(json body, model::target_form(*step.kind, form, context));
  return std::make_shared<const json>(std::move(body));
}

Result<model::Write> Executor::prepare(const Step& step) const {
  model::Write write;
  write.from = &primary_;
  write.to = &secondary_;
  write.kind = step.kind;
  write.parent_kind = step.parent_kind;
  write.source_id = step.source_id;
  write.key = step.key;
  // What moved still has its old place on the secondary: that is not where the new one goes.
  if (step.action != Action::create) write.id = step.target_id;
  if (const auto known = ids_.find(step.parent_uuid); known != ids_.end()) write.id = write.parent_id = known->second.text;
  if (step.action == Action::update && write.id.empty()) {
    const auto known = ids_.find(step.uuid);
    if (known != ids_.end()) write.id = known->second.text;
  }
  if (step.desired) {
    json form = *step.desired;
    for (const std::string& member : step.shell_without) form.erase(member);
    TRY(write.definition, in_words_of_secondary(step, form, true));
  }
  if (step.current) {
    TRY(write.current, in_words_of_secondary(step, *step.current, false));
  }
  return write;
}

Task<StepResult> Executor::perform(const Step& step) {
  StepResult result;
  if (step.action == Action::adopt) {
    store_.put_binding(binding_of(step, step.target_id));
    if (step.origin == state::Origin::created) {
      if (auto done = co_await follow_up(step, step.target_id); !done) {
        result.outcome = Outcome::failed;
        result.error = std::move(done).error();
        co_return result;
      }
    }
    result.outcome = Outcome::done;
    result.target_id = step.target_id;
    co_return result;
  }
  auto write = prepare(step);
  if (!write) {
    result.outcome = write.error().fault == Fault::blocked ? Outcome::blocked : Outcome::failed;
    result.error = std::move(write).error();
    co_return result;
  }
  if (step.action == Action::remove) co_return co_await remove(step, std::move(*write));
  co_return co_await this->write(step, std::move(*write));
}

Task<StepResult> Executor::write(const Step& step, model::Write write) {
  StepResult result;
  const bool is_child = !step.kind->child_of.empty();
  const std::int64_t intent = store_.intend(intent_of(step));
  auto written = step.action == Action::create && !is_child ? co_await workspace::create_by_row(std::move(write))
                                                            : co_await workspace::update_by_row(std::move(write));
  if (written && step.action == Action::create && !is_child) {
    // Known at once, so that a failed follow-up cannot make it a stranger.
    ids_[step.uuid] = TargetId{*written, step.kind->id_is_number};
    if (auto done = co_await follow_up(step, *written); !done) {
      store_.settle(intent, "failed", binding_of(step, *written), done.error());
      result.outcome = Outcome::failed;
      result.error = std::move(done).error();
      co_return result;
    }
  }
  if (!written) {
    result.error = std::move(written).error();
    result.outcome = result.error->fault == Fault::in_doubt ? Outcome::in_doubt : Outcome::failed;
    // An open intent is what "in doubt" means to the next run.
    if (result.outcome == Outcome::failed) store_.settle(intent, "failed", std::nullopt, result.error);
    co_return result;
  }
  std::optional<state::Binding> binding;
  if (!is_child) binding = binding_of(step, *written);
  store_.settle(intent, "done", binding);
  result.outcome = Outcome::done;
  result.target_id = std::move(*written);
  co_return result;
}

Task<StepResult> Executor::remove(const Step& step, model::Write write) {
  StepResult result;
  const std::int64_t intent = store_.intend(intent_of(step));
  auto removed = co_await workspace::remove_by_row(std::move(write));
  // Somebody else was faster: what was wanted is so.
  if (!removed && removed.error().fault != Fault::not_found) {
    result.error = std::move(removed).error();
    result.outcome = result.error->fault == Fault::in_doubt ? Outcome::in_doubt : Outcome::failed;
    if (result.outcome == Outcome::failed) store_.settle(intent, "failed", std::nullopt, result.error);
    co_return result;
  }
  store_.settle_removal(intent, step.uuid, secondary_.side());
  // Gone on both sides: nobody may meet its old id again.
  if (step.source_id.empty()) store_.remove_binding(step.uuid);
  result.outcome = Outcome::done;
  co_return result;
}

Task<Result<void>> Executor::follow_up(const Step& step, std::string id) {
  const model::FollowUp& rule = step.kind->after_create;
  if (!rule.endpoint.exists()) co_return Result<void>{};
  co_return co_await workspace::call_by_row(secondary_, *step.kind, rule.endpoint, std::move(id));
}

}  // namespace twinlake::engine
