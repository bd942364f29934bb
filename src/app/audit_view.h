#pragma once
#include <nlohmann/json_fwd.hpp>

namespace twinlake::app {

/// The account of audit_json() in the words and places of audit_page.mustache: texts, lists and
/// truths only. Pure.
[[nodiscard]] nlohmann::json audit_view(const nlohmann::json& audit);

}  // namespace twinlake::app
