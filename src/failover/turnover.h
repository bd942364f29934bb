#pragma once
// The primary role moves to the other side: planned, with both sides there, or forced, with the old primary
// gone. Each part is written down before it begins, so that a killed run goes on where it stood.
#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/session.h"
#include "failover/always_on.h"
#include "failover/recovery.h"
#include "failover/triggers.h"
#include "state/store.h"
#include "workspace/runs.h"
#include "workspace/workspace.h"

namespace twinlake::failover {

/// What is under way (state::Failover::phase), in this order. A forced failover begins with `releasing`.
namespace phase {
inline constexpr std::string_view replicating = "replicating";  ///< the last whole sync, while jobs still run
inline constexpr std::string_view fencing = "fencing";          ///< the old primary's triggers are being held
inline constexpr std::string_view settling = "settling";        ///< its runs come to their end
inline constexpr std::string_view catching_up = "catching_up";  ///< what changed since the last sync
inline constexpr std::string_view releasing = "releasing";      ///< the role has moved; triggers are given back
inline constexpr std::string_view complete = "complete";
inline constexpr std::string_view aborted = "aborted";  ///< the old primary has its triggers again
inline constexpr std::string_view overtaken = "overtaken";  ///< its new primary was lost too, and the role was turned back
}  // namespace phase

/// A failover that was begun and neither came to its end nor was given up.
[[nodiscard]] bool is_unfinished(const std::optional<state::Failover>& failover);
/// The old primary may still start things, because it was not there to be told.
[[nodiscard]] bool owes_fence(const std::optional<state::Failover>& failover);

/// Did this failover take the role back from one that had not come to its end, because whoever got it was lost too?
[[nodiscard]] bool is_turn_back(const state::Store& store, std::int64_t failover);

/// Something was brought to the standby. Not whether it equals the primary: on the day that the region is lost,
/// a standby that lacks an object is still what there is.
[[nodiscard]] bool has_standby(const state::Store& store);

/// Runs under way on the old primary, of what is replicated: others are neither ended nor waited for.
enum class Runs {
  wait,    ///< until they end, or the deadline
  cancel,  ///< and wait until they have ended
  leave,
};

struct TurnoverOptions {
  std::string group;
  std::string program;  ///< with its version, for the record
  workspace::InScope in_scope;
  model::Rewrite rewrite;  ///< may be empty
  model::LiteralRules literals;
  Runs runs = Runs::wait;
  Micros runs_deadline = std::chrono::minutes(30);
  bool despite_differences = false;  ///< go on although the standby does not equal the primary
  /// Addresses of objects that stay held on whoever gets its triggers back, so that one that cannot be released does not
  /// keep the failover open.
  std::set<std::string> without = {};
  /// Forced: who just got the role is lost before everything was released, and who had it takes it again.
  bool turn_back = false;
  const std::atomic<bool>* stop = nullptr;
  /// Lets the old primary be written to, and forbids it again: only the steps that turn roles may.
  std::function<void(bool)> open_old_primary;
  RecoveryOptions recovery = {};  ///< once the role has moved; without groups all is released at once
  std::vector<AlwaysOn> always_on;  ///< what is started once triggers are released
  /// Lets things be run on the new primary, and forbids it again. Only asked where there are such rules or canaries.
  std::function<void(bool)> let_run;
};

/// What became of one object.
struct Turned {
  std::string address;
  std::string action;   ///< "hold", "release": its triggers; "start"; "look": it could not be seen
  std::string outcome;  ///< done | failed | ...; "planned" in a dry run
  std::string error;
  std::string what_to_do;
};

/// A time in which triggers were not live on exactly one side.
struct Window {
  Time from;
  Time to;
  std::vector<Due> due;  ///< what schedules would have started then; of other triggers nobody can tell
};

struct TurnoverReport {
  state::Failover failover;
  std::string outcome;  ///< complete | partial
  std::vector<Turned> turned;
  std::vector<model::Finding> findings;
  std::vector<workspace::ActiveRun> runs_left;  ///< of the old primary, when it was given up waiting
  std::optional<engine::SyncReport> last_sync;
  std::optional<Time> replication_point;  ///< what the new primary equals
  std::vector<std::string> recovery_plan;  ///< in a preview: what it does, an entry for each action
  std::vector<Halt> halts;                 ///< why the recovery plan does not go on
  /// Planned: from the first hold to the last release nobody started what was due.
  std::optional<Window> silent;
  /// pay(): from the moment of the role to the last hold both sides may have started it.
  std::optional<Window> doubled;
};

class Turnover {
 public:
  /// `old_primary` is only asked in planned(), pay() and abort().
  Turnover(Loop& loop, std::span<const model::Kind* const> kinds, workspace::Workspace& old_primary,
           workspace::Workspace& new_primary, state::Store& store, events::Sink& sink, TurnoverOptions options);

  /// Syncs with `session`, fences, catches up, turns, releases. Fault::refused before anything is turned when
  /// the standby does not equal the primary.
  [[nodiscard]] Task<Result<TurnoverReport>> planned(engine::Session& session);
  /// Turns and releases; what the old primary may still start is a debt.
  [[nodiscard]] Task<Result<TurnoverReport>> forced();
  /// Holds what the old primary of a forced failover may still start. Before anything else once it answers.
  [[nodiscard]] Task<Result<TurnoverReport>> pay();
  /// Gives the old primary its triggers back, while the role has not moved yet.
  [[nodiscard]] Task<Result<TurnoverReport>> abort();
  /// What would be held and released now; nothing is written.
  [[nodiscard]] Task<Result<TurnoverReport>> preview(state::Failover::Type type);

