// What differs between the twin as it shall be and as it is.
#include <array>

#include "azure/arm.h"
#include "azure/twin.h"
#include "azure/twin_builder.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

/// Immutable in practice: tools recreate a workspace for these.
constexpr std::array fixed_places{
    "location",
    "properties.computeMode",
    "properties.managedResourceGroupId",
    "properties.defaultCatalog",
    "properties.parameters.amlWorkspaceId",
    "properties.parameters.customVirtualNetworkId",
    "properties.parameters.customPublicSubnetName",
    "properties.parameters.customPrivateSubnetName",
    "properties.parameters.loadBalancerId",
    "properties.parameters.loadBalancerBackendPoolName",
    "properties.parameters.natGatewayName",
    "properties.parameters.publicIpName",
    "properties.parameters.vnetAddressPrefix",
    "properties.parameters.storageAccountName",
    "properties.parameters.requireInfrastructureEncryption",
};

bool can_change(const std::string& place) {
  for (const std::string_view fixed : fixed_places)
    if (place == fixed || place.starts_with(std::string(fixed) + ".")) return false;
  return true;
}

bool same_value(const std::string& place, const json& one, const json& other) {
  if (!one.is_string() || !other.is_string()) return one == other;
  std::string left = one.get<std::string>();
  std::string right = other.get<std::string>();
  if (place == "location") return region_name(left) == region_name(right);
  for (std::string* const text : {&left, &right})
    if (text->starts_with("https://") && text->ends_with('/')) text->pop_back();
  // Ids, SKUs and switches are all compared without case by Azure; tags keep theirs.
  return place.starts_with("tags.") ? left == right : same_id(left, right);
}

void compare(const std::string& place, const json& wanted, const json& found,
             std::vector<TwinDifference>& differences) {
  if (wanted.is_object()) {
    for (const auto& [name, value] : wanted.items()) {
      const std::string below = place.empty() ? name : place + "." + name;
      compare(below, value, found.is_object() && found.contains(name) ? found[name] : json(),
              differences);
    }
    return;
  }
  const bool empty_both =
      found.is_null() && wanted.is_string() && wanted.get<std::string>().empty();
  if (empty_both || same_value(place, wanted, found)) return;
  TwinDifference difference;
  difference.place = place;
  difference.wanted = wanted.dump();
  difference.found = found.is_null() ? "" : found.dump();
  difference.can_change = can_change(place);
  differences.push_back(std::move(difference));
}

}  // namespace

std::vector<TwinDifference> differences_of(const json& wanted, const json& found) {
  std::vector<TwinDifference> differences;
  compare("", wanted, found, differences);
  return differences;
}

}  // namespace twinlake::azure
