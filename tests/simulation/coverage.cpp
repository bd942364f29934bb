#include "simulation/coverage.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <ostream>

#include "model/kind.h"
#include "simulation/history.h"

namespace twinlake::simulation {

namespace {

constexpr std::array columns{"create", "update", "delete", "adopt", "hold", "release", "conflict"};

/// What becomes of a kind in some hundreds of histories; holds follow from the rows of the kinds. It grows with the aims.
struct Expected {
  std::string_view kind;
  std::vector<std::string_view> columns;
};
const std::vector<Expected>& expected() {
  static const std::vector<Expected> rows{
      {"job", {"create", "update", "delete", "hold", "release", "conflict"}},
      {"pipeline", {"create", "update", "delete", "release"}},
      {"cluster", {"create", "update", "delete"}},
      {"cluster_pin", {"create"}},
      {"cluster_policy", {"create", "update", "delete"}},
      {"instance_pool", {"create", "update"}},
      {"notebook", {"create", "update", "delete", "adopt", "conflict"}},
      {"directory", {"create", "adopt"}},
      {"file", {"create"}},
      {"git_folder", {"create"}},
      {"user", {"create"}},
      {"group", {"create"}},
      {"group_members", {"update"}},
      {"permissions", {"update"}},
      {"secret_scope", {"create", "delete"}},
      {"secret", {"create", "update", "delete"}},
      {"secret_acl", {"create"}},
      {"warehouse", {"create", "update", "delete"}},
      {"global_init_script", {"create", "update", "delete"}},
      {"workspace_conf", {"update"}},
      {"notification_destination", {"create"}},
  };
  return rows;
}

int count_of(const std::map<std::string, Coverage::Counts>& table, std::string_view row, std::string_view column) {
  const auto found = table.find(std::string(row));
  if (found == table.end()) return 0;
  const auto count = found->second.find(std::string(column));
  return count == found->second.end() ? 0 : count->second;
}

void merge(Coverage::Counts& into, const Coverage::Counts& more) {
  for (const auto& [name, count] : more) into[name] += count;
}

/// Was it on record what it was, and of what belongs to another object, which has no name in the records, given back?
bool is_held(const Coverage& coverage, const model::Kind& kind, std::string_view path) {
  if (!kind.child_of.empty()) return count_of(coverage.kinds, kind.name, "release") > 0;
  // Of several triggers each is known by what else it says.
  const std::size_t star = path.find("/*");
  return count_of(coverage.held, kind.name, path.substr(0, star)) > 0;
}

}  // namespace

void Coverage::add(const Coverage& more) {
  for (const auto& [kind, counts] : more.kinds) merge(kinds[kind], counts);
  for (const auto& [kind, counts] : more.held) merge(held[kind], counts);
  for (const auto& [command, counts] : more.commands) merge(commands[command], counts);
  merge(others, more.others);
}

void print(std::ostream& out, const Coverage& coverage) {
  out << std::left << std::setw(28) << "kind";
  for (const char* column : columns) out << std::right << std::setw(9) << column;
  out << "\n";
  for (const auto& [kind, counts] : coverage.kinds) {
    out << std::left << std::setw(28) << kind;
    for (const char* column : columns) out << std::right << std::setw(9) << count_of(coverage.kinds, kind, column);
    out << "\n";
  }
  for (const auto& [kind, places] : coverage.held)
    for (const auto& [place, count] : places) out << "held: " << kind << " " << place << ", after " << count << " commands\n";
  for (const auto& [command, words] : coverage.commands) {
    out << command << ":";
    for (const auto& [word, count] : words) out << " " << word << " " << count;
    out << "\n";
  }
  for (const auto& [name, count] : coverage.others) out << name << ": " << count << "\n";
}

std::vector<std::string> missing_in(const Coverage& coverage) {
  std::vector<std::string> missing;
  for (const Expected& row : expected())
    for (const std::string_view column : row.columns)
      if (count_of(coverage.kinds, row.kind, column) == 0) missing.push_back(std::string(row.kind) + ": " + std::string(column));
  for (const model::Kind* kind : kinds::all())
    for (const model::Hold& hold : kind->holds)
      if (!is_held(coverage, *kind, hold.path)) missing.push_back(std::string(kind->name) + ": nothing was held at " + std::string(hold.path));
  for (const Act act : all_acts()) {
    const std::string name(name_of(act));
    const bool was_met = is_command(act) ? coverage.commands.contains(name) : coverage.others.contains(name);
    if (!was_met) missing.push_back("no " + name);
    const bool is_long = act == Act::sync || act == Act::planned || act == Act::forced || act == Act::two_at_once;
    if (is_long && count_of(coverage.commands, name, "killed") == 0) missing.push_back(name + " was never killed");
  }
  return missing;
}

}  // namespace twinlake::simulation
