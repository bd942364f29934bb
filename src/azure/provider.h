#pragma once
// What a subscription says about a resource provider: is it registered, where are its types
// offered, in which api-versions.
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "azure/arm.h"
#include "azure/resource_id.h"

namespace twinlake::azure {

struct ProviderFacts {
  std::string state;  ///< "Registered", "NotRegistered", "Registering", ...
  struct Type {
    std::vector<std::string> regions;       ///< as names: "northeurope"
    std::vector<std::string> api_versions;  ///< newest first
  };
  std::map<std::string, Type> types;  ///< by resource type, in lower case
  [[nodiscard]] bool is_registered() const;
  [[nodiscard]] const Type* type(std::string_view name) const;
};

/// Of GET /subscriptions/{s}/providers/{namespace}.
[[nodiscard]] ProviderFacts provider_facts(const nlohmann::json& answer);

/// The newest version without "-preview", when it is newer than nothing; else `fallback`. An older
/// version leaves out what it does not know, so a twin made from it would be incomplete.
[[nodiscard]] std::string newest_version(const ProviderFacts& facts, std::string_view type,
                                         std::string_view fallback);

inline constexpr const char* providers_version = "2025-04-01";  ///< of Microsoft.Resources

[[nodiscard]] Task<Result<ProviderFacts>> ask_provider(Arm& arm, std::string subscription,
                                                       std::string name);

}  // namespace twinlake::azure
