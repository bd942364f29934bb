// Whatever is damaged is found, and named by what it hits.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "history/testing.h"

namespace twinlake::history {
namespace {

/// All that any command reads.
std::string dump(History& history) {
  std::string all;
  for (const Point& point : history.points()) {
    all += std::to_string(point.id) + to_rfc3339(point.moment) + point.workspace_id +
           std::to_string(point.objects) + "\n";
    for (const Entry& entry : history.entries(point.id)) {
      const auto form = entry.form == 0 ? Result<std::string>("") : history.form(entry);
      all += entry.uuid + entry.kind + entry.parent + entry.key + (form ? *form : "damaged") +
             (entry.content == 0 ? "" : read(history, entry.content)) +
             history.mark_of(entry.uuid).value_or("none") + "\n";
    }
  }
  return all;
}

struct Flips {
  int found = 0;
  int harmless = 0;
  std::string missed;
};

/// The file as it is, in place of whatever was there.
void lay_down(const TemporaryFolder& folder, const std::string& bytes) {
  const std::string path = folder.file("prod.history.db");
  for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(path + end);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// What becomes of a damaged file. `where`: told when nobody notices.
void look_at_damaged(const TemporaryFolder& folder, const Secret& key, const std::string& told,
                     const std::string& where, Flips& flips) {
  auto history = History::open(folder.path(), "prod", key);
  try {
    if (!history || !(*history)->check().damage.empty()) {
      ++flips.found;
    } else if (dump(**history) == told) {
      ++flips.harmless;
    } else {
      flips.missed += where + " ";
    }
  } catch (const state::StateFailure&) {
    flips.missed += where + " (only when it was read) ";
  }
}

/// Flips one bit in each of those bytes, one at a time.
Flips flip_everywhere(const TemporaryFolder& folder, const Secret& key, const std::string& whole,
                      const std::string& told, std::size_t apart) {
  Flips flips;
  for (std::size_t byte = 0; byte < whole.size(); byte += apart) {
    std::string bent = whole;
    bent[byte] = static_cast<char>(bent[byte] ^ (1 << (byte % 8)));
    lay_down(folder, bent);
    look_at_damaged(folder, key, told, std::to_string(byte), flips);
  }
  return flips;
}

/// Two points of three objects in as few bytes as SQLite can do.
struct SmallFile {
  explicit SmallFile(const Secret& key) {
    {
      const auto history = opened(folder, key);
      history->observe(notebook(*history, "/n", "print(1)"));
      history->observe(job("load", "{\"name\":\"load\"}"));
      history->commit(at(0), all_there);
      history->observe(notebook(*history, "/n", "print(2)"));
      history->commit(at(1), all_there);
      history->observe(notebook(*history, "/m", "staged"));
      history->flush();
      told = dump(*history);
    }
    SQLite::Database database(folder.file("prod.history.db"), SQLite::OPEN_READWRITE);
    for (const char* sql : {"PRAGMA journal_mode = DELETE", "PRAGMA page_size = 512", "VACUUM",
                            "PRAGMA journal_mode = WAL"})
      database.exec(sql);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    whole = state::content_of(folder.file("prod.history.db"));
  }
  // Thousands of files that no disk has to see.
  TemporaryFolder folder{
      std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path()};
  std::string told;
  std::string whole;
};

TEST(HistoryCheck, OneFlippedBitInEachByteIsFoundOrChangesNothing) {
  const SmallFile small{key_of('k')};
  const Flips flips = flip_everywhere(small.folder, key_of('k'), small.whole, small.told, 1);
  EXPECT_EQ(flips.missed, "");
  EXPECT_GT(flips.found, 1000);
}

TEST(HistoryCheck, AFileThatEndsAtAnyByteIsFound) {
  const SmallFile small{no_key};
  Flips cuts;
  // What has no more than one byte is an empty file to SQLite: a history that begins.
  for (std::size_t size = 2; size < small.whole.size(); ++size) {
    lay_down(small.folder, small.whole.substr(0, size));
    look_at_damaged(small.folder, no_key, small.told, std::to_string(size), cuts);
  }
  EXPECT_EQ(cuts.missed, "");
  EXPECT_EQ(cuts.harmless, 0);
}

TEST(HistoryCheck, WhereTheFileCannotBeReadOnTheRestIsStillLookedAt) {
  const SmallFile small{no_key};
  std::int64_t page = 0;
  {
    SQLite::Database database(small.folder.file("prod.history.db"), SQLite::OPEN_READONLY);
    page = database.execAndGet("SELECT rootpage FROM sqlite_schema WHERE name = 'blob'").getInt64();
  }
  std::string bent = small.whole;
  std::fill_n(bent.begin() + (page - 1) * 512, 512, '\xff');
  lay_down(small.folder, bent);
  const Checked checked = opened(small.folder)->check();
  const std::string damage = joined_damage(checked);
  // Which objects and points it hits is known, for what says so lies elsewhere.
  for (const char* hit : {"the definition of job:\"load\" (from point 1 on) is not",
                          "the content of notebook:\"/n\" (from point 2 on) is not",
                          "point 1: its objects are not", "point 2: its objects are not"})
    EXPECT_NE(damage.find(hit), std::string::npos) << damage;
  EXPECT_EQ(checked.points, 2);
  EXPECT_EQ(checked.objects, 3);
}

TEST(HistoryCheck, WhatCannotEvenBeOpenedDoesNotSendPeopleRoundInCircles) {
  const SmallFile small{no_key};
  lay_down(small.folder, "SQLite format 3 or so" + small.whole.substr(20));
  const auto history = History::open(small.folder.path(), "prod", no_key);
  ASSERT_FALSE(history);
  EXPECT_NE(describe(history.error()).find("Nothing in it can be read"), std::string::npos);
  EXPECT_EQ(describe(history.error()).find("history check"), std::string::npos);
}

TEST(HistoryCheck, AFlippedBitAnywhereIsFoundOrChangesNothing) {
  for (const Secret& key : {no_key, key_of('k')}) {
    const TemporaryFolder folder;
    std::string told;
    {
      const auto history = opened(folder, key);
      for (int i = 0; i < 20; ++i) {
        history->observe(
            notebook(*history, "/n" + std::to_string(i), "# " + sha256_hex(std::to_string(i))));
        history->observe(job("job " + std::to_string(i),
                             "{\"name\":\"" + sha256_hex(std::to_string(i + 100)) + "\"}"));
      }
      history->commit(at(0), all_there);
      history->observe(notebook(*history, "/n1", "changed"));
      history->commit(at(1), all_there);
      history->observe(notebook(*history, "/n2", "staged"));
      history->flush();
      told = dump(*history);
    }
    const std::string whole = state::content_of(folder.file("prod.history.db"));
    const Flips flips = flip_everywhere(folder, key, whole, told, 149);
    EXPECT_EQ(flips.missed, "");
    EXPECT_GT(flips.found, 30);
    std::ofstream(folder.file("prod.history.db"), std::ios::binary | std::ios::trunc) << whole;
    EXPECT_EQ(joined_damage(opened(folder, key)->check()), "");
  }
}

TEST(HistoryCheck, DamageIsNamedByWhatItHits) {
  const TemporaryFolder folder;
  {
    const auto history = opened(folder);
    history->observe(
        notebook(*history, "/Shared/etl", "print('a text that stands there as it is')"));
    history->observe(job("load", "{\"v\":1}"));
    history->commit(at(0), all_there);
    history->observe(job("load", "{\"v\":2}"));
    history->commit(at(1), all_there);
    history->commit(at(2), all_there);
  }
  const auto with = [&](const char* sql) {
    const TemporaryFolder other;
    std::filesystem::copy_file(folder.file("prod.history.db"), other.file("prod.history.db"));
    SQLite::Database(other.file("prod.history.db"), SQLite::OPEN_READWRITE).exec(sql);
    return joined_damage(opened(other)->check());
  };
  EXPECT_EQ(with("UPDATE blob SET bytes = CAST('other' AS BLOB), size = 5, codec = 0 WHERE id = "
                 "(SELECT content FROM entry WHERE kind = 'notebook')"),
            "the content of notebook:\"/Shared/etl\" (from point 1 on) is not what was written\n");
  EXPECT_NE(with("DELETE FROM entry WHERE kind = 'job' AND last_point IS NULL")
                .find("point 3: its objects are not"),
            std::string::npos);
  EXPECT_NE(with("UPDATE entry SET natural_key = 'other' WHERE last_point = 1")
                .find("point 1: its objects are not"),
            std::string::npos);
  EXPECT_NE(with("DELETE FROM point WHERE id = 2").find("one is missing"), std::string::npos);
  EXPECT_NE(
      with("UPDATE point SET moment = moment + 1 WHERE id = 2").find("point 2: what is said of it"),
      std::string::npos);
  EXPECT_NE(with("UPDATE seen SET mark = 'x'").find("what was seen last"), std::string::npos);
  EXPECT_NE(with("DROP INDEX entry_open").find("its tables are not those"), std::string::npos);
}

}  // namespace
}  // namespace twinlake::history
