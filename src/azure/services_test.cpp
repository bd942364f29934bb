#include "azure/services.h"

#include <gtest/gtest.h>

namespace twinlake::azure {
namespace {

Named only(std::string_view text) {
  const NamedInText found = names_in(text);
  EXPECT_EQ(found.things.size(), 1U) << text;
  return found.things.empty() ? Named{} : found.things.front();
}

TEST(Services, FindsAnAccountWithItsContainer) {
  const Named lake = only("abfss://raw@stlake.dfs.core.windows.net/in/2026");
  EXPECT_EQ(lake.service, Service::storage);
  EXPECT_EQ(lake.name, "stlake");
  EXPECT_EQ(lake.part, "raw");
  EXPECT_EQ(lake.host, "stlake.dfs.core.windows.net");
  EXPECT_EQ(only("wasbs://archive@stold.blob.core.windows.net").part, "archive");
  EXPECT_EQ(only("https://stold.blob.core.windows.net/jars/udf.jar").part, "jars");
}

TEST(Services, FindsAccountsInNamesOfSettings) {
  EXPECT_EQ(only("spark.hadoop.fs.azure.account.key.stlake.dfs.core.windows.net").name, "stlake");
  const Named sas = only("fs.azure.sas.raw.stlake.blob.core.windows.net");
  EXPECT_EQ(sas.name, "stlake");
  EXPECT_EQ(sas.part, "raw");
}

TEST(Services, KnowsTheSuffixesOfOtherClouds) {
  EXPECT_EQ(only("abfss://raw@stgov.dfs.core.usgovcloudapi.net/").name, "stgov");
  EXPECT_EQ(only("abfss://raw@stcn.dfs.core.chinacloudapi.cn/").name, "stcn");
  EXPECT_EQ(only("https://kv-cn.vault.azure.cn/").service, Service::key_vault);
  EXPECT_EQ(only("https://stzone.z12.blob.storage.azure.net/c/x").name, "stzone");
}

TEST(Services, ASecondaryHostIsTheSameAccount) {
  EXPECT_EQ(only("https://stlake-secondary.blob.core.windows.net/raw").name, "stlake");
}

TEST(Services, FindsServersWithTheirDatabase) {
  const Named sql = only(
      "jdbc:sqlserver://sql-hms.database.windows.net:1433;database=hive;encrypt=true;"
      "hostNameInCertificate=*.database.windows.net;loginTimeout=30;");
  EXPECT_EQ(sql.service, Service::sql);
  EXPECT_EQ(sql.name, "sql-hms");
  EXPECT_EQ(sql.part, "hive");
  const Named mysql =
      only("jdbc:mysql://my-hms.mysql.database.azure.com:3306/metastore?useSSL=true");
  EXPECT_EQ(mysql.service, Service::mysql);
  EXPECT_EQ(mysql.part, "metastore");
  EXPECT_EQ(only("fog-hms.secondary.database.windows.net").name, "fog-hms");
}

TEST(Services, FindsTheOthers) {
  EXPECT_EQ(only("Endpoint=sb://ehns-sales.servicebus.windows.net/").service, Service::event_hubs);
  EXPECT_EQ(only("https://cosmos-a.documents.azure.com:443/").service, Service::cosmos);
  EXPECT_EQ(only("syn-a-ondemand.sql.azuresynapse.net").name, "syn-a");
  EXPECT_EQ(only("acrlake.azurecr.io/runtime:14").service, Service::container_registry);
  EXPECT_EQ(only("https://oai.openai.azure.com/").service, Service::cognitive);
  EXPECT_EQ(only("hdi-a.azurehdinsight.net").service, Service::hdinsight);
}

TEST(Services, FindsResourceIdsWhateverTheirCase) {
  const Named vault =
      only("/subscriptions/s1/resourceGroups/rg/providers/microsoft.keyvault/vaults/KV-Sales");
  EXPECT_EQ(vault.service, Service::key_vault);
  EXPECT_EQ(vault.name, "kv-sales");
  const Named group = only(
      "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/capacityReservationGroups/"
      "crg");
  EXPECT_EQ(group.service, Service::other);
  EXPECT_FALSE(outer_resource_id("/subscriptions/s1/resourceGroups/rg"));
}

TEST(Services, WhatOnlyLooksAlikeIsNothing) {
  for (const char* text : {"*.database.windows.net", "core.windows.net", "stlake.core.windows.net",
                           "stlake.dfs.core.windows.net.example.com", "st.dfs.core.windows.net",
                           "plain words", "https://<account>.dfs.core.windows.net"})
    EXPECT_TRUE(names_in(text).things.empty()) << text;
}

TEST(Services, SaysWhatIsPutTogetherAtRunTime) {
  const NamedInText found = names_in("path = f\"abfss://raw@{account}.dfs.core.windows.net/x\"");
  EXPECT_TRUE(found.things.empty());
  EXPECT_EQ(found.built, std::vector<Service>{Service::storage});
}

TEST(Services, SeveralInOneText) {
  const NamedInText found = names_in(
      "spark.read.load('abfss://b@stb.dfs.core.windows.net/x')\n"
      "sc = 'abfss://a@sta2.dfs.core.windows.net/x'\nkv = 'https://kv1.vault.azure.net'");
  ASSERT_EQ(found.things.size(), 3U);
  EXPECT_EQ(found.things[0].name, "stb");
  EXPECT_EQ(found.things[1].name, "sta2");
  EXPECT_EQ(found.things[2].name, "kv1");
}

}  // namespace
}  // namespace twinlake::azure
