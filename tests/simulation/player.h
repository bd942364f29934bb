#pragma once
// Plays a history and holds its outcome against the rules: after each operation, and at the end, when nothing is broken any
// more and one more sync has to make everything equal.
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/aims.h"
#include "simulation/coverage.h"
#include "simulation/history.h"
#include "simulation/journal.h"
#include "simulation/people.h"
#include "simulation/program.h"
#include "simulation/site.h"
#include "simulation/state_disk.h"
#include "simulation/witness.h"

namespace twinlake::simulation {

struct Outcome {
  std::string problem;  ///< empty: no rule was broken
  std::string log;      ///< what happened, a line for each operation; equal for equal histories
  int commands = 0;
  int kills = 0;
  Coverage coverage;
  [[nodiscard]] bool is_good() const { return problem.empty(); }
  /// The rule that was broken, without what it was broken by.
  [[nodiscard]] std::string rule() const { return problem.substr(0, problem.find(':')); }
};

class Player {
 public:
  explicit Player(History history);
  ~Player();
  /// Once.
  [[nodiscard]] Outcome play();

 private:
  /// What is to happen during the next command.
  struct Armed {
    std::vector<Operation> edits;     ///< by people, later
    std::vector<Operation> losses;    ///< of regions
    std::optional<unsigned> kill_at_exchange;
    std::optional<unsigned> kill_at_write;
  };
  /// Both sides before a command, to compare with.
  struct Before {
    std::array<std::shared_ptr<Sight>, 2> sights;
    std::set<std::string> strangers;  ///< keys of what people have on the standby and no state knows; principals are everybody's
    std::optional<Side> role;
    std::optional<Side> failing_over_to;
  };
  struct Done {
    Ending ending;
    bool was_killed = false;
    bool was_edited = false;  ///< people were at work meanwhile
  };

  void apply(const Operation& operation);
  void arm(const Operation& operation);
  void add_fault(const Operation& operation);
  void people(Side side, const Operation& operation, bool meddles);
  void note_edit(Side side, Sight& before);
  /// What makes a saved plan stale, whatever else there is.
  bool make_folder(int number);
  void lose(const Operation& operation);
  /// New objects are shown late, by both sides.
  void show_late(bool late);
  void return_regions();
  void forget_what_no_mirror_tells();
  void new_machine();
  void commit();
  /// The state of the machine, or why it cannot be opened. Kept open from command to command.
  [[nodiscard]] Result<state::Store*> state();
  void close_state();
  void pass(Micros time);

  void command(const Operation& operation);
  bool is_killed(const std::function<void()>& work);
  Done run(Command command, Flags flags);
  Done run_two(const Operation& operation);
  Done finish(Command command, const Before& before, Done done);
  void disarm();
  void happen(unsigned exchange);
  [[nodiscard]] Before look();

  // What must be true after each command.
  void check_role(Command command, const Before& before, const Done& done);
  void check_untouched(Command command, const Before& before, const Done& done);
  [[nodiscard]] bool is_only_read(Command command, Side side) const;
  void check_as_it_was(Command command, Side side, const Thing& thing, const std::map<std::string, Thing>& now, bool is_stranger);
  [[nodiscard]] bool is_bound(Side side, const Thing& thing);
  [[nodiscard]] bool may_be_live(Side side, const std::string& key);
  void check_names();
  void check_synced(const Before& before, const Done& done);
  void check_turned(Command command, const Before& before, const Done& done);
  void check_mirror(const Done& done);
  [[nodiscard]] std::multiset<std::string> replicated_names(Side side, const std::map<std::string, std::string>& live);
  /// The mirror that lies there; null when there is none.
  [[nodiscard]] nlohmann::json mirror_on(Side side);
  void check_disk(const Done& done);
  void check_said_equal(Command command, const Done& done);
  void report_unequal(const std::string& rule, const std::vector<engine::Verdict>& verdicts, const std::set<std::string>& known);
  void cover(const Done& done);

  // The end.
  void come_to_an_end();
  [[nodiscard]] bool waits_for_people(const Ending& ending);
  void finish_what_is_open();
  void check_equal();
  void check_second_sync();
  [[nodiscard]] std::set<std::string> excused(const std::vector<engine::Verdict>& verdicts);
  [[nodiscard]] bool is_excused(const engine::Verdict& verdict);

  /// Half of the operators log in with OAuth, whose tokens end in the middle of a run.
  [[nodiscard]] bool uses_oauth() const { return history_.seed % 2 == 0; }
  /// A third of them read in turns what no listing tells (ADR 0034): the standby may lag in it until somebody looks.
  [[nodiscard]] bool reads_in_turns() const { return history_.seed % 3 == 0; }
  /// A fifth of them are asked about what was changed on both sides.
  [[nodiscard]] bool asks() const { return history_.seed % 5 == 0 || is_asked_in(history_.seed); }
  [[nodiscard]] Side secondary() const { return model::other(facts_.primary); }
  void report(const std::string& rule, const std::string& what) { witness_.report(rule, what); }
  void log(const std::string& line) { outcome_.log += line + "\n"; }

  History history_;
  StateDisk disk_;
  std::string folder_;
  Machine machine_;
  Site site_;
  Facts facts_;
  Witness witness_;
  People people_;
  Journal journal_;
  std::unique_ptr<state::Store> state_;
  Armed armed_;
  Outcome outcome_;
  bool was_edited_ = false;
  bool was_disturbed_ = false;  ///< something was broken during the command under way
  bool is_stuck_ = false;       ///< a failover waits for people to mend what they broke
  bool is_said_equal_ = false;  ///< the last command was a sync that said so, and nobody has touched anything since
  Time last_edit_;
  Time command_began_;
  std::string_view playing_;  ///< the operation under way
  bool owes_fence_ = false;  ///< a forced failover was begun, and no whole sync has paid since
  int other_machines_ = 0;
  /// What was live on the primary when a failover began, or when it was last synced; nothing where people changed
  /// something since.
  std::optional<std::map<std::string, std::string>> live_at_start_;
  std::optional<std::map<std::string, std::string>> live_at_last_sync_;
};

[[nodiscard]] Outcome play(const History& history);

}  // namespace twinlake::simulation
