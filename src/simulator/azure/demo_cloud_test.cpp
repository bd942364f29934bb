#include "simulator/azure/demo_cloud.h"

#include <gtest/gtest.h>

#include "simulator/azure/azure_probe.h"

namespace twinlake::simulator {
namespace {

class DemoCloud : public testing::Test {
 public:
  DemoCloud() { fill_demo_cloud(probe.cloud()); }
  AzureProbe probe;
};

TEST_F(DemoCloud, HasWhatTheEstateNames) {
  const json vault = azure_body(
      probe.get(azure::subscription + "/resourceGroups/rg-lakeside/providers/Microsoft.KeyVault/"
                                      "vaults/kv-lakeside?api-version=2025-05-01"));
  EXPECT_EQ(vault.at("properties").at("vaultUri"), "https://kv-lakeside.vault.azure.net/");
  const json accounts =
      azure_body(probe.get(azure::subscription + "/providers/Microsoft.Storage/storageAccounts" +
                           azure::storage_version))
          .at("value");
  std::map<std::string, std::string> skus;
  for (const json& account : accounts) skus[account.at("name")] = account.at("sku").at("name");
  EXPECT_EQ(skus.at("stlakesidewe"), "Standard_LRS");
  EXPECT_EQ(skus.at("stlake"), "Standard_RAGRS");
}

TEST_F(DemoCloud, ItsTwinFitsIntoThePreparedNetwork) {
  Cloud& cloud = probe.cloud();
  Region primary{RegionOptions{}};
  cloud.add_workspace(primary, {.location = "westeurope", .address = "a.example"},
                      demo_workspace_id(cloud, true),
                      demo_workspace_body(cloud, DemoPlaces{}, true));
  json twin = demo_workspace_body(cloud, DemoPlaces{}, false);
  for (auto& [name, parameter] : twin["properties"]["parameters"].items()) parameter.erase("type");
  const std::string target = demo_workspace_id(cloud, false) + azure::version;
  const auto begun = probe.put(target, twin);
  ASSERT_EQ(begun.status, 201) << begun.body;
  probe.wait(90);
  EXPECT_EQ(azure_body(probe.get(target)).at("properties").at("provisioningState"), "Succeeded");
  const json root = azure_body(probe.get(
      azure::subscription +
      "/resourceGroups/databricks-rg-adb-lakeside-we/providers/Microsoft.Storage/storageAccounts/"
      "dbstoragelakesidewe" +
      azure::storage_version));
  EXPECT_EQ(root.at("sku").at("name"), "Standard_GRS");
}

}  // namespace
}  // namespace twinlake::simulator
