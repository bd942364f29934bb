#pragma once
// SQL statement execution on a warehouse (facts, more 2). One statement is one session.
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

struct Statement {
  std::string text;
  std::string schema = {};  ///< what unqualified names mean; empty: the service's default
  std::string catalog = "hive_metastore";
  /// Safe: a second time changes nothing, whatever else was done since.
  http::Repeat repeat = http::Repeat::unsafe;
  Micros deadline = std::chrono::minutes(15);
};

/// Values are texts by position, whatever their type; null is an empty one.
struct SqlRows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  /// The value at a position; empty beyond the end: older runtimes give fewer columns.
  [[nodiscard]] static std::string value(const std::vector<std::string>& row,
                                         std::size_t position) {
    return position < row.size() ? row[position] : std::string();
  }
};

/// Waits for the end, at most until the deadline: then the statement is cancelled and the call
/// fails. A statement that failed is an error with Spark's error class as its `service_code` (the
/// API's code where there is none). What the service could not serve for now is tried again when
/// that is safe.
[[nodiscard]] Task<Result<SqlRows>> run_statement(Workspace& side, std::string warehouse_id,
                                                  Statement statement);

/// "[TABLE_OR_VIEW_NOT_FOUND] The table ..." tells "TABLE_OR_VIEW_NOT_FOUND"; empty: no class is
/// told.
[[nodiscard]] std::string error_class_of(std::string_view message);

}  // namespace twinlake::workspace
