#pragma once
// One run of the program on one machine, put together as src/app does it: who are we, the state, the mirror, what is owed,
// the run lock, the work, the mirror again. As a coroutine, so that two of them may run at once.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/plan.h"
#include "engine/run_lock.h"
#include "failover/turnover.h"
#include "simulation/coverage.h"
#include "simulation/site.h"
#include "state/store.h"
#include "workspace/connection.h"
#include "workspace/workspace.h"

namespace twinlake::simulation {

inline constexpr const char* group_name = "main";

/// Where a program runs: its folder, and its name for the owner of the run lock.
struct Machine {
  std::string name;
  std::string folder;
};

enum class Command { sync, reconcile, stale_plan, planned, forced, abort, drill, clean_up };

/// What the operator says besides.
struct Flags {
  int allow_deletes = -1;
  bool looks = false;             ///< `sync --look`: reads also what else is read in its turn
  bool asks = false;              ///< so it is configured: what was changed on both sides waits for the operator
  bool reads_in_turns = false;    ///< so it is configured; else each run reads everything that no listing tells
  bool oauth = false;             ///< logs in with OAuth instead of a token
  std::string drilled;            ///< name of the job that a drill runs
  std::set<std::string> without;  ///< addresses of what a failover leaves held
  std::function<void()> between;  ///< of stale_plan: what happens after the plan was saved
};

/// How it ended, and everything that it said.
struct Ending {
  std::string word;           ///< "complete", "partial", ...; of an error its fault
  std::string told;           ///< the error, the report, the events: for people and logs
  bool has_begun = false;     ///< it held the run lock
  Time began;                 ///< when it had it
  Time ended;                 ///< when it gave it back
  bool lost_lock = false;     ///< another one took it over
  bool is_complete = false;   ///< everything was done, and the mirror is written
  bool has_synced = false;    ///< the standby equals the primary but for what the report names
  std::set<std::string> unreleased;  ///< addresses of what could not get its triggers back
  bool left_guard_open = false;  ///< the primary could still be written to when the command had ended
  std::vector<engine::Verdict> verdicts;  ///< of reconcile
  std::map<std::string, Coverage::Counts> kinds;  ///< what became of how many objects
  std::size_t writes_planned = 0;         ///< of sync: objects that were written or should have been
};

class Program {
 public:
  Program(Site& site, Machine machine, Flags flags);
  ~Program();
  /// Once.
  [[nodiscard]] Task<Ending> run(Command command);

 private:
  struct Listener;
  [[nodiscard]] Task<Result<void>> perform(Command command);
  [[nodiscard]] Result<void> open(Command command);
  [[nodiscard]] Side primary_for(Command command) const;
  [[nodiscard]] Result<void> connect(Command command);
  [[nodiscard]] Task<Result<void>> enter(Command command);
  [[nodiscard]] Task<Result<void>> read_mirror(Command command);
  [[nodiscard]] Task<Result<void>> pay_debt();
  [[nodiscard]] Task<Result<void>> reconcile();
  [[nodiscard]] Task<Result<void>> work(Command command, std::atomic<bool>* stop);
  [[nodiscard]] Task<Result<void>> sync(Command command, std::atomic<bool>* stop);
  [[nodiscard]] Task<Result<void>> turn(Command command, std::atomic<bool>* stop);
  [[nodiscard]] Task<Result<void>> drill(Command command);
  [[nodiscard]] engine::Rules rules() const;
  [[nodiscard]] engine::LockOptions lock_options() const;
  void tell(const std::string& line);

  Site& site_;
  Machine machine_;
  Flags flags_;
  std::unique_ptr<Listener> listener_;
  std::optional<state::LocalLock> lock_;
  std::unique_ptr<state::Store> store_;
  Side primary_side_ = Side::home;
  std::optional<workspace::Connection> primary_connection_;
  std::optional<workspace::Connection> secondary_connection_;
  std::unique_ptr<workspace::Workspace> primary_;
  std::unique_ptr<workspace::Workspace> secondary_;
  std::unique_ptr<engine::Session> session_;
  std::unique_ptr<engine::RunLock> run_lock_;
  std::optional<std::int64_t> mirrored_;
  Ending ending_;
};

}  // namespace twinlake::simulation
