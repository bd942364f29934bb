#pragma once
// What a SQL statement comes to: rows, or a failure with Spark's error class.
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace twinlake::simulator {

struct SqlColumn {
  std::string name;
  std::string type = "STRING";
};
using SqlRow = std::vector<std::optional<std::string>>;  ///< every value is text, or null

struct SqlRows {
  std::vector<SqlColumn> columns;
  std::vector<SqlRow> rows;
};

struct SqlFailure {
  std::string error_class;  ///< "TABLE_OR_VIEW_NOT_FOUND"; empty where the service names none
  std::string sql_state;    ///< "42P01"; may be empty
  std::string message;      ///< with the error class in brackets in front
  std::string error_code = "BAD_REQUEST";  ///< of the statement execution API
};

template <class T>
using SqlResult = tl::expected<T, SqlFailure>;
using SqlAnswer = SqlResult<SqlRows>;
using SqlFailed = tl::unexpected<SqlFailure>;

/// "[CLASS] text SQLSTATE: 42P01"; without a class just the text.
[[nodiscard]] SqlFailure sql_failure(std::string error_class, std::string sql_state,
                                     const std::string& text);
/// What the parser says: `[PARSE_SYNTAX_ERROR] Syntax error at or near ...`.
[[nodiscard]] SqlFailure syntax_failure(const std::string& near);
/// Understood, but not served by this simulator or not possible for this object.
[[nodiscard]] SqlFailure unsupported(const std::string& text);

/// A name in back-ticks, the way the metastore writes keys.
[[nodiscard]] std::string in_ticks(const std::string& name);
/// In back-ticks only where it must be, the way DDL is shown.
[[nodiscard]] std::string in_ticks_if_needed(const std::string& name);
/// In single quotes, with escapes.
[[nodiscard]] std::string sql_text(const std::string& value);

}  // namespace twinlake::simulator
