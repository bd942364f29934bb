#include "azure/resource_id.h"

#include <algorithm>
#include <vector>

namespace twinlake::azure {

namespace {

char without_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::vector<std::string> segments_of(std::string_view text) {
  std::vector<std::string> segments;
  while (!text.empty()) {
    const std::size_t slash = text.find('/');
    if (slash != 0) segments.emplace_back(text.substr(0, slash));
    if (slash == std::string_view::npos) break;
    text.remove_prefix(slash + 1);
  }
  return segments;
}

/// How many segments an outermost resource has.
constexpr std::size_t outer_size = 8;

}  // namespace

bool same_id(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return without_case(a) == without_case(b); });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), without_case);
  return lower;
}

std::string ResourceId::group_path() const {
  return "/subscriptions/" + subscription + "/resourceGroups/" + group;
}

std::string ResourceId::full_type() const { return provider + "/" + type; }

Result<ResourceId> resource_id(std::string_view text) {
  const std::vector<std::string> parts = segments_of(text);
  const bool fits = text.starts_with('/') && parts.size() >= outer_size && parts.size() % 2 == 0 &&
                    same_id(parts[0], "subscriptions") && same_id(parts[2], "resourceGroups") &&
                    same_id(parts[4], "providers");
  if (!fits)
    return fail(Fault::config, "`" + std::string(text) + "` is no ARM id of a resource",
                "Write /subscriptions/ID/resourceGroups/GROUP/providers/NAMESPACE/TYPE/NAME");
  ResourceId id;
  id.subscription = parts[1];
  id.group = parts[3];
  id.provider = parts[5];
  id.type = parts[6];
  for (std::size_t i = outer_size; i + 1 < parts.size(); i += 2) id.type += "/" + parts[i];
  id.name = parts.back();
  return id;
}

std::string outer_id(std::string_view text) {
  const std::vector<std::string> parts = segments_of(text);
  std::string id;
  for (std::size_t i = 0; i < std::min(outer_size, parts.size()); ++i) id += "/" + parts[i];
  return id;
}

std::optional<ResourceId> outer_resource_id(std::string_view text) {
  auto id = resource_id(outer_id(text));
  return id ? std::optional<ResourceId>(std::move(*id)) : std::nullopt;
}

}  // namespace twinlake::azure
