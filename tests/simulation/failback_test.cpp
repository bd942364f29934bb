// What happens while the role is away, and what that means on the way home.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/json_path.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using nlohmann::json;
using Type = state::Failover::Type;

json job_at(simulator::Region& region, const std::string& name) {
  const json world = region.world();
  for (const json& job : world.at("jobs"))
    if (text_at(job, "/settings/name") == name) return job;
  return nullptr;
}

/// It was made at home and so is not ours to delete there; but it was live on nobody when the role came home.
TEST(Failback, DoesNotStartWhatPeopleRemovedWhileTheRoleWasAway) {
  Lab lab;
  fill_small_estate(lab);
  lab.primary("POST", "/api/2.2/jobs/create", job_body("given up", "/Shared/etl/load"));
  ASSERT_TRUE(lab.sync());
  ASSERT_TRUE(lab.fail_over(Type::planned));
  const json there = job_at(lab.away(), "given up");
  ASSERT_EQ(text_at(there, "/settings/schedule/pause_status"), "UNPAUSED");
  lab.secondary("POST", "/api/2.2/jobs/delete", {{"job_id", there["job_id"]}});
  lab.commit();
  ASSERT_TRUE(lab.sync());
  lab.turnover.despite_differences = true;
  const auto back = lab.fail_over(Type::planned);
  ASSERT_TRUE(back) << told(back);
  EXPECT_EQ(text_at(job_at(lab.home(), "given up"), "/settings/schedule/pause_status"), "PAUSED") << told(back);
  EXPECT_EQ(text_at(job_at(lab.home(), "load"), "/settings/schedule/pause_status"), "UNPAUSED");
}

/// What lies at home was made by people and is never removed there: the new one has to take its place.
TEST(Failback, WhatPeopleRemovedAndMadeAgainTakesTheOldPlace) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  ASSERT_TRUE(lab.fail_over(Type::planned));
  lab.commit();
  lab.secondary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/etl/load"}});
  lab.secondary("POST", "/api/2.0/workspace/import",
                {{"path", "/Shared/etl/load"}, {"format", "SOURCE"}, {"language", "PYTHON"}, {"content", base64_encode("# Databricks notebook source\nprint(3)\n")}});
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(lab.not_in_sync(), "");
  const json there = lab.primary("GET", "/api/2.0/workspace/export?path=/Shared/etl/load&format=SOURCE");
  EXPECT_NE(base64_decode(text_at(there, "/content")).find("print(3)"), std::string::npos);
  // It is known from then on: where it moves, the same one moves, and on the way back too.
  ASSERT_TRUE(lab.fail_over(Type::planned));
  lab.commit();
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(lab.not_in_sync(), "");
}

}  // namespace
}  // namespace twinlake::test
