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

/// Flips one bit at a time all over the file.
Flips flip_everywhere(const TemporaryFolder& folder, const Secret& key, const std::string& whole,
                      const std::string& told) {
  Flips flips;
  const std::string path = folder.file("prod.history.db");
  for (std::size_t byte = 0; byte < whole.size(); byte += 149) {
    std::string bent = whole;
    bent[byte] = static_cast<char>(bent[byte] ^ (1 << (byte % 8)));
    for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(path + end);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bent;
    auto history = History::open(folder.path(), "prod", key);
    try {
      if (!history || !(*history)->check().damage.empty()) {
        ++flips.found;
      } else if (dump(**history) == told) {
        ++flips.harmless;
      } else {
        flips.missed += std::to_string(byte) + " ";
      }
    } catch (const state::StateFailure&) {
      flips.missed += std::to_string(byte) + " (only when it was read) ";
    }
  }
  return flips;
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
    const Flips flips = flip_everywhere(folder, key, whole, told);
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
