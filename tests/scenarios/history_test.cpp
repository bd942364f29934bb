// Each sync leaves a recovery point: what was in scope of the primary, and nothing secret of it.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/hash.h"
#include "base/json_path.h"
#include "simulator/faults.h"
#include "state/testing.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using history::Entry;
using history::Point;
using nlohmann::json;
using state::TemporaryFolder;

std::string source(const std::string& body) { return "# Databricks notebook source\n" + body + "\n"; }

Point sync_to_point(Lab& lab) {
  const auto report = lab.sync();
  if (!report) throw std::runtime_error(describe(report.error()));
  if (report->history_trouble) throw std::runtime_error(describe(*report->history_trouble));
  return report->recovery_point.value();
}

std::string content_of(Lab& lab, const Entry& entry) {
  std::string bytes;
  const auto read = lab.history().read_content(entry.content, [&](std::string_view piece) { bytes += piece; });
  return read ? bytes : "damaged: " + read.error().message;
}

json form_of(Lab& lab, const Entry& entry) { return json::parse(*lab.history().form(entry)); }

Entry entry_of(Lab& lab, std::int64_t point, const std::string& kind, const std::string& key) {
  for (Entry& entry : lab.history().entries(point))
    if (entry.kind == kind && entry.key == key) return std::move(entry);
  throw std::runtime_error("the point has no " + kind + " " + key);
}

bool has(Lab& lab, std::int64_t point, const std::string& kind, const std::string& key) {
  const auto entries = lab.history().entries(point);
  return std::ranges::any_of(entries, [&](const Entry& e) { return e.kind == kind && e.key == key; });
}

std::string damage(Lab& lab) {
  std::string all;
  for (const std::string& one : lab.history().check().damage) all += one + "\n";
  return all;
}

/// All of a point, for comparison: addresses, forms and content.
std::map<std::string, std::string> dump(Lab& lab, std::int64_t point) {
  std::map<std::string, std::string> all;
  for (const Entry& entry : lab.history().entries(point)) {
    std::string& text = all[entry.kind + " " + entry.key + " " + entry.uuid];
    if (entry.form != 0) text = *lab.history().form(entry);
    if (entry.content != 0) text += content_of(lab, entry);
    if (entry.lacks_content) text += " lacks content";
  }
  return all;
}

/// What one has and the other has not, or otherwise; empty: they are equal.
std::string difference(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b) {
  std::string told;
  for (const auto& [address, text] : a)
    if (const auto other = b.find(address); other == b.end() || other->second != text)
      told += address + "\n  " + text + "\n  " + (other == b.end() ? "(not there)" : other->second) + "\n";
  for (const auto& [address, text] : b)
    if (!a.contains(address)) told += address + "\n  (not there)\n  " + text + "\n";
  return told;
}

TEST(RecoveryPoints, HaveAllThatWasInScopeAsThePrimaryHasIt) {
  Lab lab;
  fill_small_estate(lab);
  lab.keep_history();
  const Point point = sync_to_point(lab);
  EXPECT_TRUE(point.gaps.empty()) << point.gaps.front();
  const auto bindings = lab.store().bindings();
  std::map<std::string, Entry> by_uuid;
  for (Entry& entry : lab.history().entries(point.id)) by_uuid.emplace(entry.uuid, entry);
  for (const state::Binding& binding : bindings) EXPECT_TRUE(by_uuid.contains(binding.uuid)) << binding.kind << " " << binding.key;
  // Live, not as the standby has it.
  bool has_live_schedule = false;
  for (const auto& [uuid, entry] : by_uuid)
    if (entry.kind == "job") has_live_schedule |= text_at(form_of(lab, entry), "/schedule/pause_status") == "UNPAUSED";
  EXPECT_TRUE(has_live_schedule);
  EXPECT_EQ(damage(lab), "");
}

