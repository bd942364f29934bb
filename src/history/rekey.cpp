// Another key, or none: everything is written anew beside the old file and takes its place, so that
// nothing of the old one is left in it.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/hash.h"
#include "history/impl.h"
#include "history/point_sums.h"

namespace twinlake::history {

using state::Bytes;
using state::Use;

namespace {

/// The group's name of the file that is being written.
std::string draft_of(const std::string& group) { return group + ".new"; }

void remove_draft(const std::string& folder, const std::string& group) {
  for (const char* end : {"", "-wal", "-shm"})
    unlink((folder + "/" + draft_of(group) + ".history.db" + end).c_str());
}

}  // namespace

/// All content under its new name. Ids stay, so that whatever speaks of it stays too.
Result<void> History::Impl::copy_blobs(History& from, SQLite::Database& source) {
  SQLite::Statement put(*database, "INSERT INTO blob VALUES (?, ?, ?, ?, ?)");
  SQLite::Statement ids(source, "SELECT id, codec FROM blob");
  Use row(ids);
  while (row.next()) {
    const std::int64_t id = row.number(0);
    const bool is_whole = row.number(1) == static_cast<std::int64_t>(Packing::pieces);
    std::string bytes;
    Sha256 hash;
    std::size_t size = 0;
    CHECK(from.read_content(id, [&](std::string_view piece) {
      hash.update(piece);
      size += piece.size();
      if (!is_whole) bytes += piece;
    }));
    const std::string name = codec.name_of(hash.finish_hex());
    const Packed packed = is_whole ? Packed{Packing::pieces, size, {}} : codec.pack(bytes, name);
    in_writing(packed.bytes.size(), [&] {
      Use(put, id, Bytes{name}, static_cast<std::int64_t>(packed.packing),
          static_cast<std::int64_t>(packed.size), Bytes{packed.bytes})
          .run();
    });
  }
  return {};
}

/// Rows that say nothing secret, as they are.
void History::Impl::copy_rows(SQLite::Database& source, const std::string& table, int columns) {
  std::string places = "?";
  for (int i = 1; i < columns; ++i) places += ", ?";
  SQLite::Statement put(*database, "INSERT INTO " + table + " VALUES (" + places + ")");
  SQLite::Statement row(source, "SELECT * FROM " + table);
  while (row.executeStep()) {
    in_writing(128, [&] {
      for (int i = 0; i < columns; ++i) {
        const SQLite::Column value = row.getColumn(i);
        if (value.isNull()) {
          put.bind(i + 1);
        } else if (value.isInteger()) {
          put.bind(i + 1, static_cast<std::int64_t>(value.getInt64()));
        } else {
          put.bind(i + 1, value.getString());
        }
      }
      put.exec();
      put.reset();
    });
  }
}

void History::Impl::copy_points(std::vector<Point> points) {
  PointSums sums;
  {
    SQLite::Statement statement(
        *database,
        "SELECT id, uuid, kind, parent_kind, parent, natural_key, form, content, lacks, "
        "first_point, last_point FROM entry");
    Use row(statement);
    while (row.next()) {
      const Entry entry = entry_of(row);
      sums.add(row.number(9), row.optional_number(10), hash_of(entry), counts(entry));
    }
  }
  std::ranges::reverse(points);
  Digest ledger;
  for (const Point& point : points) {
    const PointSums::Sum sum = sums.at(point.id);
    ledger.add(put_point(point, sum.digest));
  }
  put_fact(ledger_fact, ledger.bytes());
}

Result<void> History::Impl::copy_all(History& from) {
  SQLite::Database& source = *from.impl_->database;
  CHECK(copy_blobs(from, source));
  copy_rows(source, "piece", 3);
  copy_rows(source, "entry", 11);
  // What was staged, and how listings told of things, is found out again.
  in_writing(0, [&] { copy_points(from.points()); });
  guarded([&] { flush(); });
  return {};
}

Result<void> History::change_key(const std::string& folder, const std::string& group,
                                 const Secret& old_key, const Secret& new_key) {
  TRY(auto old, open(folder, group, old_key));
  // Nothing is written anew that is not whole.
  if (const Checked checked = old->check(); !checked.damage.empty())
    return fail(Fault::io, "the history is damaged: " + checked.damage.front(),
                "`twinlake history check` names all of it; nothing was changed");
  remove_draft(folder, group);
  {
    TRY(const auto draft, open(folder, draft_of(group), new_key));
    CHECK(draft->impl_->copy_all(*old));
    draft->impl_->guarded([&] { draft->impl_->database->exec("PRAGMA wal_checkpoint(TRUNCATE)"); });
  }
  old.reset();
  const std::string path = folder + "/" + group + ".history.db";
  if (rename((folder + "/" + draft_of(group) + ".history.db").c_str(), path.c_str()) != 0)
    return fail(state::file_error("cannot replace", path, errno));
  return {};
}

}  // namespace twinlake::history
