#pragma once
// Ids of Azure Resource Manager. They are compared without case. Pure.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace twinlake::azure {

[[nodiscard]] bool same_id(std::string_view one, std::string_view other);
/// For keys.
[[nodiscard]] std::string lower_case(std::string_view text);

/// The parts of "/subscriptions/S/resourceGroups/G/providers/N/T/NAME[/T/NAME...]".
struct ResourceId {
  std::string subscription;
  std::string group;
  std::string provider;                          ///< "Microsoft.Databricks"
  std::string type;                              ///< "workspaces", or "virtualNetworks/subnets"
  std::string name;                              ///< the last one
  [[nodiscard]] std::string group_path() const;  ///< "/subscriptions/S/resourceGroups/G"
  [[nodiscard]] std::string full_type() const;   ///< "Microsoft.Databricks/workspaces"
};

/// Fault::config when it is no id of a resource in a resource group.
[[nodiscard]] Result<ResourceId> resource_id(std::string_view text);

/// The outermost resource of an id, which is what has a region: of a secret its vault, of an action
/// the resource that it is done to. Nothing: the text begins with no id of a resource in a group.
[[nodiscard]] std::string outer_id(std::string_view text);
[[nodiscard]] std::optional<ResourceId> outer_resource_id(std::string_view text);

}  // namespace twinlake::azure
