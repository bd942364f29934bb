#pragma once
// The regions of the public cloud: pairs, zones, and where Azure Databricks is offered.
// Source: the answer of ARM `locations` of 2026-03-12 and the list "Azure Databricks regions".
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace twinlake::simulator {

using nlohmann::json;

struct Location {
  std::string_view name;     ///< "eastus2"
  std::string_view display;  ///< "East US 2", as providers and Service Health write it
  std::string_view pair;     ///< empty: none
  std::string_view geography;
  int zones;  ///< 0: no availability zones
  bool has_databricks;
  bool restricted;  ///< needs a support request, and lacks services
};

[[nodiscard]] std::span<const Location> locations();
/// By name or display name, in any case; nullptr when there is no such region.
[[nodiscard]] const Location* find_location(std::string_view name);
/// "eastus,eastus2,...": of all, or of those with Azure Databricks.
[[nodiscard]] std::string names_of_locations(bool all);
/// Whose control plane serves the workspaces of a region; most have their own. Two copies of the
/// page about supported regions disagree, so this is one possible truth: clients have to ask.
[[nodiscard]] std::string_view control_plane_of(std::string_view location);
/// One element of GET /subscriptions/{s}/locations.
[[nodiscard]] json location_body(const Location& location, const std::string& subscription_id);

}  // namespace twinlake::simulator
