// What an estate depends on in Azure: two simulated workspaces in one simulated cloud, read by the real engine.
#include <gtest/gtest.h>

#include <algorithm>

#include "azure/capacity_reading.h"
#include "azure/code_reading.h"
#include "azure/dependency_reading.h"
#include "azure/estate_reading.h"
#include "azure/region_health.h"
#include "azure/storage_reading.h"
#include "base/hash.h"
#include "simulator/azure/cloud.h"
#include "simulator/files/unity_catalog.h"
#include "simulator/files/volume_files.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using azure::Service;
using nlohmann::json;

const std::string in_group = "/subscriptions/5a7be0f1-0000-4000-8000-000000000001/resourceGroups/rg-lake/providers/";

/// Signs in with one token, as the real stacks do in their own ways.
class Signed final : public http::Transport {
 public:
  Signed(http::Transport& inner, std::string token) : inner_(inner), token_(std::move(token)) {}
  Task<Result<http::Response>> send(http::Request request) override {
    request.headers.emplace_back("Authorization", "Bearer " + token_);
    return inner_.send(std::move(request));
  }

 private:
  http::Transport& inner_;
  std::string token_;
};

simulator::CloudOptions with_application() {
  simulator::CloudOptions options;
  simulator::Credential application;
  application.client_id = "app";
  application.secret = "a secret";
  options.credentials.push_back(std::move(application));
  return options;
}

