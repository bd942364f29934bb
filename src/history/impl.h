#pragma once
// What the files of this room share. Inside src/history only.
#include <optional>

#include "history/codec.h"
#include "history/history.h"
#include "state/database.h"
#include "state/store.h"

namespace twinlake::history {

[[nodiscard]] const state::FileFormat& format_of_history();

inline constexpr std::string_view key_fact = "key";  ///< Codec::key_proof(); absent without a key
inline constexpr std::string_view ledger_fact = "ledger";  ///< the sum of all seals of points

struct Statements {
  explicit Statements(SQLite::Database& on) : database(on) {}
  SQLite::Database& database;

  SQLite::Statement fact{database, "SELECT value FROM fact WHERE name = ?"};
  SQLite::Statement put_fact{database,
                             "INSERT INTO fact VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET "
                             "value = excluded.value"};

  SQLite::Statement blob_named{database, "SELECT id FROM blob WHERE hash = ?"};
  SQLite::Statement blob{database, "SELECT hash, codec, size, bytes FROM blob WHERE id = ?"};
  SQLite::Statement hash_of_blob{database, "SELECT hash FROM blob WHERE id = ?"};
  SQLite::Statement put_blob{database,
                             "INSERT INTO blob (hash, codec, size, bytes) VALUES (?, ?, ?, ?)"};
  SQLite::Statement parts{database, "SELECT part FROM piece WHERE whole = ? ORDER BY position"};
  SQLite::Statement put_part{database, "INSERT INTO piece VALUES (?, ?, ?)"};

