// How few requests a run makes do with, where asking more would be the easy way.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

std::int64_t count(const Wire& wire, std::string_view start) {
  std::int64_t all = 0;
  for (const auto& [line, times] : wire.log.by_route)
    if (line.starts_with(start)) all += times;
  return all;
}

void fill_folders(Lab& lab, int folders, int notebooks) {
  for (int folder = 0; folder < folders; ++folder) {
    const std::string path = "/Shared/team " + std::to_string(folder);
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", path}});
    for (int i = 0; i < notebooks; ++i)
      import_notebook(lab, path + "/notebook " + std::to_string(i), "# Databricks notebook source\nprint(1)\n");
  }
}

void share(Lab& lab, const std::string& path) {
  std::string asked = path;
  std::replace(asked.begin(), asked.end(), ' ', '+');
  const json status = lab.primary("GET", "/api/2.0/workspace/get-status?path=" + asked);
  json entry = {{"group_name", "users"}, {"permission_level", "CAN_READ"}};
  json body = json::object();
  body["access_control_list"] = json::array({entry});
  lab.primary("PATCH", "/api/2.0/permissions/notebooks/" + std::to_string(status["object_id"].get<std::int64_t>()), body);
}

TEST(Economy, NoNewObjectOfTheTreeIsAskedForItsId) {
  Lab lab;
  fill_folders(lab, 5, 20);
  for (int i = 0; i < 20; ++i) share(lab, "/Shared/team 3/notebook " + std::to_string(i));
  lab.reset_logs();
  (void)lab.read(false);
  const auto before = count(lab.secondary_wire(), "GET /api/2.0/workspace/list");
  lab.reset_logs();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete");
  EXPECT_EQ(count(lab.secondary_wire(), "GET /api/2.0/workspace/get-status"), 0);
  // The parent of the new folders, then each of these; at 30 imports a second none takes so long that
  // it is looked at in between more than once.
  EXPECT_LE(count(lab.secondary_wire(), "GET /api/2.0/workspace/list") - before, 1 + 2 * 5);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Economy, AChangeIsReadBackWhereItWasMade) {
  Lab lab;
  fill_folders(lab, 8, 2);
  ASSERT_TRUE(lab.sync());
  import_notebook(lab, "/Shared/team 4/notebook 1", "# Databricks notebook source\nprint(2)\n");
  lab.reset_logs();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->kinds.at("notebook").updated, 1);
  const auto listed_once = count(lab.primary_wire(), "GET /api/2.0/workspace/list");
  EXPECT_EQ(count(lab.secondary_wire(), "GET /api/2.0/workspace/list"), listed_once + 1);
  EXPECT_EQ(count(lab.secondary_wire(), "GET /api/2.2/jobs/list"), 1) << "no job was written";
  lab.reset_logs();
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(count(lab.primary_wire(), "GET /api/2.0/workspace/export"), 0) << "the read-back was not remembered";
}

TEST(Economy, AGroupIsNotAskedWhoseItIs) {
  Lab lab;
  lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", "night shift"}});
  lab.reset_logs();
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(count(lab.primary_wire(), "GET /api/2.0/preview/scim/v2/Groups/"), 0);
}

TEST(Economy, PermissionsAreReadWhileOthersAreWritten) {
  // Reading 250 permissions at 100/s and importing 60 notebooks at 30/s: one after the other takes
  // 2.5 + 2 seconds, side by side not much more than the longer.
  Lab::Options options;
  options.latency = Millis(1);
  Lab lab(options);
  fill_folders(lab, 1, 60);
  for (int i = 0; i < 190; ++i)
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/empty " + std::to_string(i)}});
  lab.home().set_enforce_limits(true);
  lab.away().set_enforce_limits(true);
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete");
  EXPECT_LT(report->seconds, 3.6);
  EXPECT_EQ(lab.not_in_sync(), "");
}

}  // namespace
}  // namespace twinlake::test
