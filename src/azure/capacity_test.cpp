#include "azure/capacity.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "azure/region_health.h"

namespace twinlake::azure {
namespace {

using nlohmann::json;

json size_json(const std::string& name, const std::string& family, const std::string& cores) {
  json sku = json::parse(
      R"({"resourceType":"virtualMachines","locations":["NorthEurope"],"capabilities":[{"name":"MemoryGB","value":"14"}],"restrictions":[]})");
  sku["name"] = name;
  sku["family"] = family;
  sku["capabilities"].push_back(json{{"name", "vCPUs"}, {"value", cores}});
  return sku;
}

class CapacityTest : public ::testing::Test {
 protected:
  CapacityTest() {
    capacity.region = "northeurope";
    set_sizes({size_json("Standard_DS3_v2", "standardDSv2Family", "4"),
               size_json("Standard_E8s_v3", "standardESv3Family", "8")});
    capacity.quotas =
        quotas_in({quota("cores", 40, 100), quota("standardDSv2Family", 0, 50),
                   quota("standardESv3Family", 0, 50), quota("lowPriorityCores", 0, 20)});
  }
  static json quota(const char* name, int used, int limit) {
    json usage = json::object();
    usage["name"]["value"] = name;
    usage["currentValue"] = used;
    usage["limit"] = limit;
    return usage;
  }
  void set_sizes(const std::vector<json>& skus) { capacity.sizes = sizes_in(skus, "northeurope"); }
  void need(const std::string& address, const std::string& type, std::int64_t on_demand,
            std::int64_t spot = 0) {
    Need one;
    one.address = address;
    one.nodes[type] = {on_demand, spot};
    needs.needs.push_back(one);
  }
  AzureCheck check(const std::string& name) const {
    for (AzureCheck& one : judge_capacity(needs, capacity))
      if (one.name == name) return one;
    return {};
  }
  Needs needs;
  RegionCapacity capacity;
};

TEST_F(CapacityTest, EnoughIsEnough) {
  need("job:\"a\"", "Standard_DS3_v2", 5);
  EXPECT_FALSE(check("cores").gravity);
  EXPECT_EQ(check("cores").message,
            "20 cores are needed at most if everything that a failover starts runs at once; 60 of "
            "100 are free in northeurope");
  EXPECT_FALSE(check("node sizes").gravity);
}

TEST_F(CapacityTest, TogetherTooMuchIsAWarning) {
  need("job:\"a\"", "Standard_DS3_v2", 8);
  need("job:\"b\"", "Standard_E8s_v3", 4);
  const AzureCheck cores = check("cores");
  ASSERT_TRUE(cores.gravity);
  EXPECT_EQ(*cores.gravity, Gravity::warning);
  ASSERT_EQ(cores.findings.size(), 1U);
  EXPECT_EQ(cores.findings[0].message, "64 are needed at most, 60 of 100 are free");
}

TEST_F(CapacityTest, AFamilyCountsForItself) {
  need("job:\"a\"", "standard_ds3_V2", 13);
  const AzureCheck cores = check("cores");
  EXPECT_EQ(*cores.gravity, Gravity::problem);
  ASSERT_EQ(cores.findings.size(), 1U);
  EXPECT_EQ(cores.findings[0].address, "job:\"a\"");
  EXPECT_EQ(cores.findings[0].message,
            "needs 52 cores of standarddsv2family alone, and 50 of 50 are free");
}

TEST_F(CapacityTest, SpotMachinesHaveAQuotaOfTheirOwn) {
  need("job:\"a\"", "Standard_DS3_v2", 1, 5);
  EXPECT_FALSE(check("cores").gravity);
  need("job:\"b\"", "Standard_DS3_v2", 1, 1);
  EXPECT_EQ(*check("cores").gravity, Gravity::warning);
  EXPECT_EQ(check("cores").findings[0].address, "cores of spot machines");
}

TEST_F(CapacityTest, SizesThatCannotBeHadAreProblems) {
  json restricted = size_json("Standard_E8s_v3", "standardESv3Family", "8");
  restricted["restrictions"] = json::parse(
      R"([{"type":"Location","values":["northeurope"],"reasonCode":"NotAvailableForSubscription"}])");
  json zones = size_json("Standard_DS3_v2", "standardDSv2Family", "4");
  zones["restrictions"] = json::parse(
      R"([{"type":"Zone","values":["northeurope"],"restrictionInfo":{"locations":["northeurope"],"zones":["1"]}}])");
  set_sizes({restricted, zones});
  need("cluster:\"a\"", "Standard_E8s_v3", 1);
  need("cluster:\"b\"", "Standard_DS3_v2", 1);
  need("cluster:\"c\"", "Standard_NC6", 1);
  const AzureCheck sizes = check("node sizes");
  EXPECT_EQ(*sizes.gravity, Gravity::problem);
  ASSERT_EQ(sizes.findings.size(), 2U);
  EXPECT_NE(sizes.findings[0].message.find("NotAvailableForSubscription"), std::string::npos);
  EXPECT_NE(sizes.findings[1].message.find("does not have"), std::string::npos);
}

TEST_F(CapacityTest, WithoutSizesTheWorkspaceTellsTheCores) {
  capacity.sizes = fail(Fault::forbidden, "denied");
  capacity.cores_of["Standard_DS3_v2"] = 4;
  need("job:\"a\"", "Standard_DS3_v2", 16);
  EXPECT_EQ(*check("cores").gravity, Gravity::problem);
  EXPECT_EQ(*check("node sizes").gravity, Gravity::warning);
  EXPECT_NE(check("node sizes").message.find("denied"), std::string::npos);
}

TEST_F(CapacityTest, UnknownQuotasAreNoShortage) {
  capacity.quotas = fail(Fault::forbidden, "denied");
  EXPECT_EQ(*check("cores").gravity, Gravity::warning);
  EXPECT_EQ(check("cores").message, "the quotas of northeurope could not be read: denied");
}

TEST_F(CapacityTest, SubnetsHaveRoomForSoManyNodes) {
  capacity.rooms = {{"host", 59}, {"container", 10}};
  need("job:\"a\"", "Standard_DS3_v2", 11);
  const AzureCheck addresses = check("addresses");
  EXPECT_EQ(*addresses.gravity, Gravity::warning);
  ASSERT_EQ(addresses.findings.size(), 1U);
  EXPECT_EQ(addresses.findings[0].address, "subnet container");
}

json event_json(const char* status, const char* service, const char* region) {
  json event = json::object();
  event["properties"]["eventType"] = "ServiceIssue";
  event["properties"]["status"] = status;
  event["properties"]["title"] = "Trouble";
  event["properties"]["impact"][0]["impactedService"] = service;
  event["properties"]["impact"][0]["impactedRegions"][0]["impactedRegion"] = region;
  return event;
}

TEST(RegionHealth, OnlyWhatGoesOnInOneOfTheRegionsCounts) {
  std::vector<json> events{event_json("Resolved", "Storage", "West Europe"),
                           event_json("Active", "Power BI", "West Europe"),
                           event_json("Active", "Storage", "East US 2")};
  EXPECT_FALSE(judge_health(events, "westeurope", "northeurope").gravity);
  events.push_back(event_json("Active", "Azure Databricks", "West Europe"));
  const AzureCheck primary = judge_health(events, "westeurope", "northeurope");
  EXPECT_EQ(*primary.gravity, Gravity::warning);
  EXPECT_EQ(primary.findings.front().address, "westeurope (primary)");
  events.push_back(event_json("Active", "Storage", "North Europe"));
  EXPECT_NE(
      judge_health(events, "westeurope", "northeurope").message.find("where a failover would go"),
      std::string::npos);
}

TEST(RegionHealth, AStandbyThatNobodyReachesIsAProblem) {
  WorkspacePlace primary;
  WorkspacePlace standby;
  EXPECT_FALSE(judge_private_link(primary, standby).gravity);
  primary.private_endpoints = 2;
  EXPECT_EQ(*judge_private_link(primary, standby).gravity, Gravity::warning);
  standby.is_public = false;
  EXPECT_EQ(*judge_private_link(primary, standby).gravity, Gravity::problem);
  standby.private_endpoints = 1;
  EXPECT_FALSE(judge_private_link(primary, standby).gravity);
}

}  // namespace
}  // namespace twinlake::azure
