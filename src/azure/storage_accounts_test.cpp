#include "azure/storage_accounts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::azure {
namespace {

using nlohmann::json;

json account_json(const std::string& name, const std::string& sku, const std::string& region) {
  json account = json::object();
  account["id"] =
      "/subscriptions/s/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/" + name;
  account["name"] = name;
  account["sku"]["name"] = sku;
  account["kind"] = "StorageV2";
  account["location"] = region;
  account["properties"]["primaryLocation"] = region;
  account["properties"]["statusOfPrimary"] = "available";
  account["properties"]["isHnsEnabled"] = true;
  return account;
}

json geo_account(const std::string& name, const std::string& last_sync) {
  json account = account_json(name, "Standard_RAGRS", "westeurope");
  account["properties"]["secondaryLocation"] = "northeurope";
  account["properties"]["geoReplicationStats"] = json::parse(
      R"({"status":"Live","canFailover":true,"canPlannedFailover":true,"postFailoverRedundancy":"Standard_LRS"})");
  account["properties"]["geoReplicationStats"]["lastSyncTime"] = last_sync;
  return account;
}

class StorageAccountsTest : public ::testing::Test {
 protected:
  StorageAccountsTest() {
    sight.now = time_from_rfc3339("2026-08-20T10:00:00Z");
    sight.primary_region = "westeurope";
    sight.standby_region = "northeurope";
    sight.pairs = {
        {"westeurope", "northeurope"}, {"northeurope", "westeurope"}, {"polandcentral", ""}};
  }
  void have(const json& account) {
    const StorageAccount made = storage_account_of(account);
    sight.accounts[made.name] = made;
  }
  void use(const std::string& account, Of side = Of::primary) {
    look_at_definition(uses, side, "mount:\"/mnt/raw\"",
                       json{{"source", "abfss://raw@" + account + ".dfs.core.windows.net/"}});
  }
  AccountVerdict verdict_of(const std::string& name) {
    for (AccountVerdict& verdict : judge_storage(uses, sight))
      if (verdict.name == name) return verdict;
    ADD_FAILURE() << "no verdict of " << name;
    return {};
  }
  std::string advice_of(const std::string& name) {
    std::string all;
    for (const Advice& advice : verdict_of(name).advice)
      all += std::string(name_of(advice.gravity)) + ": " + advice.message + " | " +
             advice.what_to_do + "\n";
    return all;
  }
  EstateUses uses;
  StorageSight sight;
};

TEST_F(StorageAccountsTest, ALossIsMeasuredFromTheLastSync) {
  have(geo_account("stlake", "2026-08-20T09:41:00Z"));
  use("stlake");
  const AccountVerdict verdict = verdict_of("stlake");
  ASSERT_TRUE(verdict.loss_minutes);
  EXPECT_DOUBLE_EQ(*verdict.loss_minutes, 19.0);
  EXPECT_EQ(verdict.account->secondary_region, "northeurope");
  EXPECT_TRUE(verdict.account->is_hierarchical);
  EXPECT_EQ(verdict.account->geo.can_fail_over, true);
  EXPECT_NE(advice_of("stlake").find("DEEP CLONE"), std::string::npos) << advice_of("stlake");
}

TEST_F(StorageAccountsTest, ACopyWithoutAMomentTellsNoLoss) {
  for (const char* moment : {"", "0001-01-01T00:00:00Z", "nonsense"}) {
    have(geo_account("stlake", moment));
    use("stlake");
    EXPECT_FALSE(verdict_of("stlake").loss_minutes) << moment;
  }
}

TEST_F(StorageAccountsTest, OneCopyOnlyUnderAMountIsAProblem) {
  have(account_json("stlake", "Standard_ZRS", "westeurope"));
  use("stlake");
  EXPECT_NE(advice_of("stlake").find("problem: its data is in westeurope only (Standard_ZRS)"),
            std::string::npos)
      << advice_of("stlake");
  have(account_json("sttwin", "Standard_LRS", "northeurope"));
  sight.twins["stlake"] = "sttwin";
  EXPECT_EQ(advice_of("stlake"), "");
  EXPECT_EQ(advice_of("sttwin"), "");
}

TEST_F(StorageAccountsTest, AnAccountElsewhereOutlivesThePrimary) {
  have(account_json("stthird", "Standard_LRS", "francecentral"));
  use("stthird");
  EXPECT_EQ(advice_of("stthird"), "");
}

TEST_F(StorageAccountsTest, CodeThatNamesAnAccountIsReachedByNoRewrite) {
  have(account_json("stlake", "Standard_LRS", "westeurope"));
  sight.twins["stlake"] = "sttwin";
  look_at_code(uses, Of::primary, "notebook:\"/n\"", "'abfss://raw@stlake.dfs.core.windows.net/x'");
  EXPECT_NE(advice_of("stlake").find("1 notebook or file names it in its code"), std::string::npos)
      << advice_of("stlake");
}

TEST_F(StorageAccountsTest, ATwinThatIsNotThereIsAProblem) {
  have(account_json("stlake", "Standard_LRS", "westeurope"));
  use("stlake");
  sight.twins["stlake"] = "sttwin";
  sight.unknown.emplace(
      "sttwin",
      Error(Fault::not_found, "nobody in Azure has an account of that name", "Make the account"));
  EXPECT_EQ(advice_of("sttwin"),
            "problem: a rewrite leads to it, and nobody knows whether it is there: nobody in Azure "
            "has an account of that name | Make the account\n");
}

TEST_F(StorageAccountsTest, ATwinInTheRegionOfThePrimaryIsAProblem) {
  have(account_json("stlake", "Standard_LRS", "westeurope"));
  have(account_json("sttwin", "Standard_LRS", "westeurope"));
  use("stlake");
  sight.twins["stlake"] = "sttwin";
  EXPECT_NE(advice_of("sttwin").find("region of the primary"), std::string::npos)
      << advice_of("sttwin");
}

TEST_F(StorageAccountsTest, ACopyElsewhereThanTheStandbyIsTold) {
  sight.standby_region = "francecentral";
  have(geo_account("stlake", "2026-08-20T09:59:00Z"));
  use("stlake");
  EXPECT_NE(advice_of("stlake").find("its copy is in northeurope, the standby in francecentral"),
            std::string::npos)
      << advice_of("stlake");
}

TEST_F(StorageAccountsTest, ARegionWithoutPairReplicatesNothing) {
  json account = account_json("stpl", "Standard_GRS", "polandcentral");
  have(account);
  use("stpl");
  EXPECT_NE(advice_of("stpl").find("polandcentral has no paired region"), std::string::npos)
      << advice_of("stpl");
}

TEST_F(StorageAccountsTest, WhatIsUnderWayIsTold) {
  json account = geo_account("stlake", "2026-08-20T09:59:00Z");
  account["properties"]["failoverInProgress"] = true;
  account["properties"]["storageAccountSkuConversionStatus"] =
      json{{"skuConversionStatus", "InProgress"}, {"targetSkuName", "Standard_GZRS"}};
  account["properties"]["geoReplicationStats"]["status"] = "Bootstrap";
  have(account);
  use("stlake");
  const std::string advice = advice_of("stlake");
  for (const char* part :
       {"a failover of the account is under way", "being changed to Standard_GZRS", "first copy"})
    EXPECT_NE(advice.find(part), std::string::npos) << part << "\n" << advice;
}

TEST_F(StorageAccountsTest, AnAccountThatCannotFailOverIsTold) {
  json account = geo_account("stlake", "2026-08-20T09:59:00Z");
  account["properties"]["geoReplicationStats"]["canFailover"] = false;
  have(account);
  use("stlake");
  EXPECT_NE(advice_of("stlake").find("cannot fail over"), std::string::npos);
}

TEST_F(StorageAccountsTest, TheRootIsKnownByItsNameOrItsGroup) {
  json account = account_json("dbstorageabc", "Standard_GRS", "westeurope");
  account["properties"]["secondaryLocation"] = "northeurope";
  have(account);
  sight.roots = {{"dbstorageabc", "/subscriptions/s/resourceGroups/databricks-rg", true}};
  EXPECT_TRUE(verdict_of("dbstorageabc").root);
  EXPECT_NE(advice_of("dbstorageabc").find("could not be read (nobody asked)"), std::string::npos);
  sight.roots.front().denial = denial_in({json::parse(
      R"({"properties":{"denyAssignmentName":"System deny assignment","isSystemProtected":true,
          "permissions":[{"actions":["*"],"notActions":["*/read"]}]}})")});
  EXPECT_NE(advice_of("dbstorageabc").find("refuses its keys and its failover to everybody"),
            std::string::npos)
      << advice_of("dbstorageabc");
  sight.roots.front().denial = denial_in({});
  EXPECT_NE(advice_of("dbstorageabc").find("no deny assignment lies on it"), std::string::npos);
  EXPECT_EQ(advice_of("dbstorageabc").find("DEEP CLONE"), std::string::npos);
  sight.roots = {{"", "/SUBSCRIPTIONS/s/resourcegroups/RG-DATA", true}};
  use("dbstorageabc");
  EXPECT_TRUE(verdict_of("dbstorageabc").root);
}

TEST_F(StorageAccountsTest, WhatArmDoesNotShowIsUnknownAndSaysWhy) {
  use("stfar");
  sight.unknown.emplace("stfar", Error(Fault::forbidden, "no", "Give Reader"));
  const AccountVerdict verdict = verdict_of("stfar");
  EXPECT_FALSE(verdict.account);
  EXPECT_EQ(verdict.why_unknown, "our principal may not read it: no");
  EXPECT_EQ(verdict.used.primary.size(), 1U);
}

TEST_F(StorageAccountsTest, AStandbyThatNamesTheLostRegionIsAProblem) {
  have(account_json("stlake", "Standard_LRS", "westeurope"));
  use("stlake");
  use("stlake", Of::standby);
  EXPECT_NE(advice_of("stlake").find("the standby names it too"), std::string::npos)
      << advice_of("stlake");
}

TEST_F(StorageAccountsTest, RedundancyIsKnownByItsName) {
  for (const char* sku :
       {"Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS", "StandardV2_GZRS"})
    EXPECT_TRUE(is_geo_redundant(sku)) << sku;
  for (const char* sku : {"Standard_LRS", "Standard_ZRS", "Premium_ZRS", "PremiumV2_LRS", ""})
    EXPECT_FALSE(is_geo_redundant(sku)) << sku;
}

}  // namespace
}  // namespace twinlake::azure
