// The same for tests.
#pragma once
#include <gtest/gtest.h>

#include "pch/json.h"

namespace twinlake::precompiled {

inline void expect_json(const json& one, const json& other) {
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.at("a"), "a");
  EXPECT_EQ(one.at("a"), 1);
  EXPECT_EQ(one.value("a", ""), "a");
  EXPECT_EQ(std::string(), "a");
  EXPECT_EQ(std::string(), std::string()) << std::string();
  EXPECT_NE(std::string().find("a"), std::string::npos) << "a";
  EXPECT_TRUE(one.is_null()) << one.dump();
  EXPECT_EQ(1, 1);
  EXPECT_EQ(std::size_t{1}, 1U);
}

}  // namespace twinlake::precompiled
