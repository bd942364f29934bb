#pragma once
// The twin of a workspace in another region: what of its ARM description is copied, mapped, made
// anew, left to the server or dropped. Pure.
// Source of properties and of what becomes of each: Azure/bicep-types-az (Microsoft.Databricks
// 2018-04-01 to 2026-01-01) and the resource of hashicorp/terraform-provider-azurerm.
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "azure/regions.h"
#include "base/result.h"

namespace twinlake::azure {

/// A customer-managed key: "https://kv-dr.vault.azure.net/", "key", "version".
struct KeySettings {
  std::string vault;
  std::string name;
  std::string version;  ///< empty for disks: the newest
  [[nodiscard]] bool empty() const { return vault.empty(); }
};

/// A network for the twin. Empty `vnet`: the primary's choice, which needs one when it has one.
struct NetworkSettings {
  bool managed = false;  ///< Databricks makes it, although the primary has its own
  std::string vnet;      ///< ARM id, or the name of one in the twin's resource group
  std::string public_subnet;
  std::string private_subnet;
  std::string load_balancer;  ///< ARM id, for outbound traffic without public addresses
  std::string backend_pool;
  /// With these three the network is made when it is not there.
  std::string address_space;   ///< "10.179.0.0/16"
  std::string public_prefix;   ///< "10.179.64.0/18"
  std::string private_prefix;  ///< "10.179.0.0/18"
  [[nodiscard]] bool may_be_made() const { return !address_space.empty(); }
};

/// `azure.secondary` of twinlake.yml. What is empty is decided here.
struct TwinSettings {
  std::string subscription;    ///< empty: that of the primary
  std::string resource_group;  ///< empty: that of the primary with "-dr"
  std::string name;            ///< empty: that of the primary with "-dr"
  std::string region;          ///< empty: the one that is suggested
  std::string sku;             ///< empty: the primary's
  std::string managed_resource_group;
  std::string storage_account;
  std::string storage_sku;
  std::string ml_workspace;    ///< ARM id of an Azure Machine Learning workspace there
  std::string address_prefix;  ///< vnetAddressPrefix of a managed network
  NetworkSettings network;
  KeySettings services_key;  ///< of managed services: notebooks, secrets, queries
  KeySettings disks_key;
  KeySettings root_key;          ///< of the DBFS root
  std::string access_connector;  ///< ARM id, or a name: then it is made
  std::map<std::string, std::string> tags;
  bool accept_compliance = false;  ///< the profile cannot be switched off again
};

/// Names settings as they stand in twinlake.yml.
inline constexpr std::string_view twin_setting = "azure.secondary.";

enum class Level { note, warning, blocker };
[[nodiscard]] std::string_view name_of(Level level);

/// Something to know, or to change before it can go on.
struct TwinFinding {
  Level level = Level::note;
  std::string about;  ///< the property or resource
  std::string message;
  std::string what_to_do;  ///< names the setting; may be empty for notes

  TwinFinding(Level how, std::string what, std::string text, std::string remedy = {})
      : level(how),
        about(std::move(what)),
        message(std::move(text)),
        what_to_do(std::move(remedy)) {}
};

/// What became of one property.
enum class Fate {
  copied,
  mapped,  ///< bound to the region: its counterpart there, as the settings say
  made,    ///< a new name
  server,  ///< the service makes it
  dropped,
};
[[nodiscard]] std::string_view name_of(Fate fate);
struct TwinProperty {
  std::string place;  ///< "properties.parameters.storageAccountName"
  Fate fate = Fate::copied;
  std::string from;  ///< JSON text; empty: not set on the primary
  std::string to;
};

/// A resource that the twin needs beside itself.
struct TwinResource {
  std::string id;
  nlohmann::json body;
};

struct Twin {
  std::string id;
  std::string subscription;
  std::string resource_group;
  std::string name;
  std::string region;
  nlohmann::json body;  ///< of the PUT, with everything
  /// The same without what needs the identity that the first PUT makes (the key of the DBFS root);
  /// nothing when one PUT is enough.
  std::optional<nlohmann::json> first_body;
  std::optional<TwinResource> connector;       ///< one that is to be made
  std::optional<TwinResource> security_group;  ///< of a network that may be made
  std::optional<TwinResource> network;
  std::string vnet_id;  ///< of its own network; empty: Databricks makes it
  std::vector<TwinProperty> properties;
  std::vector<TwinFinding> findings;
  [[nodiscard]] bool is_blocked() const;
};

/// `primary`: as ARM gives it. `existing`: the twin, when it is there already: the names that were
/// made for it stay. `salt`: another name for the storage account when the first one is taken.
[[nodiscard]] Result<Twin> twin_of(const nlohmann::json& primary, const TwinSettings& settings,
                                   const Regions& regions,
                                   const std::optional<nlohmann::json>& existing = std::nullopt,
                                   int salt = 0);

/// A difference between what shall be and what is, for a second run.
struct TwinDifference {
  std::string place;
  std::string wanted;  ///< JSON texts
  std::string found;
  bool can_change = true;  ///< false: only a new workspace would have it
};
/// Members that only the service knows do not count; ids, names of regions and URLs are compared
/// as Azure does.
[[nodiscard]] std::vector<TwinDifference> differences_of(const nlohmann::json& wanted,
                                                         const nlohmann::json& found);

}  // namespace twinlake::azure
