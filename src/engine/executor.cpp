#include "engine/executor.h"

#include <exception>

#include <nlohmann/json.hpp>

#include "engine/graph.h"
#include "model/own_words.h"
#include "workspace/rows.h"

namespace twinlake::engine {

using events::Outcome;
using model::Kind;
using nlohmann::json;

namespace {

bool is_child(const Step& step) { return !step.kind->child_of.empty(); }
bool turns(const Step& step) { return step.action == Action::hold || step.action == Action::release; }
bool makes_object(const Step& step) { return step.action == Action::create && !is_child(step); }

/// What only a create needs to know must not look like something to change.
void drop_uncompared(const Kind& kind, json& form) {
  for (const std::string_view pointer : kind.not_compared) form.erase(std::string(pointer.substr(1)));
}

/// Is it read back by listing its place?
bool is_placed(const Step& step) {
  return step.kind->list_place_verb != nullptr && (step.action == Action::create || step.action == Action::update);
}

/// What a step was to write, and why, once it is done: of a hundred thousand it must not stand in memory.
void give_back(Step& step) {
  step.desired = {};
  step.current = {};
  step.changes = {};
  step.rewritten = {};
  step.waits_for = {};
  step.after = {};
  step.marks_unrewritten = {};
  step.reason = {};
}

/// Does `step` need to know what the secondary calls the object of `before`, or only that it is there?
bool needs_id(const Step& step, const Step& before) {
  if (!is_placed(before) || step.action == Action::remove || step.parent_uuid == before.uuid) return true;
  return step.desired && refers_to(step.desired.unpack(), {before.uuid});
}

}  // namespace

Executor::Executor(Loop& loop, workspace::Workspace& primary, workspace::Workspace& secondary, state::Store& store,
                   events::Sink& sink, std::span<const Kind* const> kinds, ExecutorOptions options)
    : loop_(loop), primary_(primary), secondary_(secondary), store_(store), sink_(sink), options_(std::move(options)),
      intents_(loop, store), places_(loop, secondary, kinds) {}

std::optional<std::size_t> Executor::provider_of(std::string_view uuid) const {
  const auto at = world_->by_uuid.find(uuid);
  return at == world_->by_uuid.end() || provider_[at->second] == nobody ? std::nullopt : std::optional(provider_[at->second]);
}

void Executor::learn(const Step& step, const SharedText& id) {
  if (const auto at = world_->by_uuid.find(step.uuid); at != world_->by_uuid.end()) learnt_[at->second] = id;
}

std::optional<Executor::TargetId> Executor::target_of(std::string_view uuid) const {
  const auto at = world_->by_uuid.find(uuid);
  if (at == world_->by_uuid.end()) return std::nullopt;
  const Pair& pair = world_->pairs[at->second];
  if (!learnt_[at->second].empty()) return TargetId{learnt_[at->second], pair.kind->id_is_number};
  if (pair.secondary == nullptr || !pair.kind->child_of.empty()) return std::nullopt;
  return TargetId{pair.secondary->id, pair.kind->id_is_number};
}

void Executor::prepare_nodes() {
  nodes_.resize(plan_->steps.size());
  provider_.assign(world_->pairs.size(), nobody);
  learnt_.resize(world_->pairs.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Step& step = plan_->steps[i];
    const auto at = step.action == Action::create ? world_->by_uuid.find(step.uuid) : world_->by_uuid.end();
    if (at != world_->by_uuid.end() && provider_[at->second] == nobody) provider_[at->second] = i;
    if (!is_placed(step)) continue;
    nodes_[i].is_expected = true;
    places_.expect(*step.kind, step.key);
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) connect(i);
}

void Executor::connect(std::size_t index) {
  const Step& step = plan_->steps[index];
  for (const std::size_t before : step.after) {
    const Dependent dependent{index, needs_id(step, plan_->steps[before])};
    Node& node = nodes_[before];
    if (node.progress == Progress::finished || (node.progress == Progress::written && !dependent.needs_id)) continue;
    ++nodes_[index].open_needs;
    node.dependents.push_back(dependent);
  }
}

void Executor::add(Step step) {
  for (const SharedText& uuid : step.waits_for)
    if (const auto provider = provider_of(uuid)) step.after.push_back(*provider);
  const std::size_t index = plan_->steps.size();
  plan_->steps.push_back(std::move(step));
  nodes_.emplace_back();
  connect(index);
  if (nodes_[index].open_needs == 0) enqueue(index);
}

Task<std::vector<StepResult>> Executor::run(const World& world, Plan& plan, Task<void> meanwhile) {
  world_ = &world;
  plan_ = &plan;
  // Before anything is written: what the standby holds must never be known less well than it is held.
  for (const auto& [uuid, holds] : plan.holds) store_.put_holds(uuid, holds);
  for (const auto& [uuid, originals] : plan.originals) store_.put_originals(uuid, originals);
  store_.put_agreed(plan.agreed);
  prepare_nodes();
  std::exception_ptr thrown;
  try {
    co_await run_stage(0, std::move(meanwhile));
    Task<void> nothing;
    co_await run_stage(1, std::move(nothing));
  } catch (...) {
    thrown = std::current_exception();
  }
  // Nothing of ours may still sleep in the loop when this object goes.
  co_await places_.finish();
  if (thrown) std::rethrow_exception(thrown);
  std::vector<StepResult> results;
  results.reserve(nodes_.size());
  for (Node& node : nodes_) results.push_back(std::move(node.result));
  co_return results;
}

Task<void> Executor::run_stage(int stage, Task<void> meanwhile) {
  TaskGroup group(loop_);
  running_ = &group;
  stage_ = stage;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (plan_->steps[i].stage == stage && nodes_[i].open_needs == 0) enqueue(i);
  if (!meanwhile.done()) group.start(std::move(meanwhile));
  co_await group.join();
  running_ = nullptr;
}

void Executor::enqueue(std::size_t index) {
  Queue& queue = queues_[plan_->steps[index].kind];
  queue.ready.push_back(index);
  start_ready(queue);
}

void Executor::start_ready(Queue& queue) {
  // A step that ends at once comes back to here; a deep stack of those would end the program.
  if (queue.filling) return;
  queue.filling = true;
  while (!queue.ready.empty() && queue.running < options_.width) {
    const std::size_t index = queue.ready.front();
    queue.ready.pop_front();
    ++queue.running;
    nodes_[index].is_queued = true;
    running_->start(run_step(index));
  }
  queue.filling = false;
}

void Executor::advance(std::size_t index, Progress progress) {
  Node& node = nodes_[index];
  node.progress = progress;
  for (const Dependent dependent : std::exchange(node.dependents, {})) {
    if (progress == Progress::written && dependent.needs_id) {
      node.dependents.push_back(dependent);
      continue;
    }
    if (--nodes_[dependent.index].open_needs == 0 && plan_->steps[dependent.index].stage == stage_) enqueue(dependent.index);
  }
  if (!std::exchange(node.is_queued, false)) return;
  Queue& queue = queues_[plan_->steps[index].kind];
  --queue.running;
  start_ready(queue);
}

const Step* Executor::failed_dependency(const Step& step) const {
  for (const std::size_t before : step.after)
    if (nodes_[before].progress == Progress::finished && nodes_[before].result.outcome != Outcome::done)
      return &plan_->steps[before];
  return nullptr;
}

Task<void> Executor::run_step(std::size_t index) {
  const Step& step = plan_->steps[index];
  StepResult result;
  if (const Step* cause = failed_dependency(step)) {
    result.outcome = Outcome::blocked;
    result.error = std::make_unique<Error>(Fault::blocked, "waits for " + cause->address() + ", which did not succeed");
  } else if (!stopping()) {
    sink_.on(events::StepStarted{std::string(step.kind->name), step.address(), std::string(name_of(step.action))});
    result = co_await perform(index);
  }
  finish(index, std::move(result));
}

void Executor::finish(std::size_t index, StepResult result) {
  Step& step = plan_->steps[index];
  events::StepFinished finished{std::string(step.kind->name), step.address(), std::string(name_of(step.action)),
                                result.outcome, {}};
  if (result.error) {
    result.error->address = step.address();
    finished.message = describe(*result.error);
  }
  sink_.on(finished);
  if (result.outcome == Outcome::done) remember_agreed(step);
  nodes_[index].result = std::move(result);
  give_back(step);
  if (std::exchange(nodes_[index].is_expected, false)) places_.give_up(*step.kind, step.key);
  advance(index, Progress::finished);
}

/// What both sides have from now on. A shell is not yet what was wanted.
void Executor::remember_agreed(const Step& step) const {
  if (options_.is_one_sided || !step.desired || turns(step) || !step.shell_without.empty()) return;
  const state::Agreed agreed = agreed_on(step.uuid, step.parent_uuid, secondary_.side(),
                                         marks_of(step.desired.unpack(), store_.fingerprint_key()), step.marks_unrewritten);
  store_.put_agreed(std::span(&agreed, 1));
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
  if (const auto known = options_.keep.find(step.uuid); known != options_.keep.end()) {
    state::Binding kept = known->second;
    kept.key = step.key;
    kept.on(secondary_.side()) = id;
    return kept;
  }
  state::Binding binding;
  binding.uuid = step.uuid;
  binding.kind = std::string(step.kind->name);
  binding.key = step.key;
  binding.origin_at(secondary_.side()) = step.origin;
  if (!step.source_id.empty()) binding.on(primary_.side()) = step.source_id;
  binding.on(secondary_.side()) = id;
  return binding;
}

Result<std::shared_ptr<const json>> Executor::in_words_of_secondary(const Step& step, const json& form,
                                                                    bool with_markers) const {
  model::TargetContext context;
  context.id_of = [this](const std::string& uuid, bool& is_number) -> std::optional<std::string> {
    const auto target = target_of(uuid);
    if (!target) return model::id_in_own_word(uuid, is_number);
    is_number = target->is_number;
    return std::string(target->text);
  };
  if (with_markers && step.is_marked) {
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
  if (const auto parent = target_of(step.parent_uuid)) write.id = write.parent_id = parent->text;
  if (step.action == Action::update && write.id.empty()) {
    const auto known = target_of(step.uuid);
    if (known) write.id = known->text;
  }
  if (step.desired) {
    json form = step.desired.unpack();
    for (const std::string& member : step.shell_without) form.erase(member);
    if (step.action != Action::create) drop_uncompared(*step.kind, form);
    TRY(write.definition, in_words_of_secondary(step, form, true));
  }
  if (step.current) {
    json form = step.current.unpack();
    drop_uncompared(*step.kind, form);
    TRY(write.current, in_words_of_secondary(step, form, false));
  }
  return write;
}

Task<StepResult> Executor::perform(std::size_t index) {
  const Step& step = plan_->steps[index];
  if (step.action == Action::adopt) co_return co_await adopt(step);
  auto write = prepare(step);
  if (!write) {
    StepResult result;
    result.outcome = write.error().fault == Fault::blocked ? Outcome::blocked : Outcome::failed;
    result.error = std::make_unique<Error>(std::move(write).error());
    co_return result;
  }
  if (step.action == Action::remove) co_return co_await remove(step, std::move(*write));
  co_return co_await this->write(index, std::move(*write));
}

Task<StepResult> Executor::adopt(const Step& step) {
  StepResult result;
  const bool may_run = step.origin == state::Origin::created || step.was_interrupted;
  // Left open, so that a run that is killed before it was stopped is known for one.
  std::optional<std::int64_t> intent;
  if (may_run && step.kind->follow_up.endpoint.exists()) intent = co_await intents_.intend(intent_of(step));
  if (step.leaves) store_.put_binding(*step.leaves);
  store_.put_binding(binding_of(step, step.target_id));
  if (intent) {
    if (auto done = co_await follow_up(step, step.target_id); !done) {
      result.outcome = Outcome::failed;
      result.error = std::make_unique<Error>(std::move(done).error());
      co_return result;
    }
    store_.settle(*intent, "done", std::nullopt);
  }
  result.outcome = Outcome::done;
  result.target_id = step.target_id;
  co_return result;
}

Task<StepResult> Executor::write(std::size_t index, model::Write write) {
  const Step& step = plan_->steps[index];
  const std::int64_t intent = co_await intents_.intend(intent_of(step));
  auto written = makes_object(step) ? co_await workspace::create_by_row(std::move(write))
                 : turns(step)      ? co_await workspace::turn_by_row(std::move(write))
                                    : co_await workspace::update_by_row(std::move(write));
  if (!written) co_return not_done(step, intent, std::move(written).error());
  if (is_placed(step)) co_return co_await read_back(index, intent);
  StepResult result;
  // Known at once, so that a failed follow-up cannot make it a stranger.
  if (makes_object(step)) learn(step, *written);
  if (needs_follow_up(step)) {
    if (auto done = co_await follow_up(step, *written); !done) {
      // Bound, and its intent left open: the next run sees a write in doubt and stops the object again.
      store_.put_binding(binding_of(step, *written));
      result.outcome = Outcome::failed;
      result.error = std::make_unique<Error>(std::move(done).error());
      co_return result;
    }
  }
  std::optional<state::Binding> binding;
  // Turning triggers is no word about whose the object is.
  if (!is_child(step) && !turns(step)) binding = binding_of(step, *written);
  store_.settle(intent, "done", binding, std::nullopt, step.leaves.get());
  result.outcome = Outcome::done;
  result.target_id = *written;
  co_return result;
}

Task<StepResult> Executor::read_back(std::size_t index, std::int64_t intent) {
  const Step& step = plan_->steps[index];
  nodes_[index].is_expected = false;
  advance(index, Progress::written);
  auto shown = co_await places_.show(*step.kind, step.key);
  if (!shown) co_return not_shown(step, intent, std::move(shown).error());
  learn(step, shown->id);
  store_.settle(intent, "done", binding_of(step, shown->id), std::nullopt, step.leaves.get());
  StepResult result;
  result.outcome = Outcome::done;
  result.target_id = std::move(shown->id);
  result.indicator = std::move(shown->indicator);
  co_return result;
}

Error Executor::discreet(const Step& step, Error error) const {
  for (const auto& form : {step.desired, step.current}) {
    if (!form) continue;
    const auto literals = model::Secrecy(*step.kind, form.unpack(), options_.literals).literals();
    for (std::string* text : {&error.message, &error.hint}) *text = model::without_literals(std::move(*text), literals);
  }
  return error;
}

StepResult Executor::not_done(const Step& step, std::int64_t intent, Error error) {
  error = discreet(step, std::move(error));
  StepResult result;
  result.outcome = error.fault == Fault::in_doubt ? Outcome::in_doubt : Outcome::failed;
  // An open intent is what "in doubt" means to the next run.
  if (result.outcome == Outcome::failed) store_.settle(intent, "failed", std::nullopt, error);
  result.error = std::make_unique<Error>(std::move(error));
  return result;
}

StepResult Executor::not_shown(const Step& step, std::int64_t intent, Error error) {
  const Kind& kind = *step.kind;
  if (step.action == Action::create && kind.comes_by_itself != nullptr && kind.comes_by_itself(step.desired.unpack())) {
    StepResult result;
    result.outcome = Outcome::blocked;
    result.error = std::make_unique<Error>(Fault::blocked, "the service has not made it yet", std::string(kind.if_not_shown));
    store_.settle(intent, "failed", std::nullopt, *result.error);
    return result;
  }
  if (error.hint.empty()) error.hint = options_.words.do_again();
  if (step.action == Action::create) error.fault = Fault::in_doubt;
  return not_done(step, intent, std::move(error));
}

Task<StepResult> Executor::remove(const Step& step, model::Write write) {
  StepResult result;
  const std::int64_t intent = co_await intents_.intend(intent_of(step));
  auto removed = co_await workspace::remove_by_row(std::move(write));
  // Somebody else was faster: what was wanted is so.
  if (!removed && removed.error().fault != Fault::not_found) co_return not_done(step, intent, std::move(removed).error());
  store_.settle_removal(intent, step.uuid, secondary_.side());
  // Gone on both sides: nobody may meet its old id again.
  if (step.source_id.empty()) store_.remove_binding(step.uuid);
  result.outcome = Outcome::done;
  co_return result;
}

Task<Result<void>> Executor::follow_up(const Step& step, std::string id) {
  const model::FollowUp& rule = step.kind->follow_up;
  if (!rule.endpoint.exists()) co_return Result<void>{};
  co_return co_await workspace::call_by_row(secondary_, *step.kind, rule.endpoint, std::move(id));
}

}  // namespace twinlake::engine
