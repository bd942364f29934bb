#pragma once
// A workspace out of an ARM template: for teams that deploy the primary by one, and want its twin
// from the same source. Pure.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "azure/twin.h"
#include "base/result.h"

namespace twinlake::azure {

struct TemplateWorkspace {
  nlohmann::json workspace;           ///< as a GET would show it, as far as the template tells
  std::vector<TwinFinding> findings;  ///< what only a deployment could tell
};

/// The one Microsoft.Databricks/workspaces of the template, also within nested deployments.
/// `parameters`: the `parameters` object of a parameter file, or null. Fault::config when there is
/// none or more than one, or when it is no template.
[[nodiscard]] Result<TemplateWorkspace> workspace_of_template(const nlohmann::json& document,
                                                              const nlohmann::json& parameters);

}  // namespace twinlake::azure
