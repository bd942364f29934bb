#pragma once
// What the checks of provisioning found in Azure, and what follows from it. Reading fills `Seen`;
// judging it is pure.
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "azure/arm.h"
#include "azure/provider.h"
#include "azure/provision.h"
#include "azure/twin.h"

namespace twinlake::azure {

/// A thing that is there, is not, or could not be told.
struct Look {
  bool known = false;
  std::optional<nlohmann::json> found;
  [[nodiscard]] bool absent() const { return known && !found; }
};

/// The answer to a question about a name.
struct NameCheck {
  bool known = false;
  bool is_free = true;
  std::string reason;  ///< "AlreadyExists: ..."
};

struct Seen {
  ProviderFacts provider;
  Look group;
  Look managed_group;
  Look connector;
  Look network;
  std::map<std::string, Look> subnets;          ///< of the twin, by name
  std::map<std::string, Look> primary_subnets;  ///< by name of the twin's counterpart
  NameCheck storage_name;
  std::optional<std::vector<nlohmann::json>> storage_skus;
  std::optional<std::vector<nlohmann::json>> storage_usage;
  std::vector<TwinFinding> unknown;  ///< what could not be looked at
};

/// Reads what a twin that is not there yet depends on. `api_version`: of Microsoft.Databricks
/// there.
[[nodiscard]] Task<Seen> look_at_place(Arm& arm, Twin twin, nlohmann::json primary,
                                       std::string api_version, bool ask_storage_name);

[[nodiscard]] Task<NameCheck> ask_storage_name(Arm& arm, std::string subscription,
                                               std::string name);

/// Everything that stands in the way or should be known.
[[nodiscard]] std::vector<TwinFinding> judge(const Seen& seen, const Twin& twin);

}  // namespace twinlake::azure
