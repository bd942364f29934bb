#include "app/rewrites.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/originals.h"

namespace twinlake::app {
namespace {

using nlohmann::json;

Rewrites made(std::vector<RewriteRule> rules) {
  std::size_t wrong = 0;
  auto rewrites = Rewrites::make(std::move(rules), wrong);
  EXPECT_TRUE(rewrites) << rewrites.error().message;
  return rewrites ? std::move(*rewrites) : Rewrites();
}

std::string refusal(std::vector<RewriteRule> rules, std::size_t expected_index) {
  std::size_t wrong = 0;
  const auto rewrites = Rewrites::make(std::move(rules), wrong);
  EXPECT_EQ(wrong, expected_index);
  return rewrites ? "" : rewrites.error().message;
}

void there(const Rewrites& rewrites, const model::Kind& kind, json& definition) {
  rewrites.apply(kind, definition, model::Way::there, {});
}

TEST(Rewrites, GoThereAndBack) {
  const Rewrites rewrites = made({{"stweu", "stneu", {}}, {"westeurope", "northeurope", {}}});
  const std::string text = "abfss://raw@stweu.dfs.core.windows.net/westeurope/x";
  EXPECT_EQ(rewrites.forward(text), "abfss://raw@stneu.dfs.core.windows.net/northeurope/x");
  EXPECT_EQ(rewrites.backward(rewrites.forward(text)), text);
}

TEST(Rewrites, AreBoundedByTokens) {
  const Rewrites rewrites = made({{"west", "north", {}}});
  EXPECT_EQ(rewrites.forward("western west_1 kv-west-1 (west)"),
            "western west_1 kv-north-1 (north)");
}

TEST(Rewrites, TheLongestTextThatFitsWins) {
  const Rewrites rewrites = made({{"st", "su", {}}, {"st-archive", "cold", {}}});
  EXPECT_EQ(rewrites.forward("st-archive/st"), "cold/su");
}

TEST(Rewrites, ASwapIsOneToOneToo) {
  const Rewrites rewrites = made({{"a1", "b1", {}}, {"b1", "a1", {}}});
  EXPECT_EQ(rewrites.forward("a1 b1"), "b1 a1");
  EXPECT_EQ(rewrites.backward("b1 a1"), "a1 b1");
}

TEST(Rewrites, WhatDoesNotComeBackIsRefused) {
  EXPECT_NE(
      refusal({{"a", "b", {}, 4}, {"a", "c", {}, 9}}, 1).find("rewritten twice, in lines 4 and 9"),
      std::string::npos);
  EXPECT_NE(refusal({{"a", "x", {}}, {"b", "x", {}}}, 1).find("two texts"), std::string::npos);
  EXPECT_NE(refusal({{"a", "a", {}}}, 0).find("same text"), std::string::npos);
  EXPECT_NE(refusal({{"", "a", {}}}, 0).find("empty"), std::string::npos);
  EXPECT_NE(refusal({{"a.", "b", {}}}, 0).find("begin or end differently"), std::string::npos);
}

TEST(Rewrites, RulesOfDifferentKindsDoNotMeet) {
  const Rewrites rewrites = made({{"a", "x", {"job"}}, {"b", "x", {"cluster"}}});
  model::Kind job;
  job.name = "job";
  json definition = json::parse(R"({"text": "a b"})");
  there(rewrites, job, definition);
  EXPECT_EQ(definition.at("text"), "x b");
}

TEST(Rewrites, ReachNamesOfSettingsButNoFieldOfTheApi) {
  const Rewrites rewrites = made({{"stweu", "stneu", {}}, {"conf", "other", {}}});
  model::Kind kind;
  json definition = json::parse(
      R"({"conf": {"fs.azure.account.key.stweu.dfs.core.windows.net": "x", "stweu2.y": 1}})");
  there(rewrites, kind, definition);
  EXPECT_EQ(
      definition,
      json::parse(
          R"({"conf": {"fs.azure.account.key.stneu.dfs.core.windows.net": "x", "stweu2.y": 1}})"));
}

TEST(Rewrites, ThatMatchNothingAreTold) {
  const Rewrites rewrites = made({{"used", "x1", {}}, {"unused", "x2", {}}});
  EXPECT_EQ(rewrites.unused().size(), 2U);
  model::Kind kind;
  json definition = {{"a", json::array({"is used", "reused"})}};
  there(rewrites, kind, definition);
  ASSERT_EQ(rewrites.unused().size(), 1U);
  EXPECT_EQ(rewrites.unused().front()->from, "unused");
}

TEST(Rewrites, KeepTheNameAndTheReferences) {
  const Rewrites rewrites = made({{"weu", "neu", {}}});
  model::Kind kind;
  kind.name = "job";
  kind.key_at = "/settings/name";
  kind.definition_at = "/settings";
  json definition = json::parse(
      R"({"name": "weu", "list": ["weu", 3, {"deep": "x-weu"}], "cluster": {"$ref": "weu"}})");
  there(rewrites, kind, definition);
  EXPECT_EQ(
      definition,
      json::parse(
          R"({"name": "weu", "list": ["neu", 3, {"deep": "x-neu"}], "cluster": {"$ref": "weu"}})"));
}

// --- one way

/// What a definition becomes on the other side, and what comes back of it.
struct Journey {
  json there;
  model::Rewritten told;
  json back;
  model::Rewritten told_back;
};

Journey journey(const Rewrites& rewrites, const model::Kind& kind, const json& definition) {
  Journey made;
  made.there = definition;
  made.told = rewrites.apply(kind, made.there, model::Way::there, {});
  const auto kept = engine::originals_of(made.told.one_way, kind, definition, {}, "key");
  made.back = made.there;
  made.told_back =
      rewrites.apply(kind, made.back, model::Way::back, engine::recall_from(kept, "key"));
  return made;
}

RewriteRule one_way(std::string from, std::string to) {
  return {std::move(from), std::move(to), {}, 0, true};
}

constexpr model::Unordered tasks_by_key[] = {{"/tasks", "/task_key"}, {"/libraries", ""}};

TEST(OneWayRewrites, BringBackWhatSeveralTextsWereBefore) {
  const Rewrites rewrites = made(
      {one_way("st1weu", "stneu"), one_way("st2weu", "stneu"), {"westeurope", "northeurope", {}}});
  model::Kind kind;
  kind.unordered = tasks_by_key;
  const json definition = json::parse(R"({
      "tasks": [{"task_key": "b-st1weu", "args": ["st1weu/westeurope", "st2weu", "none"]},
                {"task_key": "a", "args": ["st2weu", "st1weu and st2weu"]}],
      "libraries": [{"repo": "https://st2weu/x"}, {"repo": "https://st1weu/y"}],
      "conf": {"fs.key.st1weu.net": "a st1weu", "fs.other.st2weu.net": "b", "stneu": "stneu"}})");
  const Journey made = journey(rewrites, kind, definition);
  EXPECT_EQ(made.there.dump().find("weu"), std::string::npos) << made.there;
  EXPECT_EQ(made.there["tasks"][0]["args"][0], "stneu/northeurope");
  EXPECT_EQ(made.told.conflicts, std::vector<std::string>{});
  EXPECT_EQ(made.back, definition);
  EXPECT_EQ(made.told_back.conflicts, std::vector<std::string>{});
  EXPECT_TRUE(rewrites.unused().empty());
}

TEST(OneWayRewrites, FindTheirPlaceAgainWhenOthersComeAndGo) {
  const Rewrites rewrites = made({one_way("st1weu", "stneu"), one_way("st2weu", "stneu")});
  model::Kind kind;
  kind.unordered = tasks_by_key;
  json definition = json::parse(
      R"({"tasks": [{"task_key": "a", "lake": "st1weu"}, {"task_key": "b", "lake": "st2weu"}],
                                    "libraries": [{"repo": "st2weu/x"}, {"repo": "st1weu/y"}]})");
  const Journey made = journey(rewrites, kind, definition);
  const auto kept = engine::originals_of(made.told.one_way, kind, definition, {}, "key");
  json now = made.there;
  now["tasks"].erase(0);
  now["libraries"].erase(0);
  const auto told = rewrites.apply(kind, now, model::Way::back, engine::recall_from(kept, "key"));
  EXPECT_EQ(told.conflicts, std::vector<std::string>{});
  EXPECT_EQ(now["tasks"][0]["lake"], "st2weu");
  EXPECT_EQ(now["libraries"][0]["repo"], "st1weu/y");
}

