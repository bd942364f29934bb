#pragma once
// One failover group at work: read both sides, plan, apply, read back, keep what was learnt.
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/loop.h"
#include "engine/audit_hints.h"
#include "engine/executor.h"
#include "engine/observer.h"
#include "engine/plan.h"
#include "engine/planner.h"
#include "engine/recorder.h"
#include "engine/report.h"
#include "engine/sweep.h"
#include "events/events.h"
#include "state/store.h"
#include "workspace/inventory.h"
#include "workspace/workspace.h"

namespace twinlake::engine {

/// What the configuration says about a group.
struct Rules {
  std::string group = "default";
  workspace::InScope in_scope;  ///< always set
  std::function<bool(const model::Kind&, const std::string& key)> may_overwrite;
  model::Rewrite rewrite;
  /// What becomes of what was changed on both sides; may be empty.
  std::function<OnConflict(const model::Kind&, const std::string& key)> on_conflict;
  model::LiteralRules literals;
  bool delete_enabled = true;
  bool unassign = false;  ///< principals too, which else stay
  int allow_deletes = -1;
  ObserveRules observe;
  KeptByOthers kept_by_others;  ///< may be empty
  SweepRules sweep;
  AuditRules audit;
  std::string digest;  ///< changes when any of the above does
};

/// The service may show what was just made late: until then nobody can say that it is not there.
[[nodiscard]] Task<void> wait_until_visible(Loop* loop, events::Sink* sink, std::vector<state::Intent> in_doubt);

class Session {
 public:
  Session(Loop& loop, std::span<const model::Kind* const> kinds, workspace::Workspace& primary,
          workspace::Workspace& secondary, state::Store& store, events::Sink& sink, Rules rules);

  /// Each sync leaves a recovery point from now on. It must outlive the session.
  void record_with(Recorder& recorder);

  /// Looks at definitions while they are still there: a reading keeps ids and keys only.
  using Glance = std::function<void(const World& world)>;
  /// Reads and plans; writes nothing anywhere. `everything`: what is known is not trusted, all is read.
  [[nodiscard]] Task<Result<Reading>> read(bool everything, Glance glance = nullptr);

  struct SyncOptions {
    std::string expected_fingerprint;  ///< of a saved plan; another one is Fault::refused
    const std::atomic<bool>* stop = nullptr;
    /// A step of a failover. While one is under way nobody else syncs: what triggers were is known, and no longer
    /// to be seen.
    bool within_failover = false;
    /// The primary was quiesced: records of what its triggers were stay as they are.
    bool keep_holds = false;
    /// When the saved plan was made: what had its turn then has it now.
    std::optional<Time> planned = std::nullopt;
  };
  [[nodiscard]] Task<Result<SyncReport>> sync(SyncOptions options);

 private:
  [[nodiscard]] Task<Result<SyncReport>> sync_in_passes(SyncOptions options, std::int64_t run);
  using TakeLate = std::function<void(LateDecision)>;
  /// Lists both sides, pairs, and reads what has to be known before anything can be decided.
  [[nodiscard]] Task<Result<Reading>> survey(bool everything, SweepRules sweep, std::optional<Time> planned);
  [[nodiscard]] PlanOptions plan_options(const Reading& reading) const;
  PlanOptions recorded(PlanOptions planning, const Reading& reading);
  [[nodiscard]] Task<void> read_details(std::vector<ToRead> items, ReadErrors* errors);
  [[nodiscard]] Task<void> find_named(Reading* reading, const Memory& memory, bool everything);
  [[nodiscard]] Task<void> decide(Reading* reading, Planner* planner, SweepRules rules, Time now);
  /// Which of those that are read before the plan is made have their turn.
  static void choose_in_turn(Reading& reading, const SweepRules& rules, Time now);
  /// Decides all but what comes late, and takes out of that what is not read in this run.
  void decide_early(Reading& reading, Planner& planner, const SweepRules& rules, Time now);
  /// Before anything is written: what was found different is not to be believed after a kill.
  void forget_different(const Reading& reading);
  [[nodiscard]] SweepRules sweep_rules(const SyncOptions& options) const;
  void keep_sweep(const Reading& reading, const std::vector<StepResult>& results);
  [[nodiscard]] Task<void> decide_late(Reading* reading, Planner* planner, TakeLate take);
  [[nodiscard]] Task<void> decide_one(Reading* reading, Planner* planner, TakeLate take, std::size_t position);
  /// `planner`: what comes late is decided meanwhile; nullptr: the plan is whole.
  [[nodiscard]] Task<std::vector<StepResult>> apply(Reading* reading, std::unique_ptr<Planner> planner, ExecutorOptions how);
  [[nodiscard]] Task<void> look_for_history(Reading* reading, std::vector<Recorder::Missed>* missed, std::size_t index);
  [[nodiscard]] Task<void> leave_point(Reading* reading, std::int64_t run, SyncReport* report);
  [[nodiscard]] Memory memory() const;
  [[nodiscard]] KnownState known() const;
  /// Positions of steps whose object no listing has shown since; keeps what listings showed of the others.
  [[nodiscard]] std::vector<std::size_t> not_shown_yet(const Reading& reading, const std::vector<StepResult>& results);
  /// Proves what was applied and learns the new change indicators.
  [[nodiscard]] Task<void> read_back(Reading& reading, std::vector<StepResult>& results);
  [[nodiscard]] std::vector<std::size_t> check_applied(const Reading& reading, const workspace::Inventory& now,
                                                       const std::vector<std::size_t>& open,
                                                       std::vector<StepResult>& results);
  [[nodiscard]] std::vector<const model::Kind*> kinds_to_list(const Reading& reading,
                                                              const std::vector<std::size_t>& open) const;
  void remember(const Pair& pair, const SharedText& secondary_indicator);
  void remember_unchanged(const Reading& reading);
  void keep_pass(const std::vector<state::Intent>& old, const Reading& reading, const std::vector<StepResult>& results);
  void close_old_intents(const std::vector<state::Intent>& old, const Reading& reading,
                         const std::vector<StepResult>& results);
  void announce(const Plan& plan);

  Loop& loop_;
  std::vector<const model::Kind*> kinds_;
  workspace::Workspace& primary_;
  workspace::Workspace& secondary_;
  state::Store& store_;
  events::Sink& sink_;
  Rules rules_;
  Observer observer_;
  AuditReader audit_;
  Recorder* recorder_ = nullptr;
  const std::atomic<bool>* stop_ = nullptr;  ///< set by somebody: what comes late is not read any more
};

}  // namespace twinlake::engine
