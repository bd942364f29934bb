// The file of recovery points may come back damaged from any disk or backup: whatever is in it, it is refused, its
// damage is found, or all that is read of it is what was written.
#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "history/testing.h"
#include "input.h"

namespace {

using namespace twinlake;
using namespace twinlake::history;

/// All that any command reads.
std::string read_all(History& history) {
  std::string all;
  for (const Point& point : history.points()) {
    all += std::to_string(point.id) + to_rfc3339(point.moment) + point.workspace_id + std::to_string(point.objects) + "\n";
    for (const Entry& entry : history.entries(point.id)) {
      const auto form = entry.form == 0 ? Result<std::string>("") : history.form(entry);
      all += entry.uuid + entry.kind + entry.parent + entry.key + (form ? *form : "damaged") +
             (entry.content == 0 ? "" : read(history, entry.content)) + "\n";
    }
  }
  if (!history.points().empty()) (void)history.differences(history.points().back().id, history.points().front().id);
  return all;
}

/// A file with all that can be in one, and what it says.
struct Whole {
  explicit Whole(const Secret& of) : key(of) {
    {
      const auto history = opened(folder, key);
      history->observe(notebook(*history, "/n", "print(1)"));
      // In one of them content in pieces: to read a megabyte takes its time.
      if (history->is_encrypted()) history->observe(notebook(*history, "/large", std::string(1U << 20U, 'x') + "y"));
      history->observe(job("load", "{\"name\":\"load\"}"));
      history->commit(at(0), all_there);
      history->observe(notebook(*history, "/n", "print(2)"));
      history->commit(at(1), all_there);
      history->observe(notebook(*history, "/m", "staged"));
      history->flush();
      told = read_all(*history);
    }
    bytes = state::content_of(folder.file("prod.history.db"));
  }
  Secret key;
  TemporaryFolder folder{std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path()};
  std::string told;
  std::string bytes;
};

std::size_t number(Input& input) {
  std::size_t value = 0;
  for (int i = 0; i < 3; ++i) value = value * 256 + input.choice(256);
  return value;
}

void damage_bytes(Input& input, std::string& bytes) {
  while (!input.empty()) {
    const bool cuts = input.choice(8) == 0;
    const std::size_t at = number(input) % (bytes.size() + 1);
    if (cuts) bytes.resize(at);
    const std::string piece = input.piece();
    if (!cuts) bytes.replace(at, std::min(piece.size(), bytes.size() - at), piece);
  }
}

constexpr const char* columns[] = {
    "fact SET value",        "blob SET hash",          "blob SET codec",         "blob SET size",       "blob SET bytes",   "blob SET id",
    "piece SET part",        "piece SET position",     "point SET id",           "point SET moment",    "point SET objects", "point SET gaps",
    "point SET digest",      "point SET seal",         "point SET workspace",    "entry SET uuid",      "entry SET kind",   "entry SET form",
    "entry SET content",     "entry SET first_point",  "entry SET last_point",   "entry SET lacks",     "seen SET mark",    "staged SET form",
    "staged SET pending",    "staged SET item",        "entry SET natural_key",  "entry SET parent",    "point SET side",   "piece SET whole",
};

/// What SQLite finds nothing wrong with: a row says something else.
void damage_rows(Input& input, const std::string& path) {
  try {
    SQLite::Database database(path, SQLite::OPEN_READWRITE);
    while (!input.empty()) {
      const std::string column = columns[input.choice(std::size(columns))];
      const unsigned type = input.choice(3);
      const std::int64_t skipped = input.choice(8);
      const std::string value = input.piece();
      const std::string table = column.substr(0, column.find(' '));
      const bool has_rowid = table == "blob" || table == "point" || table == "entry";
      const std::string where = has_rowid ? " WHERE rowid = (SELECT rowid FROM " + table + " LIMIT 1 OFFSET " + std::to_string(skipped) + ")" : "";
      try {
        SQLite::Statement change(database, "UPDATE OR REPLACE " + column + " = ?" + where);
        if (type == 0) change.bind(1, value);
        if (type == 1) change.bind(1, value.data(), static_cast<int>(value.size()));
        if (type == 2) change.bind(1, static_cast<std::int64_t>(std::strtoll(value.c_str(), nullptr, 10)));
        change.exec();
      } catch (const SQLite::Exception&) {
        // A column that takes no such value.
      }
    }
  } catch (const SQLite::Exception&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const Whole plain{no_key};
  static const Whole encrypted{key_of('k')};
  Input input(data, size);
  const Whole& whole = input.choice(2) == 0 ? plain : encrypted;
  const bool bends_rows = input.choice(2) == 0;
  std::string bytes = whole.bytes;
  if (!bends_rows) damage_bytes(input, bytes);
  // To SQLite that is an empty file, and to us a history that begins.
  if (bytes.size() < 2) return 0;
  const std::string path = whole.folder.file("prod.history.db");
  for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(path + end);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  if (bends_rows) damage_rows(input, path);
  auto history = History::open(whole.folder.path(), "prod", whole.key);
  if (!history) return 0;
  try {
    const bool is_whole = (*history)->check().damage.empty();
    if (read_all(**history) != whole.told && is_whole) std::abort();
  } catch (const state::StateFailure& failure) {
    // What is damaged may end in the middle of reading; that is told, too.
    if ((*history)->check().damage.empty()) std::abort();
  }
  return 0;
}
