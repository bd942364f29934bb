#include "azure/twin.h"

#include <gtest/gtest.h>

#include "azure/twin_builder.h"

namespace twinlake::azure {
namespace {

using nlohmann::json;

constexpr const char* prod_group = "/subscriptions/s1/resourceGroups/rg-prod";

/// A workspace with everything that the service has.
json full_primary() {
  json primary = json::parse(R"({
    "name":"adb-prod","type":"Microsoft.Databricks/workspaces","location":"West Europe",
    "systemData":{"createdBy":"x"},"tags":{"team":"data"},"sku":{"name":"premium"},
    "properties":{
      "computeMode":"Hybrid","managedResourceGroupId":"/subscriptions/s1/resourceGroups/mrg",
      "publicNetworkAccess":"Disabled","requiredNsgRules":"NoAzureDatabricksRules",
      "defaultStorageFirewall":"Enabled",
      "accessConnector":{"id":"/subscriptions/s1/x/conn","identityType":"UserAssigned",
                         "userAssignedIdentityId":"/subscriptions/s1/id"},
      "defaultCatalog":{"initialType":"UnityCatalog","initialName":"prod"},
      "enhancedSecurityCompliance":{"automaticClusterUpdate":{"value":"Enabled"},
        "enhancedSecurityMonitoring":{"value":"Enabled"},
        "complianceSecurityProfile":{"value":"Enabled","complianceStandards":[]}},
      "encryption":{"entities":{
        "managedServices":{"keySource":"Microsoft.Keyvault","keyVaultProperties":
          {"keyVaultUri":"https://kv-prod.vault.azure.net/","keyName":"s","keyVersion":"1"}},
        "managedDisk":{"keySource":"Microsoft.Keyvault","rotationToLatestKeyVersionEnabled":true,
          "keyVaultProperties":{"keyVaultUri":"https://kv-prod.vault.azure.net/","keyName":"d",
                                "keyVersion":"1"}}}},
      "privateEndpointConnections":[{"properties":{"privateEndpoint":{"id":"/pe/front"},
        "groupIds":["databricks_ui_api"]}}],
      "parameters":{
        "amlWorkspaceId":{"type":"String","value":"/aml"},
        "customVirtualNetworkId":{"type":"String","value":"/subscriptions/s1/vnet-prod"},
        "customPublicSubnetName":{"value":"hosts"},"customPrivateSubnetName":{"value":"containers"},
        "enableNoPublicIp":{"type":"Bool","value":false},
        "prepareEncryption":{"value":true},
        "encryption":{"value":{"keySource":"Microsoft.Keyvault","KeyName":"r","keyversion":"1",
                               "keyvaulturi":"https://kv-prod.vault.azure.net/"}},
        "requireInfrastructureEncryption":{"value":true},
        "resourceTags":{"value":{"a":"b"}},
        "storageAccountName":{"value":"dbstorageprod"},
        "storageAccountSkuName":{"value":"Standard_GZRS"}},
      "authorizations":[],"uiDefinitionUri":"u","createdBy":{"oid":"o"},"updatedBy":{"oid":"o"},
      "createdDateTime":"2026-01-01T00:00:00Z","provisioningState":"Succeeded","workspaceId":"1",
      "workspaceUrl":"adb-1.1.azuredatabricks.net","isUcEnabled":true,"diskEncryptionSetId":"/des",
      "storageAccountIdentity":{"principalId":"p"},"managedDiskIdentity":{"principalId":"p"},
      "somethingNew":{"value":1}}})");
  primary["id"] = std::string(prod_group) + "/providers/Microsoft.Databricks/workspaces/adb-prod";
  return primary;
}

TwinSettings full_settings() {
  TwinSettings settings;
  settings.resource_group = "rg-dr";
  settings.name = "adb-dr";
  settings.region = "North Europe";
  settings.network.vnet =
      "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet-dr";
  settings.services_key = {"https://kv-dr.vault.azure.net", "s", "2"};
  settings.disks_key = {"https://kv-dr.vault.azure.net", "d", "2"};
  settings.root_key = {"https://kv-dr.vault.azure.net", "r", "2"};
  settings.access_connector =
      "/subscriptions/s1/resourceGroups/rg-dr/providers/Microsoft.Databricks/accessConnectors/c";
  settings.ml_workspace = "/aml-dr";
  settings.accept_compliance = true;
  settings.tags["cost"] = "dr";
  return settings;
}

Twin made(const TwinSettings& settings, const json& primary = full_primary()) {
  auto twin = twin_of(primary, settings, Regions());
  if (!twin) throw std::runtime_error(describe(twin.error()));
  return *twin;
}

std::string blockers_of(const Twin& twin) {
  std::string text;
  for (const TwinFinding& finding : twin.findings)
    if (finding.level == Level::blocker)
      text += finding.about + ": " + finding.message + " / " + finding.what_to_do + "\n";
  return text;
}

Fate fate_of(const Twin& twin, const std::string& place) {
  for (const TwinProperty& property : twin.properties)
    if (property.place == place) return property.fate;
  ADD_FAILURE() << "nothing is said about " << place;
  return Fate::dropped;
}

TEST(Twin, EveryPropertyHasItsFate) {
  const Twin twin = made(full_settings());
  EXPECT_EQ(blockers_of(twin), "");
  for (const char* const place :
       {"location", "tags", "properties.parameters.customVirtualNetworkId",
        "properties.parameters.amlWorkspaceId", "properties.parameters.encryption",
        "properties.encryption.entities.managedServices",
        "properties.encryption.entities.managedDisk", "properties.accessConnector.id"})
    EXPECT_EQ(fate_of(twin, place), Fate::mapped) << place;
  for (const char* const place :
       {"sku.name", "properties.computeMode", "properties.publicNetworkAccess",
        "properties.requiredNsgRules", "properties.defaultStorageFirewall",
        "properties.enhancedSecurityCompliance", "properties.defaultCatalog.initialType",
        "properties.parameters.enableNoPublicIp", "properties.parameters.storageAccountSkuName",
        "properties.parameters.requireInfrastructureEncryption",
        "properties.parameters.customPublicSubnetName"})
    EXPECT_EQ(fate_of(twin, place), Fate::copied) << place;
  for (const char* const place :
       {"properties.managedResourceGroupId", "properties.parameters.storageAccountName"})
    EXPECT_EQ(fate_of(twin, place), Fate::made) << place;
  for (const char* const place :
       {"id", "type", "systemData", "properties.createdBy", "properties.provisioningState",
        "properties.workspaceId", "properties.workspaceUrl", "properties.isUcEnabled",
        "properties.diskEncryptionSetId", "properties.storageAccountIdentity",
        "properties.privateEndpointConnections", "properties.parameters.resourceTags"})
    EXPECT_EQ(fate_of(twin, place), Fate::server) << place;
  for (const char* const place :
       {"properties.authorizations", "properties.uiDefinitionUri", "properties.somethingNew"})
    EXPECT_EQ(fate_of(twin, place), Fate::dropped) << place;
}

TEST(Twin, TheBodyHoldsWhatIsSentAndNothingElse) {
  const json body = made(full_settings()).body;
  EXPECT_EQ(body["location"], "northeurope");
  EXPECT_EQ(body["tags"]["team"], "data");
  EXPECT_EQ(body["tags"]["cost"], "dr");
  const json& properties = body["properties"];
  for (const char* const server : {"workspaceUrl", "provisioningState", "authorizations",
                                   "somethingNew", "storageAccountIdentity"})
    EXPECT_FALSE(properties.contains(server)) << server;
  EXPECT_EQ(properties["defaultCatalog"]["initialName"], "") << "another name is refused";
  EXPECT_EQ(properties["parameters"]["enableNoPublicIp"]["value"], false) << "always explicit";
  EXPECT_FALSE(properties["parameters"]["enableNoPublicIp"].contains("type"));
  const json& root = properties["parameters"]["encryption"]["value"];
  EXPECT_EQ(root["KeyName"], "r");
  EXPECT_EQ(root["keyversion"], "2");
  EXPECT_EQ(root["keyvaulturi"], "https://kv-dr.vault.azure.net/");
  const json& disks = properties["encryption"]["entities"]["managedDisk"];
  EXPECT_EQ(disks["keyVaultProperties"]["keyVaultUri"], "https://kv-dr.vault.azure.net/");
  EXPECT_EQ(disks["rotationToLatestKeyVersionEnabled"], true);
  EXPECT_EQ(
      properties["enhancedSecurityCompliance"]["complianceSecurityProfile"]["complianceStandards"],
      json::array({"NONE"}));
}

TEST(Twin, TheRootKeyNeedsTwoPuts) {
  const Twin twin = made(full_settings());
  ASSERT_TRUE(twin.first_body);
  const json& first = (*twin.first_body)["properties"];
  EXPECT_FALSE(first["parameters"].contains("encryption"));
  EXPECT_EQ(first["parameters"]["prepareEncryption"]["value"], true);
  EXPECT_TRUE(first.contains("enhancedSecurityCompliance"));
}

TEST(Twin, WhatIsBoundToTheRegionMustBeSaid) {
  TwinSettings settings;
  settings.region = "northeurope";
  const std::string blockers = blockers_of(made(settings));
  for (const char* const part :
       {"azure.secondary.network", "azure.secondary.keys.managed_services",
        "azure.secondary.keys.managed_disks", "azure.secondary.keys.dbfs_root",
        "azure.secondary.access_connector", "azure.secondary.accept"})
    EXPECT_NE(blockers.find(part), std::string::npos) << part << "\n" << blockers;
}

json plain_primary() {
  json primary = json::parse(R"({"location":"eastus2","sku":{"name":"premium"},"properties":{
    "parameters":{"enableNoPublicIp":{"value":true}}}})");
  primary["id"] = std::string(prod_group) + "/providers/Microsoft.Databricks/workspaces/adb";
  return primary;
}