 private:
  [[nodiscard]] Result<void> begin(state::Failover::Type type, std::string_view first);
  void enter(std::string_view next);
  /// The phase under way is over; what it was is kept with its end.
  void end_phase(std::string_view outcome, std::string detail);
  /// A phase begins, or begins again after a run that was killed or failed in it.
  void begin_phase(std::string_view name);
  /// Keeps how this run left the phase that is under way.
  [[nodiscard]] Result<TurnoverReport> left(Result<TurnoverReport> done);
  [[nodiscard]] bool is_at(std::string_view which) const { return failover_.phase == which; }
  /// Records speak of definitions as the standby of before has them (in one that turns the role back that is the old
  /// primary); those of the other side are read in its words.
  [[nodiscard]] TriggerOptions trigger_options(const workspace::Workspace& side) const;
  /// What a failover that was begun and did not end means for this one. True: it is gone on with.
  [[nodiscard]] Result<bool> settle_unfinished(const state::Failover& last, state::Failover::Type type);
  /// Triggers of one side to be turned.
  struct Turning {
    workspace::Workspace* side = nullptr;
    workspace::Workspace* other = nullptr;
    std::string command;
    std::function<Task<Result<TriggerPlan>>()> plan;
    bool is_part = false;  ///< not all of that side: what is in doubt there stays so
    /// Written down on the other side too, before anything is turned: another machine must not take what we paused for
    /// what people had paused.
    bool is_mirrored = false;
    const std::atomic<bool>* stop = nullptr;
  };
  /// Plans and carries out until nothing is left to do; false when something could not be done.
  [[nodiscard]] Task<Result<bool>> turn(Turning turning);
  [[nodiscard]] Task<Result<void>> carry_out(const Turning* turning, TriggerPlan* wanted, std::int64_t run);
  void tell(const TriggerPlan& plan, const std::vector<engine::StepResult>& results);
  /// One record for each object that is about to be turned, before it is.
  [[nodiscard]] std::vector<state::ActionRecord> begin_objects(const engine::Plan& plan);
  void end_objects(std::vector<state::ActionRecord> objects, const std::vector<engine::StepResult>& results);
  /// For whoever asks afterwards: what was not released because somebody said so.
  void keep_left();
  /// What a run that was killed had begun, now that nothing of it is left to do.
  void settle_objects(const std::string& action);
  [[nodiscard]] Task<Result<void>> replicate(engine::Session* session, bool keep_holds);
  [[nodiscard]] Task<Result<bool>> fence(bool keep_records);
  [[nodiscard]] Task<Result<void>> settle_runs();
  [[nodiscard]] Task<Result<void>> write_mirrors(bool both);
  [[nodiscard]] Task<Result<bool>> release();
  [[nodiscard]] Turning turning_of_release(std::optional<Time> since, decltype(TriggerOptions::takes) takes);
  /// Could the recovery plan begin? `look`: also asks the new primary for its canaries.
  [[nodiscard]] Task<Result<void>> check_recovery(bool look);
  /// Fault::refused when `begun` was begun with another plan: what a person wanted to see in parts is never
  /// released at once because a flag was forgotten.
  [[nodiscard]] Result<void> check_same_plan(const state::Failover& begun) const;
  /// The recovery plan up to its end; false when it stopped.
  [[nodiscard]] Task<Result<bool>> recover();
  [[nodiscard]] Task<Result<Recovery::Ending>> release_wave(PlanAction action);
  // turnover_start.cpp
  /// False when something does not run that should.
  [[nodiscard]] Task<Result<bool>> start_always_on();
  [[nodiscard]] Task<void> start_all(const StartPlan* plan, std::map<std::string, Turned>* failed);
  void begin_starts(const std::vector<AtRest>& down, std::vector<state::ActionRecord>& begun);
  void end_starts(std::vector<state::ActionRecord> begun, const std::map<std::string, Turned>& failed);
  void tell_starts(const StartPlan& plan);
  /// When the first trigger of the old primary may have been held; nothing for a forced failover.
  [[nodiscard]] std::optional<Time> fence_began() const;
  /// When triggers were given back by a part of this release that is over, by address.
  [[nodiscard]] std::map<std::string, Time> released_until() const;
  /// The end of the last of them; now where none is known.
  [[nodiscard]] Time released_last() const;
  /// With what came due by the last look; kept for whoever asks afterwards.
  [[nodiscard]] Window keep_window(std::string name, Time from, Time to);
  [[nodiscard]] Task<Result<TurnoverReport>> move_role_and_release(bool tell_old_primary);
  [[nodiscard]] Task<Result<TurnoverReport>> planned_phases(engine::Session* session);
  [[nodiscard]] bool stopping() const { return options_.stop != nullptr && options_.stop->load(); }

  Loop& loop_;
  std::span<const model::Kind* const> kinds_;
  workspace::Workspace& old_primary_;
  workspace::Workspace& new_primary_;
  state::Store& store_;
  events::Sink& sink_;
  TurnoverOptions options_;
  state::Failover failover_;
  std::optional<state::ActionRecord> phase_;  ///< the one under way
  TurnoverReport report_;
  std::vector<Due> due_;  ///< as the last look at triggers told it
  std::vector<std::string> left_;  ///< addresses; see TriggerPlan
};

}  // namespace twinlake::failover
