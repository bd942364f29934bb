// Vaults (facts, azure 9), Event Hubs, Cosmos DB and container registries (16).
#include <algorithm>

#include "azure/dependency_judge.h"
#include "azure/regions.h"
#include "base/json_path.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

std::vector<std::string> regions_in(const std::vector<json>& items, const char* pointer) {
  std::vector<std::string> regions;
  for (const json& item : items) regions.push_back(region_name(text_at(item, pointer)));
  return regions;
}

std::vector<json> items_at(const json& resource, const char* pointer) {
  const json* found = find_at(resource, pointer);
  return found != nullptr && found->is_array() ? std::vector<json>(found->begin(), found->end())
                                               : std::vector<json>();
}

}  // namespace

void DependencyJudge::judge_vault() {
  judge_vault_firewall();
  const auto pair = sight_.pairs.find(verdict_.region);
  // Their vaults stay in the region, although it has a pair.
  const bool stays = verdict_.region == "brazilsouth" || verdict_.region == "westus3";
  const bool has_no_pair = pair != sight_.pairs.end() && pair->second.empty();
  if (stays || has_no_pair) {
    verdict_.copies = "Azure keeps no copy of vaults of " + verdict_.region + " elsewhere";
    if (has_twin())
      add(Gravity::note, "a rewrite leads the standby to " + verdict_.twin,
          "Keep the secrets of both equal in name");
    else
      add(Gravity::problem, "its secrets would be gone with " + verdict_.region,
          "Make a vault in " + there() +
              " with secrets of the same names, and add a rewrite to it");
    return;
  }
  if (pair == sight_.pairs.end()) {
    verdict_.copies = "whether its region has a pair is not known";
    return;
  }
  verdict_.copies = "Azure keeps a copy in " + pair->second;
  if (!has_twin())
    add(Gravity::note,
        "the standby can go on with the same vault; it can only be read while Azure serves it "
        "from " +
            pair->second,
        "Use a twin vault where the values have to differ by region");
}

/// Databricks reads it as an application of its own, from addresses that nobody can name.
void DependencyJudge::judge_vault_firewall() {
  const bool is_closed =
      text_at(evidence_.resource, "/properties/networkAcls/defaultAction") == "Deny" ||
      lower_case(text_at(evidence_.resource, "/properties/publicNetworkAccess")) == "disabled";
  if (!is_closed) return;
  // Left out it means that they are let in.
  const std::string bypass = text_at(evidence_.resource, "/properties/networkAcls/bypass");
  if (bypass.empty() || bypass == "AzureServices")
    add(Gravity::note,
        "its firewall lets in trusted services of Microsoft, so Azure Databricks reads it from "
        "every region",
        {});
  else
    add(Gravity::problem,
        "its firewall does not let in trusted services of Microsoft: no workspace reads it",
        "Set `networkAcls.bypass` of the vault to AzureServices");
}

void DependencyJudge::judge_event_hubs() {
  tell_refused("disasterRecoveryConfigs");
  const auto replicated = regions_in(
      items_at(evidence_.resource, "/properties/geoDataReplication/locations"), "/locationName");
  if (replicated.size() > 1) {
    verdict_.copies = "geo-replicated: " + joined(replicated);
    if (std::ranges::none_of(replicated,
                             [&](const std::string& region) { return is_there(region); }))
      add(Gravity::warning, "none of its regions is " + there(),
          "Expect the standby to read across regions");
    return;
  }
  if (const auto& aliases = part("disasterRecoveryConfigs"); !aliases.empty()) {
    const std::string partner = text_at(aliases.front(), "/properties/partnerNamespace");
    verdict_.copies = "alias " + text_at(aliases.front(), "/name") + ", paired with " +
                      partner.substr(partner.rfind('/') + 1);
    if (!has_twin())
      add(Gravity::warning,
          "the alias replicates what the namespace is, not its events, and the name here is that "
          "of the namespace",
          "Name the alias, and let what reads it begin anew at the other side");
    return;
  }
  if (evidence_.refused.contains("disasterRecoveryConfigs")) return;
  judge_regional("Make a namespace in " + there() +
                 ", with an alias for both or a rewrite, and let what sends events know it");
}

void DependencyJudge::judge_cosmos() {
  auto regions =
      regions_in(items_at(evidence_.resource, "/properties/failoverPolicies"), "/locationName");
  if (regions.empty())
    regions = regions_in(items_at(evidence_.resource, "/properties/locations"), "/locationName");
  if (regions.size() < 2)
    return judge_regional("Add " + there() + " to the regions of the account");
  verdict_.copies = "in " + joined(regions);
  if (std::ranges::none_of(regions, [&](const std::string& region) { return is_there(region); }))
    add(Gravity::warning, "none of its regions is " + there(),
        "Add it to the regions of the account");
  if (text_at(evidence_.resource, "/properties/enableAutomaticFailover") == "false")
    add(Gravity::note, "it does not fail over by itself",
        "At a failover of the workspace let the account fail over too, if it is written");
}

void DependencyJudge::judge_registry() {
  tell_refused("replications");
  const auto regions = regions_in(part("replications"), "/location");
  if (regions.size() > 1) verdict_.copies = "replicated to " + joined(regions);
  if (std::ranges::any_of(regions, [&](const std::string& region) { return is_there(region); }))
    return;
  if (evidence_.refused.contains("replications")) return;
  const bool is_premium = text_at(evidence_.resource, "/sku/name") == "Premium";
  if (regions.size() < 2) verdict_.copies = "it is in one region only";
  if (has_twin())
    add(Gravity::note, "a rewrite leads the standby to " + verdict_.twin, {});
  else
    add(Gravity::warning,
        "clusters of the standby could not load their images when " + verdict_.region + " is lost",
        is_premium ? "Add a replication to " + there()
                   : "Make it Premium and add a replication to " + there() +
                         ", or make a registry there and add a rewrite");
}

}  // namespace twinlake::azure
