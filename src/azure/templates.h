#pragma once
// The twin for teams that deploy by pipeline: an ARM template, Bicep, or Terraform (provider azapi,
// whose bodies are those of ARM, so that nothing is lost on the way). Pure.
#include <string>

#include "azure/provision.h"
#include "base/result.h"

namespace twinlake::azure {

enum class TemplateKind { arm, bicep, terraform };

/// Everything that the plan would make, as of nothing being there. Fault::config when a network of
/// another resource group would have to be made by a template of one group.
[[nodiscard]] Result<std::string> template_of(const ProvisionPlan& plan, TemplateKind kind);

}  // namespace twinlake::azure
