#pragma once
// A history: what people, the network, the regions and operators of Twinlake do, one after the other. A plain value made from
// a seed, so that it can be printed, played again, and made shorter until nothing more can be left out.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace twinlake::simulation {

enum class Act {
  // People. What they do follows from the numbers of the operation and from what is there then.
  edit,          ///< on the primary, now
  edit_later,    ///< on the primary, during the next command
  meddle,        ///< on the secondary, now
  meddle_later,  ///< on the secondary, during the next command
  // The network and the service, during the next command.
  fail,          ///< 500, 503 or 504, before or after the work was done
  throttle,      ///< a storm of 429 with Retry-After
  lose_answer,   ///< the work is done, the answer is lost
  cut_answer,    ///< an answer breaks off, or is a page for people
  empty_page,    ///< a page without elements and with a token for the next one
  delay,         ///< an answer comes later
  expire_token,  ///< of one side, at some moment
  lag,           ///< both sides show new objects late
  // Regions.
  lose_region,    ///< during the next command, for a while or until somebody needs it
  return_region,  ///< whichever is lost
  // The machine on which Twinlake runs.
  kill_at_exchange,     ///< the next command is killed after so many exchanges
  kill_at_write,        ///< ... once the service has done so many of its writes, before it hears of it
  kill_at_event,        ///< ... after so many events of its loop
  kill_at_state_write,  ///< ... in the middle of writing its state
  fill_disk,            ///< the disk is full after so many writes, until that command has ended
  new_machine,          ///< the state is lost; another machine goes on from the mirror
  wait,                 ///< time passes
  // Commands.
  sync,
  reconcile,
  stale_plan,   ///< a plan is saved, somebody edits, the plan is synced
  two_at_once,  ///< two programs sync the same group
  planned,      ///< planned failover (or failback) to whoever is the standby
  forced,       ///< forced failover: the primary region is lost
  abort,
  commit,
  drill,
  clean_up,  ///< of a drill
};
[[nodiscard]] std::string_view name_of(Act act);
[[nodiscard]] bool is_command(Act act);
[[nodiscard]] std::vector<Act> all_acts();

struct Operation {
  int number = 0;  ///< its place in the history as it was made: what `--keep` names
  Act act = Act::sync;
  unsigned when = 0;   ///< exchanges, events or writes until it happens, where it is not now
  unsigned what = 0;   ///< which kind of object or fault
  unsigned which = 0;  ///< which object of those that are there
  bool operator==(const Operation&) const = default;
};

struct History {
  std::uint64_t seed = 1;
  int length = 0;  ///< as it was made; fewer operations may be left of it
  std::vector<Operation> operations;
  bool operator==(const History&) const = default;
};

/// The history of a seed with so many operations. The same arguments give the same history on every machine.
[[nodiscard]] History make_history(std::uint64_t seed, int length);
/// The operations with these numbers alone.
[[nodiscard]] History only(const History& whole, const std::vector<int>& numbers);
/// One operation per line.
[[nodiscard]] std::string to_text(const History& history);
[[nodiscard]] std::string to_text(const Operation& operation);
/// The command that plays it again.
[[nodiscard]] std::string replay_command(const History& history, std::string_view program, std::string_view plant);

}  // namespace twinlake::simulation
