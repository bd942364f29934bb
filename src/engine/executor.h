#pragma once
// Carries out a plan: as wide as the lanes allow, each write journaled before and after.
#include <atomic>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/loop.h"
#include "engine/plan.h"
#include "events/events.h"
#include "state/store.h"
#include "workspace/workspace.h"

namespace twinlake::engine {

struct StepResult {
  events::Outcome outcome = events::Outcome::skipped;
  std::string target_id;
  std::optional<Error> error;
};

struct ExecutorOptions {
  std::string group;
  std::int64_t run = 0;
  int width = 64;  ///< steps of one kind under way at once; the lanes limit requests further
  const std::atomic<bool>* stop = nullptr;  ///< set: no new step begins, those under way end
};

class Executor {
 public:
  Executor(Loop& loop, workspace::Workspace& primary, workspace::Workspace& secondary, state::Store& store,
           events::Sink& sink, ExecutorOptions options);

  /// Results in the order of the plan's steps. Only a failure of the state itself throws.
  [[nodiscard]] Task<std::vector<StepResult>> run(const World& world, const Plan& plan);

 private:
  struct TargetId {
    std::string text;
    bool is_number = false;
  };
  /// Steps of one kind. Each kind has its own, so that what waits for a slow lane does not keep the
  /// others from theirs; and what waits is a number, not yet a coroutine.
  struct Queue {
    std::deque<std::size_t> ready;
    int running = 0;
    bool filling = false;  ///< somebody further up the stack starts what is ready
  };

  void learn_ids(const World& world);
  [[nodiscard]] Task<void> run_stage(const Plan& plan, int stage);
  void enqueue(const Plan& plan, std::size_t index);
  void start_ready(const Plan& plan, Queue& queue);
  [[nodiscard]] Task<void> run_step(const Plan& plan, std::size_t index);
  [[nodiscard]] Task<StepResult> perform(const Step& step);
  [[nodiscard]] Task<StepResult> write(const Step& step, model::Write write);
  [[nodiscard]] Task<StepResult> remove(const Step& step, model::Write write);
  [[nodiscard]] Task<Result<void>> follow_up(const Step& step, std::string id);
  [[nodiscard]] Result<model::Write> prepare(const Step& step) const;
  [[nodiscard]] Result<std::shared_ptr<const nlohmann::json>> in_words_of_secondary(const Step& step,
                                                                                   const nlohmann::json& form,
                                                                                   bool with_markers) const;
  [[nodiscard]] state::Intent intent_of(const Step& step) const;
  [[nodiscard]] state::Binding binding_of(const Step& step, const std::string& id) const;
  [[nodiscard]] const Step* failed_dependency(const Plan& plan, const Step& step) const;
  [[nodiscard]] bool stopping() const { return options_.stop != nullptr && options_.stop->load(); }

  Loop& loop_;
  workspace::Workspace& primary_;
  workspace::Workspace& secondary_;
  state::Store& store_;
  events::Sink& sink_;
  ExecutorOptions options_;
  std::map<const model::Kind*, Queue> queues_;
  std::unordered_map<std::string, TargetId> ids_;
  std::vector<StepResult> results_;
  std::vector<std::size_t> open_needs_;
  std::vector<std::vector<std::size_t>> dependents_;
  TaskGroup* running_ = nullptr;
};

}  // namespace twinlake::engine
