#include "engine/originals.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::engine {
namespace {

using model::Recalled;
using nlohmann::json;
using Case = model::Recalled::Case;

constexpr std::string_view secret_places[] = {"/conf/*"};

model::Kind widget() {
  model::Kind kind;
  kind.name = "widget";
  kind.sensitive = secret_places;
  return kind;
}

model::Replacement replaced_at(const std::string& place, const std::string& after, std::size_t position, std::string was) {
  return {place, place, false, after, {{position, 2, std::move(was)}}};
}

TEST(Originals, ComeBackWhereTheTextIsUntouched) {
  const auto kept = originals_of({replaced_at("/lake", "on st here", 3, "stweu")}, widget(), {{"lake", "on stweu here"}}, {}, "key");
  const auto recall = recall_from(kept, "key");
  const Recalled found = recall("/lake", false, "on st here");
  EXPECT_EQ(found.which, Case::original);
  EXPECT_EQ(found.text, "on stweu here");
  EXPECT_EQ(recall("/lake", false, "on st there").which, Case::changed);
  EXPECT_EQ(recall("/other", false, "on st here").which, Case::nothing);
  EXPECT_EQ(recall("/lake", true, "on st here").which, Case::nothing) << "a name is something else";
}

TEST(Originals, OfElementsWithoutANameAreFoundByTheirText) {
  const json before = {{"list", json::array({"a1", "b1"})}};
  std::vector<model::Replacement> replaced = {replaced_at("/list/*", "st a", 0, "stweu"), replaced_at("/list/*", "st b", 0, "stneu")};
  replaced[0].pointer = "/list/0";
  replaced[1].pointer = "/list/1";
  auto kept = originals_of(replaced, widget(), before, {}, "key");
  const auto recall = recall_from(kept, "key");
  EXPECT_EQ(recall("/list/*", false, "st b").text, "stneu b");
  EXPECT_EQ(recall("/list/*", false, "st c").which, Case::elsewhere);
  replaced[1].after = "st a";
  kept = originals_of(replaced, widget(), before, {}, "key");
  EXPECT_EQ(recall_from(kept, "key")("/list/*", false, "st a").which, Case::ambiguous);
}

TEST(Originals, OfSecretsAreKeptWithoutThem) {
  const auto kept = originals_of({replaced_at("/conf/x", "st;pw=hunter2", 0, "stweu")}, widget(), {{"conf", {{"x", "stweu;pw=hunter2"}}}}, {}, "key");
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ((kept[0].after + kept[0].pieces + kept[0].mark).find("hunter2"), std::string::npos);
  EXPECT_FALSE(kept[0].mark.empty());
  EXPECT_EQ(recall_from(kept, "key")("/conf/x", false, "st;pw=hunter2").text, "stweu;pw=hunter2");
  EXPECT_EQ(recall_from(kept, "key")("/conf/x", false, "st;pw=other").which, Case::changed);
  EXPECT_EQ(recall_from(kept, "another")("/conf/x", false, "st;pw=hunter2").which, Case::changed);
  auto mirrored = kept;
  mirrored[0].mark.clear();
  EXPECT_EQ(recall_from(mirrored, "key")("/conf/x", false, "st;pw=hunter2").which, Case::locked);
}

TEST(Originals, DamagedPiecesRestoreNothingThatIsNotThere) {
  const std::vector<state::OriginalRecord> kept = {{.uuid = "u", .place = "/a", .is_name = false, .after = "st", .mark = {}, .pieces = "[[9,9,\"x\"]]"}};
  EXPECT_EQ(recall_from(kept, "key")("/a", false, "st").text, "st");
}

}  // namespace
}  // namespace twinlake::engine
