#include "app/conflict_questions.h"

#include <algorithm>
#include <cctype>
#include <istream>
#include <optional>
#include <ostream>

namespace twinlake::app {

using engine::ObjectReport;
using engine::OnConflict;

std::vector<ObjectReport> undecided_of(const engine::SyncReport& report) {
  std::vector<ObjectReport> undecided;
  std::ranges::copy_if(report.objects, std::back_inserter(undecided), &ObjectReport::asks);
  return undecided;
}

namespace {

struct Choice {
  std::optional<OnConflict> policy;  ///< nothing: it is skipped
  bool for_all = false;
};

std::optional<Choice> choice_named(std::string word) {
  std::erase_if(word, [](unsigned char one) { return std::isspace(one) != 0; });
  if (word == "p" || word == "primary") return Choice{OnConflict::primary};
  if (word == "s" || word == "secondary") return Choice{OnConflict::keep};
  if (word == "k" || word == "skip") return Choice{std::nullopt};
  if (word == "P" || word == "all-primary") return Choice{OnConflict::primary, true};
  if (word == "S" || word == "all-secondary") return Choice{OnConflict::keep, true};
  if (word == "K" || word == "skip-all") return Choice{std::nullopt, true};
  return std::nullopt;
}

constexpr const char* question =
    "  Whose counts? [p]rimary, [s]econdary, s[k]ip; P, S or K for all that follow: ";

/// Nothing: nobody answers any more.
std::optional<Choice> next_choice(std::istream& from, std::ostream& to) {
  for (std::string line; to << question << std::flush, std::getline(from, line);)
    if (const auto choice = choice_named(line)) return choice;
  to << "\n";
  return std::nullopt;
}

}  // namespace

ConflictAnswers ask_about(const std::vector<ObjectReport>& undecided, std::istream& from,
                          std::ostream& to) {
  ConflictAnswers answers;
  std::optional<Choice> standing;
  for (std::size_t i = 0; i < undecided.size(); ++i) {
    const ObjectReport& object = undecided[i];
    std::optional<Choice> choice = standing;
    if (!choice) {
      to << "\n"
         << (i + 1) << " of " << undecided.size() << ": " << object.address << " " << object.error
         << "\n";
      choice = next_choice(from, to);
      if (!choice) break;
      if (choice->for_all) standing = choice;
    }
    if (choice->policy) answers.emplace(object.address, *choice->policy);
  }
  return answers;
}

}  // namespace twinlake::app
