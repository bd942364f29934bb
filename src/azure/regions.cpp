#include "azure/regions.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace twinlake::azure {

namespace {

using nlohmann::json;
using Plane = ControlPlane;

struct RegionRow {
  std::string_view name;
  std::string_view pair;
  std::string_view geography;
  int zones;
  bool has_service;
  Plane plane;
  bool restricted;
};

// Fallback for what ARM does not tell this principal. Pairs, geographies and zones: an ARM answer
// of 2026-03-12 (terraform-azurerm-avm-utl-regions). Service and control planes: the
// documentation's lists of supported regions, which disagree and are cut, hence `unknown`.
constexpr RegionRow table[] = {
    {"australiacentral", "australiacentral2", "Australia", 0, true, Plane::shared, false},
    {"australiacentral2", "australiacentral", "Australia", 0, true, Plane::shared, true},
    {"australiaeast", "australiasoutheast", "Australia", 3, true, Plane::own, false},
    {"australiasoutheast", "australiaeast", "Australia", 0, true, Plane::shared, false},
    {"austriaeast", "", "Austria", 3, false, Plane::unknown, false},
    {"belgiumcentral", "", "Belgium", 3, false, Plane::unknown, false},
    {"brazilsouth", "southcentralus", "Brazil", 3, true, Plane::own, false},
    {"brazilsoutheast", "brazilsouth", "Brazil", 0, false, Plane::unknown, true},
    {"canadacentral", "canadaeast", "Canada", 3, true, Plane::own, false},
    {"canadaeast", "canadacentral", "Canada", 0, true, Plane::shared, false},
    {"centralindia", "southindia", "India", 3, true, Plane::own, false},
    {"centralus", "eastus2", "United States", 3, true, Plane::shared, false},
    {"centraluseuap", "eastus2euap", "Canary (US)", 0, false, Plane::unknown, false},
    {"chilecentral", "", "Chile", 3, false, Plane::unknown, false},
    {"denmarkeast", "", "Denmark", 3, false, Plane::unknown, false},
    {"eastasia", "southeastasia", "Asia Pacific", 3, true, Plane::shared, false},
    {"eastus", "westus", "United States", 3, true, Plane::shared, false},
    {"eastus2", "centralus", "United States", 3, true, Plane::own, false},
    {"eastus2euap", "centraluseuap", "Canary (US)", 4, true, Plane::unknown, false},
    {"francecentral", "francesouth", "France", 3, true, Plane::own, false},
    {"francesouth", "francecentral", "France", 0, false, Plane::unknown, true},
    {"germanynorth", "germanywestcentral", "Germany", 0, false, Plane::unknown, true},
    {"germanywestcentral", "germanynorth", "Germany", 3, true, Plane::own, false},
    {"indonesiacentral", "", "Indonesia", 3, false, Plane::unknown, false},
    {"israelcentral", "", "Israel", 3, false, Plane::unknown, false},
    {"italynorth", "", "Italy", 3, false, Plane::unknown, false},
    {"japaneast", "japanwest", "Japan", 3, true, Plane::own, false},
    {"japanwest", "japaneast", "Japan", 3, true, Plane::shared, false},
    {"jioindiacentral", "jioindiawest", "India", 0, false, Plane::unknown, false},
    {"jioindiawest", "jioindiacentral", "India", 0, false, Plane::unknown, false},
    {"koreacentral", "koreasouth", "Korea", 3, true, Plane::unknown, false},
    {"koreasouth", "koreacentral", "Korea", 0, false, Plane::unknown, true},
    {"malaysiawest", "", "Malaysia", 3, false, Plane::unknown, false},
    {"mexicocentral", "", "Mexico", 3, true, Plane::unknown, false},
    {"newzealandnorth", "", "New Zealand", 3, false, Plane::unknown, false},
    {"northcentralus", "southcentralus", "United States", 0, true, Plane::unknown, false},
    {"northeurope", "westeurope", "Europe", 3, true, Plane::unknown, false},
    {"norwayeast", "norwaywest", "Norway", 3, true, Plane::unknown, false},
    {"norwaywest", "norwayeast", "Norway", 0, false, Plane::unknown, true},
    {"polandcentral", "", "Poland", 3, false, Plane::unknown, false},
    {"qatarcentral", "", "Qatar", 3, true, Plane::unknown, false},
    {"southafricanorth", "southafricawest", "South Africa", 3, true, Plane::unknown, false},
    {"southafricawest", "southafricanorth", "South Africa", 0, false, Plane::unknown, true},
    {"southcentralus", "northcentralus", "United States", 3, true, Plane::unknown, false},
    {"southeastasia", "eastasia", "Asia Pacific", 3, true, Plane::unknown, false},
    {"southindia", "centralindia", "India", 0, true, Plane::unknown, false},
    {"spaincentral", "", "Spain", 3, false, Plane::unknown, false},
    {"swedencentral", "swedensouth", "Sweden", 3, true, Plane::unknown, false},
    {"switzerlandnorth", "switzerlandwest", "Switzerland", 3, true, Plane::unknown, false},
    {"switzerlandwest", "switzerlandnorth", "Switzerland", 0, true, Plane::unknown, true},
    {"uaecentral", "uaenorth", "UAE", 0, false, Plane::unknown, true},
    {"uaenorth", "uaecentral", "UAE", 3, true, Plane::unknown, false},
    {"uksouth", "ukwest", "United Kingdom", 3, true, Plane::unknown, false},
    {"ukwest", "uksouth", "United Kingdom", 0, true, Plane::unknown, false},
    {"westcentralus", "westus2", "United States", 0, true, Plane::unknown, false},
    {"westeurope", "northeurope", "Europe", 3, true, Plane::unknown, false},
    {"westindia", "southindia", "India", 0, true, Plane::unknown, false},
    {"westus", "eastus", "United States", 0, true, Plane::unknown, false},
    {"westus2", "westcentralus", "United States", 3, true, Plane::unknown, false},
    {"westus3", "eastus", "United States", 3, true, Plane::unknown, false},
    {"chinanorth", "chinaeast", "China", 0, false, Plane::unknown, false},
    {"chinaeast", "chinanorth", "China", 0, false, Plane::unknown, false},
    {"chinanorth2", "chinaeast2", "China", 0, true, Plane::unknown, false},
    {"chinaeast2", "chinanorth2", "China", 0, true, Plane::unknown, false},
    {"chinanorth3", "chinaeast3", "China", 0, true, Plane::unknown, false},
    {"chinaeast3", "chinanorth3", "China", 0, true, Plane::unknown, false},
    {"usgovarizona", "usgovtexas", "US Government", 0, true, Plane::unknown, false},
    {"usgovvirginia", "usgovtexas", "US Government", 0, true, Plane::unknown, false},
    {"usgovtexas", "usgovvirginia", "US Government", 0, false, Plane::unknown, false},
    {"usdodeast", "usdodcentral", "US DoD", 0, false, Plane::unknown, false},
    {"usdodcentral", "usdodeast", "US DoD", 0, false, Plane::unknown, false},
};

std::string name_in(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void take_location(RegionFacts& region, const json& location) {
  region.display_name = name_in(location, "displayName");
  const auto zones = location.find("availabilityZoneMappings");
  if (zones != location.end() && zones->is_array()) region.zones = static_cast<int>(zones->size());
  const auto metadata = location.find("metadata");
  if (metadata == location.end() || !metadata->is_object()) return;
  if (const std::string where = name_in(*metadata, "geography"); !where.empty())
    region.geography = where;
  const auto pairs = metadata->find("pairedRegion");
  if (pairs == metadata->end() || !pairs->is_array()) return;
  region.pair = pairs->empty() ? std::string() : region_name(name_in(pairs->front(), "name"));
}

}  // namespace

std::string region_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (c == ' ') continue;
    name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return name;
}

