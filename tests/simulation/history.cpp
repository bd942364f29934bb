#include "simulation/history.h"

#include <algorithm>
#include <array>
#include <random>

#include "simulation/aims.h"

namespace twinlake::simulation {

namespace {

struct Row {
  Act act;
  std::string_view name;
  bool is_command;
  unsigned weight;   ///< among what is between two commands, or among commands
  unsigned longest;  ///< `when` is below it; 0: it has no moment of its own
};

constexpr std::array rows{
    Row{Act::edit, "edit", false, 50, 0},
    Row{Act::edit_later, "edit_later", false, 16, 200},
    Row{Act::meddle, "meddle", false, 7, 0},
    Row{Act::meddle_later, "meddle_later", false, 3, 200},
    Row{Act::fail, "fail", false, 13, 120},
    Row{Act::throttle, "throttle", false, 4, 120},
    Row{Act::lose_answer, "lose_answer", false, 12, 60},
    Row{Act::cut_answer, "cut_answer", false, 5, 120},
    Row{Act::empty_page, "empty_page", false, 4, 40},
    Row{Act::delay, "delay", false, 4, 120},
    Row{Act::expire_token, "expire_token", false, 3, 120},
    Row{Act::lag, "lag", false, 3, 0},
    Row{Act::lose_region, "lose_region", false, 3, 200},
    Row{Act::return_region, "return_region", false, 4, 0},
    Row{Act::kill_at_exchange, "kill_at_exchange", false, 12, 250},
    Row{Act::kill_at_write, "kill_at_write", false, 10, 12},
    Row{Act::kill_at_event, "kill_at_event", false, 8, 1500},
    Row{Act::kill_at_state_write, "kill_at_state_write", false, 8, 120},
    Row{Act::fill_disk, "fill_disk", false, 4, 120},
    Row{Act::new_machine, "new_machine", false, 2, 0},
    Row{Act::wait, "wait", false, 3, 0},
    Row{Act::sync, "sync", true, 55, 0},
    Row{Act::reconcile, "reconcile", true, 4, 0},
    Row{Act::stale_plan, "stale_plan", true, 6, 0},
    Row{Act::two_at_once, "two_at_once", true, 6, 400},
    Row{Act::planned, "planned", true, 18, 0},
    Row{Act::forced, "forced", true, 7, 0},
    Row{Act::abort, "abort", true, 4, 0},
    Row{Act::commit, "commit", true, 14, 0},
    Row{Act::drill, "drill", true, 4, 0},
    Row{Act::clean_up, "clean_up", true, 4, 0},
};

const Row& row_of(Act act) { return *std::ranges::find(rows, act, &Row::act); }

/// Not a distribution of the library: those may give other numbers elsewhere.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  unsigned below(unsigned limit) { return limit == 0 ? 0 : static_cast<unsigned>(random_() % limit); }

 private:
  std::mt19937_64 random_;
};

Act choose(Chance& chance, bool command) {
  unsigned all = 0;
  for (const Row& row : rows) all += row.is_command == command ? row.weight : 0;
  unsigned left = chance.below(all);
  for (const Row& row : rows) {
    if (row.is_command != command) continue;
    if (left < row.weight) return row.act;
    left -= row.weight;
  }
  return Act::sync;
}

}  // namespace

std::string_view name_of(Act act) { return row_of(act).name; }
bool is_command(Act act) { return row_of(act).is_command; }
std::vector<Act> all_acts() {
  std::vector<Act> acts;
  for (const Row& row : rows) acts.push_back(row.act);
  return acts;
}

History make_history(std::uint64_t seed, int length) {
  Chance chance(seed);
  History history{seed, length, {}};
  // What there is when Twinlake first comes.
  int until_command = 4 + static_cast<int>(chance.below(6));
  unsigned last_edit = 0;
  for (int i = 0; i < length; ++i) {
    Operation operation;
    operation.number = i;
    const bool is_first = history.operations.empty() || std::ranges::none_of(history.operations, [](const Operation& one) { return is_command(one.act); });
    if (until_command-- == 0) {
      operation.act = is_first ? Act::sync : choose(chance, true);
      until_command = static_cast<int>(chance.below(4));
    } else {
      operation.act = is_first && chance.below(4) > 0 ? Act::edit : choose(chance, false);
    }
    operation.when = chance.below(row_of(operation.act).longest);
    operation.what = chance.below(1000);
    // Whoever does something does it again: what needs many of a kind would never come about.
    if (operation.act == Act::edit && chance.below(4) == 0) operation.what = last_edit;
    if (operation.act == Act::edit) last_edit = operation.what;
    operation.which = chance.below(1000);
    history.operations.push_back(operation);
  }
  if (const Aim* aim = aim_of(seed))
    for (std::size_t i = 0; i < aim->beats.size() && i < history.operations.size(); ++i) follow(aim->beats[i], history.operations[i]);
  return history;
}

History only(const History& whole, const std::vector<int>& numbers) {
  History part{whole.seed, whole.length, {}};
  std::ranges::copy_if(whole.operations, std::back_inserter(part.operations),
                       [&](const Operation& operation) { return std::ranges::find(numbers, operation.number) != numbers.end(); });
  return part;
}

std::string to_text(const Operation& operation) {
  std::string text = std::to_string(operation.number) + " " + std::string(name_of(operation.act));
  if (row_of(operation.act).longest > 0) text += " at " + std::to_string(operation.when);
  return text + " (" + std::to_string(operation.what) + ", " + std::to_string(operation.which) + ")";
}

std::string to_text(const History& history) {
  std::string text;
  for (const Operation& operation : history.operations) text += to_text(operation) + "\n";
  return text;
}

std::string replay_command(const History& history, std::string_view program, std::string_view plant) {
  std::string command = std::string(program) + " --seed " + std::to_string(history.seed) + " --ops " + std::to_string(history.length);
  if (!plant.empty()) command += " --plant " + std::string(plant);
  if (static_cast<int>(history.operations.size()) == history.length) return command;
  command += " --keep ";
  for (const Operation& operation : history.operations) command += std::to_string(operation.number) + ",";
  command.pop_back();
  return command;
}

}  // namespace twinlake::simulation
