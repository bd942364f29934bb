#include "azure/managed_dr.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http/scripted_transport.h"

namespace twinlake::azure {
namespace {

constexpr const char* group_json =
    R"({"name":"accounts/a1/failover-groups/sales","state":"ACTIVE","effective_primary_region":"westeurope",
        "replication_point":"2026-08-20T09:41:00Z",
        "workspace_sets":[{"name":"w","workspace_ids":["11","22"],"replicate_workspace_assets":true}]})";

class ManagedDrTest : public ::testing::Test {
 protected:
  Result<std::vector<ManagedGroup>> read() { return loop.run(read_managed_groups(wire, "a1")); }
  Loop loop{Loop::Clock::virtual_time};
  http::ScriptedTransport wire{loop};
};

TEST_F(ManagedDrTest, ReadsGroupsPageByPageAndEachAsAWhole) {
  wire.then(
      200,
      R"({"failover_groups":[{"name":"accounts/a1/failover-groups/sales"}],"next_page_token":"t"})");
  wire.then(200, R"({"failover_groups":[]})");
  wire.then(200, group_json);
  const auto groups = read();
  ASSERT_TRUE(groups) << describe(groups.error());
  ASSERT_EQ(groups->size(), 1U);
  EXPECT_EQ(groups->front().short_name(), "sales");
  EXPECT_EQ(groups->front().state, "ACTIVE");
  EXPECT_TRUE(groups->front().replication_point);
  EXPECT_EQ(wire.seen[0].path, "/api/disaster-recovery/v1/accounts/a1/failover-groups");
  EXPECT_EQ(wire.seen[2].path, "/api/disaster-recovery/v1/accounts/a1/failover-groups/sales");
}

TEST_F(ManagedDrTest, ARefusalIsNoAbsenceOfGroups) {
  wire.then(403, R"({"error_code":"PERMISSION_DENIED","message":"no"})");
  const auto groups = read();
  ASSERT_FALSE(groups);
  EXPECT_EQ(groups.error().fault, Fault::forbidden);
}

TEST_F(ManagedDrTest, TheListMayHaveAnotherNameOrNone) {
  wire.then(200, std::string(R"({"items":[)") + group_json + "]}").then(200, group_json);
  EXPECT_EQ(read()->size(), 1U);
}

TEST_F(ManagedDrTest, NoGroupsAreNone) {
  wire.then(200, "{}");
  EXPECT_TRUE(read()->empty());
}

TEST(ManagedDr, GovernsWhatItReplicates) {
  std::vector<ManagedGroup> groups{managed_group_of(nlohmann::json::parse(group_json))};
  EXPECT_NE(governor_of(groups, "22"), nullptr);
  EXPECT_EQ(governor_of(groups, "33"), nullptr);
  groups[0].state = "DELETING";
  EXPECT_NE(governor_of(groups, "22"), nullptr);
  groups[0].state = "CREATION_FAILED";
  EXPECT_EQ(governor_of(groups, "22"), nullptr);
  groups[0].state = "ACTIVE";
  groups[0].sets[0].replicates_assets = false;
  EXPECT_EQ(governor_of(groups, "22"), nullptr);
}

TEST(ManagedDr, CatalogsAreGovernedAlsoWithoutTheAssetsOfAWorkspace) {
  auto answer = nlohmann::json::parse(group_json);
  answer["workspace_sets"][0]["replicate_workspace_assets"] = false;
  answer["unity_catalog_assets"]["catalogs"][0]["name"] = "main";
  std::vector<ManagedGroup> groups{managed_group_of(answer)};
  EXPECT_EQ(governor_of(groups, "22"), nullptr);
  ASSERT_EQ(catalog_governors_of(groups, "22").size(), 1U);
  EXPECT_EQ(catalog_governors_of(groups, "22")[0]->catalogs, std::vector<std::string>{"main"});
  EXPECT_TRUE(catalog_governors_of(groups, "33").empty());
  groups[0].state = "CREATION_FAILED";
  EXPECT_TRUE(catalog_governors_of(groups, "22").empty());
}

TEST(ManagedDr, ARefusalNamesTheGroupAndTheRemedy) {
  const Error error = refusal_by(managed_group_of(nlohmann::json::parse(group_json)), "https://x");
  EXPECT_EQ(error.fault, Fault::refused);
  EXPECT_NE(error.message.find("`sales`, ACTIVE"), std::string::npos);
  EXPECT_NE(error.hint.find("reconcile"), std::string::npos);
}

}  // namespace
}  // namespace twinlake::azure
