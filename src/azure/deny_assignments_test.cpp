#include "azure/deny_assignments.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::azure {
namespace {

using nlohmann::json;

Denial denial_of(const char* permissions, bool is_system = true) {
  json assignment = json::object();
  assignment["properties"]["denyAssignmentName"] = "System deny assignment";
  assignment["properties"]["isSystemProtected"] = is_system;
  assignment["properties"]["permissions"] = json::parse(permissions);
  return denial_in({assignment});
}

TEST(DenyAssignments, SayWhatTheyRefuse) {
  const Denial all = denial_of(R"([{"actions":["*"],"notActions":["*/read"]}])");
  EXPECT_EQ(all.seen, Denial::Seen::there);
  EXPECT_TRUE(all.refuses_keys);
  EXPECT_TRUE(all.refuses_failover);
  EXPECT_FALSE(all.refuses_reads);
  const Denial keys = denial_of(R"([{"actions":["microsoft.storage/*/LISTKEYS/action"]}])");
  EXPECT_TRUE(keys.refuses_keys) << "actions have no case";
  EXPECT_FALSE(keys.refuses_failover);
  const Denial reads =
      denial_of(R"([{"actions":["*/write"]},{"actions":["Microsoft.Storage/*"]}])");
  EXPECT_TRUE(reads.refuses_reads);
}

TEST(DenyAssignments, WhatPeopleMadeProvesNothing) {
  EXPECT_EQ(denial_of(R"([{"actions":["*"]}])", false).seen, Denial::Seen::absent);
  EXPECT_EQ(denial_in({json::array()}).seen, Denial::Seen::absent);
  EXPECT_EQ(Denial().seen, Denial::Seen::unknown);
}

}  // namespace
}  // namespace twinlake::azure
