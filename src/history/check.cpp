// Reads all that lies there, and says what is not as it was written.
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
              const std::function<std::string(const Point&, std::string_view)>& seal_of) {
    look_at_file();
    look_at_schema();
    look_at_blobs(history);
    look_at_entries(hash_of);
    look_at_points(seal_of);
    return std::move(found_);
  }

 private:
  void tell(std::string what) { found_.damage.push_back(std::move(what)); }

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

  /// Who needs that content.
  std::string users_of(std::int64_t blob) {
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
    return users.empty() ? "content that no point needs (blob " + std::to_string(blob) + ")"
                         : users;
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
      const auto read =
          history.read_content(id, [&](std::string_view piece) { bytes += piece.size(); });
      SQLite::Statement size(database_, "SELECT size FROM blob WHERE id = ?");
      size.bind(1, id);
      const bool is_whole =
          size.executeStep() && size.getColumn(0).getInt64() == static_cast<std::int64_t>(bytes);
      if (!read || !is_whole) tell(users_of(id) + " is not what was written");
      found_.bytes += static_cast<std::int64_t>(bytes);
      ++found_.blobs;
    }
  }

  void look_at_entries(const std::function<std::string(const Entry&)>& hash_of) {
    SQLite::Statement statement(
        database_,
        "SELECT id, uuid, kind, parent_kind, parent, natural_key, form, content, lacks, "
        "first_point, last_point FROM entry");
    Use row(statement);
    while (row.next()) {
      const Entry entry = entry_of(row);
      sums_.add(row.number(9), row.optional_number(10), hash_of(entry), counts(entry));
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
  Checked found;
  try {
    flush();
    impl_->guarded([&] {
      Checker checker(*impl_->database, impl_->sql);
      found = checker.run(
          *this, [&](const Entry& entry) { return impl_->hash_of(entry); },
          [&](const Point& point, std::string_view digest) {
            return impl_->seal_of(point, digest);
          });
      impl_->look_at_marks(found);
    });
  } catch (const state::StateFailure& failure) {
    // So broken that SQLite does not go on.
    found.damage.push_back("the file: " + failure.error().message);
  }
  return found;
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
