#include "base/hide.h"

#include <gtest/gtest.h>

namespace twinlake {
namespace {

std::string hidden(std::string text, std::string_view value) {
  hide(text, value);
  return text;
}

TEST(Hide, TakesAValueOutWhereverItStands) {
  EXPECT_EQ(hidden("is \"pw12\", not pw12", "pw12"), "is \"[secret]\", not [secret]");
  EXPECT_EQ(hidden("pw12pw12", "pw12"), "[secret][secret]");
  EXPECT_EQ(hidden("another word", "pw12"), "another word");
}

TEST(Hide, FindsItAsJsonWritesIt) {
  EXPECT_EQ(hidden(R"(refused: {"value":"a\"b\nc"})", "a\"b\nc"),
            R"(refused: {"value":"[secret]"})");
}

TEST(Hide, LeavesWordsWhole) {
  EXPECT_EQ(hidden("a bad value", "a"), "a bad value");
  EXPECT_EQ(hidden("a bad value", ""), "a bad value");
}

TEST(Hide, IsNotTakenInByItsOwnMark) { EXPECT_EQ(hidden("secret", "secret"), "[secret]"); }

}  // namespace
}  // namespace twinlake
