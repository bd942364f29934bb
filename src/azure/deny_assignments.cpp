#include "azure/deny_assignments.h"

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

constexpr const char* authorization_version = "2022-04-01";
constexpr std::string_view list_keys = "Microsoft.Storage/storageAccounts/listKeys/action";
constexpr std::string_view fail_over = "Microsoft.Storage/storageAccounts/failover/action";
constexpr std::string_view read = "Microsoft.Storage/storageAccounts/read";

/// "*", "Microsoft.Storage/*", "*/read": a star stands for anything, in lower case both.
bool fits(std::string_view pattern, std::string_view action) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == action;
  if (!action.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= action.size(); ++at)
    if (fits(rest, action.substr(at))) return true;
  return false;
}

bool names_action(const json& permission, const char* pointer, std::string_view action) {
  const json* const patterns = find_at(permission, pointer);
  if (patterns == nullptr || !patterns->is_array()) return false;
  for (const json& pattern : *patterns)
    if (pattern.is_string() && fits(lower_case(pattern.get<std::string>()), lower_case(action)))
      return true;
  return false;
}

bool refuses(const json& assignment, std::string_view action) {
  const json* const permissions = find_at(assignment, "/properties/permissions");
  if (permissions == nullptr || !permissions->is_array()) return false;
  for (const json& permission : *permissions)
    if (names_action(permission, "/actions", action) &&
        !names_action(permission, "/notActions", action))
      return true;
  return false;
}

}  // namespace

std::string_view name_of(Denial::Seen seen) {
  switch (seen) {
    case Denial::Seen::unknown: return "unknown";
    case Denial::Seen::absent: return "absent";
    case Denial::Seen::there: return "there";
  }
  return "?";
}

Denial denial_in(const std::vector<json>& assignments) {
  Denial denial;
  denial.seen = Denial::Seen::absent;
  denial.why.clear();
  for (const json& assignment : assignments) {
    if (text_at(assignment, "/properties/isSystemProtected") != "true") continue;
    denial.seen = Denial::Seen::there;
    if (denial.name.empty()) denial.name = text_at(assignment, "/properties/denyAssignmentName");
    denial.refuses_keys = denial.refuses_keys || refuses(assignment, list_keys);
    denial.refuses_failover = denial.refuses_failover || refuses(assignment, fail_over);
    denial.refuses_reads = denial.refuses_reads || refuses(assignment, read);
  }
  return denial;
}

Task<Denial> ask_denial(Arm& arm, std::string group) {
  const auto listed =
      co_await arm.list(std::move(group) + "/providers/Microsoft.Authorization/denyAssignments",
                        authorization_version);
  if (listed) co_return denial_in(*listed);
  Denial denial;
  denial.why = listed.error().message;
  co_return denial;
}

}  // namespace twinlake::azure
