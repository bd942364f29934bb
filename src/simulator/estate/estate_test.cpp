#include "simulator/estate/filled.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "simulator/region.h"

namespace twinlake::simulator {
namespace {

/// Two regions filled once for all tests that only look.
Filled& demo() {
  static Filled filled;
  return filled;
}
const json& demo_world() {
  static const json world = demo().primary.world();
  return world;
}

std::size_t count_in_tree(const json& world, const std::string& type) {
  const json& tree = world.at("tree");
  return static_cast<std::size_t>(std::count_if(tree.begin(), tree.end(), [&](const json& entry) {
    return entry.at("object_type") == type;
  }));
}

/// Keys of all tasks, also of those inside for_each_task.
void collect_types(const json& task, std::set<std::string>& types) {
  for (const auto& [key, value] : task.items())
    if (key.ends_with("_task")) types.insert(key);
  if (task.contains("for_each_task")) collect_types(task.at("for_each_task").at("task"), types);
}

TEST(Estate, HasWhatTheDemoPromises) {
  const json& world = demo_world();
  EXPECT_GE(world.at("users").size() + world.at("service_principals").size(), 40U);
  EXPECT_EQ(count_in_tree(world, "NOTEBOOK"), 470U + 2U) << "two of them in Git folders";
  EXPECT_GE(count_in_tree(world, "FILE"), 130U);
  EXPECT_EQ(world.at("clusters").size(), 25U);
  EXPECT_EQ(world.at("jobs").size(), 120U);
  EXPECT_EQ(world.at("cluster_policies").size(), 10U + 4U);
  EXPECT_EQ(world.at("instance_pools").size(), 5U);
  EXPECT_GE(world.at("groups").size(), 24U);
}

TEST(Estate, HasEveryTypeOfTask) {
  std::set<std::string> types;
  for (const json& job : demo_world().at("jobs"))
    for (const json& task : job.at("settings").at("tasks")) collect_types(task, types);
  for (const char* type : {"notebook_task",
                           "spark_python_task",
                           "python_wheel_task",
                           "spark_jar_task",
                           "spark_submit_task",
                           "pipeline_task",
                           "run_job_task",
                           "sql_task",
                           "dashboard_task",
                           "alert_task",
                           "dbt_task",
                           "dbt_cloud_task",
                           "dbt_platform_task",
                           "power_bi_task",
                           "condition_task",
                           "for_each_task",
                           "clean_rooms_notebook_task",
                           "gen_ai_compute_task",
                           "ai_runtime_task",
                           "python_operator_task"})
    EXPECT_TRUE(types.contains(type)) << type;
}

TEST(Estate, HasEveryKindOfTriggerLiveAndPaused) {
  std::map<std::string, std::set<std::string>> states;  // of each kind
  const auto look = [&](const std::string& kind, const json& holder) {
    states[kind].insert(holder.value("pause_status", "(not said)"));
  };
  for (const json& job : demo_world().at("jobs")) {
    const json& settings = job.at("settings");
    for (const char* place : {"schedule", "continuous"})
      if (settings.contains(place)) look(place, settings.at(place));
    if (settings.contains("trigger"))
      for (const auto& [kind, value] : settings.at("trigger").items())
        if (kind != "pause_status") look(kind, settings.at("trigger"));
    for (const json& trigger : settings.value("triggers", json::array()))
      for (const auto& [kind, value] : trigger.items())
        if (kind != "pause_status") look("triggers/" + kind, trigger);
  }
  for (const char* kind :
       {"schedule", "continuous", "file_arrival", "table_update", "periodic", "model"})
    EXPECT_TRUE(states[kind].contains("PAUSED") && states[kind].contains("UNPAUSED")) << kind;
  EXPECT_TRUE(states["schedule"].contains("(not said)"));
  for (const char* kind :
       {"schedule", "continuous", "file_arrival", "table_update", "periodic", "model"})
    EXPECT_TRUE(states.contains("triggers/" + std::string(kind))) << kind;
}

TEST(Estate, HasAJobThatNeedsPagesAndJobsOfOneName) {
  std::map<std::string, int> names;
  std::size_t largest = 0;
  for (const json& job : demo_world().at("jobs")) {
    ++names[job.at("settings").at("name").get<std::string>()];
    largest = std::max(largest, job.at("settings").at("tasks").size());
  }
  EXPECT_GT(largest, 100U);
  EXPECT_TRUE(
      std::any_of(names.begin(), names.end(), [](const auto& row) { return row.second > 1; }));
}

TEST(Estate, HasJobsThatStartEachOther) {
  std::map<std::int64_t, std::set<std::int64_t>> starts;
  for (const json& job : demo_world().at("jobs"))
    for (const json& task : job.at("settings").at("tasks"))
      if (task.contains("run_job_task"))
        starts[job.at("job_id").get<std::int64_t>()].insert(
            task.at("run_job_task").at("job_id").get<std::int64_t>());
  const bool cycle = std::any_of(starts.begin(), starts.end(), [&](const auto& row) {
    return std::any_of(row.second.begin(), row.second.end(), [&](std::int64_t other) {
      return starts.contains(other) && starts.at(other).contains(row.first);
    });
  });
  EXPECT_TRUE(cycle);
}

TEST(Estate, LeavesNothingRunningOnTheStandby) {
  const json world = demo().secondary.world();
  for (const json& warehouse : world.at("warehouses"))
    EXPECT_EQ(warehouse.at("state"), "STOPPED") << warehouse;
  EXPECT_TRUE(world.at("pipelines").empty());
  for (const json& alert : world.at("alerts"))
    EXPECT_EQ(alert.at("schedule").at("pause_status"), "PAUSED");
  EXPECT_TRUE(world.at("jobs").empty());
  EXPECT_TRUE(world.at("clusters").empty());
}

TEST(Estate, SharedObjectsHaveTheSameNamesAndOtherIds) {
  const json secondary = demo().secondary.world();
  const std::pair<const char*, std::pair<const char*, const char*>> kinds[] = {
      {"warehouses", {"name", "id"}},
      {"queries", {"display_name", "id"}},
      {"alerts", {"display_name", "id"}},
      {"dashboards", {"display_name", "dashboard_id"}}};
  for (const auto& [kind, fields] : kinds) {
    std::map<std::string, std::string> ids;
    for (const json& item : demo_world().at(kind))
      ids[item.at(fields.first).get<std::string>()] = item.at(fields.second).get<std::string>();
    ASSERT_EQ(secondary.at(kind).size(), ids.size()) << kind;
    for (const json& item : secondary.at(kind))
      EXPECT_NE(ids.at(item.at(fields.first).get<std::string>()),
                item.at(fields.second).get<std::string>())
          << kind;
  }
}

TEST(Estate, IsTheSameEachTime) { EXPECT_EQ(Filled().primary.world().dump(), demo_world().dump()); }

TEST(Estate, ComesInOtherSizes) {
  Filled small(small_estate());
  const json world = small.primary.world();
  EXPECT_EQ(world.at("jobs").size(), 6U);
  EXPECT_EQ(count_in_tree(world, "NOTEBOOK"), 8U + 2U);

  EstateSize large;
  large.notebooks = 2000;
  large.files = 300;
  large.clusters = 60;
  large.jobs = 300;
  large.groups = 60;
  large.grants = false;
  Filled big(large);
  EXPECT_EQ(count_in_tree(big.primary.world(), "NOTEBOOK"), 2000U + 2U);
}

TEST(Estate, WhatTheServiceRefusesIsThrown) {
  Filled filled(small_estate());
  EXPECT_THROW(fill_estate(filled.primary, filled.secondary, small_estate()), std::runtime_error);
}

TEST(Estate, HasFilesOutsideTheTree) {
  EstateSize size = small_estate();
  size.mounts = true;
  Filled filled(size);
  const json world = filled.primary.world();
  EXPECT_EQ(world.at("mounts").size(), 3U);
  EXPECT_EQ(world.at("volume_files").size(), 2U) << "a folder and a wheel";
  EXPECT_EQ(world.at("volumes").size(), filled.secondary.world().at("volumes").size());
  const auto has = [](const json& side, const std::string& path) {
    const json& rows = side.at("dbfs");
    return std::any_of(rows.begin(), rows.end(),
                       [&](const json& row) { return row.at("path") == path; });
  };
  for (const char* path :
       {"/FileStore/jars/lakeside-spark-connectors-2.4.1.jar", "/databricks/init/set-proxy.sh"}) {
    EXPECT_TRUE(has(world, path)) << path;
    EXPECT_FALSE(has(filled.secondary.world(), path)) << path;
  }
  EXPECT_EQ(demo_world().at("mounts"), json::array()) << "only when asked for";
}

TEST(Estate, NamesTheAzureAroundItOnlyWhenAskedTo) {
  EstateSize size = small_estate();
  size.azure = true;
  Filled filled(size);
  const std::string world = filled.primary.world().dump();
  for (const char* name :
       {"fog-lakeside.database.windows.net", "evh-lakeside.servicebus.windows.net",
        "mysql-lakeside.mysql.database.azure.com", "vaults/kv-lakeside"}) {
    EXPECT_NE(world.find(name), std::string::npos) << name;
    EXPECT_EQ(demo_world().dump().find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace twinlake::simulator
