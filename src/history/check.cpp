// Reads all that lies there, and says what is not as it was written.
#include <sqlite3.h>

#include <map>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "history/impl.h"
#include "history/point_sums.h"
#include "history/schema.h"

namespace twinlake::history {

using state::Use;

namespace {

class Checker {
 public:
  Checker(SQLite::Database& database, Statements& sql) : database_(database), sql_(sql) {}

  Checked run(History& history, const std::function<std::string(const Entry&)>& hash_of,
              const std::function<std::string(const Point&, std::string_view)>& seal_of,
              const std::function<void(Checked&)>& look_at_marks) {
    section("the file", [&] { look_at_file(); });
    section("the list of tables", [&] { look_at_schema(); });
    section("what was kept of objects", [&] { look_at_blobs(history); });
    section("the list of objects", [&] { look_at_entries(hash_of); });
    section("the list of points", [&] { look_at_points(seal_of); });
    section("what was read since the newest point", [&] { look_at_marks(found_); });
    return std::move(found_);
  }

 private:
  void tell(std::string what) { found_.damage.push_back(std::move(what)); }

  /// Where SQLite does not go on, whatever else there is is still looked at: more may be whole than
  /// is lost.
  template <class Work>
  void section(const std::string& name, const Work& work) {
    if (const auto trouble = trouble_of(work))
      tell(name + " cannot be read to its end: " + *trouble);
  }

  /// Nothing: it came to its end.
  template <class Work>
  static std::optional<std::string> trouble_of(const Work& work) {
    try {
      work();
      return std::nullopt;
    } catch (const SQLite::Exception& exception) {
      if (exception.getErrorCode() == SQLITE_BUSY) throw;
      return exception.what();
    } catch (const state::StateFailure& failure) {
      if (failure.error().fault != Fault::io) throw;
      return failure.error().message;
    }
  }

  /// What SQLite itself keeps: its tree of pages and its indexes.
  void look_at_file() {
    SQLite::Statement row(database_, "PRAGMA integrity_check(100)");
    while (row.executeStep())
      if (const std::string what = row.getColumn(0).getString(); what != "ok")
        tell("the file: " + what);
  }

  /// A table that lost its name would only look empty.
  void look_at_schema() {
    SQLite::Database fresh(":memory:", SQLite::OPEN_READWRITE);
    for (const state::SchemaStep& step : schema_steps()) fresh.exec(step.sql);
    constexpr const char* all =
        "SELECT group_concat(type || name || tbl_name || ifnull(sql, '')) "
        "FROM (SELECT * FROM sqlite_schema ORDER BY name)";
    if (database_.execAndGet(all).getString() != fresh.execAndGet(all).getString())
      tell("the file: its tables are not those that were made");
  }

  /// Who needs that content, as far as that can still be told.
  std::string users_of(std::int64_t blob) {
    std::string users;
    const auto trouble = trouble_of([&] { users = readable_users_of(blob); });
    return trouble || users.empty()
               ? "content that no point is known to need (blob " + std::to_string(blob) + ")"
               : users;
  }

  std::string readable_users_of(std::int64_t blob) {
    SQLite::Statement row(
        database_,
        "SELECT kind, natural_key, first_point, ifnull(last_point, 0), form = ?1 FROM entry "
        "WHERE form = ?1 OR content = ?1 OR content IN (SELECT whole FROM piece WHERE part = ?1) "
        "OR form IN (SELECT whole FROM piece WHERE part = ?1) LIMIT 4");
    row.bind(1, blob);
    std::string users;
    while (row.executeStep()) {
      const std::int64_t last = row.getColumn(3).getInt64();
      users +=
          (users.empty() ? "" : ", ") +
          std::string(row.getColumn(4).getInt() != 0 ? "the definition of " : "the content of ") +
          model_address(row.getColumn(0).getString(), row.getColumn(1).getString()) +
          " (from point " + std::to_string(row.getColumn(2).getInt64()) +
          (last == 0 ? " on)" : " to " + std::to_string(last) + ")");
    }
    return users;
  }

  static std::string model_address(const std::string& kind, const std::string& key) {
    return kind + ":\"" + key + "\"";
  }

