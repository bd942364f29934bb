#include "app/azure_rules.h"

#include <gtest/gtest.h>

#include "app/config.h"

namespace twinlake::app {
namespace {

Result<Config> with_azure(const std::string& lines) {
  return parse_config("groups:\n  g:\n    primary: a\n    secondary: b\n    azure:\n" + lines,
                      "t.yml", {});
}

TEST(AzureRules, AreRead) {
  const auto config = with_azure(R"(
      primary: {resource_id: /subscriptions/s/resourceGroups/g/providers/Microsoft.Databricks/workspaces/w}
      secondary:
        resource_id: /subscriptions/t/resourceGroups/h/providers/microsoft.databricks/workspaces/x
        region: North Europe
        network: {vnet: v, public_subnet: p, private_subnet: q, address_space: 10.0.0.0/16}
        keys: {dbfs_root: {vault: "https://kv.vault.azure.net", name: k, version: "1"}}
        access_connector: conn
        storage_sku: Standard_LRS
        tags: {a: b}
        accept: [compliance_security_profile]
)");
  ASSERT_TRUE(config) << describe(config.error());
  const AzureRules& rules = config->groups.front().azure;
  EXPECT_TRUE(rules.primary_id.ends_with("/workspaces/w"));
  EXPECT_EQ(rules.secondary.subscription, "t");
  EXPECT_EQ(rules.secondary.resource_group, "h");
  EXPECT_EQ(rules.secondary.name, "x");
  EXPECT_EQ(rules.secondary.region, "North Europe");
  EXPECT_EQ(rules.secondary.network.private_subnet, "q");
  EXPECT_EQ(rules.secondary.root_key.name, "k");
  EXPECT_EQ(rules.secondary.storage_sku, "Standard_LRS");
  EXPECT_EQ(rules.secondary.tags.at("a"), "b");
  EXPECT_TRUE(rules.secondary.accept_compliance);
  EXPECT_TRUE(with_azure("      secondary: {network: managed}\n")
                  ->groups.front()
                  .azure.secondary.network.managed);
}

TEST(AzureRules, WhatIsWrongIsToldWithItsPlace) {
  const auto reason = [](const std::string& lines) {
    const auto config = with_azure(lines);
    return config ? "none" : describe(config.error());
  };
  EXPECT_NE(reason("      secondary: {regoin: x}\n").find("region"), std::string::npos);
  EXPECT_NE(reason("      secondary: {resource_id: /x}\n").find("t.yml:6"), std::string::npos);
  EXPECT_NE(reason("      secondary: {network: mine}\n").find("managed"), std::string::npos);
  EXPECT_NE(reason("      secondary: {keys: {dbfs_root: {name: k}}}\n").find("vault"),
            std::string::npos);
  EXPECT_NE(reason("      secondary: {accept: [all]}\n").find("compliance_security_profile"),
            std::string::npos);
  EXPECT_NE(reason("      secondary: {region: [a]}\n"), "none");
}

}  // namespace
}  // namespace twinlake::app
