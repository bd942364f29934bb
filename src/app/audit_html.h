#pragma once
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace twinlake::app {

/// The account of audit_json() as one page that needs nothing else, for screen and paper.
/// Everything in it is shown as text, whatever it looks like. Pure.
[[nodiscard]] Result<std::string> audit_html(const nlohmann::json& audit);

}  // namespace twinlake::app
