#pragma once
// Azure regions as a choice for the secondary: pairs, zones, where the service is offered, and
// which of them share a control plane. Pure.
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace twinlake::azure {

/// Is the region served by a control plane of its own? A different region alone does not prove it.
enum class ControlPlane {
  own,
  shared,  ///< by the one of its paired region, says the documentation
  unknown
};

struct RegionFacts {
  std::string name;  ///< "northeurope"
  std::string display_name;
  std::string pair;  ///< where GRS replicates to; empty: none
  std::string geography;
  int zones = 0;
  bool has_service = false;  ///< Azure Databricks is offered there
  ControlPlane plane = ControlPlane::unknown;
  bool restricted = false;  ///< opened on request only
  bool listed = false;      ///< ARM lists it for this subscription
};

/// "East US 2" and "eastus2" are one: lower case, without spaces.
[[nodiscard]] std::string region_name(std::string_view text);

class Regions {
 public:
  /// What is known without asking.
  Regions();
  /// `value` of GET /subscriptions/{s}/locations: overrides the table.
  void take_locations(const std::vector<nlohmann::json>& locations);
  /// The locations of the resource type, as names: the authoritative answer to where it is offered.
  void take_offered(const std::vector<std::string>& regions);

  [[nodiscard]] const RegionFacts* find(std::string_view name) const;
  [[nodiscard]] bool offered_known() const { return offered_known_; }
  /// The two may be served by one control plane, so that one outage could take both.
  [[nodiscard]] bool may_share_plane(std::string_view one, std::string_view other) const;
  /// Where to put the twin of a workspace: the pair, unless it shares the control plane, lacks the
  /// service or is closed; then a region of the same geography. Empty: none is known.
  [[nodiscard]] std::string suggested_for(std::string_view primary) const;

 private:
  [[nodiscard]] bool is_fit(const RegionFacts& region, const RegionFacts& primary) const;
  std::map<std::string, RegionFacts, std::less<>> regions_;
  bool from_azure_ = false;
  bool offered_known_ = false;
};

}  // namespace twinlake::azure
