#include "app/group_access.h"

#include <gtest/gtest.h>

namespace twinlake::app {
namespace {

using model::Side;

state::Identity identity(Side primary) {
  return {"g", "1", "2", primary, "https://h", "https://a"};
}

TEST(PrimarySide, StartsAtHomeAndFollowsTheState) {
  EXPECT_EQ(*primary_side(std::nullopt, "1", "2"), Side::home);
  EXPECT_EQ(*primary_side(identity(Side::home), "1", "2"), Side::home);
  EXPECT_EQ(*primary_side(identity(Side::away), "2", "1"), Side::away);
}

TEST(PrimarySide, ContradictionsAreRefused) {
  for (const auto& [primary, secondary] :
       {std::pair("1", "3"), std::pair("3", "2"), std::pair("2", "1"), std::pair("1", "1")}) {
    const auto side = primary_side(identity(Side::home), primary, secondary);
    ASSERT_FALSE(side) << primary << secondary;
    EXPECT_EQ(side.error().fault, Fault::refused);
    EXPECT_FALSE(side.error().hint.empty());
  }
}

}  // namespace
}  // namespace twinlake::app
