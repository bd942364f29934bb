#pragma once
// Microsoft.Databricks/workspaces: what may be asked for, and what the service makes of it.
#include <string>

#include "simulator/azure/arm.h"

namespace twinlake::simulator {

/// Why this PUT is refused; `before` is the workspace that is there, or nullptr.
[[nodiscard]] Refusal refuse_workspace(const ArmCall& call, const json* before);
/// The same for `parameters` and what belongs together, see workspace_parameters.cpp.
[[nodiscard]] Refusal refuse_parameters(const ArmCall& call, const json& properties);
/// The same for the network that the workspace is put into.
[[nodiscard]] Refusal refuse_network(const ArmCall& call, const json& properties);
/// The number after the slash of an address range; 33 when there is none.
[[nodiscard]] int prefix_length(const std::string& address);
/// What may not change once it is there.
[[nodiscard]] Refusal refuse_change(const json& before, const json& wanted);

/// `parameters.{name}.value`; null when absent.
[[nodiscard]] json parameter_of(const json& properties, std::string_view name);

/// The workspace as a version of the API shows it.
[[nodiscard]] json workspace_as_of(const json& workspace, const std::string& api_version);
/// The first member of a body that this version does not know yet; empty when there is none.
[[nodiscard]] std::string too_new_in(const json& body, const std::string& api_version);
/// What `enableNoPublicIp` is for whoever does not say: it has changed.
[[nodiscard]] bool default_no_public_ip(const std::string& api_version);

/// Makes what belongs to a workspace that is there: its managed resource group with the storage
/// account under a deny assignment, and the members that only the service writes.
void settle_workspace(Cloud& cloud, json& workspace);

}  // namespace twinlake::simulator