  SQLite::Statement points{database,
                           "SELECT id, moment, run, side, workspace, objects, changed, gaps, "
                           "digest, seal FROM point ORDER BY id DESC"};
  SQLite::Statement newest{database,
                           "SELECT id, digest, objects FROM point ORDER BY id DESC LIMIT 1"};
  SQLite::Statement put_point{database, "INSERT INTO point VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  SQLite::Statement remove_point{database, "DELETE FROM point WHERE id = ? RETURNING seal"};

  SQLite::Statement open_entry{
      database,
      "SELECT id, uuid, kind, parent_kind, parent, natural_key, form, content, lacks FROM entry "
      "WHERE uuid = ? AND last_point IS NULL"};
  SQLite::Statement open_entries{
      database,
      "SELECT id, uuid, kind, parent_kind, parent, natural_key, form, content, lacks FROM entry "
      "WHERE last_point IS NULL"};
  SQLite::Statement entries_of{
      database,
      "SELECT e.id, uuid, kind, parent_kind, parent, natural_key, form, content, lacks, "
      "ifnull((SELECT size FROM blob WHERE blob.id = content), 0) FROM entry AS e "
      "WHERE first_point <= ?1 AND (last_point IS NULL OR last_point >= ?1) "
      "ORDER BY kind, natural_key, uuid"};
  SQLite::Statement close_entry{database, "UPDATE entry SET last_point = ? WHERE id = ?"};
  SQLite::Statement put_entry{
      database,
      "INSERT INTO entry (uuid, kind, parent_kind, parent, natural_key, form, content, lacks, "
      "first_point) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};

  SQLite::Statement mark{database,
                         "SELECT mark FROM staged WHERE uuid = ?1 AND item = '' UNION ALL "
                         "SELECT mark FROM seen WHERE uuid = ?1 LIMIT 1"};
  SQLite::Statement put_seen{
      database,
      "INSERT INTO seen VALUES (?, ?, ?) ON CONFLICT (uuid) DO UPDATE SET "
      "mark = excluded.mark, seal = excluded.seal WHERE mark <> excluded.mark"};
  SQLite::Statement forget_seen{database, "DELETE FROM seen WHERE uuid = ?"};

  SQLite::Statement staged{
      database,
      "SELECT 0, uuid, kind, parent_kind, parent, natural_key, form, content, lacks, mark "
      "FROM staged WHERE item = '' ORDER BY uuid"};
  SQLite::Statement waiting{
      database,
      // Said twice, so that the index over those that wait is used: it has no others.
      "SELECT uuid, kind, parent_kind, parent, natural_key, mark, pending, item FROM staged "
      "WHERE item = ? AND item <> ''"};
  SQLite::Statement all_waiting{
      database,
      "SELECT uuid, kind, parent_kind, parent, natural_key, mark, pending, item FROM staged "
      "WHERE item <> '' ORDER BY uuid"};
  SQLite::Statement put_staged{
      database, "INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  SQLite::Statement is_staged{database, "SELECT 1 FROM staged WHERE uuid = ?"};
  SQLite::Statement forget_staged{database, "DELETE FROM staged WHERE uuid = ?"};
  SQLite::Statement clear_staged{database, "DELETE FROM staged"};
};

struct History::Impl {
  Impl(std::unique_ptr<SQLite::Database> opened, std::string path_of_database, const Secret& key)
      : database(std::move(opened)), path(std::move(path_of_database)), codec(key) {}

  std::unique_ptr<SQLite::Database> database;
  std::string path;
  Codec codec;
  Statements sql{*database};
  /// What is being written until the next flush: one commit for many objects.
  std::optional<SQLite::Transaction> writing;
  std::size_t unwritten = 0;  ///< bytes, roughly

  /// Runs `work` with SQLite's exceptions turned into StateFailure.
  template <class Work>
  auto guarded(const Work& work) {
    try {
      return work();
    } catch (const SQLite::Exception& exception) {
      writing.reset();
      throw state::StateFailure(
          state::error_from(exception, path, database->getHandle(), format_of_history()));
    }
  }
  /// `work` becomes part of what is being written.
  template <class Work>
  auto in_writing(std::size_t bytes, const Work& work) {
    return guarded([&] {
      if (!writing) writing.emplace(*database, SQLite::TransactionBehavior::IMMEDIATE);
      unwritten += bytes;
      if constexpr (std::is_void_v<decltype(work())>) {
        work();
        if (unwritten > most_unwritten) flush();
      } else {
        auto result = work();
        if (unwritten > most_unwritten) flush();
        return result;
      }
    });
  }
  static constexpr std::size_t most_unwritten = std::size_t{4} << 20U;
  /// Pages that nothing uses any more go back to the file system.
  void give_space_back() {
    database->exec("PRAGMA incremental_vacuum");
    database->exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  void flush() {
    if (!writing) return;
    writing->commit();
    writing.reset();
    unwritten = 0;
  }

  // For use inside guarded() or in_writing().
  [[nodiscard]] Digest fact_sum(std::string_view name);
  void put_fact(std::string_view name, std::string_view value);
  [[nodiscard]] std::optional<std::int64_t> blob_named(std::string_view name);
  std::int64_t put_blob(std::string_view name, const Packed& packed);
  std::int64_t put_bytes(std::string_view bytes);
  [[nodiscard]] std::string name_of_blob(std::int64_t blob);
  /// Of what an entry says, not of when it was so.
  [[nodiscard]] std::string hash_of(const Entry& entry);
  [[nodiscard]] std::string seal_of(const Point& point, std::string_view digest) const;
  [[nodiscard]] std::string seal_of_seen(const std::string& uuid, const std::string& mark) const;
  [[nodiscard]] Observed waiting_of(state::Use& row) const;
  [[nodiscard]] std::string seal_of_staged(const Entry& entry, const std::string& mark,
                                           const std::string& item, std::string_view pending) const;
  void put_seen(const std::string& uuid, const std::string& mark);
  void put_staged(const Entry& entry, const Observed& object);
  [[nodiscard]] std::optional<Entry> open_entry(const std::string& uuid);
  void put_entry(const Entry& entry, std::int64_t point);
  /// A point while it is being made from the one before.
  struct Drawn {
    Point point;
    Digest digest;
    std::int64_t before = 0;
  };
  void close_entry(Drawn& next, const Entry& entry);
  void close_gone(Drawn& next, const std::function<Fate(const Entry&)>& fate);
  void open_staged(Drawn& next, const std::function<Fate(const Entry&)>& fate);
  /// Gives its seal.
  std::string put_point(const Point& point, const Digest& digest);
  void look_at_marks(Checked& found);
  [[nodiscard]] Result<void> copy_all(History& from);
  [[nodiscard]] Result<void> copy_blobs(History& from, SQLite::Database& source);
  void copy_rows(SQLite::Database& source, const std::string& table, int columns);
  void copy_points(std::vector<Point> points);
  /// Removes what no entry needs any more. How many blobs.
  std::int64_t sweep();
};

/// What is only named is no object of a point.
[[nodiscard]] inline std::int64_t counts(const Entry& entry) { return entry.form == 0 ? 0 : 1; }
[[nodiscard]] Entry entry_of(state::Use& row);
[[nodiscard]] Point point_of(state::Use& row);
[[nodiscard]] std::string gaps_text(const Point& point);
/// NULL for none.
[[nodiscard]] inline std::optional<std::int64_t> id_or_null(std::int64_t id) {
  return id == 0 ? std::nullopt : std::optional(id);
}

}  // namespace twinlake::history
