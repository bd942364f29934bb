#pragma once
// The steps of provisioning, from what was seen. Pure. Internal to the plan (provision.cpp).
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "azure/inspection.h"
#include "azure/provision.h"

namespace twinlake::azure {

inline constexpr std::string_view provider_name = "Microsoft.Databricks";

/// Adds steps, differences and findings to a plan that has its twin. `existing`: the workspace, as
/// it is there; then nothing of `seen` but the provider counts.
void plan_steps(ProvisionPlan& plan, const Seen& seen,
                const std::optional<nlohmann::json>& existing, const PlanOptions& options);

}  // namespace twinlake::azure
