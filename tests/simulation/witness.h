#pragma once
// Sees every exchange of our programs and holds it against the rules that must never break (design, rules 1 to 11). It knows
// the API and the two regions, and nothing of our kinds.
#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulation/journal.h"
#include "simulation/program.h"
#include "simulation/site.h"
#include "simulation/world.h"

namespace twinlake::simulation {

/// What is known about who did what, from the outside.
struct Facts {
  Side primary = Side::home;
  /// Things that people ever made, by side: keys.
  std::array<std::set<std::string>, 2> by_people;
  /// What people let start by itself on a side: keys.
  std::array<std::set<std::string>, 2> let_live;
  /// How many things of people ever had this name: list/name.
  std::map<std::string, int> names;
  /// Keys of both sides that people touched during the command under way.
  std::array<std::set<std::string>, 2> touched;

  /// Ids of what our programs removed because the primary had it no more.
  std::set<std::string> removed_by_us;
  /// Made by us, by a run that came to no mirror, on a machine that was lost then: keys. Nobody knows whose they are.
  std::set<std::string> forgotten;
  /// Machines that people started, on either side: keys.
  std::set<std::string> was_started;

  [[nodiscard]] static std::size_t at(Side side) { return side == Side::home ? 0 : 1; }
  [[nodiscard]] bool is_of_people(Side side, const std::string& key) const { return by_people[at(side)].contains(key); }
};

class Witness final : public Watcher {
 public:
  Witness(Site& site, Facts& facts) : site_(site), facts_(facts) {}

  /// A command begins. `journals`: of the machines on which programs run; `allow_deletes`: what it was told, -1: nothing.
  void begin(Command command, std::vector<Journal*> journals, int allow_deletes);
  void end();
  void before(Side side, const http::Request& request) override;
  void after(Side side, const http::Request& request, const Result<http::Response>& answer) override;

  /// Called before each exchange with its number, from 0 on.
  std::function<void(unsigned number)> on_exchange;
  /// Called once the service has done a write, but for the run lock and the mirror, and before our program hears of it; with
  /// its number, from 0 on.
  std::function<void(unsigned number)> on_written;
  /// The first thing that was against a rule; empty: nothing was.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  void report(const std::string& rule, const std::string& what);
  [[nodiscard]] unsigned exchanges() const { return exchanges_; }
  /// Writes of the present command but for the run lock and the mirror.
  [[nodiscard]] unsigned writes() const { return writes_; }
  /// Every write so far, one per line.
  [[nodiscard]] const std::string& written() const { return written_; }

 private:
  void check_roles(Side side, const http::Request& request);
  void check_journal(Side side, const http::Request& request);
  void check_removal(Side side, const http::Request& request);
  void check_live(Side side, const http::Request& request);
  void check_pause(Side side, const http::Request& request);

  Site& site_;
  Facts& facts_;
  Command command_ = Command::sync;
  Side old_primary_ = Side::home;  ///< which a command that moves the role leaves alone, but for its triggers
  std::vector<Journal*> journals_;
  std::string problem_;
  int told_ = -1;
  unsigned exchanges_ = 0;
  unsigned writes_ = 0;
  unsigned answered_ = 0;  ///< of them
  std::string written_;
  std::map<std::string, std::set<std::string>> removals_;   ///< of the present command, by list: ids, however often asked for
  std::map<std::string, std::size_t> there_;                ///< on the standby when it began, by list
  struct Pause {
    Time told;
    Time until;
  };
  std::map<std::pair<Side, std::string>, Pause> pauses_;  ///< of lanes, asked for by the service
};

/// Does it change something? As HTTP says it, not as our kinds do.
[[nodiscard]] bool is_write(const http::Request& request);
/// The run lock, the mirror, what a drill made: all that lies in our own folder.
[[nodiscard]] bool is_in_own_folder(const http::Request& request);

}  // namespace twinlake::simulation
