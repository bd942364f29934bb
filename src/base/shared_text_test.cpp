#include "base/shared_text.h"

#include <unordered_set>
#include <vector>

#include <gtest/gtest.h>

namespace twinlake {
namespace {

TEST(SharedText, ACopyHoldsTheSameCharacters) {
  static_assert(sizeof(SharedText) == sizeof(void*));
  const SharedText one("0b5e1c1e-4f0e-5a7c-9c9e-2a5a3f1d7b11");
  const SharedText copy = one;
  EXPECT_TRUE(copy.is_same(one));
  EXPECT_EQ(copy.view().data(), one.view().data());
  const SharedText equal(std::string(one.view()));
  EXPECT_FALSE(equal.is_same(one));
  EXPECT_EQ(equal, one);
}

TEST(SharedText, AViewOutlivesTheHolderItWasTakenFrom) {
  std::vector<SharedText> kept;
  std::string_view view;
  {
    const SharedText first("/Shared/team 1/notebook 1");
    view = first.view();
    kept.push_back(first);
  }
  kept.reserve(100);  // moves what is in it
  EXPECT_EQ(view, "/Shared/team 1/notebook 1");
}

TEST(SharedText, AssigningDropsWhatWasHeld) {
  SharedText text("a");
  const SharedText other("b");
  text = other;
  EXPECT_TRUE(text.is_same(other));
  text = *&text;
  EXPECT_EQ(text, "b");
  SharedText taken = std::move(text);
  EXPECT_TRUE(taken.is_same(other));
  taken = SharedText();
  EXPECT_TRUE(taken.empty());
  EXPECT_EQ(taken, "");
  EXPECT_EQ(other, "b");
}

TEST(SharedText, IsComparedByItsCharacters) {
  EXPECT_LT(SharedText("a"), SharedText("b"));
  EXPECT_LT(SharedText(), SharedText("a"));
  EXPECT_NE(SharedText("a"), SharedText("ab"));
  EXPECT_EQ(SharedText("a"), std::string("a"));
  const std::string_view zero("a\0b", 3);
  EXPECT_EQ(SharedText(zero).view(), zero);
}

TEST(SharedText, IsAddedToTexts) {
  const SharedText text("x");
  EXPECT_EQ("a " + text + " b", "a x b");
  EXPECT_EQ(text + "/child", "x/child");
  const std::string copy = text;
  EXPECT_EQ(copy, "x");
}

}  // namespace
}  // namespace twinlake
