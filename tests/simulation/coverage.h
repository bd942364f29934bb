#pragma once
// What histories came across: which kinds were made, changed, removed, held and released, which commands ended how, what broke.
// A rule that no history ever meets is not looked after, however green it is.
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace twinlake::simulation {

struct Coverage {
  using Counts = std::map<std::string, int>;
  std::map<std::string, Counts> kinds;     ///< by kind: "create", "hold", ..., "conflict"
  std::map<std::string, Counts> held;      ///< by kind: places of which it is on record what they were
  std::map<std::string, Counts> commands;  ///< by command: how it ended
  Counts others;                           ///< edits, faults, kills, regions
  void add(const Coverage& more);
};

/// Tables for people.
void print(std::ostream& out, const Coverage& coverage);

/// What some history must have come across and none has, a line each: every hold of every kind, every operation and command,
/// and for what the histories make themselves each thing that can become of it.
[[nodiscard]] std::vector<std::string> missing_in(const Coverage& coverage);

}  // namespace twinlake::simulation
