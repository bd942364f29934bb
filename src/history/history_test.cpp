#include "history/history.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <random>

#include "history/testing.h"

namespace twinlake::history {
namespace {

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

}  // namespace
}  // namespace twinlake::history
