#pragma once
// A drill (test failover): copies of jobs and of their code are made on the standby, some of them are run to
// the end, and everything is removed again. Nothing that is replicated is touched, so replication goes on
// meanwhile. It has passed only when both the runs and the clean-up have.
#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/plan.h"
#include "events/events.h"
#include "failover/drill_copies.h"
#include "state/store.h"
#include "workspace/workspace.h"

namespace twinlake::failover {

/// What is under way (state::Drill::phase), in this order.
namespace drill_phase {
inline constexpr std::string_view copying = "copying";    ///< copies are being made
inline constexpr std::string_view running = "running";    ///< runs were begun, or are about to be
inline constexpr std::string_view judged = "judged";      ///< all have ended; the copies are still there
inline constexpr std::string_view cleaning = "cleaning";  ///< copies are being removed
inline constexpr std::string_view clean = "clean";        ///< nothing is left of it
}  // namespace drill_phase

/// A job that is run, and what is expected of it.
struct SmokeRun {
  std::string job;  ///< name, or a glob over names
  std::string result = "SUCCESS";
  Micros within = std::chrono::minutes(30);
  std::string output;  ///< glob over what its notebooks answer; empty: whatever it is
  std::map<std::string, std::string> parameters;  ///< of the job; in no state, report or log
};

struct DrillOptions {
  std::string group;
  workspace::InScope in_scope;
  model::LiteralRules literals;      ///< what must not be shown
  std::vector<std::string> copy;     ///< globs over names of what is copied besides what is run
  std::vector<std::string> folders;  ///< of the tree: copied whole, for what code imports
  std::vector<SmokeRun> run;         ///< at least one
  std::function<bool(std::string_view glob, std::string_view text)> matches;
  bool wait = true;  ///< for the runs to end
  const std::atomic<bool>* stop = nullptr;
};

struct DrillReport {
  state::Drill drill;
  std::string outcome;  ///< planned | running | passed | failed
  std::vector<state::DrillCopy> copies;
  std::vector<state::DrillRun> runs;
  std::vector<model::Finding> findings;
};

class Drill {
 public:
  Drill(Loop& loop, std::span<const model::Kind* const> kinds, workspace::Workspace& standby, state::Store& store,
        events::Sink& sink, DrillOptions options);

  /// What would be copied and run; nothing is written.
  [[nodiscard]] Task<Result<DrillReport>> preview();
  /// Copies, runs, judges. Goes on with one that was stopped. Fault::refused while another waits for its clean-up.
  [[nodiscard]] Task<Result<DrillReport>> start();
  /// Looks once at the runs that are under way.
  [[nodiscard]] Task<Result<DrillReport>> look();
  /// Ends runs, removes the copies, and looks whether something is left.
  [[nodiscard]] Task<Result<DrillReport>> cleanup();

 private:
  [[nodiscard]] Result<void> begin();
  void enter(std::string_view next);
  [[nodiscard]] CopyOptions copy_options() const;
  [[nodiscard]] std::string folder_of(const std::string& label) const;
  [[nodiscard]] Result<void> resume(const state::Drill& drill);
  [[nodiscard]] std::vector<state::DrillCopy> copies_in(const CopyPlan& plan) const;
  [[nodiscard]] std::vector<state::DrillRun> runs_in(const CopyPlan& plan) const;
  /// nullptr: it is copied only.
  [[nodiscard]] const SmokeRun* wanted_run_of(const std::string& name) const;
  void write_down(const CopyPlan& plan);
  [[nodiscard]] Task<Result<void>> copy();
  [[nodiscard]] Task<Result<void>> copy_objects(CopyPlan* plan);
  [[nodiscard]] Task<Result<void>> run();
  [[nodiscard]] Task<Result<void>> begin_runs();
  /// True when none is under way any more.
  [[nodiscard]] Task<Result<bool>> look_at_runs();
  [[nodiscard]] Task<Result<void>> look_at(state::DrillRun* run);
  [[nodiscard]] Task<Result<void>> give_up(state::DrillRun* run, const SmokeRun* expected);
  void judge(state::DrillRun& run) const;
  void judge_all();
  [[nodiscard]] Task<Result<void>> end_runs();
  [[nodiscard]] Task<Result<void>> remove_copies();
  /// What is still there, as addresses.
  [[nodiscard]] Task<Result<std::vector<std::string>>> left_over();
  /// A copy as the service lists it.
  struct Made {
    std::string id;
    std::string name;
    std::string tag;  ///< which drill's, and of which original
  };
  [[nodiscard]] Task<Result<std::vector<Made>>> copies_there(const model::Kind* kind);
  [[nodiscard]] DrillReport report() const;
  [[nodiscard]] bool stopping() const { return options_.stop != nullptr && options_.stop->load(); }

  Loop& loop_;
  std::span<const model::Kind* const> kinds_;
  workspace::Workspace& standby_;
  state::Store& store_;
  events::Sink& sink_;
  DrillOptions options_;
  state::Drill drill_;
  std::vector<model::Finding> findings_;
  std::string outcome_;
};

/// What the operator is told of a drill in one word: "running", "passed", "failed", "waits for clean-up",
/// "was broken off".
[[nodiscard]] std::string_view verdict_of(const state::Drill& drill);

}  // namespace twinlake::failover
