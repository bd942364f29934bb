#pragma once
// What the estate names in Azure, as both workspaces are now, and Azure itself where we may look.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/azure_access.h"
#include "app/group_access.h"
#include "azure/code_reading.h"
#include "azure/dependencies.h"
#include "azure/sight.h"
#include "azure/storage_accounts.h"

namespace twinlake::app {

enum class ReadCode { no, yes };  ///< notebooks and files too

/// Owns the connections. Azure is left out where nothing opens it, and `no_azure` says so.
struct EstateView {
  std::unique_ptr<GroupAccess> group;
  std::unique_ptr<AzureAccess> azure;  ///< nullptr: see no_azure; needs the group's loop
  std::optional<Error> no_azure;
  bool is_primary_lost = false;  ///< then the standby alone was read, and its names traced back
  azure::EstateReading primary;
  azure::EstateReading standby;
  azure::EstateUses uses;
  azure::AzureSight sight;
};

/// Reads both sides, or the standby alone where the primary does not answer. Writes nothing.
[[nodiscard]] Result<std::unique_ptr<EstateView>> view_estate(const Settings& settings,
                                                              ReadCode code);

/// Opens Azure by the profile of the standby, whose region is still there on the day; else by that
/// of the primary.
[[nodiscard]] Result<std::unique_ptr<AzureAccess>> open_azure(GroupAccess& group);
[[nodiscard]] azure::SightOptions sight_options(const Settings& settings, GroupAccess& group);
/// How Azure is opened, for whoever has not said so.
inline constexpr const char* how_to_open_azure =
    "Log in to the workspaces by Entra ID in their profiles, or set ARM_TENANT_ID, ARM_CLIENT_ID "
    "and ARM_CLIENT_SECRET, or run `az login`; the role Reader is enough "
    "(docs/guide/azure-storage.md)";

[[nodiscard]] std::string how_to_open(const Error& error);
/// In a sentence, with what to do.
[[nodiscard]] std::string why_no_azure(const Error& error);

/// What the rewrites make of the names on the way to the standby.
[[nodiscard]] std::map<azure::ThingKey, std::string> twins_of(const GroupConfig& group,
                                                              model::Side primary,
                                                              const azure::EstateUses& uses);

/// Who is asked about what the estate names.
struct AzureQuestion {
  Loop& loop;
  const GroupConfig& group;
  model::Side primary;
  azure::Arm* arm;  ///< nullptr: Azure is not asked, and everything is unknown
  const azure::EstateUses& uses;
  const azure::AzureSight& sight;
};
[[nodiscard]] AzureQuestion question_of(const Settings& settings, EstateView& view);

/// What Azure says of the storage accounts that the estate names, and of their twins.
[[nodiscard]] azure::StorageSight ask_of_storage(const AzureQuestion& question);
/// The same of everything else.
[[nodiscard]] azure::DependencySight ask_of_dependencies(const AzureQuestion& question);

/// Adds what the primary must have called the things that the standby names.
void trace_back(const GroupConfig& group, model::Side primary, azure::EstateUses& uses);

}  // namespace twinlake::app
