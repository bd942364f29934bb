#include "azure/provider.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "azure/subnets.h"

#include "azure/inspection.h"

namespace twinlake::azure {
namespace {

using nlohmann::json;

TEST(Provider, TellsWhereAndInWhichVersions) {
  const ProviderFacts facts = provider_facts(json::parse(R"({"registrationState":"Registered",
    "resourceTypes":[{"resourceType":"workspaces","locations":["East US 2","North Europe"],
    "apiVersions":["2018-04-01","2026-06-01-preview","2024-05-01"]},7]})"));
  EXPECT_TRUE(facts.is_registered());
  ASSERT_NE(facts.type("Workspaces"), nullptr);
  EXPECT_EQ(facts.type("workspaces")->regions,
            (std::vector<std::string>{"eastus2", "northeurope"}));
  EXPECT_EQ(newest_version(facts, "workspaces", "x"), "2024-05-01") << "no previews";
  EXPECT_EQ(newest_version(facts, "others", "x"), "x");
  EXPECT_FALSE(provider_facts(json(7)).is_registered());
  EXPECT_FALSE(
      provider_facts(json::parse(R"({"registrationState":"Registering"})")).is_registered());
}

TEST(ResourceIds, AreTakenApart) {
  const auto id = resource_id(
      "/subscriptions/s/resourcegroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->subscription, "s");
  EXPECT_EQ(id->group, "g");
  EXPECT_EQ(id->type, "virtualNetworks/subnets");
  EXPECT_EQ(id->name, "n");
  EXPECT_EQ(id->group_path(), "/subscriptions/s/resourceGroups/g");
  for (const char* const wrong :
       {"", "/", "x", "/subscriptions/s", "/subscriptions/s/resourceGroups/g",
        "/subscriptions/s/resourceGroups/g/providers/N/t",
        "subscriptions/s/resourceGroups/g/providers/N/t/n",
        "/subscriptions/s/resourceGroups/g/providers/N/t/n/more"})
    EXPECT_FALSE(resource_id(wrong)) << wrong;
}

TEST(Subnets, HoldAsManyMachinesAsAzureLeavesAddresses) {
  const auto nodes = [](const char* prefix) {
    json subnet = json::object();
    subnet["properties"]["addressPrefix"] = prefix;
    return room_in(subnet);
  };
  EXPECT_EQ(nodes("10.0.0.0/26"), 59);
  EXPECT_EQ(nodes("10.0.0.0/18"), 16379);
  EXPECT_EQ(nodes("10.0.0.0/31"), 0);
  for (const char* const unknown : {"", "10.0.0.0", "10.0.0.0/x", "10.0.0.0/99", "fd00::/64"})
    EXPECT_FALSE(nodes(unknown)) << unknown;
  json many = json::object();
  many["properties"]["addressPrefixes"] = json::array({"10.0.0.0/24", "fd00::/64", "10.0.1.0/26"});
  EXPECT_EQ(room_in(many), 251 + 59) << "all ranges count";
}

TEST(Judge, WhatIsNotKnownIsNoObstacle) {
  Twin twin;
  twin.body = json::object();
  twin.region = "westus";
  twin.vnet_id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v";
  Seen seen;
  EXPECT_TRUE(judge(seen, twin).empty());
  seen.network.known = true;
  const auto found = judge(seen, twin);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].level, Level::blocker);
}

}  // namespace
}  // namespace twinlake::azure
