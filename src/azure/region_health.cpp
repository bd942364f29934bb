#include "azure/region_health.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "base/text.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

/// Without these no workspace works (facts, azure 12.1); in lower case.
constexpr auto services = std::to_array<std::string_view>(
    {"azure databricks", "storage", "virtual machines", "virtual machine scale sets",
     "sql database", "key vault", "virtual network", "azure active directory", "microsoft entra id",
     "azure resource manager"});

std::vector<json> list_at(const json& value, std::string_view pointer) {
  const json* found = find_at(value, pointer);
  return found != nullptr && found->is_array() ? std::vector<json>(found->begin(), found->end())
                                               : std::vector<json>();
}

bool concerns(const json& impact, const std::string& region) {
  const std::string service = lower_case(text_at(impact, "/impactedService"));
  if (std::ranges::find(services, service) == services.end()) return false;
  return std::ranges::any_of(list_at(impact, "/impactedRegions"), [&](const json& one) {
    const std::string name = region_name(text_at(one, "/impactedRegion"));
    const std::string status = text_at(one, "/status");
    return (name == region || name == "global") && (status.empty() || status == "Active");
  });
}

}  // namespace

std::vector<RegionEvent> events_of(const std::vector<json>& events, const std::string& region) {
  std::vector<RegionEvent> found;
  for (const json& event : events) {
    if (text_at(event, "/properties/eventType") != "ServiceIssue" ||
        text_at(event, "/properties/status") != "Active")
      continue;
    for (const json& impact : list_at(event, "/properties/impact"))
      if (concerns(impact, region))
        found.push_back({text_at(impact, "/impactedService"), text_at(event, "/properties/title"),
                         text_at(event, "/properties/impactStartTime")});
  }
  return found;
}

AzureCheck judge_health(const Result<std::vector<json>>& events, const std::string& primary_region,
                        const std::string& standby_region) {
  AzureCheck check{
      .name = "region health",
      .gravity = {},
      .message = "Azure tells of no trouble in either region, which proves nothing: it tells late"};
  if (!events) {
    check.gravity = Gravity::warning;
    check.message = "what Azure says of its regions could not be read: " + events.error().message;
    check.what_to_do =
        "Give our principal Microsoft.ResourceHealth/events/read in the subscription, and look at "
        "the status page of Azure Databricks";
    return check;
  }
  const auto add = [&](const std::string& region, const char* whose) {
    for (const RegionEvent& event : events_of(*events, region))
      check.findings.push_back(
          {region + whose,
           event.service + ": " + event.title +
               (event.since.empty() ? std::string() : ", since " + event.since),
           {}});
  };
  add(primary_region, " (primary)");
  const std::size_t of_primary = check.findings.size();
  if (standby_region != primary_region) add(standby_region, " (standby)");
  if (check.findings.empty()) return check;
  const bool hits_standby = check.findings.size() > of_primary;
  check.gravity = Gravity::warning;
  check.message = hits_standby
                      ? "there is trouble in " + standby_region + ", where a failover would go"
                      : "there is trouble in " + primary_region + ", the region of the primary";
  check.what_to_do =
      hits_standby ? "Wait with a failover as long as the primary works"
                   : "Look whether the primary works; the sooner the decision, the less is lost";
  return check;
}

AzureCheck judge_private_link(const Result<WorkspacePlace>& primary,
                              const Result<WorkspacePlace>& standby) {
  AzureCheck check{.name = "private link",
                   .gravity = {},
                   .message = "the standby can be reached like the primary"};
  if (!standby) {
    check.gravity = Gravity::warning;
    check.message = "the standby could not be seen in Azure: " + standby.error().message;
    check.what_to_do = standby.error().hint;
    return check;
  }
  if (!standby->is_public && standby->private_endpoints == 0) {
    check.gravity = Gravity::problem;
    check.message =
        "the standby has no public address and no approved private endpoint: nobody reaches it";
    check.what_to_do =
        "Make a private endpoint of it in its region (databricks_ui_api), and one for "
        "browser_authentication there";
  } else if (primary && primary->private_endpoints > 0 && standby->private_endpoints == 0) {
    check.gravity = Gravity::warning;
    check.message = counted(static_cast<std::int64_t>(primary->private_endpoints),
                            "private endpoint leads", "private endpoints lead") +
                    " to the primary, none to the standby";
    check.what_to_do =
        "Make them in the region of the standby beforehand, one of them for "
        "browser_authentication: it is shared by all workspaces of a region";
  } else if (standby->private_endpoints > 0) {
    check.message = counted(static_cast<std::int64_t>(standby->private_endpoints),
                            "approved private endpoint leads", "approved private endpoints lead") +
                    " to the standby";
  }
  return check;
}

}  // namespace twinlake::azure
