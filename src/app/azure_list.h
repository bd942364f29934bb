#pragma once
// What `storage` and `dependencies` have in common: both sides are read, Azure is asked of each
// thing that they name, and what is known of it is shown.
#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/azure_estate.h"
#include "app/azure_report.h"
#include "app/command_line.h"
#include "app/output.h"

namespace twinlake::app {

struct AzureFlags {
  bool all = false;
  bool no_code = false;
};
[[nodiscard]] std::vector<Option> azure_options(AzureFlags* flags);

[[nodiscard]] AzureHead head_of(const Settings& settings, const EstateView& view,
                                const AzureFlags& flags);

/// One of the lists.
template <class Verdict>
struct AzureList {
  const char* name;  ///< of the list in the document
  std::vector<Verdict> (*look)(const Settings& settings, EstateView& view);
  std::string (*text)(const AzureHead& head, const std::vector<Verdict>& verdicts, bool all,
                      const Style& style);
  nlohmann::json (*document)(const Verdict& verdict);
};

/// Exit code 2: something is unknown, or has a problem.
template <class Verdict>
Result<ExitCode> run_list(const Globals& globals, const AzureFlags& flags,
                          const AzureList<Verdict>& list) {
  TRY(const Settings settings, settle(globals, Needs::both));
  TRY(const auto view, view_estate(settings, flags.no_code ? ReadCode::no : ReadCode::yes));
  const std::vector<Verdict> verdicts = list.look(settings, *view);
  const AzureHead head = head_of(settings, *view, flags);
  if (settings.json)
    print_json(head_json(head), list.name, verdicts.size(),
               [&](std::size_t i) { return list.document(verdicts[i]); });
  else
    print(list.text(head, verdicts, flags.all, settings.out));
  const bool any =
      std::ranges::any_of(verdicts, [](const Verdict& verdict) { return needs_work(verdict); });
  return any ? ExitCode::partly : ExitCode::good;
}

}  // namespace twinlake::app