TEST(RecoveryPoints, NothingSecretIsInThem) {
  const TemporaryFolder folder;
  {
    Lab lab({.state_folder = folder.path()});
    fill_small_estate(lab);
    lab.keep_history();
    const Point point = sync_to_point(lab);
    std::string all;
    for (const auto& [address, text] : dump(lab, point.id)) all += address + text;
    EXPECT_EQ(all.find(planted_secret), std::string::npos);
    EXPECT_EQ(all.find(planted_literal), std::string::npos);
    EXPECT_NE(all.find("$left_out"), std::string::npos);
  }
  const std::string file = state::content_of(folder.file("main.history.db"));
  EXPECT_GT(file.size(), 10'000U);
  EXPECT_EQ(file.find(planted_literal), std::string::npos);
}

TEST(RecoveryPoints, ContentIsWhatWasThereAndCostsNoRequestOfItsOwn) {
  std::int64_t without = 0;
  for (const bool keeps : {false, true}) {
    Lab lab;
    for (int i = 0; i < 10; ++i) import_notebook(lab, "/Shared/n" + std::to_string(i), source("print(" + std::to_string(i) + ")"));
    if (keeps) lab.keep_history();
    ASSERT_TRUE(lab.sync());
    if (!keeps) {
      without = lab.primary_wire().log.total;
      continue;
    }
    EXPECT_EQ(lab.primary_wire().log.total, without);
    for (int i = 0; i < 10; ++i)
      EXPECT_EQ(content_of(lab, entry_of(lab, 1, "notebook", "/Shared/n" + std::to_string(i))), source("print(" + std::to_string(i) + ")"));
    lab.reset_logs();
    const Point unchanged = sync_to_point(lab);
    EXPECT_EQ(unchanged.changed, 0);
    EXPECT_EQ(lab.primary_wire().log.by_route["GET /api/2.0/workspace/export"], 0);
    import_notebook(lab, "/Shared/n3", source("print(33)"));
    const Point changed = sync_to_point(lab);
    EXPECT_EQ(changed.changed, 1);
    EXPECT_EQ(content_of(lab, entry_of(lab, changed.id, "notebook", "/Shared/n3")), source("print(33)"));
    EXPECT_EQ(content_of(lab, entry_of(lab, unchanged.id, "notebook", "/Shared/n3")), source("print(3)"));
  }
}

void put_on_dbfs(Lab& lab, const std::string& path, const std::string& bytes) {
  lab.primary("POST", "/api/2.0/dbfs/put", {{"path", path}, {"contents", base64_encode(bytes)}, {"overwrite", true}});
}

TEST(RecoveryPoints, FilesOnDbfsAreInThemWhenTheyAreCopiedAndLargeOnesAreNamed) {
  std::int64_t without = 0;
  for (const bool keeps : {false, true}) {
    Lab lab;
    lab.given.dbfs_roots = {"/FileStore/jars"};
    put_on_dbfs(lab, "/FileStore/jars/small.jar", "small");
    put_on_dbfs(lab, "/FileStore/jars/large.jar", std::string(3000, 'x'));
    engine::RecorderOptions options;
    options.max_file = 1000;
    if (keeps) lab.keep_history(options);
    lab.reset_logs();
    ASSERT_TRUE(lab.sync());
    if (!keeps) {
      without = lab.primary_wire().log.total;
      continue;
    }
    EXPECT_EQ(lab.primary_wire().log.total, without) << "nothing is read for the history alone";
    EXPECT_EQ(content_of(lab, entry_of(lab, 1, "dbfs_file", "dbfs:/FileStore/jars/small.jar")), "small");
    EXPECT_TRUE(entry_of(lab, 1, "dbfs_file", "dbfs:/FileStore/jars/large.jar").lacks_content);
    put_on_dbfs(lab, "/FileStore/jars/small.jar", "another");
    EXPECT_EQ(sync_to_point(lab).changed, 1);
    EXPECT_EQ(content_of(lab, entry_of(lab, 2, "dbfs_file", "dbfs:/FileStore/jars/small.jar")), "another");
    EXPECT_EQ(sync_to_point(lab).changed, 0);
  }
}

TEST(RecoveryPoints, FilesOnDbfsOfAGroupThatWasThereBeforeComeInWhenTheyChange) {
  Lab lab;
  lab.given.dbfs_roots = {"/FileStore/jars"};
  put_on_dbfs(lab, "/FileStore/jars/a.jar", "one");
  ASSERT_TRUE(lab.sync());
  lab.keep_history();
  lab.reset_logs();
  sync_to_point(lab);
  EXPECT_EQ(lab.primary_wire().log.by_route["GET /api/2.0/dbfs/read"], 0) << "it may be large";
  EXPECT_TRUE(entry_of(lab, 1, "dbfs_file", "dbfs:/FileStore/jars/a.jar").lacks_content);
  put_on_dbfs(lab, "/FileStore/jars/a.jar", "two");
  sync_to_point(lab);
  EXPECT_EQ(content_of(lab, entry_of(lab, 2, "dbfs_file", "dbfs:/FileStore/jars/a.jar")), "two");
}

TEST(RecoveryPoints, AGroupThatWasThereBeforeIsCaughtUpOnce) {
  Lab lab;
  fill_small_estate(lab);
  for (int i = 0; i < 10; ++i) import_notebook(lab, "/Shared/n" + std::to_string(i), source("print(" + std::to_string(i) + ")"));
  ASSERT_TRUE(lab.sync());
  lab.keep_history();
  const Point first = sync_to_point(lab);
  EXPECT_TRUE(first.gaps.empty());
  EXPECT_EQ(content_of(lab, entry_of(lab, first.id, "notebook", "/Shared/n7")), source("print(7)"));
  lab.reset_logs();
  EXPECT_EQ(sync_to_point(lab).changed, 0);
  EXPECT_EQ(lab.primary_wire().log.by_route["GET /api/2.0/workspace/export"], 0);
  // The same as if it had been kept from the beginning.
  Lab other;
  fill_small_estate(other);
  for (int i = 0; i < 10; ++i) import_notebook(other, "/Shared/n" + std::to_string(i), source("print(" + std::to_string(i) + ")"));
  other.keep_history();
  const Point point = sync_to_point(other);
  const auto in_tree = [](std::map<std::string, std::string> all) {
    // Files outside it are not read for the history alone.
    std::erase_if(all, [](const auto& one) { return one.first.starts_with("dbfs_file "); });
    return all;
  };
  EXPECT_EQ(difference(in_tree(dump(lab, first.id)), in_tree(dump(other, point.id))), "");
}

TEST(RecoveryPoints, WhatTheStandbyRefusesIsKeptAllTheSame) {
  Lab lab;
  import_notebook(lab, "/Shared/a", source("print(1)"));
  lab.secondary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/a"}});
  lab.keep_history();
  const Point point = sync_to_point(lab);
  EXPECT_EQ(content_of(lab, entry_of(lab, point.id, "notebook", "/Shared/a")), source("print(1)"));
}

TEST(RecoveryPoints, LargeFilesAreLeftOutAndNamed) {
  Lab lab;
  import_notebook(lab, "/Shared/small", source("print(1)"));
  import_notebook(lab, "/Shared/large", source(std::string(5000, 'x')));
  lab.keep_history({.literals = {}, .max_file = 4000, .keep = {}});
  const Point point = sync_to_point(lab);
  EXPECT_TRUE(entry_of(lab, point.id, "notebook", "/Shared/large").lacks_content);
  EXPECT_FALSE(entry_of(lab, point.id, "notebook", "/Shared/small").lacks_content);
}

TEST(RecoveryPoints, WhatLooksLikeASecretIsKeptOnlyUnderAKey) {
  const std::string token = "dapi" + std::string(32, 'a');
  for (const std::string& key : {std::string(), std::string(32, 'k')}) {
    const TemporaryFolder folder;
    Lab lab({.state_folder = folder.path()});
    import_notebook(lab, "/Shared/plain", source("print(1)"));
    import_notebook(lab, "/Shared/careless", source("token = '" + token + "'"));
    ASSERT_TRUE(lab.sync());
    lab.keep_history({}, key);  // a group that was there before: content is read for it
    import_notebook(lab, "/Shared/new", source("also = '" + token + "'"));
    const Point point = sync_to_point(lab);
    EXPECT_FALSE(entry_of(lab, point.id, "notebook", "/Shared/plain").lacks_content);
    for (const char* path : {"/Shared/careless", "/Shared/new"})
      EXPECT_EQ(entry_of(lab, point.id, "notebook", path).lacks_content, key.empty()) << path;
    EXPECT_EQ(point.gaps.empty(), !key.empty());
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
      std::ifstream stream(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      EXPECT_EQ(bytes.find(token), std::string::npos) << file.path();
    }
  }
}

TEST(RecoveryPoints, ARunKilledAnywhereLeavesNoHalfPoint) {
  const auto fill = [](Lab& lab) {
    fill_small_estate(lab);
    for (int i = 0; i < 4; ++i) import_notebook(lab, "/Shared/n" + std::to_string(i), source("print(" + std::to_string(i) + ")"));
  };
  std::map<std::string, std::string> expected;
  std::int64_t exchanges = 0;
  {
    Lab lab;
    fill(lab);
    lab.reset_logs();
    lab.keep_history();
    expected = dump(lab, sync_to_point(lab).id);
    exchanges = lab.primary_wire().log.total + lab.secondary_wire().log.total;
  }
  for (std::int64_t at = 3; at < exchanges; at += exchanges / 17 + 1) {
    const TemporaryFolder folder;
    Lab lab({.state_folder = folder.path()});
    fill(lab);
    lab.keep_history();
    if (lab.sync_killed_after(static_cast<int>(at))) continue;
    EXPECT_TRUE(lab.history().points().empty()) << at;
    const Point point = sync_to_point(lab);
    EXPECT_EQ(difference(dump(lab, point.id), expected), "") << "killed after " << at;
    EXPECT_EQ(damage(lab), "");
  }
}

TEST(RecoveryPoints, WhatCouldNotBeListedIsAGapAndNotGone) {
  Lab lab;
  fill_small_estate(lab);
  lab.keep_history();
  const Point first = sync_to_point(lab);
  lab.home().faults().add({.path = "/api/2.2/jobs/list", .times = 0, .status = 403, .error_code = {}, .message = {}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  const Point second = report->recovery_point.value();
  ASSERT_FALSE(second.gaps.empty());
  EXPECT_NE(second.gaps.front().find("jobs could not be listed"), std::string::npos) << second.gaps.front();
  EXPECT_EQ(difference(dump(lab, second.id), dump(lab, first.id)), "");
}

TEST(RecoveryPoints, WhatWasDeletedEndsWithThePointBefore) {
  Lab lab;
  import_notebook(lab, "/Shared/a", source("print(1)"));
  lab.keep_history();
  const Point first = sync_to_point(lab);
  lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/a"}, {"recursive", false}});
  const Point second = sync_to_point(lab);
  EXPECT_TRUE(has(lab, first.id, "notebook", "/Shared/a"));
  EXPECT_FALSE(has(lab, second.id, "notebook", "/Shared/a"));
  EXPECT_FALSE(has(lab, second.id, "permissions", "notebook:\"/Shared/a\""));
  EXPECT_EQ(damage(lab), "");
}

TEST(RecoveryPoints, AHistoryThatCannotBeWrittenStopsNoSync) {
  const TemporaryFolder folder;
  Lab lab({.state_folder = folder.path()});
  import_notebook(lab, "/Shared/a", source("print(1)"));
  lab.keep_history();
  SQLite::Database(folder.file("main.history.db"), SQLite::OPEN_READWRITE).exec("DROP TABLE staged");
  const auto report = lab.sync();
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_EQ(report->outcome, "complete");
  ASSERT_TRUE(report->history_trouble);
  EXPECT_NE(report->history_trouble->message.find("main.history.db"), std::string::npos);
  EXPECT_EQ(lab.not_in_sync(), "");
}

}  // namespace
}  // namespace twinlake::test
