#include "engine/three_way.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/canonical.h"

namespace twinlake::engine {
namespace {

using nlohmann::json;
using Members = std::vector<std::string>;

const std::string key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const json agreed = {{"name", "load"}, {"tags", {{"team", "etl"}}}, {"tasks", {{{"task_key", "a"}}}}};

ChangedBy between(const json& desired, const json& current, const std::string& marks = marks_of(agreed, key)) {
  const model::Kind kind;
  return who_changed(marks, key, desired, current, model::differences(kind, current, desired));
}

json with(const char* pointer, json value) {
  json definition = agreed;
  definition[json::json_pointer(pointer)] = std::move(value);
  return definition;
}

TEST(ThreeWay, TellsWhoChangedWhat) {
  const ChangedBy primary = between(with("/tasks/0/task_key", "b"), agreed);
  EXPECT_EQ(primary.on_primary, Members{"/tasks"});
  EXPECT_FALSE(primary.secondary);

  const ChangedBy secondary = between(agreed, with("/name", "mine"));
  EXPECT_EQ(secondary.on_secondary, Members{"/name"});
  EXPECT_FALSE(secondary.primary);

  json theirs = with("/name", "mine");
  theirs["tags"]["team"] = "bi";
  json mine = with("/tasks/0/task_key", "b");
  mine["tags"]["team"] = "ops";
  const ChangedBy both = between(mine, theirs);
  EXPECT_TRUE(both.both());
  EXPECT_EQ(told_by_member(both), "/tags on both, /tasks on the primary, /name on the secondary");
}

TEST(ThreeWay, WhatBothChangedAlikeIsNoConflict) {
  const ChangedBy changed = between(with("/tasks/0/task_key", "b"), with("/tasks/0/task_key", "b"));
  EXPECT_FALSE(changed.primary || changed.secondary);
}

TEST(ThreeWay, MembersThatComeAndGo) {
  json without = agreed;
  without.erase("tags");
  EXPECT_EQ(between(without, agreed).on_primary, Members{"/tags"});
  EXPECT_EQ(between(agreed, without).on_secondary, Members{"/tags"});
  EXPECT_EQ(between(with("/new", 1), agreed).on_primary, Members{"/new"});
  EXPECT_EQ(between(agreed, with("/new", 1)).on_secondary, Members{"/new"});
  // Had both had it, nobody knows who changed it.
  const ChangedBy unknown = between(with("/new", 1), with("/new", 2));
  EXPECT_TRUE(unknown.is_partly_unknown);
  EXPECT_FALSE(unknown.primary || unknown.secondary);
}

TEST(ThreeWay, NamesWithSlashes) {
  const json then = {{"a/b~c", 1}};
  const json now = {{"a/b~c", 2}};
  EXPECT_EQ(between(now, then, marks_of(then, key)).on_primary, Members{"/a~1b~0c"});
}

TEST(ThreeWay, WithoutMarksNothingIsKnown) {
  for (const std::string& marks : {std::string(), std::string("no json"), std::string("[1]"), std::string("{\"name\":")}) {
    const ChangedBy changed = between(with("/name", "x"), agreed, marks);
    EXPECT_TRUE(changed.is_partly_unknown) << marks;
    EXPECT_FALSE(changed.primary || changed.secondary) << marks;
  }
}

TEST(ThreeWay, MarksTellNothingOfTheContent) {
  const std::string marks = marks_of({{"password", "hunter2"}}, key);
  EXPECT_EQ(marks.find("hunter2"), std::string::npos);
  EXPECT_NE(marks, marks_of({{"password", "hunter2"}}, std::string(64, '1'))) << "keyed";
}

TEST(ThreeWay, WordsOfEachSideAreKeptApart) {
  const state::Agreed away = agreed_on("u", "", model::Side::away, "there", "here");
  EXPECT_EQ(away.on(model::Side::away), "there");
  EXPECT_EQ(away.on(model::Side::home), "here");
  const state::Agreed home = agreed_on("u", "", model::Side::home, "there", "");
  EXPECT_EQ(home.home, "there");
  EXPECT_EQ(home.away, "there");
}

}  // namespace
}  // namespace twinlake::engine
