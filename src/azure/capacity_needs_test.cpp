#include "azure/capacity_needs.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::azure {
namespace {

using nlohmann::json;

// Rows as the kinds have them, as far as they count here.
constexpr std::string_view pool_kinds[] = {"store"};
constexpr std::string_view machine_kinds[] = {"machine"};
constexpr model::Reference pool_references[] = {{.path = "/instance_pool_id", .kinds = pool_kinds}};
constexpr model::Reference work_references[] = {
    {.path = "/tasks/*/existing_cluster_id", .kinds = machine_kinds},
    {.path = "/clusters/*/instance_pool_id", .kinds = pool_kinds}};
constexpr model::Hold idle[] = {
    {.path = "/min_idle_instances", .held = "0", .absent = "0", .starts = false}};
constexpr model::Hold trigger[] = {
    {.path = "/schedule/pause_status", .held = "\"PAUSED\"", .absent = "\"UNPAUSED\""}};
constexpr model::Kind store{
    .name = "store", .plural = "stores", .id_at = "/id", .key_at = "/name", .holds = idle};
constexpr model::Kind machine{.name = "machine",
                              .plural = "machines",
                              .id_at = "/id",
                              .key_at = "/name",
                              .references = pool_references,
                              .start = {.endpoint = {.path = "/start"}}};
constexpr model::Kind work{.name = "work",
                           .plural = "works",
                           .id_at = "/id",
                           .key_at = "/name",
                           .references = work_references,
                           .holds = trigger};

class CapacityNeedsTest : public ::testing::Test {
 protected:
  void have(const model::Kind& kind, const std::string& name, const char* definition) {
    workspace::KindListing& listing = inventory.kinds[kind.name];
    listing.kind = &kind;
    workspace::Item item;
    item.kind = &kind;
    item.id = name;
    item.key = name;
    item.raw = json::parse(definition);
    item.complete = true;
    listing.items.push_back(std::move(item));
  }
  Needs needs(const std::string& always_on = {}) {
    return needs_of(inventory, Time(std::chrono::hours(500000)),
                    [&](const model::Kind&, const std::string& key) { return key == always_on; });
  }
  /// "address place why: 3 type (1 spot)" line by line.
  std::string told(const Needs& all) {
    std::string text;
    for (const Need& need : all.needs) {
      text += need.address + need.place + " " + std::string(name_of(need.why)) + ":";
      for (const auto& [type, count] : need.nodes)
        text +=
            " " + type + " " + std::to_string(count.on_demand) + "+" + std::to_string(count.spot);
      text += "\n";
    }
    return text;
  }
  workspace::Inventory inventory;
};

TEST_F(CapacityNeedsTest, WhatIsPausedNeedsNothing) {
  have(
      work, "paused",
      R"({"schedule":{"pause_status":"PAUSED"},"clusters":[{"node_type_id":"A","num_workers":2}]})");
  have(work, "by hand", R"({"clusters":[{"node_type_id":"A","num_workers":2}]})");
  have(machine, "idle", R"({"node_type_id":"A","num_workers":2})");
  EXPECT_EQ(told(needs()), "");
}

TEST_F(CapacityNeedsTest, ALiveTriggerNeedsItsClustersAtTheirLargest) {
  have(
      work, "nightly",
      R"({"schedule":{"pause_status":"UNPAUSED"},"clusters":[{"node_type_id":"A","driver_node_type_id":"B","autoscale":{"min_workers":1,"max_workers":4}},{"node_type_id":"A","num_workers":0}]})");
  EXPECT_EQ(told(needs()),
            "work:\"nightly\"/clusters/0 started by its trigger: A 4+0 B "
            "1+0\nwork:\"nightly\"/clusters/1 started by its trigger: A 1+0\n");
}

TEST_F(CapacityNeedsTest, TheFirstOnesAreNoSpotMachines) {
  have(
      work, "nightly",
      R"({"schedule":{"pause_status":"UNPAUSED"},"clusters":[{"node_type_id":"A","num_workers":5,"azure_attributes":{"availability":"SPOT_WITH_FALLBACK_AZURE","first_on_demand":2}}]})");
  EXPECT_EQ(told(needs()), "work:\"nightly\"/clusters/0 started by its trigger: A 2+4\n");
}

TEST_F(CapacityNeedsTest, WhatIsUsedAndWhatIsAlwaysOnCounts) {
  have(work, "nightly",
       R"({"schedule":{"pause_status":"UNPAUSED"},"tasks":[{"existing_cluster_id":"shared"}]})");
  have(machine, "shared", R"({"node_type_id":"A","num_workers":1})");
  have(machine, "serving", R"({"node_type_id":"B","num_workers":0})");
  have(machine, "other", R"({"node_type_id":"B","num_workers":9})");
  EXPECT_EQ(
      told(needs("serving")),
      "machine:\"serving\" always on: B 1+0\nmachine:\"shared\" used by what is started: A 2+0\n");
}

TEST_F(CapacityNeedsTest, APoolSaysWhichMachinesAndKeepsSomeIdle) {
  have(store, "p1", R"({"node_type_id":"C","min_idle_instances":3})");
  have(store, "p2", R"({"node_type_id":"D"})");
  have(
      work, "nightly",
      R"({"schedule":{"pause_status":"UNPAUSED"},"clusters":[{"instance_pool_id":"p2","num_workers":2}]})");
  EXPECT_EQ(
      told(needs()),
      "store:\"p1\" kept idle: C 3+0\nwork:\"nightly\"/clusters/0 started by its trigger: D 3+0\n");
}

TEST_F(CapacityNeedsTest, MachinesAreThoseOfTheStandby) {
  have(
      work, "nightly",
      R"({"schedule":{"pause_status":"UNPAUSED"},"clusters":[{"node_type_id":"A","num_workers":0}]})");
  const auto rewrite = [](const model::Kind&, json& definition) {
    definition["clusters"][0]["node_type_id"] = "Z";
  };
  EXPECT_EQ(told(needs_of(inventory, Time(), nullptr, rewrite)),
            "work:\"nightly\"/clusters/0 started by its trigger: Z 1+0\n");
}

TEST_F(CapacityNeedsTest, RulesUnderTheSameNamesAreNoMachines) {
  have(work, "nightly", R"({"schedule":{"pause_status":"UNPAUSED"},
      "rules":{"node_type_id":{"type":"allowlist","values":["A"]},"num_workers":{"type":"range"}}})");
  EXPECT_TRUE(needs().needs.empty());
  EXPECT_TRUE(needs().unknown.empty());
}

