#include "history/history.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "history/impl.h"
#include "history/schema.h"
#include "state/descriptor.h"

namespace twinlake::history {

using nlohmann::json;
using state::Bytes;
using state::Use;

namespace {

constexpr int id_of_application = 1414285427;  // "TLh3", as schema/0001 writes it

std::string file_of(const std::string& folder, const std::string& group) {
  return folder == state::memory_folder ? ":memory:" : folder + "/" + group + ".history.db";
}

/// SQLite would make it for everybody; its companions take the mode over.
Result<void> make_file(const std::string& path) {
  const state::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file || errno == EROFS || errno == EACCES) return {};  // it may still be read
  return fail(state::file_error("cannot make", path, errno));
}

/// Does the key fit what lies there?
Result<void> check_key(Statements& sql, const Codec& codec, const std::string& path) {
  std::string proof;
  {
    Use stored(sql.fact, key_fact);
    if (stored.next()) proof = stored.bytes(0);
  }
  bool is_new = false;
  {
    Use ledger(sql.fact, ledger_fact);
    is_new = !ledger.next();
  }
  if (is_new) {
    // What lies there first says for ever whether it is encrypted, and with what.
    SQLite::Transaction begin(sql.database, SQLite::TransactionBehavior::IMMEDIATE);
    if (codec.encrypts()) Use(sql.put_fact, key_fact, Bytes{codec.key_proof()}).run();
    Use(sql.put_fact, ledger_fact, Bytes{Digest().bytes()}).run();
    begin.commit();
    return {};
  }
  if (proof == codec.key_proof()) return {};
  const std::string hint = "`twinlake history rekey` writes it anew";
  if (proof.empty())
    return fail(Fault::refused, path + " is not encrypted, and the configuration has a key for it",
                hint + " with that key");
  if (!codec.encrypts())
    return fail(Fault::refused, path + " is encrypted, and there is no key",
                "Name it in `history: {key: ...}` of twinlake.yml; " + hint +
                    " without one, with --old-key");
  return fail(Fault::refused, path + " is encrypted with another key",
              "Give that one; " + hint + " with the new one, with --old-key");
}

constexpr const char* nothing_can_be_read =
    "Nothing in it can be read. Put a copy of it back, or move it away: the next sync begins a new "
    "history";

/// What cannot even be opened can say nothing of what is lost.
const state::FileFormat& format_at_opening() {
  static const state::FileFormat format = [] {
    state::FileFormat opening = format_of_history();
    opening.if_damaged = nothing_can_be_read;
    return opening;
  }();
  return format;
}

}  // namespace

const state::FileFormat& format_of_history() {
  static const state::FileFormat format{
      .application_id = id_of_application,
      .steps = schema_steps(),
      .if_damaged =
          "`twinlake history check` says what is lost; moved away, the next sync begins "
          "a new history",
      .before_tables = "PRAGMA auto_vacuum = INCREMENTAL",
      .look_for_damage = false};
  return format;
}

