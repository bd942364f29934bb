#include "history/history.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/hash.h"
#include "state/testing.h"

namespace twinlake::history {
namespace {

using state::TemporaryFolder;

Secret key_of(char fill) { return Secret(std::string(32, fill)); }
const Secret no_key;

std::unique_ptr<History> opened(const TemporaryFolder& folder, const Secret& key = no_key) {
  auto history = History::open(folder.path(), "prod", key);
  if (!history) throw std::runtime_error(describe(history.error()));
  return std::move(*history);
}

Fate all_there(const Entry&) { return Fate::there; }

void put(History& history, const std::string& content) {
  history.put_content(sha256_hex(content), content.size(),
                      [&](const History::Take& take) { take(content); });
}

Observed job(const std::string& name, const std::string& form) {
  return Observed{.uuid = "uuid of " + name, .kind = "job", .key = name, .form = form, .mark = "1"};
}

Observed notebook(History& history, const std::string& path, const std::string& source) {
  put(history, source);
  return Observed{.uuid = "uuid of " + path,
                  .kind = "notebook",
                  .key = path,
                  .form = "{\"path\":\"" + path + "\"}",
                  .content = sha256_hex(source),
                  .mark = "2"};
}

Point at(int minute) {
  Point point;
  point.moment = time_from_rfc3339("2026-11-27T12:00:00Z") + std::chrono::minutes(minute);
  point.run = minute;
  point.workspace_id = "1111";
  return point;
}

std::string read(History& history, std::int64_t content) {
  std::string bytes;
  const auto done = history.read_content(content, [&](std::string_view piece) { bytes += piece; });
  return done ? bytes : "damaged: " + done.error().message;
}

std::string joined_damage(const Checked& checked) {
  std::string all;
  for (const std::string& one : checked.damage) all += one + "\n";
  return all;
}

std::string keys_of(const std::vector<Entry>& entries) {
  std::string all;
  for (const Entry& entry : entries) all += entry.key + " ";
  return all;
}

TEST(History, APointHasWhatWasObservedAndStaysAsItWas) {
  const TemporaryFolder folder;
  const auto history = opened(folder);
  history->observe(job("load", "{\"name\":\"load\"}"));
  history->observe(notebook(*history, "/a", "print(1)"));
  const Point first = history->commit(at(0), all_there);
  history->observe(notebook(*history, "/a", "print(2)"));
  const Point second = history->commit(at(1), all_there);
  EXPECT_EQ(first.objects, 2);
  EXPECT_EQ(second.objects, 2);
  EXPECT_EQ(second.changed, 1);
  const auto before = history->entries(first.id);
  const auto after = history->entries(second.id);
  ASSERT_EQ(before.size(), 2U);
  EXPECT_EQ(read(*history, before[1].content), "print(1)");
  EXPECT_EQ(read(*history, after[1].content), "print(2)");
  EXPECT_EQ(*history->form(before[0]), "{\"name\":\"load\"}");
  EXPECT_EQ(joined_damage(history->check()), "");
}

TEST(History, WhatIsGoneEndsAndWhatCouldNotBeListedStays) {
  const TemporaryFolder folder;
  const auto history = opened(folder);
  for (const char* name : {"a", "b", "c"})
    history->observe(job(name, std::string("{\"n\":\"") + name + "\"}"));
  history->commit(at(0), all_there);
  const Point point = history->commit(at(1), [](const Entry& entry) {
    return entry.key == "a" ? Fate::gone : entry.key == "b" ? Fate::unknown : Fate::there;
  });
  EXPECT_EQ(keys_of(history->entries(point.id)), "b c ");
  EXPECT_EQ(keys_of(history->entries(1)), "a b c ");
  EXPECT_EQ(point.objects, 2);
  EXPECT_EQ(history->mark_of("uuid of a"), std::nullopt);
  EXPECT_EQ(history->mark_of("uuid of b"), "1");
  EXPECT_EQ(joined_damage(history->check()), "");
}

TEST(History, DifferencesAreThoseOfTwoPointsAndNothingBetween) {
  const TemporaryFolder folder;
  const auto history = opened(folder);
  history->observe(job("stays", "{}"));
  history->observe(job("changes", "{\"v\":1}"));
  history->observe(job("goes", "{}"));
  history->observe(job("returns", "{\"v\":1}"));
  history->commit(at(0), all_there);
  history->observe(job("returns", "{\"v\":2}"));
  history->commit(at(1), all_there);
  history->observe(job("returns", "{\"v\":1}"));
  history->observe(job("changes", "{\"v\":2}"));
  history->observe(job("comes", "{}"));
  history->commit(
      at(2), [](const Entry& entry) { return entry.key == "goes" ? Fate::gone : Fate::there; });
  std::string told;
  for (const Difference& one : history->differences(1, 3))
    told += (one.before ? one.before->key : "-") + ">" + (one.after ? one.after->key : "-") + " ";
  EXPECT_EQ(told, "changes>changes ->comes goes>- ");
  EXPECT_TRUE(history->differences(2, 2).empty());
}

TEST(History, ARunThatDiedLeavesNoPointAndItsReadingIsNotLost) {
  const TemporaryFolder folder;
  {
    const auto history = opened(folder);
    history->observe(job("old", "{\"v\":1}"));
    history->commit(at(0), all_there);
    history->observe(job("old", "{\"v\":2}"));
    history->observe(job("deleted meanwhile", "{}"));
    history->flush();
  }
  const auto history = opened(folder);
  EXPECT_EQ(history->points().size(), 1U);
  EXPECT_EQ(*history->form(history->entries(1)[0]), "{\"v\":1}");
  EXPECT_EQ(history->mark_of("uuid of old"), "1");
  const Point next = history->commit(
      at(1), [](const Entry& entry) { return entry.key == "old" ? Fate::there : Fate::gone; });
  EXPECT_EQ(keys_of(history->entries(next.id)), "old ");
  EXPECT_EQ(*history->form(history->entries(next.id)[0]), "{\"v\":2}");
  EXPECT_EQ(joined_damage(history->check()), "");
}

TEST(History, AnObjectWaitsForContentThatIsStillToBeCopied) {
  const TemporaryFolder folder;
  for (const Secret& key : {no_key, key_of('k')}) {
    std::filesystem::remove_all(folder.path());
    const auto history = opened(folder, key);
    Observed coming{.uuid = "u",
                    .kind = "notebook",
                    .key = "/a",
                    .form = "{\"path\":\"/a\"}",
                    .mark = "7",
                    .waits_for = "42"};
    history->observe(coming);
    EXPECT_EQ(history->mark_of("u"), std::nullopt) << "what is not whole is not known";
    auto waiting = history->waiting_for("42");
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->form, coming.form);
    EXPECT_FALSE(history->waiting_for("43"));
    put(*history, "source");
    EXPECT_EQ(history->waiting().size(), 1U);
    waiting->content = sha256_hex("source");
    waiting->waits_for.clear();
    history->observe(*waiting);
    EXPECT_FALSE(history->waiting_for("42"));
    const Point point = history->commit(at(0), all_there);
    EXPECT_EQ(read(*history, history->entries(point.id).at(0).content), "source");
  }
}

TEST(History, LargeContentLiesInPiecesAndEqualPiecesOnce) {
  const TemporaryFolder folder;
  const auto history = opened(folder);
  std::mt19937_64 chance(7);
  std::string large;
  while (large.size() < (std::size_t{3} << 20U)) large += std::to_string(chance());
  large.resize((std::size_t{3} << 20U) + 17);
  put(*history, large);
  const auto once = history->bytes_on_disk();
  std::string changed = large;
  changed.back() = '!';
  put(*history, changed);
  history->observe(Observed{
      .uuid = "a", .kind = "file", .key = "/a", .form = "{}", .content = sha256_hex(large)});
  history->observe(Observed{
      .uuid = "b", .kind = "file", .key = "/b", .form = "{}", .content = sha256_hex(changed)});
  const Point point = history->commit(at(0), all_there);
  const auto entries = history->entries(point.id);
  EXPECT_EQ(entries[0].content_size, large.size());
  EXPECT_EQ(read(*history, entries[0].content), large);
  EXPECT_EQ(read(*history, entries[1].content), changed);
  EXPECT_LT(history->bytes_on_disk() - once, 100'000);
  EXPECT_EQ(joined_damage(history->check()), "");
}

TEST(History, PruningGivesSpaceBackAndKeepsWhatOthersNeed) {
  const TemporaryFolder folder;
  const auto history = opened(folder);
  std::mt19937_64 chance(3);
  const auto random_text = [&] {
    std::string text;
    while (text.size() < 200'000) text += std::to_string(chance());
    return text;
  };
  const std::string constant = random_text();
  for (int i = 0; i < 10; ++i) {
    history->observe(notebook(*history, "/constant", constant));
    history->observe(notebook(*history, "/changes", random_text()));
    history->commit(at(i), all_there);
  }
  const auto newest = read(*history, history->entries(10)[0].content);
  const Retention three{.last = 3, .daily = 0, .weekly = 0};
  const Pruned told = history->prune(three, History::Prune::dry_run);
  EXPECT_EQ(told.points.size(), 7U);
  EXPECT_EQ(history->points().size(), 10U);
  const Pruned done = history->prune(three, History::Prune::now);
  EXPECT_EQ(done.points.size(), 7U);
  EXPECT_LT(done.bytes_after, done.bytes_before / 2);
  struct stat facts{};
  ASSERT_EQ(stat(folder.file("prod.history.db").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_size, done.bytes_after) << "the file itself is smaller";
  EXPECT_EQ(history->points().size(), 3U);
  EXPECT_EQ(read(*history, history->entries(10)[0].content), newest);
  EXPECT_EQ(read(*history, history->entries(8)[1].content), constant);
  EXPECT_EQ(joined_damage(history->check()), "");
  history->observe(notebook(*history, "/changes", "new"));
  EXPECT_EQ(history->commit(at(11), all_there).id, 11) << "numbers are not used again";
}

TEST(History, PointsAreFoundByNumberMomentAndWord) {
  const TemporaryFolder folder;
  const auto history = opened(folder);
  EXPECT_EQ(history->find("latest").error().fault, Fault::not_found);
  for (int i = 0; i < 3; ++i) history->commit(at(i * 10), all_there);
  EXPECT_EQ(history->find("latest")->id, 3);
  EXPECT_EQ(history->find("2")->id, 2);
  EXPECT_EQ(history->find("2026-11-27T12:15")->id, 2);
  EXPECT_EQ(history->find("2026-11-27")->id, 3);
  EXPECT_EQ(history->find("2026-11-27T12:20:00Z")->id, 3);
  for (const char* none : {"2026-11-26", "4", "0", "", "yesterday", "-1"})
    EXPECT_EQ(history->find(none).error().fault, Fault::not_found) << none;
}

TEST(History, TheFileIsItsOwnersAlone) {
  const TemporaryFolder folder;
  const auto history = opened(folder);
  history->observe(job("a", "{}"));
  history->commit(at(0), all_there);
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    struct stat facts{};
    ASSERT_EQ(stat(file.path().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 077U, 0U) << file.path();
  }
}

constexpr const char* confidential = "margin = revenue - cost  # nobody outside may see how";

std::string all_bytes(const TemporaryFolder& folder) {
  std::string all;
  for (const auto& file : std::filesystem::directory_iterator(folder.path()))
    all += state::content_of(file.path());
  return all;
}

TEST(HistoryKey, WithAKeyNoContentIsReadableAndWithoutItIs) {
  for (const bool encrypts : {false, true}) {
    const TemporaryFolder folder;
    const auto history = opened(folder, encrypts ? key_of('k') : no_key);
    history->observe(notebook(*history, "/a", confidential));
    Observed waits = job("w", std::string("{\"n\":\"") + confidential + "\"}");
    waits.waits_for = "9";
    history->observe(waits);
    history->flush();
    EXPECT_EQ(all_bytes(folder).find("nobody outside") == std::string::npos, encrypts);
    history->commit(at(0), all_there);
    EXPECT_EQ(all_bytes(folder).find("nobody outside") == std::string::npos, encrypts);
    EXPECT_EQ(read(*history, history->entries(1)[0].content), confidential);
    EXPECT_EQ(joined_damage(history->check()), "");
  }
}

Error error_with(const TemporaryFolder& folder, const Secret& key) {
  const auto history = History::open(folder.path(), "prod", key);
  return history ? Error() : history.error();
}

TEST(HistoryKey, AnotherKeyOrNoneIsRefusedWithTheRemedy) {
  const TemporaryFolder folder;
  const TemporaryFolder plain;
  opened(folder, key_of('k'))->commit(at(0), all_there);
  opened(plain)->commit(at(0), all_there);
  EXPECT_NE(error_with(folder, key_of('x')).message.find("encrypted with another key"),
            std::string::npos);
  EXPECT_NE(error_with(folder, no_key).message.find("is encrypted, and there is no key"),
            std::string::npos);
  EXPECT_NE(error_with(plain, key_of('k')).message.find("is not encrypted"), std::string::npos);
  for (const Error& error : {error_with(folder, key_of('x')), error_with(folder, no_key),
                             error_with(plain, key_of('k'))}) {
    EXPECT_EQ(error.fault, Fault::refused);
    EXPECT_NE(error.hint.find("history rekey"), std::string::npos);
  }
  EXPECT_EQ(opened(folder, key_of('k'))->points().size(), 1U);
}

TEST(HistoryKey, TheKeyIsAddedChangedAndRemovedWithNothingLost) {
  const TemporaryFolder folder;
  std::string large(std::size_t{2} << 20U, 'x');
  large += confidential;
  {
    const auto history = opened(folder);
    history->observe(notebook(*history, "/a", confidential));
    history->observe(notebook(*history, "/large", large));
    history->commit(at(0), all_there);
    history->observe(notebook(*history, "/a", "changed"));
    history->commit(at(1), all_there);
    history->prune(Retention{1, 0, 0}, History::Prune::now);
    history->observe(notebook(*history, "/a", std::string(confidential) + " again"));
    history->commit(at(2), all_there);
  }
  const std::array<std::pair<Secret, Secret>, 3> changes{
      {{no_key, key_of('1')}, {key_of('1'), key_of('2')}, {key_of('2'), no_key}}};
  for (const auto& [from, to] : changes) {
    const auto done = History::change_key(folder.path(), "prod", from, to);
    ASSERT_TRUE(done) << describe(done.error());
    const auto history = opened(folder, to);
    EXPECT_EQ(joined_damage(history->check()), "");
    EXPECT_EQ(history->points().size(), 2U);
    EXPECT_EQ(read(*history, history->entries(3)[0].content), std::string(confidential) + " again");
    EXPECT_EQ(read(*history, history->entries(3)[1].content), large);
    EXPECT_EQ(read(*history, history->entries(2)[0].content), "changed");
    EXPECT_EQ(all_bytes(folder).find("nobody outside") == std::string::npos, !to.empty());
    EXPECT_FALSE(std::filesystem::exists(folder.file("prod.new.history.db")));
  }
  EXPECT_EQ(History::change_key(folder.path(), "prod", key_of('2'), no_key).error().fault,
            Fault::refused);
}

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

std::string days_kept(const std::vector<Point>& points, const Retention& keep) {
  const auto gone = outdated(points, keep);
  std::string kept;
  for (const Point& point : points)
    if (std::ranges::find(gone, point.id) == gone.end()) kept += std::to_string(point.id) + " ";
  return kept;
}

TEST(Retention, KeepsTheNewestOfDaysAndWeeks) {
  std::vector<Point> points;
  for (int i = 0; i < 40; ++i) {  // twice a day, from Monday the 2nd
    Point point;
    point.id = i + 1;
    point.moment = time_from_rfc3339("2026-11-02T06:00:00Z") + std::chrono::hours(12 * i);
    points.push_back(point);
  }
  EXPECT_EQ(days_kept(points, {.last = 3, .daily = 0, .weekly = 0}), "38 39 40 ");
  EXPECT_EQ(days_kept(points, {.last = 0, .daily = 0, .weekly = 0}), "40 ");
  EXPECT_EQ(days_kept(points, {.last = 1, .daily = 3, .weekly = 0}), "36 38 40 ");
  EXPECT_EQ(days_kept(points, {.last = 1, .daily = 0, .weekly = 9}), "14 28 40 ");
  EXPECT_TRUE(outdated({}, {}).empty());
}

}  // namespace
}  // namespace twinlake::history
