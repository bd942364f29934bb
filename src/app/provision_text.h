#pragma once
// Provisioning for people and for programs.
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "app/terminal.h"
#include "azure/provision.h"

namespace twinlake::app {

/// `checked`: Azure was asked.
[[nodiscard]] std::string provision_text(const azure::ProvisionPlan& plan, bool checked,
                                         bool verbose, const Style& style);
[[nodiscard]] nlohmann::json provision_json(const azure::ProvisionPlan& plan, bool checked);
/// "[2/3] create the workspace adb-dr in northeurope: 40 %".
[[nodiscard]] std::string progress_line(const azure::ProvisionProgress& progress);
/// What was made, and the profile with which it is entered. `host`: of the workspace; empty: Azure
/// has not told it yet.
[[nodiscard]] std::string outcome_text(const azure::ProvisionOutcome& outcome,
                                       const std::string& id, const std::string& host,
                                       const Style& style);

}  // namespace twinlake::app