TEST(OneWayRewrites, AreAConflictWhereTheTextWasTouched) {
  const Rewrites rewrites = made({one_way("st1weu", "stneu"), one_way("st2weu", "stneu")});
  model::Kind kind;
  kind.unordered = tasks_by_key;
  const json definition =
      json::parse(R"({"lake": "st1weu/a", "libraries": [{"repo": "st2weu/x"}]})");
  const Journey made = journey(rewrites, kind, definition);
  const auto kept = engine::originals_of(made.told.one_way, kind, definition, {}, "key");
  const auto conflicts_of = [&](json now) {
    return rewrites.apply(kind, now, model::Way::back, engine::recall_from(kept, "key")).conflicts;
  };
  json now = made.there;
  now["lake"] = "stneu/b";
  ASSERT_EQ(conflicts_of(now).size(), 1U);
  EXPECT_EQ(conflicts_of(now)[0], "a one_way rule made /lake, and it has been changed since");
  now = made.there;
  now["libraries"][0]["repo"] = "stneu/z";
  EXPECT_EQ(conflicts_of(now).size(), 1U) << "it may be the one of before, changed";
  now["libraries"][0]["repo"] = "elsewhere/z";
  EXPECT_EQ(conflicts_of(now).size(), 0U) << "nothing of it comes from a rule";
  now = made.there;
  now.erase("lake");
  EXPECT_EQ(conflicts_of(now).size(), 0U) << "what is gone needs no original";
}

TEST(OneWayRewrites, SayWhereNobodyKeptAnOriginal) {
  const Rewrites rewrites = made({one_way("st1weu", "stneu")});
  json definition = {{"lake", "stneu/a"}};
  const auto told =
      rewrites.apply(model::Kind(), definition, model::Way::back, engine::recall_from({}, "key"));
  EXPECT_EQ(told.unknown, std::vector<std::string>{"/lake"});
  EXPECT_EQ(definition["lake"], "stneu/a");
}

TEST(OneWayRewrites, MakeNoTwoSettingsOne) {
  const Rewrites rewrites = made({one_way("st1weu", "stneu"), one_way("st2weu", "stneu")});
  json definition = {{"conf", {{"key.st1weu.net", "a"}, {"key.st2weu.net", "b"}}}};
  const auto told = rewrites.apply(model::Kind(), definition, model::Way::there, {});
  ASSERT_EQ(told.losses.size(), 1U);
  EXPECT_EQ(told.losses[0], "two settings at /conf would have the same name, key.stneu.net");
}

TEST(OneWayRewrites, MayBeginAndEndDifferentlyAndShareATargetWithOthers) {
  EXPECT_FALSE(made({one_way("a.", "b"), {"c", "b", {}}}).empty());
  EXPECT_NE(refusal({one_way("a", "b"), {"a", "c", {}}}, 1).find("rewritten twice"),
            std::string::npos)
      << "one text cannot become two";
}

}  // namespace
}  // namespace twinlake::app
