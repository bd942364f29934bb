#include "workspace/network_access.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::workspace {
namespace {

using nlohmann::json;

TEST(Addresses, LieWithinNetworksOfTheirFamily) {
  EXPECT_TRUE(is_within("203.0.113.7", "203.0.113.0/24"));
  EXPECT_TRUE(is_within("203.0.113.128/25", "203.0.113.0/24"));
  EXPECT_TRUE(is_within("203.0.113.7", "203.0.113.7"));
  EXPECT_TRUE(is_within("10.1.2.3", "0.0.0.0/0"));
  EXPECT_TRUE(is_within("2001:db8::1", "2001:db8::/32"));
  EXPECT_FALSE(is_within("203.0.114.7", "203.0.113.0/24"));
  EXPECT_FALSE(is_within("203.0.113.0/24", "203.0.113.0/25")) << "only a part of it";
  EXPECT_FALSE(is_within("203.0.113.7", "2001:db8::/32"));
}

TEST(Addresses, ThatAreNoneAreWithinNothing) {
  for (const char* wrong : {"", "203.0.113", "203.0.113.7/33", "203.0.113.7/-1", "203.0.113.7/x",
                            "host.example", "/24"})
    EXPECT_FALSE(is_within(wrong, wrong)) << wrong;
}

json list(const char* type, std::vector<std::string> addresses, bool enabled = true) {
  return {{"list_type", type}, {"ip_addresses", std::move(addresses)}, {"enabled", enabled}};
}

TEST(LockedOut, IsWhoNoAllowListNamesOrABlockListDoes) {
  const std::vector<std::string> own = {"203.0.113.7"};
  EXPECT_EQ(locked_out({}, own), "");
  EXPECT_EQ(locked_out({list("ALLOW", {"203.0.113.0/24"})}, own), "");
  EXPECT_EQ(locked_out({list("ALLOW", {"198.51.100.0/24"})}, own), "203.0.113.7");
  EXPECT_EQ(locked_out({list("ALLOW", {"198.51.100.0/24"}, false)}, own), "")
      << "it does not count";
  EXPECT_EQ(locked_out({list("ALLOW", {"203.0.113.0/24"}), list("BLOCK", {"203.0.113.7"})}, own),
            "203.0.113.7");
  EXPECT_EQ(locked_out({list("BLOCK", {"198.51.100.1"})}, own), "");
}

}  // namespace
}  // namespace twinlake::workspace
