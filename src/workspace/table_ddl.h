#pragma once
// What SHOW CREATE TABLE tells of tables and views of the Hive metastore, as fields that can be
// compared, and the statement that makes it again. Pure functions.
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace twinlake::workspace {

/// A table: {"columns": [{"name", "type", "not_null", "comment"}], "provider", "options",
/// "partitioned_by", "buckets", "serde": {"library", "properties", "input", "output"}, "comment",
/// "location", "properties"}. A view: {"columns": [{"name", "comment"}], "comment", "properties",
/// "text"}. What is not said is absent, and so are properties that the service makes.
[[nodiscard]] Result<nlohmann::json> parse_ddl(std::string_view statement);

/// CREATE TABLE IF NOT EXISTS at `location`. What a Delta table is stands in its log: of those only
/// the place is said.
[[nodiscard]] std::string table_statement(const std::string& key, const nlohmann::json& table,
                                          const std::string& location);
/// `how`: "CREATE VIEW IF NOT EXISTS" or "CREATE OR REPLACE VIEW".
[[nodiscard]] std::string view_statement(const std::string& how, const std::string& key,
                                         const nlohmann::json& view);
/// ('a' = 'b', ...)
[[nodiscard]] std::string sql_pairs(const nlohmann::json& pairs);

[[nodiscard]] bool is_delta(const nlohmann::json& table);

/// May the value of this setting let somebody in? Then it never leaves the service.
[[nodiscard]] bool is_secret_setting(std::string_view name, std::string_view value);

}  // namespace twinlake::workspace
