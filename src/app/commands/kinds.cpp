#include <algorithm>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/output.h"
#include "app/rules.h"
#include "app/settings.h"
#include "base/json_path.h"

namespace twinlake::app {

namespace {

using model::Kind;
using model::Support;
using nlohmann::json;

struct KindsFlags {
  bool markdown = false;
};

std::string_view word(const Kind& kind) {
  switch (kind.support) {
    case Support::replicated: return kind.left_to_people.empty() ? "replicated" : "partly";
    case Support::lookup: return "looked up";
    case Support::unsupported: return "needs a person";
  }
  return "?";
}

/// What a person has to do about it, if anything.
std::string_view left_to_people(const Kind& kind) {
  if (kind.support == Support::lookup)
    return kind.suggest == nullptr
               ? "what refers to it waits until the secondary has one of that name"
               : "a rewrite names a twin for what the secondary lacks";
  return kind.left_to_people.empty() ? kind.what_to_do : kind.left_to_people;
}

std::vector<const Kind*> sorted_kinds() {
  std::vector<const Kind*> kinds = kinds::all();
  std::stable_sort(kinds.begin(), kinds.end(), [](const Kind* a, const Kind* b) {
    return std::pair(static_cast<int>(a->support), a->name) <
           std::pair(static_cast<int>(b->support), b->name);
  });
  return kinds;
}

template <class Range>
std::string listed(const Range& words, std::string_view quote = "") {
  std::string text;
  for (const auto& entry : words) {
    text += text.empty() ? "" : ", ";
    text += std::string(quote) + std::string(entry) + std::string(quote);
  }
  return text;
}

std::set<std::string> references_of(const Kind& kind) {
  std::set<std::string> names;
  for (const model::Reference& reference : kind.references)
    names.insert(reference.kinds.begin(), reference.kinds.end());
  return names;
}

std::vector<std::string> holds_of(const Kind& kind) {
  std::vector<std::string> places;
  for (const model::Hold& hold : kind.holds) places.emplace_back(hold.path);
  return places;
}

std::string matched_by(const Kind& kind) {
  if (!kind.child_of.empty()) return "its parent";
  if (kind.key_is_path) return "path";
  std::string name(kind.key_at);
  name.erase(0, name.rfind('/') + 1);
  return name.empty() ? "id" : name + (kind.key_is_unique ? "" : " and marker");
}

std::string belongs_to(const Kind& kind) {
  if (kind.child_of == "*") return "every kind with permissions";
  std::string all(kind.child_of);
  for (const std::string_view other : kind.other_parents) all += ", " + std::string(other);
  return all;
}

json kind_json(const Kind& kind) {
  json entry = json::object();
  entry["kind"] = kind.name;
  entry["plural"] = kind.plural;
  entry["about"] = kind.about;
  entry["support"] = word(kind);
  entry["matched_by"] = matched_by(kind);
  entry["part_of"] = kind.child_of.empty() ? json() : json(belongs_to(kind));
  entry["references"] = references_of(kind);
  entry["holds"] = holds_of(kind);
  entry["left_to_people"] = left_to_people(kind).empty() ? json() : json(left_to_people(kind));
  return entry;
}

std::string excluded_text() { return listed(always_excluded(), "`"); }

std::string markdown_row(const Kind& kind) {
  std::string holds = listed(holds_of(kind), "`");
  std::string about(kind.about);
  if (!left_to_people(kind).empty())
    about += ". Left to people: " + std::string(left_to_people(kind));
  return "| `" + std::string(kind.name) + "` | " + about + " | " + matched_by(kind) + " | " +
         listed(references_of(kind)) + " | " + holds + " |\n";
}

std::string markdown() {
  std::string text =
      "# Kinds\n\nPrinted by `twinlake kinds --markdown`; a test compares it. Do not edit it by "
      "hand.\n\n"
      "Never replicated, whatever the scope says: " +
      excluded_text() + ".\n";
  const auto section = [&](Support support, const std::string& title, const std::string& about) {
    text += "\n## " + title + "\n\n" + about +
            "\n\n| kind | what it is | matched by | refers to | held on the standby |\n"
            "|---|---|---|---|---|\n";
    for (const Kind* kind : sorted_kinds())
      if (kind->support == support) text += markdown_row(*kind);
  };
  section(Support::replicated, "Replicated", "Created, updated and removed on the secondary.");
  section(Support::lookup, "Looked up",
          "Only listed and matched by name on both sides, so that references to them resolve. What "
          "is missing on the "
          "secondary blocks the objects that refer to it, with that cause.");
  section(Support::unsupported, "Needs a person",
          "Found, named in every reconciliation, and left to a person.");
  return text;
}

void print_table(const Style& style) {
  constexpr int about_column = 42;
  print(style(Tone::faint, padded("kind", 26) + padded("support", 16) + "what it is") + "\n");
  for (const Kind* kind : sorted_kinds()) {
    std::string why(kind->about);
    if (!left_to_people(*kind).empty())
      why += ". Left to people: " + std::string(left_to_people(*kind));
    const std::string about =
        wrapped(why, about_column, std::max(style.columns(), about_column + 30));
    print(padded(kind->name, 26) + padded(word(*kind), 16) +
          about.substr(std::min<std::size_t>(about_column, about.size())));
    if (about.empty()) print("\n");
  }
  print("\n" + wrapped("Never replicated, whatever the scope says: " + listed(always_excluded()), 0,
                       style.columns()));
}

Result<ExitCode> run_kinds(const Globals& globals, const KindsFlags& flags) {
  if (flags.markdown) {
    print(markdown());
  } else if (globals.json()) {
    json list = json::array();
    for (const Kind* kind : sorted_kinds()) list.push_back(kind_json(*kind));
    print_json(list);
  } else {
    print_table(Style(!globals.no_color && wants_colours(stdout), text_columns(stdout)));
  }
  return ExitCode::good;
}

}  // namespace

Command kinds_command() {
  const auto flags = std::make_shared<KindsFlags>();
  Command command;
  command.name = "kinds";
  command.about = "List the kinds of objects that Twinlake knows";
  command.details =
      "Replicated kinds are created on the secondary, partly means that something about them is "
      "left "
      "to people; kinds that are looked up must be there already, so that references to them "
      "resolve. Never replicated, whatever the scope says: " +
      listed(always_excluded()) + ".";
  command.options = {{"--markdown", "", "Print docs/reference/kinds.md", &flags->markdown}};
  command.examples = {"twinlake kinds", "twinlake -o json kinds"};
  command.run = [flags](const Globals& globals) { return run_kinds(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