TEST(Twin, NamesAreMadeTheSameEachTimeAndStay) {
  TwinSettings settings;
  settings.region = "westus3";
  const Twin twin = made(settings, plain_primary());
  EXPECT_EQ(twin.id,
            "/subscriptions/s1/resourceGroups/rg-prod-dr/providers/Microsoft.Databricks/"
            "workspaces/adb-dr");
  EXPECT_EQ(made(settings, plain_primary()).body, twin.body);
  const auto other = twin_of(plain_primary(), settings, Regions(), std::nullopt, 1);
  EXPECT_NE(other->body["properties"]["parameters"]["storageAccountName"],
            twin.body["properties"]["parameters"]["storageAccountName"]);
  json existing = twin.body;
  existing["properties"]["parameters"]["storageAccountName"]["value"] = "kept";
  existing["properties"]["managedResourceGroupId"] = "/subscriptions/s1/resourceGroups/kept";
  const auto again = twin_of(plain_primary(), settings, Regions(), existing);
  EXPECT_EQ(again->body["properties"]["parameters"]["storageAccountName"]["value"], "kept");
  EXPECT_TRUE(differences_of(again->body, existing).empty());
}

TEST(Twin, RedundancyMustFitTheRegion) {
  TwinSettings settings;
  settings.region = "polandcentral";
  EXPECT_NE(blockers_of(made(settings, plain_primary())).find("needs a region pair"),
            std::string::npos);
  settings.region = "westus";
  settings.storage_sku = "Standard_ZRS";
  EXPECT_NE(blockers_of(made(settings, plain_primary())).find("needs availability zones"),
            std::string::npos);
  settings.storage_sku = "Standard_LRS";
  EXPECT_EQ(blockers_of(made(settings, plain_primary())), "");
}

