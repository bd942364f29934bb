#pragma once
// The SQL files of schema/, embedded by cmake/EmbedSql.cmake.
#include "state/schema.h"

namespace twinlake::history {

/// In ascending order; the last one is the version that this program writes.
[[nodiscard]] std::span<const state::SchemaStep> schema_steps();

}  // namespace twinlake::history
