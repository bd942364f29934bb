#pragma once
// The SQL files of schema/, embedded by cmake/EmbedSql.cmake.
#include <span>
#include <string_view>

namespace twinlake::state {

/// Brings a database from the version before to `version`.
struct SchemaStep {
  int version;
  std::string_view name;
  const char* sql;
};

/// In ascending order; the last one is the version that this program writes.
[[nodiscard]] std::span<const SchemaStep> schema_steps();

}  // namespace twinlake::state
