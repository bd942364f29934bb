#pragma once
// What the configuration means to the engine.
#include "app/config.h"
#include "app/settings.h"
#include "engine/session.h"
#include "failover/always_on.h"

namespace twinlake::app {

/// What is never replicated, whatever the configuration says: git folders, our own files, and what
/// tools leave behind.
[[nodiscard]] const std::vector<std::string>& always_excluded();

[[nodiscard]] bool is_in_scope(const GroupConfig& group, const model::Kind& kind,
                               const std::string& key);

/// `group` must outlive the rules.
[[nodiscard]] engine::Rules rules_of(const GroupConfig& group);

/// What a failover starts on the new primary.
[[nodiscard]] std::vector<failover::AlwaysOn> always_on_of(const GroupConfig& group);

/// Says on standard error which rewrites replaced nothing. Only after everything has been read.
void warn_of_unused_rewrites(const Settings& settings);

}  // namespace twinlake::app