  void look_at_blobs(History& history) {
    std::vector<std::int64_t> ids;
    {
      SQLite::Statement row(database_, "SELECT id FROM blob");
      while (row.executeStep()) ids.push_back(row.getColumn(0).getInt64());
    }
    for (const std::int64_t id : ids) {
      std::uint64_t bytes = 0;
      if (!is_whole(history, id, bytes)) tell(users_of(id) + " is not what was written");
      found_.bytes += static_cast<std::int64_t>(bytes);
      ++found_.blobs;
    }
  }

  /// `bytes`: how many could be read.
  bool is_whole(History& history, std::int64_t id, std::uint64_t& bytes) {
    bool is_good = false;
    const auto trouble = trouble_of([&] {
      const auto read =
          history.read_content(id, [&](std::string_view piece) { bytes += piece.size(); });
      SQLite::Statement size(database_, "SELECT size FROM blob WHERE id = ?");
      size.bind(1, id);
      is_good = read && size.executeStep() &&
                size.getColumn(0).getInt64() == static_cast<std::int64_t>(bytes);
    });
    return is_good && !trouble;
  }

  void look_at_entries(const std::function<std::string(const Entry&)>& hash_of) {
    SQLite::Statement statement(
        database_,
        "SELECT id, uuid, kind, parent_kind, parent, natural_key, form, content, lacks, "
        "first_point, last_point FROM entry");
    Use row(statement);
    while (row.next()) {
      const Entry entry = entry_of(row);
      // Without what it refers to it adds up to nothing, and the points that have it are told.
      std::string hash(Digest::size, '\0');
      (void)trouble_of([&] { hash = hash_of(entry); });
      sums_.add(row.number(9), row.optional_number(10), hash, counts(entry));
      ++found_.objects;
    }
  }

  void look_at_points(const std::function<std::string(const Point&, std::string_view)>& seal_of) {
    struct Written {
      Point point;
      std::string digest;
    };
    std::vector<Written> points;
    Digest seals;
    {
      Use row(sql_.points);
      while (row.next()) {
        Written written{point_of(row), row.bytes(8)};
        seals.add(Digest(row.bytes(9)).bytes());
        if (row.bytes(9) != seal_of(written.point, written.digest))
          tell("point " + std::to_string(written.point.id) +
               ": what is said of it is not what was written");
        points.push_back(std::move(written));
        ++found_.points;
      }
    }
    {
      Use ledger(sql_.fact, ledger_fact);
      if (!ledger.next() || ledger.bytes(0) != seals.bytes())
        tell("the list of points: one is missing, or was altered");
    }
    std::ranges::reverse(points);
    for (const Written& written : points) {
      const PointSums::Sum sum = sums_.at(written.point.id);
      if (sum.digest.bytes() != written.digest || sum.objects != written.point.objects)
        tell("point " + std::to_string(written.point.id) +
             ": its objects are not those that were written");
    }
  }

  SQLite::Database& database_;
  Statements& sql_;
  PointSums sums_;
  Checked found_;
};

}  // namespace

Checked History::check() {
  flush();
  Checker checker(*impl_->database, impl_->sql);
  return checker.run(
      *this, [&](const Entry& entry) { return impl_->hash_of(entry); },
      [&](const Point& point, std::string_view digest) { return impl_->seal_of(point, digest); },
      [&](Checked& found) { impl_->look_at_marks(found); });
}

void History::Impl::look_at_marks(Checked& found) {
  {
    SQLite::Statement statement(*database, "SELECT uuid, mark, seal FROM seen");
    Use row(statement);
    while (row.next())
      if (row.bytes(2) != seal_of_seen(row.text(0), row.text(1)))
        found.damage.push_back("what was seen last of the object " + row.text(0) +
                               " is not what was written");
  }
  SQLite::Statement statement(
      *database,
      "SELECT 0, uuid, kind, parent_kind, parent, natural_key, form, content, lacks, mark, "
      "item, pending, seal FROM staged");
  Use row(statement);
  while (row.next()) {
    const Entry entry = entry_of(row);
    if (row.bytes(12) != seal_of_staged(entry, row.text(9), row.text(10), row.bytes(11)))
      found.damage.push_back("what was read of " + entry.key +
                             " since the newest point is not what was written");
  }
}

}  // namespace twinlake::history
