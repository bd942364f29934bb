#include "azure/dependencies.h"

#include <gtest/gtest.h>

namespace twinlake::azure {
namespace {

using nlohmann::json;

class DependenciesTest : public ::testing::Test {
 protected:
  DependenciesTest() {
    sight.primary_region = "westeurope";
    sight.standby_region = "northeurope";
    sight.pairs = {
        {"westeurope", "northeurope"}, {"brazilsouth", "southcentralus"}, {"qatarcentral", ""}};
  }
  void use(const std::string& text, Of side = Of::primary) {
    look_at_definition(uses, side, "cluster:\"etl\"", json{{"text", text}});
  }
  Evidence& have(Service service, const std::string& name, const char* resource) {
    Evidence& evidence = sight.evidence[{service, name}];
    evidence.resource = json::parse(resource);
    return evidence;
  }
  Dependency verdict_of(Service service, const std::string& name) {
    for (Dependency& verdict : judge_dependencies(uses, sight))
      if (verdict.service == service && verdict.name == name) return verdict;
    ADD_FAILURE() << "no verdict of " << name;
    return {};
  }
  /// Copies, then advice line by line.
  std::string told_of(Service service, const std::string& name) {
    const Dependency verdict = verdict_of(service, name);
    std::string all = verdict.copies + "\n";
    for (const Advice& advice : verdict.advice)
      all += std::string(name_of(advice.gravity)) + ": " + advice.message + " | " +
             advice.what_to_do + "\n";
    return all;
  }
  void expect_told(Service service, const std::string& name,
                   const std::vector<std::string>& parts) {
    const std::string told = told_of(service, name);
    for (const std::string& part : parts)
      EXPECT_NE(told.find(part), std::string::npos) << part << "\nin:\n" << told;
  }
  EstateUses uses;
  DependencySight sight;
};

constexpr const char* fog =
    R"({"name":"fog-hms","properties":{"replicationRole":"Primary","replicationState":"CATCH_UP",
  "partnerServers":[{"id":"x","location":"North Europe"}],"databases":["/subscriptions/s/resourceGroups/r/providers/Microsoft.Sql/servers/sql-hms/databases/hive"]}})";

TEST_F(DependenciesTest, AServerNameDoesNotMoveWithItsFailoverGroup) {
  use("jdbc:sqlserver://sql-hms.database.windows.net:1433;database=hive");
  have(Service::sql, "sql-hms", R"({"name":"sql-hms","location":"westeurope"})")
      .parts["failoverGroups"]
      .push_back(json::parse(fog));
  expect_told(Service::sql, "sql-hms",
              {"failover group fog-hms, primary here, partner in northeurope, CATCH_UP",
               "warning: the name is that of one server", "Name the listener fog-hms"});
}

TEST_F(DependenciesTest, AListenerIsWhatToName) {
  use("jdbc:sqlserver://fog-hms.database.windows.net:1433;database=hive");
  Evidence& evidence =
      have(Service::sql, "fog-hms", R"({"name":"sql-hms","location":"westeurope"})");
  evidence.is_listener = true;
  evidence.parts["failoverGroups"].push_back(json::parse(fog));
  expect_told(Service::sql, "fog-hms", {"note: the name is that of the failover group"});
  EXPECT_EQ(told_of(Service::sql, "fog-hms").find("warning"), std::string::npos);
}

TEST_F(DependenciesTest, ADatabaseOutsideOfTheGroupIsAProblem) {
  use("jdbc:sqlserver://sql-hms.database.windows.net:1433;database=other");
  have(Service::sql, "sql-hms", R"({"location":"westeurope"})")
      .parts["failoverGroups"]
      .push_back(json::parse(fog));
  expect_told(Service::sql, "sql-hms",
              {"problem: the failover group does not hold every database"});
}

TEST_F(DependenciesTest, AServerAloneIsAProblemUnlessNobodyCouldLook) {
  use("sql-hms.database.windows.net");
  Evidence& evidence = have(Service::sql, "sql-hms", R"({"location":"westeurope"})");
  expect_told(Service::sql, "sql-hms",
              {"no failover group and no replica", "problem: it would be gone with westeurope"});
  evidence.refused.emplace("failoverGroups", Error(Fault::forbidden, "denied"));
  expect_told(Service::sql, "sql-hms", {"its failoverGroups could not be read: denied"});
  EXPECT_EQ(told_of(Service::sql, "sql-hms").find("problem"), std::string::npos);
}

TEST_F(DependenciesTest, ALinkTellsWhereTheReplicaIs) {
  use("sql-hms.database.windows.net");
  have(Service::sql, "sql-hms", R"({"location":"westeurope"})")
      .parts["replicationLinks"]
      .push_back(json::parse(
          R"({"properties":{"linkType":"GEO","partnerServer":"sql-hms-neu","partnerLocation":"North Europe","replicationState":"SEEDING"}})"));
  expect_told(Service::sql, "sql-hms",
              {"geo-replicated to sql-hms-neu in northeurope, SEEDING",
               "its replication is SEEDING", "add a rewrite to sql-hms-neu"});
}

