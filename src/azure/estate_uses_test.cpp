#include "azure/estate_uses.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::azure {
namespace {

using nlohmann::json;

EstateUses uses_of(const char* definition) {
  EstateUses uses;
  look_at_definition(uses, Of::primary, "thing:\"x\"", json::parse(definition));
  return uses;
}

TEST(EstateUses, TellsEachPlaceThatNamesAnAccount) {
  EstateUses uses;
  look_at_definition(uses, Of::primary, "a",
                     json::parse(R"({"source":"abfss://raw@stlake.dfs.core.windows.net/"})"));
  look_at_definition(
      uses, Of::primary, "b",
      json::parse(
          R"({"spark_conf":{"fs.azure.account.key.stlake.dfs.core.windows.net":"{{secrets/s/k}}"}})"));
  look_at_definition(uses, Of::standby, "a",
                     json::parse(R"({"source":"abfss://raw@sttwin.dfs.core.windows.net/"})"));
  const auto accounts = of_service(uses, Service::storage);
  ASSERT_EQ(accounts.size(), 2U);
  EXPECT_EQ(accounts[0]->name, "stlake");
  EXPECT_EQ(accounts[0]->parts, std::set<std::string>{"raw"});
  const std::set<Place> expected{
      {"a", "/source"}, {"b", "/spark_conf/fs.azure.account.key.stlake.dfs.core.windows.net"}};
  EXPECT_EQ(accounts[0]->primary, expected);
  EXPECT_TRUE(accounts[0]->standby.empty());
  EXPECT_EQ(accounts[1]->name, "sttwin");
  EXPECT_TRUE(accounts[1]->primary.empty());
}

TEST(EstateUses, NoSecretBesideANameComesOut) {
  const EstateUses uses = uses_of(
      R"({"url":"https://stlake.blob.core.windows.net/raw?sv=2020&sig=S3CRETSIG%3D",
          "conn":"Endpoint=sb://ehns-a.servicebus.windows.net/;SharedAccessKey=S3CRETKEY"})");
  std::string all;
  for (const auto& [key, used] : uses.things) {
    all += key.second + used.name;
    for (const auto* texts : {&used.hosts, &used.parts, &used.resource_ids})
      for (const std::string& text : *texts) all += text;
    for (const Place& place : used.primary) all += place.address + place.pointer;
  }
  EXPECT_EQ(uses.things.size(), 2U);
  EXPECT_EQ(all.find("S3CRET"), std::string::npos) << all;
  EXPECT_EQ(lower_case(all).find("s3cret"), std::string::npos) << all;
}

TEST(EstateUses, FindsAnExternalMetastoreOfACluster) {
  const EstateUses uses = uses_of(R"({"spark_conf":{
    "spark.hadoop.javax.jdo.option.ConnectionURL":"jdbc:sqlserver://sql-hms.database.windows.net:1433;database=hive",
    "spark.hadoop.javax.jdo.option.ConnectionUserName":"{{secrets/hms/user}}",
    "spark.hadoop.javax.jdo.option.ConnectionPassword":"{{secrets/hms/password}}",
    "spark.sql.hive.metastore.version":"3.1.0",
    "spark.sql.hive.metastore.jars":"/databricks/hive_metastore_jars/*"}})");
  ASSERT_EQ(uses.metastores.size(), 1U);
  const ExternalMetastore& metastore = uses.metastores.front();
  EXPECT_EQ(metastore.host, "sql-hms.database.windows.net");
  EXPECT_EQ(metastore.database, "hive");
  EXPECT_EQ(metastore.version, "3.1.0");
  EXPECT_EQ(metastore.jars, "/databricks/hive_metastore_jars/*");
  const std::set<std::string> secrets{"hms/user", "hms/password"};
  EXPECT_EQ(metastore.secrets, secrets);
}

TEST(EstateUses, AnAddressThatIsASecretIsToldByItsName) {
  const EstateUses uses =
      uses_of(R"({"spark_conf":{"javax.jdo.option.ConnectionURL":"{{secrets/hms/url}}"}})");
  ASSERT_EQ(uses.metastores.size(), 1U);
  EXPECT_TRUE(uses.metastores.front().host.empty());
  EXPECT_EQ(uses.metastores.front().secrets, std::set<std::string>{"hms/url"});
}

TEST(EstateUses, FindsAnExternalMetastoreOfAPolicyAndOfAScript) {
  const EstateUses policy = uses_of(R"({"definition":{
    "spark_conf.javax.jdo.option.ConnectionURL":{"type":"fixed","value":"jdbc:mysql://my-a.mysql.database.azure.com:3306/hive"},
    "spark_conf.spark.sql.hive.metastore.version":{"type":"fixed","value":"2.3.9"}}})");
  ASSERT_EQ(policy.metastores.size(), 1U);
  EXPECT_EQ(policy.metastores.front().host, "my-a.mysql.database.azure.com");
  EXPECT_EQ(policy.metastores.front().version, "2.3.9");

  EstateUses script;
  look_at_code(script, Of::primary, "file:\"/hms.sh\"",
               "cat > /databricks/driver/conf/00-custom-spark.conf <<'E'\n[driver] {\n"
               "  \"spark.hadoop.javax.jdo.option.ConnectionURL\" = "
               "\"jdbc:sqlserver://sql-b.database.windows.net:1433;database=hms\"\n"
               "  \"spark.hadoop.javax.jdo.option.ConnectionPassword\" = \"plain-secret\"\n}\nE\n");
  ASSERT_EQ(script.metastores.size(), 1U);
  EXPECT_EQ(script.metastores.front().host, "sql-b.database.windows.net");
  EXPECT_EQ(script.metastores.front().database, "hms");
  EXPECT_TRUE(script.metastores.front().secrets.empty());
}

TEST(EstateUses, AVersionAloneIsNoExternalMetastore) {
  EXPECT_TRUE(
      uses_of(R"({"spark_conf":{"spark.sql.hive.metastore.version":"2.3.9"}})").metastores.empty());
}

TEST(EstateUses, FindsLogAnalyticsByItsGuid) {
  const EstateUses uses = uses_of(
      R"({"azure_attributes":{"log_analytics_info":{"log_analytics_workspace_id":"0A1B2C3D-0000-4000-8000-00000000000F"}}})");
  const auto found = of_service(uses, Service::log_analytics);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]->name, "0a1b2c3d-0000-4000-8000-00000000000f");
}

TEST(EstateUses, AVaultIsOneByHostAndById) {
  const EstateUses uses = uses_of(R"({"backend_azure_keyvault":{
    "resource_id":"/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv-a",
    "dns_name":"https://kv-a.vault.azure.net/"}})");
  const auto found = of_service(uses, Service::key_vault);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]->resource_ids.size(), 1U);
  EXPECT_EQ(found[0]->hosts.size(), 1U);
}

}  // namespace
}  // namespace twinlake::azure