class AzureEstate : public ::testing::Test {
 protected:
  AzureEstate()
      : cloud(with_application()),
        wire(lab.loop(), cloud, Millis(5)),
        signed_wire(wire, cloud.token_for("app")),
        arm(lab.loop(), signed_wire, "https://management.azure.com"),
        home_wire(lab.loop(), lab.home(), Millis(5)),
        signed_home(home_wire, lab.home().options().token),
        home(lab.loop(), model::Side::home, signed_home, workspace::Self(), "/tmp") {
    const json network = json::parse(R"({"properties":{"parameters":{"customVirtualNetworkId":{"value":"X"},
        "customPublicSubnetName":{"value":"host"},"customPrivateSubnetName":{"value":"container"}}}})");
    add_workspace(lab.home(), "westeurope", "adb-home", json::object());
    json there = network;
    there["properties"]["parameters"]["customVirtualNetworkId"]["value"] = in_group + "Microsoft.Network/virtualNetworks/vnet";
    add_workspace(lab.away(), "northeurope", "adb-away", there);
    add("Microsoft.Network/virtualNetworks/vnet", "northeurope");
    for (const char* subnet : {"host", "container"})
      add("Microsoft.Network/virtualNetworks/vnet/subnets/" + std::string(subnet), "northeurope", R"({"properties":{"addressPrefix":"10.0.0.0/26"}})");
  }
  void add_workspace(simulator::Region& region, const std::string& location, const std::string& name, json more) {
    more["properties"]["managedResourceGroupId"] = "/subscriptions/5a7be0f1-0000-4000-8000-000000000001/resourceGroups/managed-" + name;
    more["properties"]["parameters"]["storageAccountName"]["value"] = "root" + name.substr(4);
    more["properties"]["parameters"]["storageAccountSkuName"]["value"] = "Standard_GRS";
    cloud.add_workspace(region, {location, name + ".azuredatabricks.net"}, in_group + "Microsoft.Databricks/workspaces/" + name, more);
  }
  void add(const std::string& name, const std::string& location, const char* more = "{}") {
    json resource = json::parse(more);
    resource["id"] = in_group + name;
    resource["location"] = location;
    cloud.add(resource);
  }
  void make_cluster(const std::string& name, const json& spark_conf, const char* node_type = "Standard_DS3_v2") {
    json cluster = json::object();
    cluster["cluster_name"] = name;
    cluster["spark_version"] = "15.4.x-scala2.12";
    cluster["node_type_id"] = node_type;
    cluster["num_workers"] = 2;
    if (!spark_conf.is_null()) cluster["spark_conf"] = spark_conf;
    lab.primary("POST", "/api/2.1/clusters/create", cluster);
  }
  void make_job(const std::string& name, const char* node_type, int workers) {
    json job = json::parse(R"({"schedule":{"quartz_cron_expression":"0 0 3 * * ?","timezone_id":"UTC","pause_status":"UNPAUSED"},
        "tasks":[{"task_key":"main","notebook_task":{"notebook_path":"/Shared/load"},"new_cluster":{"spark_version":"15.4.x-scala2.12"}}]})");
    job["name"] = name;
    job["tasks"][0]["new_cluster"]["node_type_id"] = node_type;
    job["tasks"][0]["new_cluster"]["num_workers"] = workers;
    lab.primary("POST", "/api/2.2/jobs/create", job);
  }
  void make_notebook(const std::string& path, const std::string& source) {
    json body = json::object();
    body["path"] = path;
    body["format"] = "SOURCE";
    body["language"] = "PYTHON";
    body["content"] = base64_encode("# Databricks notebook source\n" + source);
    lab.primary("POST", "/api/2.0/workspace/mkdirs", json{{"path", "/Shared"}});
    lab.primary("POST", "/api/2.0/workspace/import", body);
  }
  void look() {
    std::vector<const model::Kind*> kinds = kinds::all();
    std::erase_if(kinds, [this](const model::Kind* kind) { return kind->observe != nullptr && home.observation_of(kind->name) == nullptr; });
    reading = lab.loop().run(azure::read_definitions(home, kinds, [](const model::Kind&, const std::string&) { return true; }));
    azure::look_at_inventory(uses, azure::Of::primary, reading.inventory);
    lab.loop().run(azure::look_through_code(home, &reading, azure::Of::primary, &uses, azure::CodeOptions()));
    azure::SightOptions options;
    options.primary_host = "https://adb-home.azuredatabricks.net";
    options.standby_host = "https://adb-away.azuredatabricks.net";
    sight = lab.loop().run(azure::look_around_workspaces(arm, options));
  }
  std::vector<azure::AccountVerdict> storage(const std::map<std::string, std::string>& twins = {}) {
    std::vector<std::string> names;
    for (const azure::Used* used : azure::of_service(uses, Service::storage)) names.push_back(used->name);
    return azure::judge_storage(uses, lab.loop().run(azure::look_at_storage(arm, names, twins, sight)));
  }
  azure::AccountVerdict account(const std::string& name, const std::map<std::string, std::string>& twins = {}) {
    for (azure::AccountVerdict& verdict : storage(twins))
      if (verdict.name == name) return verdict;
    ADD_FAILURE() << name;
    return {};
  }
  azure::AzureCheck check(const std::string& name) {
    const azure::Needs needs = azure::needs_of(reading.inventory, lab.loop().now(), nullptr);
    const azure::ReadinessSight seen = lab.loop().run(azure::look_at_capacity(arm, &sight));
    for (azure::AzureCheck& one : azure::judge_capacity(needs, seen.capacity))
      if (one.name == name) return one;
    return azure::judge_health(seen.events, "westeurope", "northeurope");
  }

  Lab lab;
  simulator::Cloud cloud;
  simulator::InProcessTransport wire;
  Signed signed_wire;
  azure::Arm arm;
  simulator::InProcessTransport home_wire;
  Signed signed_home;
  workspace::Workspace home;
  azure::EstateReading reading;
  azure::EstateUses uses;
  azure::AzureSight sight;
};

TEST_F(AzureEstate, AccountsAreFoundInSettingsMountsAndCode) {
  make_cluster("etl", json{{"fs.azure.account.key.stkeys.dfs.core.windows.net", "{{secrets/lake/key}}"}});
  make_notebook("/Shared/load", "df = spark.read.load('abfss://raw@stcode.dfs.core.windows.net/in')\ndf.write.save(f'abfss://x@{account}.dfs.core.windows.net')");
  workspace::Observation mounts;
  mounts.taken = lab.loop().now();
  mounts.items.push_back(json{{"mount_point", "/mnt/raw"}, {"source", "abfss://raw@stmount.dfs.core.windows.net/"}});
  home.observations()["mount"] = mounts;
  look();
  std::vector<std::string> names;
  for (const azure::Used* used : azure::of_service(uses, Service::storage)) names.push_back(used->name);
  EXPECT_EQ(names, (std::vector<std::string>{"stcode", "stkeys", "stmount"}));
  EXPECT_EQ(uses.built.count(Service::storage), 1U);
  EXPECT_TRUE(reading.unread.empty());
}

