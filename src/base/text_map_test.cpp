#include "base/text_map.h"

#include <string>

#include <gtest/gtest.h>

namespace twinlake {
namespace {

TEST(TextMap, FindsEachOfMany) {
  TextMap<int> map;
  EXPECT_EQ(map.find("nothing"), map.end());
  for (int i = 0; i < 10'000; ++i) map.emplace("key " + std::to_string(i), i);
  EXPECT_EQ(map.size(), 10'000U);
  for (int i = 0; i < 10'000; ++i) {
    const auto found = map.find("key " + std::to_string(i));
    ASSERT_NE(found, map.end()) << i;
    EXPECT_EQ(found->second, i);
  }
  EXPECT_FALSE(map.contains("key 10000"));
  EXPECT_FALSE(map.contains(""));
}

TEST(TextMap, TheFirstValueStays) {
  TextMap<int> map;
  map.emplace("a", 1);
  map.emplace("a", 2);
  map.emplace("", 3);
  EXPECT_EQ(map.size(), 2U);
  EXPECT_EQ(map.at("a"), 1);
  EXPECT_EQ(map.at(""), 3);
  EXPECT_THROW((void)map.at("b"), std::out_of_range);
}

TEST(TextMap, SharesTheTextsThatItWasGiven) {
  TextMap<int> map;
  map.reserve(100);
  const SharedText text("a text that does not fit into a pointer");
  map.emplace(text, 1);
  EXPECT_TRUE(map.begin()->first.is_same(text));
}

}  // namespace
}  // namespace twinlake
