#include "simulator/azure/locations.h"

#include "simulator/azure/resources.h"
#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
// clang-format off
constexpr Location table[] = {
    {"australiacentral", "Australia Central", "australiacentral2", "Australia", 0, true, false},
    {"australiacentral2", "Australia Central 2", "australiacentral", "Australia", 0, true, true},
    {"australiaeast", "Australia East", "australiasoutheast", "Australia", 3, true, false},
    {"australiasoutheast", "Australia Southeast", "australiaeast", "Australia", 0, true, false},
    {"austriaeast", "Austria East", "", "Austria", 3, false, false},
    {"belgiumcentral", "Belgium Central", "", "Belgium", 3, false, false},
    {"brazilsouth", "Brazil South", "southcentralus", "Brazil", 3, true, false},
    {"brazilsoutheast", "Brazil Southeast", "brazilsouth", "Brazil", 0, false, true},
    {"canadacentral", "Canada Central", "canadaeast", "Canada", 3, true, false},
    {"canadaeast", "Canada East", "canadacentral", "Canada", 0, true, false},
    {"centralindia", "Central India", "southindia", "India", 3, true, false},
    {"centralus", "Central US", "eastus2", "United States", 3, true, false},
    {"centraluseuap", "Central US EUAP", "eastus2euap", "Canary (US)", 0, false, false},
    {"chilecentral", "Chile Central", "", "Chile", 3, false, false},
    {"denmarkeast", "Denmark East", "", "Denmark", 3, false, false},
    {"eastasia", "East Asia", "southeastasia", "Asia Pacific", 3, true, false},
    {"eastus", "East US", "westus", "United States", 3, true, false},
    {"eastus2", "East US 2", "centralus", "United States", 3, true, false},
    {"eastus2euap", "East US 2 EUAP", "centraluseuap", "Canary (US)", 4, true, false},
    {"francecentral", "France Central", "francesouth", "France", 3, true, false},
    {"francesouth", "France South", "francecentral", "France", 0, false, true},
    {"germanynorth", "Germany North", "germanywestcentral", "Germany", 0, false, true},
    {"germanywestcentral", "Germany West Central", "germanynorth", "Germany", 3, true, false},
    {"indonesiacentral", "Indonesia Central", "", "Indonesia", 3, false, false},
    {"israelcentral", "Israel Central", "", "Israel", 3, false, false},
    {"italynorth", "Italy North", "", "Italy", 3, false, false},
    {"japaneast", "Japan East", "japanwest", "Japan", 3, true, false},
    {"japanwest", "Japan West", "japaneast", "Japan", 3, true, false},
    {"jioindiacentral", "Jio India Central", "jioindiawest", "India", 0, false, false},
    {"jioindiawest", "Jio India West", "jioindiacentral", "India", 0, false, false},
    {"koreacentral", "Korea Central", "koreasouth", "Korea", 3, true, false},
    {"koreasouth", "Korea South", "koreacentral", "Korea", 0, false, true},
    {"malaysiawest", "Malaysia West", "", "Malaysia", 3, false, false},
    {"mexicocentral", "Mexico Central", "", "Mexico", 3, true, false},
    {"newzealandnorth", "New Zealand North", "", "New Zealand", 3, false, false},
    {"northcentralus", "North Central US", "southcentralus", "United States", 0, true, false},
    {"northeurope", "North Europe", "westeurope", "Europe", 3, true, false},
    {"norwayeast", "Norway East", "norwaywest", "Norway", 3, true, false},
    {"norwaywest", "Norway West", "norwayeast", "Norway", 0, false, true},
    {"polandcentral", "Poland Central", "", "Poland", 3, false, false},
    {"qatarcentral", "Qatar Central", "", "Qatar", 3, true, false},
    {"southafricanorth", "South Africa North", "southafricawest", "South Africa", 3, true, false},
    {"southafricawest", "South Africa West", "southafricanorth", "South Africa", 0, false, true},
    {"southcentralus", "South Central US", "northcentralus", "United States", 3, true, false},
    {"southeastasia", "Southeast Asia", "eastasia", "Asia Pacific", 3, true, false},
    {"southindia", "South India", "centralindia", "India", 0, true, false},
    {"spaincentral", "Spain Central", "", "Spain", 3, false, false},
    {"swedencentral", "Sweden Central", "swedensouth", "Sweden", 3, true, false},
    {"switzerlandnorth", "Switzerland North", "switzerlandwest", "Switzerland", 3, true, false},
    {"switzerlandwest", "Switzerland West", "switzerlandnorth", "Switzerland", 0, true, true},
    {"uaecentral", "UAE Central", "uaenorth", "UAE", 0, false, true},
    {"uaenorth", "UAE North", "uaecentral", "UAE", 3, true, false},
    {"uksouth", "UK South", "ukwest", "United Kingdom", 3, true, false},
    {"ukwest", "UK West", "uksouth", "United Kingdom", 0, true, false},
    {"westcentralus", "West Central US", "westus2", "United States", 0, true, false},
    {"westeurope", "West Europe", "northeurope", "Europe", 3, true, false},
    {"westindia", "West India", "southindia", "India", 0, true, false},
    {"westus", "West US", "eastus", "United States", 0, true, false},
    {"westus2", "West US 2", "westcentralus", "United States", 3, true, false},
    {"westus3", "West US 3", "eastus", "United States", 3, true, false},
};
// clang-format on
}  // namespace

std::span<const Location> locations() { return table; }

const Location* find_location(std::string_view name) {
  for (const Location& location : locations())
    if (same_id(location.name, name) || same_id(location.display, name)) return &location;
  return nullptr;
}

std::string names_of_locations(bool all) {
  std::string out;
  for (const Location& location : locations())
    if (all || location.has_databricks)
      out += (out.empty() ? "" : ",") + std::string(location.name);
  return out;
}

std::string_view control_plane_of(std::string_view location) {
  constexpr std::pair<std::string_view, std::string_view> shared[] = {
      {"australiacentral", "australiaeast"},
      {"australiacentral2", "australiaeast"},
      {"australiasoutheast", "australiaeast"},
      {"canadaeast", "canadacentral"},
      {"centralus", "eastus2"},
      {"eastasia", "southeastasia"},
      {"japanwest", "japaneast"},
      {"westus2", "westus"}};
  for (const auto& [region, plane] : shared)
    if (same_id(region, location)) return plane;
  return location;
}

json location_body(const Location& location, const std::string& subscription_id) {
  const std::string base = subscription_id + "/locations/";
  json body = json::object({{"id", base + std::string(location.name)},
                            {"name", location.name},
                            {"type", "Region"},
                            {"displayName", location.display}});
  body["regionalDisplayName"] =
      "(" + std::string(location.geography) + ") " + std::string(location.display);
  json metadata = json::object({{"regionType", "Physical"},
                                {"regionCategory", location.restricted ? "Other" : "Recommended"},
                                {"geography", location.geography},
                                {"pairedRegion", json::array()}});
  if (!location.pair.empty())
    metadata["pairedRegion"].push_back(
        json::object({{"name", location.pair}, {"id", base + std::string(location.pair)}}));
  body["metadata"] = std::move(metadata);
  for (int zone = 1; zone <= location.zones; ++zone)
    body["availabilityZoneMappings"].push_back(json::object(
        {{"logicalZone", std::to_string(zone)},
         {"physicalZone", std::string(location.name) + "-az" + std::to_string(zone)}}));
  return body;
}

}  // namespace twinlake::simulator