TEST(Twin, BadInputIsNormalInput) {
  EXPECT_FALSE(twin_of(json(7), TwinSettings(), Regions()));
  EXPECT_FALSE(twin_of(json::object(), TwinSettings(), Regions()));
  json odd = plain_primary();
  odd["properties"] = 7;
  odd["tags"] = "x";
  odd["location"] = json::array();
  TwinSettings settings;
  settings.region = "westus";
  EXPECT_TRUE(twin_of(odd, settings, Regions()));
  settings.name = "adb";
  settings.resource_group = "RG-PROD";
  EXPECT_FALSE(twin_of(plain_primary(), settings, Regions())) << "the primary itself";
  odd = plain_primary();
  odd["sku"]["name"] = "trial";
  EXPECT_NE(blockers_of(made(TwinSettings(), odd)).find("trial"), std::string::npos);
}

TEST(Differences, AreThoseThatMatter) {
  const json wanted = json::parse(R"({"location":"northeurope","tags":{"a":"b"},
    "properties":{"parameters":{"x":{"value":"/subscriptions/S/x"},"storageAccountSkuName":
    {"value":"Standard_LRS"}},"managedResourceGroupId":"/subscriptions/s/resourceGroups/G",
    "u":"https://kv.vault.azure.net/","empty":""}})");
  json found = json::parse(R"({"location":"North Europe","tags":{"a":"b","more":"c"},
    "properties":{"parameters":{"x":{"type":"String","value":"/subscriptions/s/X"},
    "storageAccountSkuName":{"value":"standard_lrs"}},"u":"https://kv.vault.azure.net",
    "managedResourceGroupId":"/subscriptions/s/resourceGroups/g","server":1}})");
  EXPECT_TRUE(differences_of(wanted, found).empty());
  found["tags"]["a"] = "B";
  found["location"] = "westus";
  found["properties"]["parameters"]["storageAccountSkuName"]["value"] = "Standard_GRS";
  const auto differences = differences_of(wanted, found);
  ASSERT_EQ(differences.size(), 3U);
  EXPECT_FALSE(differences[0].can_change) << differences[0].place;
  EXPECT_TRUE(differences[1].can_change) << differences[1].place;
}

TEST(Regions, SuggestThePairUnlessItSharesTheControlPlane) {
  const Regions regions;
  EXPECT_EQ(regions.suggested_for("westeurope"), "northeurope");
  EXPECT_EQ(regions.suggested_for("West US 2"), "westcentralus");
  EXPECT_TRUE(regions.may_share_plane("japaneast", "japanwest"));
  EXPECT_NE(regions.suggested_for("eastus2"), "centralus") << "served from eastus2";
  EXPECT_FALSE(regions.suggested_for("eastus2").empty());
  EXPECT_EQ(regions.suggested_for("francecentral"), "") << "the pair is closed, nothing is near";
  EXPECT_EQ(regions.suggested_for("nowhere"), "");
}

TEST(Regions, AzureKnowsBetterThanTheTable) {
  Regions regions;
  regions.take_locations({json::parse(R"({"name":"westeurope","metadata":
      {"pairedRegion":[{"name":"swedencentral"}]}})"),
                          json::parse(R"({"name":"swedencentral","metadata":{}})"), json(7)});
  EXPECT_EQ(regions.suggested_for("westeurope"), "swedencentral");
  regions.take_offered({"westeurope"});
  EXPECT_EQ(regions.suggested_for("westeurope"), "");
}

}  // namespace
}  // namespace twinlake::azure
