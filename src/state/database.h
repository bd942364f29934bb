#pragma once
// Opening an SQLite file of ours, and its failures in words. For src/state and src/history.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/result.h"
#include "state/schema.h"

namespace twinlake::state {

/// As the folder: nothing touches the disk.
inline constexpr std::string_view memory_folder = "memory";

/// Checks the group's name (it becomes a file name) and makes the folder, for its owner only.
[[nodiscard]] Result<void> prepare_folder(const std::string& folder, const std::string& group);

/// What a file of ours is, and what to do when it is no good any more.
struct FileFormat {
  int application_id;
  std::span<const SchemaStep> steps;
  const char* if_damaged;          ///< the remedy
  const char* before_tables = "";  ///< what has to be set in a file before it has a table
  bool look_for_damage = true;     ///< reads the whole file when it is opened
};
[[nodiscard]] const FileFormat& format_of_state();

/// A database of the newest schema, or why not and what to do.
[[nodiscard]] Result<std::unique_ptr<SQLite::Database>> open_database(
    const std::string& path, const FileFormat& format = format_of_state());

/// `connection` may be nullptr when there is none yet.
[[nodiscard]] Error error_from(const SQLite::Exception& exception, const std::string& path,
                               sqlite3* connection, const FileFormat& format = format_of_state());
[[nodiscard]] Error disk_full(const std::string& path);
/// This machine refused something: the path, why, and what to do about it.
[[nodiscard]] Error file_error(const std::string& what, const std::string& path, int error_number);

/// Bytes of a column that is no text.
struct Bytes {
  std::string_view bytes;
};

class Statement;

/// The statements of a database, so that a test can compile each of them.
struct StatementList {
  SQLite::Database& database;
  std::vector<Statement*> all;
};

/// A statement that is compiled when it is first used: compiling all that there are costs more than
/// most runs of them, and a command uses few. Its text outlives it.
class Statement {
 public:
  Statement(StatementList& list, const char* sql) : database_(list.database), sql_(sql) {
    list.all.push_back(this);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Throws SQLite::Exception when the database does not understand it.
  SQLite::Statement& compiled() {
    if (!compiled_) compiled_.emplace(database_, sql_);
    return *compiled_;
  }

 private:
  SQLite::Database& database_;
  const char* sql_;
  std::optional<SQLite::Statement> compiled_;
};

/// One use of a prepared statement: values are bound in order, and it is reset when the use ends.
class Use {
 public:
  template <class... Values>
  explicit Use(SQLite::Statement& statement, const Values&... values) : statement_(statement) {
    int index = 0;
    (bind(++index, values), ...);
  }
  template <class... Values>
  explicit Use(Statement& statement, const Values&... values)
      : Use(statement.compiled(), values...) {}
  ~Use() { statement_.tryReset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  /// Is there another row?
  bool next() { return statement_.executeStep(); }
  /// Runs a statement without rows. How many rows it changed.
  int run() {
    statement_.executeStep();
    return statement_.getChanges();
  }

  [[nodiscard]] std::string text(int column) { return statement_.getColumn(column).getString(); }
  [[nodiscard]] std::string bytes(int column) {
    const SQLite::Column value = statement_.getColumn(column);
    return {static_cast<const char*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())};
  }
  [[nodiscard]] std::int64_t number(int column) { return statement_.getColumn(column).getInt64(); }
  [[nodiscard]] std::optional<std::string> optional_text(int column) {
    if (statement_.isColumnNull(column)) return std::nullopt;
    return text(column);
  }
  [[nodiscard]] std::optional<std::int64_t> optional_number(int column) {
    if (statement_.isColumnNull(column)) return std::nullopt;
    return number(column);
  }

 private:
  void bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void bind(int index, const std::string& value) { statement_.bind(index, value); }
  void bind(int index, std::string_view value) { statement_.bind(index, std::string(value)); }
  void bind(int index, Bytes value) {
    // An empty view may have no address, and SQLite would take that for NULL.
    statement_.bind(index, value.bytes.empty() ? "" : value.bytes.data(),
                    static_cast<int>(value.bytes.size()));
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      statement_.bind(index);  // NULL
    }
  }

  SQLite::Statement& statement_;
};

}  // namespace twinlake::state
