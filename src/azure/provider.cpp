#include "azure/provider.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "azure/regions.h"

namespace twinlake::azure {

namespace {

using nlohmann::json;

std::vector<std::string> texts_in(const json& object, const char* key) {
  std::vector<std::string> texts;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return texts;
  for (const json& entry : *found)
    if (entry.is_string()) texts.push_back(entry.get<std::string>());
  return texts;
}

}  // namespace

bool ProviderFacts::is_registered() const { return same_id(state, "Registered"); }

const ProviderFacts::Type* ProviderFacts::type(std::string_view name) const {
  const auto found = types.find(region_name(name));
  return found == types.end() ? nullptr : &found->second;
}

ProviderFacts provider_facts(const json& answer) {
  ProviderFacts facts;
  if (!answer.is_object()) return facts;
  facts.state = answer.value("registrationState", "");
  const auto types = answer.find("resourceTypes");
  if (types == answer.end() || !types->is_array()) return facts;
  for (const json& entry : *types) {
    if (!entry.is_object() || !entry.contains("resourceType")) continue;
    ProviderFacts::Type type;
    for (const std::string& place : texts_in(entry, "locations"))
      type.regions.push_back(region_name(place));
    type.api_versions = texts_in(entry, "apiVersions");
    std::sort(type.api_versions.rbegin(), type.api_versions.rend());
    facts.types.emplace(region_name(entry.value("resourceType", "")), std::move(type));
  }
  return facts;
}

std::string newest_version(const ProviderFacts& facts, std::string_view type,
                           std::string_view fallback) {
  const ProviderFacts::Type* const found = facts.type(type);
  if (found != nullptr)
    for (const std::string& version : found->api_versions)
      if (version.find("preview") == std::string::npos) return version;
  return std::string(fallback);
}

Task<Result<ProviderFacts>> ask_provider(Arm& arm, std::string subscription, std::string name) {
  const std::string path = "/subscriptions/" + subscription + "/providers/" + name;
  CO_TRY(const json answer, co_await arm.get(path, providers_version));
  co_return provider_facts(answer);
}

}  // namespace twinlake::azure
