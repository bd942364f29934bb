#pragma once
// Carries out a plan: as wide as the lanes allow, each write journaled before and after.
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/loop.h"
#include "engine/intent_batch.h"
#include "engine/place_reader.h"
#include "engine/plan.h"
#include "events/events.h"
#include "state/store.h"
#include "workspace/workspace.h"

namespace twinlake::engine {

struct StepResult {
  events::Outcome outcome = events::Outcome::skipped;
  SharedText target_id;
  /// Change indicator of the listing that showed the object after it was written; empty: none has yet.
  SharedText indicator;
  std::unique_ptr<Error> error;  ///< null when there is none
};

struct ExecutorOptions {
  std::string group;
  std::int64_t run = 0;
  model::LiteralRules literals;
  Words words = {};
  /// Only this side is written, from what was kept: nothing is agreed on by that, and what is known of an object
  /// stays but for what this side calls it.
  bool is_one_sided = false;
  std::unordered_map<std::string, state::Binding> keep = {};  ///< by uuid
  int width = 64;  ///< steps of one kind under way at once; the lanes limit requests further
  const std::atomic<bool>* stop = nullptr;  ///< set: no new step begins, those under way end
};

class Executor {
 public:
  Executor(Loop& loop, workspace::Workspace& primary, workspace::Workspace& secondary, state::Store& store,
           events::Sink& sink, std::span<const model::Kind* const> kinds, ExecutorOptions options);

  /// Results in the order of the plan's steps. `meanwhile` runs beside them and may add more; removals
  /// wait for it. What a step was to write is given back once it is done. Only a failure of the state
  /// itself throws.
  [[nodiscard]] Task<std::vector<StepResult>> run(const World& world, Plan& plan, Task<void> meanwhile);
  /// One more step for the plan under way: no other step waits for it. From `meanwhile` only.
  void add(Step step);

 private:
  /// What the secondary calls an object.
  struct TargetId {
    SharedText text;
    bool is_number = false;
  };
  /// Steps of one kind. Each kind has its own, so that what waits for a slow lane does not keep the
  /// others from theirs; and what waits is a number, not yet a coroutine.
  struct Queue {
    std::deque<std::size_t> ready;
    int running = 0;
    bool filling = false;  ///< somebody further up the stack starts what is ready
  };
  enum class Progress {
    waiting,
    written,   ///< it is there; what it is called is not known yet
    finished,  ///< has its result
  };
  struct Dependent {
    std::size_t index = 0;
    bool needs_id = true;  ///< existence is not enough
  };
  struct Node {
    Progress progress = Progress::waiting;
    std::size_t open_needs = 0;
    std::vector<Dependent> dependents;
    bool is_queued = false;    ///< counts in its queue's `running`
    bool is_expected = false;  ///< by the place reader
    StepResult result;
  };

  void prepare_nodes();
  void connect(std::size_t index);
  [[nodiscard]] Task<void> run_stage(int stage, Task<void> meanwhile);
  void enqueue(std::size_t index);
  void start_ready(Queue& queue);
  void advance(std::size_t index, Progress progress);
  [[nodiscard]] Task<void> run_step(std::size_t index);
  void finish(std::size_t index, StepResult result);
  void remember_agreed(const Step& step) const;
  [[nodiscard]] Task<StepResult> perform(std::size_t index);
  [[nodiscard]] Task<StepResult> adopt(const Step& step);
  [[nodiscard]] Task<StepResult> write(std::size_t index, model::Write write);
  [[nodiscard]] Task<StepResult> read_back(std::size_t index, std::int64_t intent);
  [[nodiscard]] Task<StepResult> remove(const Step& step, model::Write write);
  [[nodiscard]] Task<Result<void>> follow_up(const Step& step, std::string id);
  [[nodiscard]] StepResult not_done(const Step& step, std::int64_t intent, Error error);
  /// The service may repeat what it was sent; what it says is kept and shown.
  [[nodiscard]] Error discreet(const Step& step, Error error) const;
  [[nodiscard]] StepResult not_shown(const Step& step, std::int64_t intent, Error error);
  [[nodiscard]] Result<model::Write> prepare(const Step& step) const;
  [[nodiscard]] Result<std::shared_ptr<const nlohmann::json>> in_words_of_secondary(const Step& step,
                                                                                   const nlohmann::json& form,
                                                                                   bool with_markers) const;
  [[nodiscard]] state::Intent intent_of(const Step& step) const;
  [[nodiscard]] state::Binding binding_of(const Step& step, const std::string& id) const;
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  [[nodiscard]] std::optional<std::size_t> provider_of(std::string_view uuid) const;
  void learn(const Step& step, const SharedText& id);
  /// As a step of this run learnt it, else as it was listed; nothing: it is not there.
  [[nodiscard]] std::optional<TargetId> target_of(std::string_view uuid) const;
  [[nodiscard]] const Step* failed_dependency(const Step& step) const;
  [[nodiscard]] bool stopping() const { return options_.stop != nullptr && options_.stop->load(); }

  Loop& loop_;
  workspace::Workspace& primary_;
  workspace::Workspace& secondary_;
  state::Store& store_;
  events::Sink& sink_;
  ExecutorOptions options_;
  IntentBatch intents_;
  PlaceReader places_;
  const World* world_ = nullptr;
  Plan* plan_ = nullptr;
  int stage_ = 0;
  std::deque<Node> nodes_;  ///< one for each step; never moved
  // By position of the pair.
  std::vector<std::size_t> provider_;  ///< the step that makes it, or nobody
  std::vector<SharedText> learnt_;     ///< what the secondary calls what this run wrote
  std::map<const model::Kind*, Queue> queues_;
  TaskGroup* running_ = nullptr;
};

}  // namespace twinlake::engine
