#include "app/managed_checks.h"

#include <algorithm>

namespace twinlake::app {

using failover::Check;
using failover::Level;

std::vector<model::Finding> managed_findings(const GroupAccess& group,
                                             const std::vector<engine::Verdict>& verdicts) {
  if (!group.managed()) return {};
  auto findings = azure::judge_left_out(verdicts, group.covered_kinds());
  std::ranges::move(azure::left_out_by_managed_dr(), std::back_inserter(findings));
  return findings;
}

std::vector<Check> managed_checks(const GroupAccess& group,
                                  const std::vector<engine::Verdict>& verdicts) {
  if (!group.asks_account()) return {};
  Check check{.name = "managed dr",
              .message = "no failover group of Managed Disaster Recovery has either workspace"};
  if (const auto& unknown = group.managed_unknown()) {
    check.level = Level::warning;
    check.message =
        "whether Managed Disaster Recovery is at work could not be read: " + unknown->message;
    check.what_to_do = unknown->hint;
    return {check};
  }
  if (!group.managed()) return {check};
  const auto& [governor, host] = *group.managed();
  check.level = Level::warning;
  check.message = host + " is kept by failover group " + governor.short_name() +
                  " of Managed Disaster Recovery";
  if (!governor.state.empty()) check.message += ", " + governor.state;
  if (governor.replication_point)
    check.message += ", as of " + to_rfc3339(*governor.replication_point);
  check.message += group.covered_kinds().empty()
                       ? "; Twinlake writes nothing there, and this is left to you:"
                       : "; Twinlake writes there only what it is told to cover, and this is left:";
  check.findings = managed_findings(group, verdicts);
  return {check};
}

}  // namespace twinlake::app