TEST_F(AzureEstate, ScriptsInVolumesAreLookedThroughAndLibrariesAreTold) {
  const std::string folder = "/Volumes/main/raw/files";
  ASSERT_FALSE(lab.home().get<simulator::UnityCatalog>().plant_volume("main.raw.files"));
  auto& files = lab.home().get<simulator::VolumeFiles>();
  ASSERT_FALSE(files.plant(folder + "/init.sh", "hadoop fs -ls abfss://raw@stscript.dfs.core.windows.net/"));
  ASSERT_FALSE(files.plant(folder + "/large.sh", std::string(2 << 20, '#')));
  ASSERT_FALSE(files.plant(folder + "/core.whl", "PK"));
  json cluster = json::parse(R"({"cluster_name":"etl","spark_version":"15.4.x-scala2.12","node_type_id":"Standard_DS3_v2","num_workers":1})");
  for (const char* name : {"/init.sh", "/large.sh"}) {
    json script = json::object();
    script["volumes"]["destination"] = folder + name;
    cluster["init_scripts"].push_back(script);
  }
  cluster["spark_env_vars"]["CORE"] = folder + "/core.whl";
  lab.primary("POST", "/api/2.1/clusters/create", cluster);
  look();
  ASSERT_EQ(azure::of_service(uses, Service::storage).size(), 1U);
  EXPECT_EQ(azure::of_service(uses, Service::storage)[0]->name, "stscript");
  std::string told;
  for (const model::Finding& finding : reading.unread) told += finding.message + "\n";
  EXPECT_NE(told.find("1 library or other file that something names is not looked through"), std::string::npos) << told;
  EXPECT_NE(told.find("/core.whl"), std::string::npos) << told;
  EXPECT_NE(told.find("1 file is large"), std::string::npos) << told;
}

TEST_F(AzureEstate, AnAccountIsToldWithWhatALossWouldCost) {
  json lake = json::object();
  lake["id"] = in_group + "Microsoft.Storage/storageAccounts/stlake";
  lake["location"] = "westeurope";
  lake["sku"]["name"] = "Standard_GRS";
  lake["properties"]["isHnsEnabled"] = true;
  lake["properties"]["geoReplicationStats"]["lastSyncTime"] = to_rfc3339(lab.loop().now() - std::chrono::minutes(12));
  cloud.add(lake);
  make_cluster("etl", json{{"fs.azure.account.key.stlake.dfs.core.windows.net", "{{secrets/lake/key}}"}});
  look();
  const azure::AccountVerdict verdict = account("stlake");
  ASSERT_TRUE(verdict.account) << verdict.why_unknown;
  EXPECT_EQ(verdict.account->secondary_region, "northeurope");
  EXPECT_EQ(verdict.account->geo.can_fail_over, true);
  ASSERT_TRUE(verdict.loss_minutes);
  EXPECT_NEAR(*verdict.loss_minutes, 12.0, 1.0);
}

TEST_F(AzureEstate, ATwinThatNobodyMadeIsAProblem) {
  add("Microsoft.Storage/storageAccounts/stlake", "westeurope");
  make_cluster("etl", json{{"fs.azure.account.key.stlake.dfs.core.windows.net", "{{secrets/lake/key}}"}});
  look();
  const azure::AccountVerdict verdict = account("sttwin", {{"stlake", "sttwin"}});
  EXPECT_EQ(verdict.why_unknown, "nobody in Azure has an account of that name");
  ASSERT_FALSE(verdict.advice.empty());
  EXPECT_EQ(verdict.advice.front().gravity, azure::Gravity::problem);
}

TEST_F(AzureEstate, TheRootIsNeverToFailOver) {
  look();
  ASSERT_TRUE(sight.primary) << describe(sight.primary.error());
  const azure::AccountVerdict root = account("roothome");
  ASSERT_TRUE(root.root);
  EXPECT_EQ(root.root->denial.seen, azure::Denial::Seen::there) << root.root->denial.why;
  EXPECT_TRUE(root.root->denial.refuses_keys);
  EXPECT_TRUE(root.root->denial.refuses_failover);
  EXPECT_FALSE(root.root->denial.refuses_reads);
  // The cloud may hide what lies in a managed group; nothing else is lost with it.
  cloud.change_options().managed_group_hides = true;
  EXPECT_TRUE(account("roothome").root);
}

