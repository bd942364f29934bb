#include "app/rewrites.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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
  rewrites.apply(job, definition);
  EXPECT_EQ(definition.at("text"), "x b");
}

TEST(Rewrites, ReachNamesOfSettingsButNoFieldOfTheApi) {
  const Rewrites rewrites = made({{"stweu", "stneu", {}}, {"conf", "other", {}}});
  model::Kind kind;
  json definition = json::parse(
      R"({"conf": {"fs.azure.account.key.stweu.dfs.core.windows.net": "x", "stweu2.y": 1}})");
  rewrites.apply(kind, definition);
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
  rewrites.apply(kind, definition);
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
  rewrites.apply(kind, definition);
  EXPECT_EQ(
      definition,
      json::parse(
          R"({"name": "weu", "list": ["neu", 3, {"deep": "x-neu"}], "cluster": {"$ref": "weu"}})"));
}

}  // namespace
}  // namespace twinlake::app