History::History(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
History::~History() {
  // A run that ended early keeps what it has read; what cannot be written is read again.
  try {
    impl_->flush();
  } catch (const SQLite::Exception&) {
    impl_->writing.reset();
  }
}

bool History::exists(const std::string& folder, const std::string& group) {
  return access(file_of(folder, group).c_str(), F_OK) == 0;
}

Result<std::unique_ptr<History>> History::open(const std::string& folder, const std::string& group,
                                               const Secret& key) {
  CHECK(state::prepare_folder(folder, group));
  const std::string path = file_of(folder, group);
  if (folder != state::memory_folder) CHECK(make_file(path));
  TRY(auto database, state::open_database(path, format_at_opening()));
  try {
    auto impl = std::make_unique<Impl>(std::move(database), path, key);
    CHECK(check_key(impl->sql, impl->codec, path));
    return std::unique_ptr<History>(new History(std::move(impl)));
  } catch (const SQLite::Exception& exception) {
    // Tables of its own that are not there, or are others: what says so is damaged.
    if (exception.getErrorCode() == SQLITE_ERROR)
      return fail(Fault::io, path + " is damaged: " + exception.what(), nothing_can_be_read);
    return fail(state::error_from(exception, path, nullptr, format_at_opening()));
  }
}

bool History::is_encrypted() const { return impl_->codec.encrypts(); }

Entry entry_of(Use& row) {
  Entry entry;
  entry.id = row.number(0);
  entry.uuid = row.text(1);
  entry.kind = row.text(2);
  entry.parent_kind = row.text(3);
  entry.parent = row.text(4);
  entry.key = row.text(5);
  entry.form = row.optional_number(6).value_or(0);
  entry.content = row.optional_number(7).value_or(0);
  entry.lacks_content = row.number(8) != 0;
  return entry;
}

Point point_of(Use& row) {
  Point point;
  point.id = row.number(0);
  point.moment = Time(Micros(row.number(1)));
  point.run = row.number(2);
  point.side =
      row.text(3) == model::name_of(model::Side::away) ? model::Side::away : model::Side::home;
  point.workspace_id = row.text(4);
  point.objects = row.number(5);
  point.changed = row.number(6);
  const json gaps = json::parse(row.text(7), nullptr, false);
  if (!gaps.is_array()) return point;
  for (const json& gap : gaps)
    if (gap.is_string()) point.gaps.push_back(gap.get<std::string>());
  return point;
}

std::string gaps_text(const Point& point) { return to_text(json(point.gaps)); }

std::string History::Impl::hash_of(const Entry& entry) {
  const std::string form = name_of_blob(entry.form);
  const std::string content = name_of_blob(entry.content);
  return codec.seal_of(joined({entry.uuid, entry.kind, entry.parent_kind, entry.parent, entry.key,
                               form, content, entry.lacks_content ? "1" : "0"}));
}

std::string History::Impl::seal_of(const Point& point, std::string_view digest) const {
  return codec.seal_of(joined(
      {std::to_string(point.id), std::to_string(point.moment.time_since_epoch().count()),
       std::to_string(point.run), model::name_of(point.side), point.workspace_id,
       std::to_string(point.objects), std::to_string(point.changed), gaps_text(point), digest}));
}

std::string History::Impl::seal_of_seen(const std::string& uuid, const std::string& mark) const {
  return codec.seal_of(joined({uuid, mark})).substr(0, 8);
}

Digest History::Impl::fact_sum(std::string_view name) {
  Use row(sql.fact, name);
  return row.next() ? Digest(row.bytes(0)) : Digest();
}

void History::Impl::put_fact(std::string_view name, std::string_view value) {
  Use(sql.put_fact, name, Bytes{value}).run();
}

std::vector<Point> History::points() {
  return impl_->guarded([&] {
    std::vector<Point> points;
    Use row(impl_->sql.points);
    while (row.next()) {
      points.push_back(point_of(row));
      points.back().digest = row.bytes(8);
    }
    return points;
  });
}

namespace {

/// "2026-11-27", with or without a time of the day, in UTC.
Time last_moment_of(const std::string& text) {
  for (const char* rest : {"", "Z", ":00Z", "T23:59:59.999999Z"})
    if (const Time moment = time_from_rfc3339(text + rest); moment != Time{}) return moment;
  return {};
}

tl::unexpected<Error> no_such_point(const std::string& name, const std::vector<Point>& points) {
  if (points.empty())
    return fail(Fault::not_found, "there is no recovery point yet", "`twinlake sync` leaves one");
  return fail(
      Fault::not_found,
      "there is no recovery point `" + name + "`: they go from " +
          std::to_string(points.back().id) + " to " + std::to_string(points.front().id),
      "`twinlake history` lists them; a number, a moment like 2026-11-27T12:00, or `latest`");
}

}  // namespace

Result<Point> History::find(const std::string& name) {
  const std::vector<Point> all = points();
  const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
  const Time until = last_moment_of(name);
  for (const Point& point : all) {
    if (name == "latest") return point;
    if (is_number ? std::to_string(point.id) == name : until != Time{} && point.moment <= until)
      return point;
  }
  return no_such_point(name, all);
}

std::vector<Entry> History::entries(std::int64_t point) {
  return impl_->guarded([&] {
    std::vector<Entry> entries;
    Use row(impl_->sql.entries_of, point);
    while (row.next()) {
      entries.push_back(entry_of(row));
      entries.back().content_size = static_cast<std::uint64_t>(row.number(9));
    }
    return entries;
  });
}

namespace {

bool is_same(const Entry& a, const Entry& b) {
  return a.key == b.key && a.parent == b.parent && a.form == b.form && a.content == b.content &&
         a.lacks_content == b.lacks_content;
}

}  // namespace

std::vector<Difference> History::differences(std::int64_t before, std::int64_t after) {
  // Both are sorted alike, so that objects of one kind and name stand together.
  std::vector<Difference> differences;
  std::map<std::string, Entry> open;
  for (Entry& entry : entries(before)) open.emplace(entry.uuid, std::move(entry));
  for (Entry& entry : entries(after)) {
    const auto was = open.find(entry.uuid);
    if (was == open.end()) {
      differences.push_back({std::nullopt, std::move(entry)});
      continue;
    }
    if (!is_same(was->second, entry))
      differences.push_back({std::move(was->second), std::move(entry)});
    open.erase(was);
  }
  for (auto& [uuid, entry] : open) differences.push_back({std::move(entry), std::nullopt});
  std::erase_if(differences, [](const Difference& one) {
    // What only a name is known of comes and goes with the service.
    return (one.before ? *one.before : *one.after).form == 0;
  });
  std::ranges::sort(differences, {}, [](const Difference& one) {
    const Entry& entry = one.after ? *one.after : *one.before;
    return std::tuple(entry.kind, entry.key, entry.uuid);
  });
  return differences;
}

std::int64_t History::bytes_on_disk() {
  return impl_->guarded([&] {
    SQLite::Database& database = *impl_->database;
    return database.execAndGet("PRAGMA page_count").getInt64() *
           database.execAndGet("PRAGMA page_size").getInt64();
  });
}

}  // namespace twinlake::history
