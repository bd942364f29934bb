#include "state/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "state/schema.h"

namespace twinlake::state {

namespace {

constexpr int our_application_id = 1414291819;  // "TLak", as schema/0001 writes it
// Another process (a `status` beside a `sync`) holds the file for milliseconds only.
constexpr int busy_timeout_ms = 5000;

constexpr const char* writable_hint =
    "Make the folder writable for this user, or choose another one with --state";
constexpr const char* rebuild_hint =
    "Move the file away and run `twinlake state rebuild`, which makes the state from its mirror";

Error damaged(const std::string& path, const FileFormat& format) {
  return Error(Fault::io, path + " is damaged or is not a database", format.if_damaged);
}

int pragma_number(SQLite::Database& database, const char* name) {
  return database.execAndGet(std::string("PRAGMA ") + name).getInt();
}

bool is_new(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
}

Result<void> check_ours(SQLite::Database& database, const std::string& path,
                        const FileFormat& format) {
  if (pragma_number(database, "application_id") != format.application_id) {
    return fail(Fault::io, path + " is a database of another program",
                "Move it away, or choose another folder with --state");
  }
  const int version = pragma_number(database, "user_version");
  const int newest = format.steps.back().version;
  if (version > newest) {
    return fail(Fault::io,
                path + " was written by a newer Twinlake (schema " + std::to_string(version) +
                    ", this program knows " + std::to_string(newest) + ")",
                "Use that newer program");
  }
  // Damage is cheaper to find now than in the middle of a run.
  if (format.look_for_damage && database.execAndGet("PRAGMA quick_check(1)").getString() != "ok")
    return fail(damaged(path, format));
  return {};
}

void bring_up_to_date(SQLite::Database& database, const FileFormat& format) {
  // Most files are of the newest version, and whoever only reads them need not wait for a writer.
  if (pragma_number(database, "user_version") == format.steps.back().version) return;
  // The version is read inside the transaction: two processes may open a new file at once.
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  const int version = pragma_number(database, "user_version");
  for (const SchemaStep& step : format.steps) {
    if (step.version > version) database.exec(step.sql);
  }
  transaction.commit();
}

void configure(SQLite::Database& database) {
  database.exec("PRAGMA foreign_keys = ON");
  database.exec("PRAGMA journal_mode = WAL");
  // Survives a crash of the program at each commit, and a power cut up to the last intent, which
  // alone is worth a wait for the disk (Store::intend): what comes after it can be found out again.
  database.exec("PRAGMA synchronous = NORMAL");
}

}  // namespace

Error disk_full(const std::string& path) {
  return Error(Fault::io, "the disk is full or its quota is used up: " + path,
               "Free some space and run the command again; what was written down is kept");
}

Error file_error(const std::string& what, const std::string& path, int error_number) {
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG)
    return disk_full(path);
  return Error(Fault::io, what + " " + path + ": " + std::generic_category().message(error_number),
               writable_hint);
}

const FileFormat& format_of_state() {
  static const FileFormat format{
      .application_id = our_application_id, .steps = schema_steps(), .if_damaged = rebuild_hint};
  return format;
}

Error error_from(const SQLite::Exception& exception, const std::string& path, sqlite3* connection,
                 const FileFormat& format) {
  const int system_error = connection == nullptr ? 0 : sqlite3_system_errno(connection);
  switch (exception.getErrorCode()) {
    case SQLITE_FULL: return disk_full(path);
    case SQLITE_IOERR:
      // The errno is lost once a transaction was rolled back on the way here.
      if (system_error != 0) return file_error("cannot read or write", path, system_error);
      return Error(Fault::io,
                   "cannot read or write " + path + ": the device failed or its quota is used up",
                   "Look at the disk, then run the command again; what was written down is kept");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return file_error("cannot open or write", path, system_error == 0 ? EACCES : system_error);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT: return damaged(path, format);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(Fault::refused, path + " is held by another process",
                   "Wait until it has finished, or end it, and run the command again");
    default: return Error(Fault::bug, path + ": " + exception.what(), "Please report this");
  }
}

Result<void> prepare_folder(const std::string& folder, const std::string& group) {
  if (group.empty() || group.front() == '.' ||
      group.find_first_of("/\\\n\r") != std::string::npos ||
      group.find('\0') != std::string::npos) {
    return fail(Fault::config, "`" + group + "` cannot be the name of a failover group",
                "Use letters, digits, '-' and '_'");
  }
  if (folder == memory_folder) return {};
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder, error);
  if (error) return fail(file_error("cannot make the folder", folder, error.value()));
  // It lists names and ids of everything: nobody else's business. A folder that was there keeps its
  // mode.
  if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return {};
}

Result<std::unique_ptr<SQLite::Database>> open_database(const std::string& path,
                                                        const FileFormat& format) {
  std::unique_ptr<SQLite::Database> database;
  try {
    database = std::make_unique<SQLite::Database>(
        path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_timeout_ms);
    // SQLite opens a file that it may not write for reading, and would fail in the middle of a run.
    if (sqlite3_db_readonly(database->getHandle(), "main") == 1) {
      return fail(file_error("cannot write", path, EACCES));
    }
    if (is_new(*database)) {
      database->exec(format.before_tables);
    } else {
      CHECK(check_ours(*database, path, format));
    }
    configure(*database);
    bring_up_to_date(*database, format);
    return database;
  } catch (const SQLite::Exception& exception) {
    return fail(error_from(exception, path, database ? database->getHandle() : nullptr, format));
  }
}

}  // namespace twinlake::state
