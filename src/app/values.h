#pragma once
// The file of `values`: what belongs to a workspace and no API tells. It is read into memory, never
// copied, and refused while others than its owner could read it.
#include <string>

#include "base/result.h"
#include "workspace/given.h"

namespace twinlake::app {

/// YAML:
///   secrets: {scope: {key: text, other: {base64: AAEC}}}
///   notification_destinations: {name: {generic_webhook: {url: ..., password: ...}}}
/// Errors say file:line:column and never quote a value.
[[nodiscard]] Result<workspace::Given> read_values(const std::string& file);
[[nodiscard]] Result<workspace::Given> parse_values(const std::string& text,
                                                    const std::string& file);

}  // namespace twinlake::app