TEST_F(CapacityNeedsTest, WarehousesOnMachinesOfOursAreToldAsNotCounted) {
  have(machine, "bi", R"({"cluster_size":"Small","max_num_clusters":3})");
  have(machine, "etl", R"({"cluster_size":"Large","enable_serverless_compute":false})");
  have(machine, "ad hoc", R"({"cluster_size":"Large","enable_serverless_compute":true})");
  const Needs all = needs();
  EXPECT_TRUE(all.needs.empty());
  ASSERT_EQ(all.unknown.size(), 1U);
  EXPECT_EQ(all.unknown[0].address, "2 SQL warehouses");
  EXPECT_NE(all.unknown[0].message.find("\"bi\" (Small, up to 3)"), std::string::npos)
      << all.unknown[0].message;
  EXPECT_EQ(all.unknown[0].message.find("ad hoc"), std::string::npos);
}

TEST_F(CapacityNeedsTest, WhatAPolicySaysIsNotKnown) {
  have(
      work, "nightly",
      R"({"schedule":{"pause_status":"UNPAUSED"},"clusters":[{"policy_id":"x","num_workers":2}]})");
  const Needs all = needs();
  EXPECT_TRUE(all.needs.empty());
  ASSERT_EQ(all.unknown.size(), 1U);
  EXPECT_EQ(all.unknown[0].address, "work:\"nightly\"");
}

}  // namespace
}  // namespace twinlake::azure