TEST_F(DependenciesTest, AReplicaOfMySqlHasAnotherName) {
  use("jdbc:mysql://my-hms.mysql.database.azure.com:3306/hive");
  have(Service::mysql, "my-hms", R"({"location":"westeurope"})")
      .parts["replicas"]
      .push_back(json::parse(R"({"name":"my-hms-neu","location":"North Europe"})"));
  expect_told(Service::mysql, "my-hms",
              {"replica my-hms-neu in northeurope", "Add a rewrite from my-hms to my-hms-neu"});
  sight.twins[{Service::mysql, "my-hms"}] = "my-hms-neu";
  expect_told(Service::mysql, "my-hms",
              {"note: a rewrite leads the standby to its replica my-hms-neu"});
}

TEST_F(DependenciesTest, VaultsHaveACopyInThePairButForTwoRegions) {
  use("https://kv-a.vault.azure.net/");
  have(Service::key_vault, "kv-a", R"({"location":"westeurope"})");
  expect_told(Service::key_vault, "kv-a", {"Azure keeps a copy in northeurope"});
  have(Service::key_vault, "kv-a", R"({"location":"brazilsouth"})");
  expect_told(Service::key_vault, "kv-a", {"problem: its secrets would be gone with brazilsouth"});
  have(Service::key_vault, "kv-a", R"({"location":"qatarcentral"})");
  expect_told(Service::key_vault, "kv-a", {"Azure keeps no copy of vaults of qatarcentral"});
}

TEST_F(DependenciesTest, AVaultMustLetInAzureDatabricks) {
  use("https://kv-a.vault.azure.net/");
  have(
      Service::key_vault, "kv-a",
      R"({"location":"westeurope","properties":{"networkAcls":{"defaultAction":"Deny","bypass":"None"}}})");
  expect_told(Service::key_vault, "kv-a",
              {"problem: its firewall does not let in trusted services"});
  have(
      Service::key_vault, "kv-a",
      R"({"location":"westeurope","properties":{"networkAcls":{"defaultAction":"Deny","bypass":"AzureServices"}}})");
  EXPECT_EQ(told_of(Service::key_vault, "kv-a").find("problem"), std::string::npos);
}

TEST_F(DependenciesTest, TheOthersTellTheirRegions) {
  use("sb://ehns.servicebus.windows.net/ https://cos.documents.azure.com:443/ acr1.azurecr.io/x:1 "
      "hdi.azurehdinsight.net syn.sql.azuresynapse.net");
  have(Service::event_hubs, "ehns", R"({"location":"westeurope"})");
  have(
      Service::cosmos, "cos",
      R"({"location":"westeurope","properties":{"failoverPolicies":[{"locationName":"West Europe"},{"locationName":"North Europe"}]}})");
  have(Service::container_registry, "acr1",
       R"({"location":"westeurope","sku":{"name":"Standard"}})");
  have(Service::hdinsight, "hdi", R"({"location":"westeurope"})");
  have(Service::synapse, "syn", R"({"location":"northeurope"})");
  expect_told(Service::event_hubs, "ehns",
              {"it is in one region only", "Make a namespace in northeurope"});
  EXPECT_EQ(told_of(Service::cosmos, "cos"), "in westeurope and northeurope\n");
  expect_told(Service::container_registry, "acr1", {"Make it Premium"});
  expect_told(Service::hdinsight, "hdi", {"second cluster in northeurope"});
  EXPECT_EQ(told_of(Service::synapse, "syn"), "it is in the region of the standby\n");
}

TEST_F(DependenciesTest, AReplicatedRegistryIsFine) {
  use("acr1.azurecr.io/x:1");
  Evidence& evidence = have(Service::container_registry, "acr1",
                            R"({"location":"westeurope","sku":{"name":"Premium"}})");
  evidence.parts["replications"] = {json{{"location", "West Europe"}},
                                    json{{"location", "northeurope"}}};
  EXPECT_EQ(told_of(Service::container_registry, "acr1"),
            "replicated to westeurope and northeurope\n");
}

TEST_F(DependenciesTest, AResourceThatBothSidesNameIsTold) {
  const std::string id =
      "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/capacityReservationGroups/crg";
  use(id);
  EXPECT_TRUE(judge_dependencies(uses, sight).front().advice.empty());
  use(id, Of::standby);
  EXPECT_EQ(judge_dependencies(uses, sight).front().advice.size(), 1U);
}

TEST_F(DependenciesTest, WhatIsHiddenIsTold) {
  look_at_definition(
      uses, Of::primary, "cluster:\"hms\"",
      json::parse(
          R"({"spark_conf":{"javax.jdo.option.ConnectionURL":"{{secrets/hms/url}}","spark.sql.hive.metastore.jars":"/databricks/jars/*"}})"));
  look_at_code(uses, Of::primary, "notebook:\"/n\"", "f'abfss://raw@{acc}.dfs.core.windows.net'");
  const auto findings = tell_of_what_is_hidden(uses);
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_NE(findings[0].message.find("(hms/url)"), std::string::npos);
  EXPECT_NE(findings[1].message.find("/databricks/jars/*"), std::string::npos);
  EXPECT_EQ(findings[2].address, "notebook:\"/n\"");
}

}  // namespace
}  // namespace twinlake::azure
