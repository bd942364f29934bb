// Plays histories made from seeds, and makes those that fail shorter. `--help` says how.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/history.h"
#include "simulation/planted.h"
#include "simulation/player.h"
#include "simulation/shrink.h"

namespace twinlake::simulation {
namespace {

constexpr std::string_view usage = R"(Usage: twinlake-sim-run [--seeds N] [--from S] [--seed S] [--ops N] [--keep NUMBERS] [-v]

Plays histories in a simulation of two regions: people, faults, kills and commands, all chosen by a seed. Prints a failing
one as short as it can be made, with the command that plays it again. Exit code 1: one failed.

  --seeds N       how many (100); TWINLAKE_SEEDS has the last word together with --part
  --part 2/8      only the second eighth of them, for as many processes
  --from S        the first of them (1)
  --seed S        only this one
  --ops N         operations in a history (24)
  --keep 1,5,7    only these operations of it
  --keep-going    do not stop at the first that fails; a line for each
  --no-shrink     print it as it is
  -v              print what happens
  --plants        the bugs that can be planted (twinlake-sim-planted only)
  --plant BUG     plant it
  --coverage      print what they came across; exit code 1 when something that should be never was
  --must-fail     with --plant: exit code 0 when a history fails, 1 when none does
  --planted-table how many of the seeds find each of them
)";

struct Arguments {
  std::uint64_t seeds = 100;
  std::uint64_t from = 1;
  int operations = 24;
  std::vector<int> keep;
  bool keep_going = false;
  bool shrinks = true;
  bool tells = false;
  bool is_table = false;
  bool must_fail = false;
  bool covers = false;
  std::string plant;
  std::string program;
};

std::vector<int> numbers_in(const std::string& text) {
  std::vector<int> numbers;
  std::istringstream stream(text);
  for (std::string number; std::getline(stream, number, ',');) numbers.push_back(std::stoi(number));
  return numbers;
}

/// "2/8" of all seeds.
void take_part(Arguments& arguments, const std::string& part) {
  const std::size_t slash = part.find('/');
  const std::uint64_t number = std::stoull(part);
  const std::uint64_t parts = std::stoull(part.substr(slash + 1));
  if (const char* wanted = std::getenv("TWINLAKE_SEEDS")) arguments.seeds = std::stoull(wanted);
  arguments.seeds = (arguments.seeds + parts - 1) / parts;
  arguments.from += (number - 1) * arguments.seeds;
}

Arguments read_arguments(int count, char** values) {
  Arguments arguments;
  arguments.program = values[0];
  const std::vector<std::string> words(values + 1, values + count);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto value = [&] { return i + 1 < words.size() ? words[++i] : throw std::invalid_argument(word + " needs a value"); };
    if (word == "--seeds") arguments.seeds = std::stoull(value());
    else if (word == "--from") arguments.from = std::stoull(value());
    else if (word == "--seed") { arguments.from = std::stoull(value()); arguments.seeds = 1; }
    else if (word == "--ops") arguments.operations = std::stoi(value());
    else if (word == "--keep") arguments.keep = numbers_in(value());
    else if (word == "--part") take_part(arguments, value());
    else if (word == "--must-fail") arguments.must_fail = true;
    else if (word == "--coverage") arguments.covers = true;
    else if (word == "--keep-going") arguments.keep_going = true;
    else if (word == "--no-shrink") arguments.shrinks = false;
    else if (word == "-v") arguments.tells = true;
    else if (word == "--plant") arguments.plant = value();
    else if (word == "--planted-table") arguments.is_table = true;
    else throw std::invalid_argument("what is " + word + "?");
  }
  return arguments;
}

History history_of(const Arguments& arguments, std::uint64_t seed) {
  History history = make_history(seed, arguments.operations);
  return arguments.keep.empty() ? history : only(history, arguments.keep);
}

void print_failure(const Arguments& arguments, History history, Outcome outcome) {
  const std::string rule = outcome.rule();
  if (arguments.shrinks) {
    history = shrink(std::move(history), [&](const History& shorter) { return play(shorter).rule() == rule; });
    outcome = play(history);
  }
  std::cout << "\n" << outcome.problem << "\n\n" << (arguments.tells ? outcome.log : to_text(history)) << "\nplay it again: "
            << replay_command(history, arguments.program, arguments.plant) << " -v\n";
}

/// How much is missing in it.
std::uint64_t tell_coverage(const Coverage& coverage) {
  print(std::cout, coverage);
  const std::vector<std::string> missing = missing_in(coverage);
  for (const std::string& line : missing) std::cout << "missing: " << line << "\n";
  return missing.size();
}

/// How many of the seeds fail, and how much is missing in what they came across.
std::uint64_t play_all(const Arguments& arguments) {
  std::uint64_t failed = 0;
  std::map<std::string, int> rules;
  int commands = 0;
  int kills = 0;
  Coverage coverage;
  for (std::uint64_t seed = arguments.from; seed < arguments.from + arguments.seeds; ++seed) {
    const History history = history_of(arguments, seed);
    Outcome outcome = play(history);
    commands += outcome.commands;
    kills += outcome.kills;
    coverage.add(outcome.coverage);
    if (outcome.is_good()) {
      if (arguments.tells) std::cout << outcome.log;
      continue;
    }
    ++failed;
    ++rules[outcome.rule()];
    if (arguments.keep_going) {
      std::cout << "seed " << seed << ": " << outcome.problem.substr(0, 300) << std::endl;
      continue;
    }
    print_failure(arguments, history, std::move(outcome));
    break;
  }
  std::cout << arguments.seeds << " histories with " << commands << " commands, " << kills << " of them killed; " << failed << " against the rules\n";
  for (const auto& [rule, count] : rules) std::cout << "  " << rule << ": " << count << "\n";
  return failed + (arguments.covers ? tell_coverage(coverage) : 0);
}

void print_table(const Arguments& arguments) {
  std::cout << "| planted bug | rule | found in | first seed |\n|---|---|---:|---:|\n";
  for (const Plant& plant : plants()) {
    plant_bug(plant.name);
    std::uint64_t found = 0;
    std::uint64_t first = 0;
    for (std::uint64_t seed = arguments.from; seed < arguments.from + arguments.seeds; ++seed) {
      if (play(history_of(arguments, seed)).is_good()) continue;
      ++found;
      if (first == 0) first = seed;
    }
    std::cout << "| " << plant.what << " (`" << plant.name << "`) | " << plant.rule << " | " << found << " of " << arguments.seeds << " | " << first << " |\n"
              << std::flush;
  }
}

int run(int count, char** values) {
  const Arguments arguments = read_arguments(count, values);
  if (!arguments.plant.empty() && !plant_bug(arguments.plant)) throw std::invalid_argument("no bug of that name can be planted here: " + arguments.plant);
  if (arguments.is_table) {
    print_table(arguments);
    return 0;
  }
  const bool has_failed = play_all(arguments) > 0;
  return has_failed == arguments.must_fail ? 0 : 1;
}

}  // namespace
}  // namespace twinlake::simulation

int main(int count, char** values) {
  try {
    for (int i = 1; i < count; ++i)
      if (std::string_view(values[i]) == "--help") {
        std::cout << twinlake::simulation::usage;
        return 0;
      } else if (std::string_view(values[i]) == "--plants") {
        for (const auto& plant : twinlake::simulation::plants()) std::cout << plant.name << ": " << plant.what << "\n";
        return 0;
      }
    return twinlake::simulation::run(count, values);
  } catch (const std::invalid_argument& wrong) {
    std::cerr << wrong.what() << "\n" << twinlake::simulation::usage;
    return 2;
  }
}