Regions::Regions() {
  for (const RegionRow& row : table) {
    RegionFacts region;
    region.name = row.name;
    region.pair = row.pair;
    region.geography = row.geography;
    region.zones = row.zones;
    region.has_service = row.has_service;
    region.plane = row.plane;
    region.restricted = row.restricted;
    regions_.emplace(region.name, std::move(region));
  }
}

void Regions::take_locations(const std::vector<json>& locations) {
  for (const json& location : locations) {
    const std::string name = region_name(name_in(location, "name"));
    if (name.empty()) continue;
    RegionFacts& region = regions_[name];
    region.name = name;
    region.listed = true;
    take_location(region, location);
  }
  from_azure_ = true;
}

void Regions::take_offered(const std::vector<std::string>& regions) {
  if (regions.empty()) return;
  for (auto& [name, region] : regions_)
    region.has_service = std::find(regions.begin(), regions.end(), name) != regions.end();
  offered_known_ = true;
}

const RegionFacts* Regions::find(std::string_view name) const {
  const auto found = regions_.find(region_name(name));
  return found == regions_.end() ? nullptr : &found->second;
}

bool Regions::may_share_plane(std::string_view one, std::string_view other) const {
  const RegionFacts* const first = find(one);
  const RegionFacts* const second = find(other);
  if (first == nullptr || second == nullptr) return false;
  // "Served by a control plane located in a paired region": then the pair has one between them.
  const bool paired = first->pair == second->name || second->pair == first->name;
  return paired && (first->plane == Plane::shared || second->plane == Plane::shared);
}

bool Regions::is_fit(const RegionFacts& region, const RegionFacts& primary) const {
  const bool reachable = !region.restricted && (!from_azure_ || region.listed);
  return region.name != primary.name && region.has_service && reachable &&
         !may_share_plane(region.name, primary.name);
}

std::string Regions::suggested_for(std::string_view primary) const {
  const RegionFacts* const from = find(primary);
  if (from == nullptr) return {};
  if (const RegionFacts* pair = find(from->pair); pair != nullptr && is_fit(*pair, *from))
    return pair->name;
  // Then near, with zones, and with a control plane that is known to be its own.
  const RegionFacts* best = nullptr;
  const auto worth = [](const RegionFacts& region) {
    return (region.zones > 0 ? 2 : 0) + (region.plane == Plane::own ? 1 : 0);
  };
  for (const auto& [name, region] : regions_) {
    if (region.geography != from->geography || !is_fit(region, *from)) continue;
    if (best == nullptr || worth(region) > worth(*best)) best = &region;
  }
  return best == nullptr ? std::string() : best->name;
}

}  // namespace twinlake::azure