TEST_F(AzureEstate, AReaderOfNothingLeavesEverythingUnknown) {
  add("Microsoft.Storage/storageAccounts/stlake", "westeurope");
  make_cluster("etl", json{{"fs.azure.account.key.stlake.dfs.core.windows.net", "{{secrets/lake/key}}"}});
  cloud.set_role("app", simulator::AzureRole::none);
  look();
  EXPECT_FALSE(sight.primary);
  const azure::AccountVerdict verdict = account("stlake");
  EXPECT_FALSE(verdict.account);
  EXPECT_FALSE(verdict.why_unknown.empty());
}

TEST_F(AzureEstate, AMetastoreIsFollowedToItsFailoverGroup) {
  add("Microsoft.Sql/servers/sql-hms", "westeurope", R"({"properties":{"fullyQualifiedDomainName":"sql-hms.database.windows.net"}})");
  add("Microsoft.Sql/servers/sql-hms/failoverGroups/fog-hms", "westeurope",
      R"({"properties":{"replicationRole":"Primary","replicationState":"CATCH_UP","partnerServers":[{"id":"x","location":"North Europe"}],"databases":[]}})");
  make_cluster("by server", json{{"spark.hadoop.javax.jdo.option.ConnectionURL", "jdbc:sqlserver://sql-hms.database.windows.net:1433;encrypt=true"}});
  make_cluster("by listener", json{{"spark.hadoop.javax.jdo.option.ConnectionURL", "jdbc:sqlserver://fog-hms.database.windows.net:1433;encrypt=true"}});
  look();
  EXPECT_EQ(uses.metastores.size(), 2U);
  const auto seen = lab.loop().run(azure::look_at_dependencies(arm, &uses, {}, &sight));
  std::map<std::string, std::string> told;
  for (const azure::Dependency& verdict : azure::judge_dependencies(uses, seen))
    if (verdict.service == Service::sql) told[verdict.name] = verdict.advice.empty() ? verdict.why_unknown : verdict.advice.front().message;
  EXPECT_EQ(told["sql-hms"], "the name is that of one server, which does not move with the failover group");
  EXPECT_EQ(told["fog-hms"], "the name is that of the failover group, and stays right after its failover");
}

TEST_F(AzureEstate, AShortQuotaAndARestrictedSizeAreFound) {
  make_job("nightly", "Standard_DS3_v2", 4);
  make_job("models", "Standard_E8s_v3", 1);
  make_cluster("by hand", nullptr);
  look();
  EXPECT_FALSE(check("cores").gravity) << check("cores").message;
  EXPECT_NE(check("cores").message.find("36 cores"), std::string::npos) << check("cores").message;
  EXPECT_FALSE(check("node sizes").gravity);
  EXPECT_NE(check("addresses").message.find("7 nodes"), std::string::npos) << check("addresses").message;
  cloud.capacity().set_quota("northeurope", "standardDSv2Family", {0, 16});
  EXPECT_EQ(*check("cores").gravity, azure::Gravity::problem);
  cloud.capacity().limit_size("northeurope", "Standard_E8s_v3", simulator::SizeLimit::restricted);
  const azure::AzureCheck sizes = check("node sizes");
  ASSERT_EQ(sizes.findings.size(), 1U);
  EXPECT_NE(sizes.findings[0].address.find("models"), std::string::npos);
}

TEST_F(AzureEstate, TroubleInARegionIsTold) {
  look();
  EXPECT_FALSE(check("region health").gravity);
  json event = json::object();
  event["location"] = "westeurope";
  event["title"] = "Clusters do not start";
  cloud.add_event(event);
  EXPECT_TRUE(check("region health").gravity);
}

TEST_F(AzureEstate, NothingIsWrittenAndNoKeyIsAskedFor) {
  add("Microsoft.Storage/storageAccounts/stlake", "westeurope");
  make_cluster("etl", json{{"fs.azure.account.key.stlake.dfs.core.windows.net", "{{secrets/lake/key}}"}});
  const std::string before = cloud.world().dump();
  look();
  (void)storage({{"stlake", "sttwin"}});
  (void)lab.loop().run(azure::look_at_dependencies(arm, &uses, {}, &sight));
  (void)check("cores");
  EXPECT_EQ(cloud.world().dump(), before);
}

}  // namespace
}  // namespace twinlake::test
