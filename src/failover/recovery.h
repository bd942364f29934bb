#pragma once
// Carries out a recovery plan. Each action is kept in the state before and after: what is done is not done
// again, and what may have been done is done again only where the plan or a person says so.
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/task.h"
#include "events/events.h"
#include "failover/recovery_plan.h"
#include "http/transport.h"
#include "state/store.h"
#include "workspace/workspace.h"

namespace twinlake::failover {

struct RecoveryOptions {
  RecoveryPlan plan;
  int stop_after_wave = 0;  ///< counted from 1; 0: not
  /// Past a stop after a wave, and with another plan than the failover was begun with.
  bool go_on = false;
  /// A way to a webhook's host. No answer takes longer than `limit`.
  std::function<Result<std::unique_ptr<http::Transport>>(const std::string& base_url, Millis limit)> open_webhook;
  std::function<std::optional<std::string>(std::string_view name)> environment;
};

/// Why it does not go on.
struct Halt {
  std::string action;
  std::string because;
  std::string what_to_do;
};

class Recovery {
 public:
  /// What an action of the plan came to.
  struct Ending {
    std::string outcome;  ///< done | failed | timed out | in doubt; empty: it is still to come
    std::string detail;
    std::string said = {};  ///< by a program, for the person who sees it fail: anything may stand in it, so it is kept nowhere
  };
  /// Releases what a wave takes within the time; false when not all of it could be.
  using Release = std::function<Task<Result<Ending>>(PlanAction action)>;

  /// `options` must outlive it.
  Recovery(Loop& loop, workspace::Workspace& new_primary, state::Store& store, events::Sink& sink,
           state::Failover failover, const RecoveryOptions& options, const std::atomic<bool>* stop);

  /// Could it begin? Before anything is turned. `look`: also asks the new primary for its canaries.
  [[nodiscard]] Task<Result<void>> check(bool look);
  /// True: to its end. `write_mirror` runs before what is done elsewhere and after each group, so that another machine
  /// can go on and knows what may have been done.
  [[nodiscard]] Task<Result<bool>> run(Release release, std::function<Task<Result<void>>()> write_mirror);
  [[nodiscard]] const std::vector<Halt>& halts() const { return halts_; }

 private:
  /// One group on its way.
  struct GroupRun {
    const PlanGroup* group;
    TaskGroup* tasks;
    std::set<std::string> begun;
    std::set<std::string> passed;
    bool is_halted = false;
  };
  [[nodiscard]] std::vector<state::ActionRecord> records() const;
  [[nodiscard]] std::optional<state::ActionRecord> last_of(const std::string& name) const;
  [[nodiscard]] int failures_of(const std::string& name) const;
  [[nodiscard]] bool is_passed(const PlanAction& action) const;
  /// Begun, and nobody knows what became of it.
  [[nodiscard]] static bool is_unsure(const state::ActionRecord& record);
  [[nodiscard]] Result<void> check_action(const PlanAction& action) const;
  [[nodiscard]] Address address_for(const Webhook& webhook) const;
  [[nodiscard]] Task<Result<bool>> run_groups();
  [[nodiscard]] bool halts_after(std::size_t group);
  [[nodiscard]] bool is_halted_before();
  [[nodiscard]] Task<void> run_group(const PlanGroup* group);
  void start_ready(GroupRun* run);
  [[nodiscard]] Task<void> perform(GroupRun* run, const PlanAction* action);
  /// The record under which it is done now; nothing: a person has to say something first.
  [[nodiscard]] std::optional<state::ActionRecord> begin(const PlanGroup& group, const PlanAction& action);
  [[nodiscard]] Task<void> tell_mirror();
  [[nodiscard]] Task<Ending> end_of(const GroupRun* run, const PlanAction* action, Time begun);
  [[nodiscard]] Task<Ending> run_command(const PlanGroup* group, const PlanAction* action);
  [[nodiscard]] Task<Ending> call_webhook(const PlanGroup* group, const PlanAction* action);
  [[nodiscard]] Task<Ending> run_canary(const PlanAction* action);
  [[nodiscard]] Task<Ending> wait_for_run(std::string run, Time deadline);
  [[nodiscard]] Task<Ending> wait_for_person(const GroupRun* run, const PlanAction* action, Time begun);
  void halt(const PlanAction& action, const Ending& ending);
  [[nodiscard]] nlohmann::json context_of(const PlanGroup& group, const PlanAction& action) const;
  [[nodiscard]] bool stopping() const { return stop_ != nullptr && stop_->load(); }

  Loop& loop_;
  workspace::Workspace& new_primary_;
  state::Store& store_;
  events::Sink& sink_;
  state::Failover failover_;
  const RecoveryOptions& options_;
  const std::atomic<bool>* stop_;
  Release release_;
  std::function<Task<Result<void>>()> write_mirror_;
  Semaphore one_release_;  ///< they would plan the same steps
  Semaphore one_mirror_;
  std::optional<Error> broken_;  ///< what ends the run, from within an action
  std::vector<Halt> halts_;
};

/// A person says what became of an action: "confirmed" (it is done), "skipped" (go on without it) or
/// "interrupted" (do it again). Fault::refused when it does not wait for that.
[[nodiscard]] Result<void> settle_action(state::Store& store, const std::string& name, const std::string& outcome, const std::string& who,
                                         Time now);

/// Actions of the plan that were begun and are not done, as they stand, also where the plan goes on without them; in the order in which they were begun.
[[nodiscard]] std::vector<state::ActionRecord> open_actions(const state::Store& store, std::int64_t failover);
/// The plan that a failover was begun with, or goes on with since; empty when there was none.
[[nodiscard]] std::string kept_plan(const state::Store& store, std::int64_t failover);
/// The record that keeps a plan.
[[nodiscard]] state::ActionRecord plan_to_keep(const RecoveryPlan& plan, std::int64_t failover, Time now);

}  // namespace twinlake::failover
