// What the versions of the API know of a workspace: an older one neither shows nor takes what came
// later. Source: the schemas of all versions, compared.
#include <array>

#include "simulator/azure/workspaces.h"

namespace twinlake::simulator {

namespace {
struct Since {
  std::string_view version;
  const char* member;  ///< JSON pointer
};

constexpr std::array<Since, 15> members{{
    {"2021-04-01", "/systemData"},
    {"2021-04-01", "/properties/encryption"},
    {"2021-04-01", "/properties/privateEndpointConnections"},
    {"2021-04-01", "/properties/publicNetworkAccess"},
    {"2021-04-01", "/properties/requiredNsgRules"},
    {"2022-04-01", "/properties/encryption/entities/managedDisk"},
    {"2022-04-01", "/properties/diskEncryptionSetId"},
    {"2022-04-01", "/properties/managedDiskIdentity"},
    {"2023-09-15", "/properties/defaultCatalog"},
    {"2023-09-15", "/properties/enhancedSecurityCompliance"},
    {"2023-09-15", "/properties/isUcEnabled"},
    {"2024-05-01", "/properties/accessConnector"},
    {"2024-05-01", "/properties/defaultStorageFirewall"},
    {"2025-10-01", "/properties/computeMode"},
    // The answer of a version that knows no identity there has none either.
    {"2022-04-01", "/identity"},
}};

/// One preview lost these; the next one has them again.
constexpr std::string_view forgetful_version = "2025-08-01-preview";
constexpr std::array<const char*, 3> forgotten{"/properties/parameters/natGatewayName",
                                               "/properties/parameters/publicIpName",
                                               "/properties/parameters/vnetAddressPrefix"};

bool knows(const std::string& api_version, const Since& since) {
  return std::string_view(api_version).substr(0, 10) >= since.version;
}
}  // namespace

json workspace_as_of(const json& workspace, const std::string& api_version) {
  json out = workspace;
  for (const Since& since : members) {
    const json::json_pointer place(since.member);
    if (knows(api_version, since) || !out.contains(place)) continue;
    out[place.parent_pointer()].erase(place.back());
  }
  for (const char* pointer : forgotten) {
    const json::json_pointer place(pointer);
    if (api_version == forgetful_version && out.contains(place))
      out[place.parent_pointer()].erase(place.back());
  }
  return out;
}

std::string too_new_in(const json& body, const std::string& api_version) {
  for (const Since& since : members)
    if (!knows(api_version, since) && body.contains(json::json_pointer(since.member)))
      return since.member;
  for (const char* pointer : forgotten)
    if (api_version == forgetful_version && body.contains(json::json_pointer(pointer)))
      return pointer;
  return {};
}

bool default_no_public_ip(const std::string& api_version) {
  return std::string_view(api_version).substr(0, 10) >= "2024-05-01";
}

}  // namespace twinlake::simulator
