#include "simulator/azure/cloud.h"

#include <gtest/gtest.h>

#include "simulator/azure/azure_probe.h"
#include "simulator/transport.h"

namespace twinlake::simulator {
namespace {

class CloudTest : public testing::Test {
 public:
  AzureProbe probe;

  json account(const std::string& name, const std::string& sku,
               const std::string& location = "westeurope") {
    json body = json::object({{"location", location}});
    body["id"] = azure::group + "/providers/Microsoft.Storage/storageAccounts/" + name;
    body["sku"]["name"] = sku;
    return probe.cloud().add(body);
  }
};

TEST_F(CloudTest, IdsKnowNoCase) {
  account("stlake", "Standard_LRS");
  const std::string odd =
      azure::subscription +
      "/RESOURCEGROUPS/RG-Lake/Providers/microsoft.storage/STORAGEACCOUNTS/StLake";
  const auto response = probe.get(odd + azure::storage_version);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(azure_body(response).at("name"), "stlake");
  EXPECT_FALSE(azure_header(response, "x-ms-request-id").empty());
}

TEST_F(CloudTest, TheVersionIsRequiredAndChecked) {
  const std::string list = azure::subscription + "/providers/Microsoft.Databricks/workspaces";
  EXPECT_EQ(azure_code(probe.get(list)), "MissingApiVersionParameter");
  EXPECT_EQ(azure_code(probe.get(list + "?api-version=2026-01-02")), "NoRegisteredProviderFound");
  EXPECT_EQ(probe.get(list + "?api-version=2018-04-01").status, 200);
  EXPECT_EQ(
      azure_code(probe.get(azure::subscription + "/providers/Microsoft.None/x?api-version=1")),
      "InvalidResourceType");
}

TEST_F(CloudTest, WhoMayDoWhat) {
  const std::string list = azure::subscription + "/resourcegroups?api-version=2025-04-01";
  const std::string group = azure::group + "?api-version=2025-04-01";
  probe.cloud().set_role("app", AzureRole::reader);
  EXPECT_EQ(probe.get(list).status, 200);
  EXPECT_EQ(azure_code(probe.put(group, {{"location", "westus"}})), "AuthorizationFailed");
  probe.cloud().set_role("app", AzureRole::none);
  EXPECT_EQ(azure_code(probe.get(list)), "AuthorizationFailed");
  probe.use_token("nobody's");
  EXPECT_EQ(probe.get(list).status, 401);
  EXPECT_EQ(azure_code(probe.get(list)), "InvalidAuthenticationToken");
}

TEST_F(CloudTest, GroupsComeAndGo) {
  const std::string group = azure::group + "?api-version=2025-04-01";
  EXPECT_EQ(azure_code(probe.get(group)), "ResourceGroupNotFound");
  EXPECT_EQ(probe.send(http::Method::head, group).status, 404);
  EXPECT_EQ(azure_code(probe.put(group, {{"location", "nowhere"}})),
            "LocationNotAvailableForResourceGroup");
  EXPECT_EQ(probe.put(group, {{"location", "West US"}}).status, 201);
  EXPECT_EQ(azure_body(probe.put(group, {{"location", "westus"}})).at("location"), "westus");
  EXPECT_EQ(azure_code(probe.put(group, {{"location", "eastus"}})), "InvalidResourceGroupLocation");
  account("stlake", "Standard_LRS");
  const auto gone = probe.del(group);
  EXPECT_EQ(gone.status, 202);
  EXPECT_EQ(probe.get(azure_header(gone, "Location")).status, 202);
  probe.wait(30);
  EXPECT_EQ(probe.get(azure_header(gone, "Location")).status, 204);
  EXPECT_EQ(probe.get(group).status, 404);
  EXPECT_TRUE(probe.cloud().resources().all().empty()) << "with what lay in it";
}

TEST_F(CloudTest, ListsComeInPagesWithAbsoluteLinks) {
  probe.cloud().change_options().page_size = 2;
  for (const char* name : {"sta", "stb", "stc", "std", "ste"}) account(name, "Standard_LRS");
  std::string next =
      azure::subscription + "/providers/Microsoft.Storage/storageAccounts" + azure::storage_version;
  std::vector<std::string> names;
  int pages = 0;
  for (; !next.empty(); ++pages) {
    const json page = azure_body(probe.get(next));
    for (const json& each : page.at("value")) names.push_back(each.at("name"));
    next = text_of(page, "nextLink");
    if (!next.empty()) EXPECT_TRUE(next.starts_with("https://management.azure.com/")) << next;
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names, (std::vector<std::string>{"sta", "stb", "stc", "std", "ste"}));
}

TEST_F(CloudTest, LocationsKnowTheirPairs) {
  const json all = azure_body(probe.get(azure::subscription + "/locations?api-version=2022-12-01"));
  std::map<std::string, json> by_name;
  for (const json& each : all.at("value")) by_name[each.at("name")] = each;
  const auto pair = [&](const char* name) {
    const json& pairs = by_name.at(name).at("metadata").at("pairedRegion");
    return pairs.empty() ? "" : pairs[0].at("name").get<std::string>();
  };
  EXPECT_EQ(pair("eastus"), "westus");
  EXPECT_EQ(pair("westus3"), "eastus") << "one way";
  EXPECT_EQ(pair("qatarcentral"), "");
  EXPECT_EQ(by_name.at("eastus2").at("displayName"), "East US 2");
  EXPECT_EQ(by_name.at("westeurope").at("availabilityZoneMappings").size(), 3U);
  EXPECT_FALSE(by_name.at("westus").contains("availabilityZoneMappings"));
}

TEST_F(CloudTest, ProvidersTellWhereTheyAre) {
  const std::string address = azure::subscription + "/providers/Microsoft.Databricks";
  probe.cloud().unregister("Microsoft.Databricks");
  json provider = azure_body(probe.get(address + "?api-version=2025-04-01"));
  EXPECT_EQ(provider.at("registrationState"), "NotRegistered");
  const json& type = provider.at("resourceTypes").at(0);
  EXPECT_EQ(type.at("resourceType"), "workspaces");
  EXPECT_EQ(type.at("apiVersions").at(0), "2026-01-01");
  const json& places = type.at("locations");
  EXPECT_NE(std::find(places.begin(), places.end(), "East US 2"), places.end());
  EXPECT_EQ(std::find(places.begin(), places.end(), "Italy North"), places.end());
  probe.cloud().add({{"id", azure::group + "/providers/Microsoft.KeyVault/vaults/kv"}});
  EXPECT_EQ(azure_code(probe.put(azure::workspace + azure::version, workspace_body("westus", "a"))),
            "MissingSubscriptionRegistration");
  EXPECT_EQ(probe.post(address + "/register?api-version=2025-04-01").status, 200);
  EXPECT_EQ(probe.put(azure::workspace + azure::version, workspace_body("westus", "a")).status,
            201);
}

TEST_F(CloudTest, ItThrottlesAndTellsWhatIsLeft) {
  const std::string list = azure::subscription + "/resourcegroups?api-version=2025-04-01";
  EXPECT_EQ(azure_header(probe.get(list), "x-ms-ratelimit-remaining-subscription-reads"), "249");
  probe.cloud().change_options().enforce_limits = true;
  http::Response last;
  for (int i = 0; i < 250; ++i) last = probe.get(list);
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(azure_header(last, "Retry-After"), "5");
  probe.wait(4);
  EXPECT_EQ(probe.get(list).status, 429) << "asking too early starts the time anew";
  probe.wait(5);
  EXPECT_EQ(probe.get(list).status, 200);
}

TEST_F(CloudTest, CallsBreakOnPurpose) {
  const std::string list = azure::subscription + "/resourcegroups?api-version=2025-04-01";
  const auto fault = [&](const json& rule) {
    EXPECT_EQ(probe.post("/sim/faults", rule).status, 200);
  };
  fault({{"path", "*/resourcegroups"}, {"status", 503}, {"retry_after", 7}});
  const auto broken = probe.get(list);
  EXPECT_EQ(azure_code(broken), "ServiceUnavailable");
  EXPECT_EQ(azure_header(broken, "Retry-After"), "7");
  fault({{"action", "empty_page"}});
  const json page = azure_body(probe.get(list));
  EXPECT_TRUE(page.at("value").empty());
  EXPECT_EQ(probe.get(page.at("nextLink")).status, 200);
  fault({{"action", "drop"}});
  EXPECT_EQ(probe.get(list).status, 0);
  probe.post("/sim/outage", json::object());
  EXPECT_EQ(probe.get(list).status, 0);
  probe.post("/sim/restore", json::object());
  EXPECT_EQ(probe.get(list).status, 200);
  EXPECT_EQ(azure_code(probe.post("/sim/options", {{"no_such", 1}})), "InvalidControl");
}

TEST_F(CloudTest, AccountsTellAboutTheirCopies) {
  account("stgeo", "Standard_RAGRS");
  account("stlocal", "Standard_LRS");
  const std::string base = azure::group + "/providers/Microsoft.Storage/storageAccounts/";
  const json plain = azure_body(probe.get(base + "stgeo" + azure::storage_version));
  EXPECT_FALSE(plain.at("properties").contains("geoReplicationStats"));
  EXPECT_EQ(plain.at("properties").at("secondaryLocation"), "northeurope");
  EXPECT_EQ(plain.at("properties").at("secondaryEndpoints").at("dfs"),
            "https://stgeo-secondary.dfs.core.windows.net/");
  const std::string expand = azure::storage_version + "&$expand=geoReplicationStats";
  const json stats =
      azure_body(probe.get(base + "stgeo" + expand)).at("properties").at("geoReplicationStats");
  EXPECT_EQ(stats.at("lastSyncTime"), "2025-12-31T23:55:00.000Z");
  EXPECT_EQ(stats.at("canFailover"), true);
  const json local = azure_body(probe.get(base + "stlocal" + expand)).at("properties");
  EXPECT_FALSE(local.contains("geoReplicationStats"));
  EXPECT_FALSE(local.contains("secondaryLocation"));
}

TEST_F(CloudTest, AFailoverMakesTheCopyThePrimary) {
  account("stgeo", "Standard_GRS");
  const std::string one = azure::group + "/providers/Microsoft.Storage/storageAccounts/stgeo";
  const auto begun = probe.post(one + "/failover" + azure::storage_version);
  ASSERT_EQ(begun.status, 202) << begun.body;
  probe.wait(60);
  EXPECT_EQ(
      azure_body(probe.get(one + azure::storage_version)).at("properties").at("failoverInProgress"),
      true);
  probe.wait(3600);
  const json after = azure_body(probe.get(one + azure::storage_version));
  EXPECT_EQ(after.at("sku").at("name"), "Standard_LRS");
  EXPECT_EQ(after.at("location"), "westeurope") << "the resource provider does not fail over";
  EXPECT_EQ(after.at("properties").at("primaryLocation"), "northeurope");
  EXPECT_EQ(azure_code(probe.post(one + "/failover" + azure::storage_version)),
            "AccountNotEligibleForFailover");
}

TEST_F(CloudTest, NamesOfAccountsAreGlobal) {
  account("stlake", "Standard_LRS");
  probe.cloud().change_options().foreign_names.insert("theirs");
  const auto ask = [&](const char* name) {
    return azure_body(probe.post(azure::subscription +
                                     "/providers/Microsoft.Storage/checkNameAvailability" +
                                     azure::storage_version,
                                 {{"name", name}, {"type", "Microsoft.Storage/storageAccounts"}}));
  };
  EXPECT_EQ(ask("stnew").at("nameAvailable"), true);
  EXPECT_EQ(ask("stlake").at("reason"), "AlreadyExists");
  EXPECT_EQ(ask("theirs").at("reason"), "AlreadyExists");
  EXPECT_EQ(ask("No-Good").at("reason"), "AccountNameInvalid");
}

TEST_F(CloudTest, QuotasAndSizesByRegion) {
  probe.cloud().capacity().set_quota("westus", "cores", {40, 100});
  probe.cloud().capacity().limit_size("westus", "Standard_L8s_v3", SizeLimit::restricted);
  const std::string compute = azure::subscription + "/providers/Microsoft.Compute/";
  const json usages =
      azure_body(probe.get(compute + "locations/westus/usages?api-version=2024-07-01")).at("value");
  const auto cores = std::find_if(usages.begin(), usages.end(), [](const json& row) {
    return row.at("name").at("value") == "cores";
  });
  ASSERT_NE(cores, usages.end());
  EXPECT_EQ(cores->at("limit"), 100);
  EXPECT_EQ(cores->at("currentValue"), 40);
  const json sizes =
      azure_body(probe.get(compute + "skus?api-version=2021-07-01&$filter=location eq 'westus'"))
          .at("value");
  for (const json& size : sizes)
    EXPECT_EQ(size.at("restrictions").empty(), size.at("name") != "Standard_L8s_v3");
  EXPECT_EQ(probe.get(compute + "skus?api-version=2021-07-01&$filter=name eq 'x'").status, 400);
}

TEST_F(CloudTest, HealthByDisplayName) {
  account("stlake", "Standard_LRS");
  const std::string events =
      azure::subscription + "/providers/Microsoft.ResourceHealth/events?api-version=2022-10-01";
  EXPECT_TRUE(azure_body(probe.get(events)).at("value").empty());
  probe.post("/sim/events", {{"location", "westeurope"}, {"service", "Storage"}});
  const json found = azure_body(probe.get(events + "&$filter=region eq 'West Europe'")).at("value");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at("properties").at("impact")[0].at("impactedRegions")[0].at("impactedRegion"),
            "West Europe");
  EXPECT_TRUE(azure_body(probe.get(events + "&$filter=region eq 'West US'")).at("value").empty());
  const std::string health =
      "/providers/Microsoft.ResourceHealth/availabilityStatuses/current"
      "?api-version=2022-10-01";
  const json status = azure_body(
      probe.get(azure::group + "/providers/Microsoft.Storage/storageAccounts/stlake" + health));
  EXPECT_EQ(status.at("properties").at("availabilityState"), "Unavailable");
}

TEST_F(CloudTest, ZonesComeAndGoByConversion) {
  account("stlake", "Standard_LRS");
  const std::string one = azure::group + "/providers/Microsoft.Storage/storageAccounts/stlake";
  EXPECT_EQ(probe.patch(one + azure::storage_version, {{"sku", {{"name", "Standard_ZRS"}}}}).status,
            409);
  EXPECT_EQ(probe.patch(one + azure::storage_version, {{"sku", {{"name", "Standard_GRS"}}}}).status,
            200);
  const json target{{"properties", {{"targetSkuName", "Standard_GZRS"}}}};
  EXPECT_EQ(probe.post(one + "/startAccountMigration" + azure::storage_version, target).status,
            202);
  probe.wait(4 * 86400);
  EXPECT_EQ(azure_body(probe.get(one + azure::storage_version)).at("sku").at("name"),
            "Standard_GZRS");
}

TEST_F(CloudTest, AVaultThatWasDeletedKeepsItsName) {
  const std::string vault = azure::group + "/providers/Microsoft.KeyVault/vaults/kv-lake";
  const std::string version = "?api-version=2025-05-01";
  probe.cloud().add({{"id", vault}, {"location", "westeurope"}});
  const auto ask = [&] {
    return azure_body(probe.post(azure::subscription +
                                     "/providers/Microsoft.KeyVault/checkNameAvailability" +
                                     version,
                                 {{"name", "kv-lake"}, {"type", "Microsoft.KeyVault/vaults"}}))
        .at("nameAvailable");
  };
  EXPECT_EQ(ask(), false);
  EXPECT_EQ(probe.del(vault + version).status, 200);
  EXPECT_EQ(ask(), false);
  EXPECT_EQ(azure_body(probe.get(azure::subscription +
                                 "/providers/Microsoft.KeyVault/deletedVaults" + version))
                .at("value")
                .size(),
            1U);
}

TEST_F(CloudTest, ReplicasOfMySql) {
  const std::string base = azure::group + "/providers/Microsoft.DBforMySQL/flexibleServers/";
  const std::string version = "?api-version=2024-12-30";
  probe.cloud().add({{"id", base + "hms"}, {"location", "westeurope"}});
  const json replica{
      {"location", "northeurope"},
      {"properties", {{"createMode", "Replica"}, {"sourceServerResourceId", base + "hms"}}}};
  EXPECT_EQ(probe.put(base + "hms-ne" + version, replica).status, 201);
  EXPECT_EQ(azure_body(probe.get(base + "hms/replicas" + version)).at("value").size(), 1U);
  const json promotion{{"properties", {{"replicationRole", "None"}}}};
  EXPECT_EQ(probe.patch(base + "hms-ne" + version, promotion).status, 202);
  probe.wait(121);
  const json after = azure_body(probe.get(base + "hms-ne" + version)).at("properties");
  EXPECT_EQ(after.at("replicationRole"), "None");
  EXPECT_TRUE(azure_body(probe.get(base + "hms/replicas" + version)).at("value").empty());
}

TEST_F(CloudTest, ALostRegionIsToldByAzure) {
  account("stlake", "Standard_GRS");
  account("stnorth", "Standard_GRS", "northeurope");
  EXPECT_EQ(probe.post("/sim/outage", {{"location", "nowhere"}}).status, 400);
  EXPECT_EQ(probe.post("/sim/outage", {{"location", "westeurope"}}).status, 200);
  const std::string base = azure::group + "/providers/Microsoft.Storage/storageAccounts/";
  const auto properties = [&](const char* name) {
    return azure_body(probe.get(base + name + azure::storage_version)).at("properties");
  };
  EXPECT_EQ(properties("stlake").at("statusOfPrimary"), "unavailable");
  EXPECT_EQ(properties("stnorth").at("statusOfSecondary"), "unavailable");
  EXPECT_EQ(properties("stnorth").at("statusOfPrimary"), "available");
  const std::string events =
      azure::subscription + "/providers/Microsoft.ResourceHealth/events?api-version=2022-10-01";
  EXPECT_EQ(azure_body(probe.get(events)).at("value").size(), 2U);
  probe.post("/sim/restore", json::object());
  EXPECT_EQ(properties("stlake").at("statusOfPrimary"), "available");
  EXPECT_EQ(azure_body(probe.get(events)).at("value")[0].at("properties").at("status"), "Resolved");
}

TEST_F(CloudTest, DatabasesTurnRoles) {
  const std::string west = azure::group + "/providers/Microsoft.Sql/servers/sql-we";
  const std::string north = azure::group + "/providers/Microsoft.Sql/servers/sql-ne";
  probe.cloud().add({{"id", west}, {"location", "westeurope"}});
  probe.cloud().add({{"id", north}, {"location", "northeurope"}});
  const auto group = [&](const std::string& server, const std::string& partner, const char* role,
                         const char* other) {
    json body = json::object({{"id", server + "/failoverGroups/fog-lake"}});
    body["properties"]["replicationRole"] = role;
    body["properties"]["partnerServers"] =
        json::array({json::object({{"id", partner}, {"replicationRole", other}})});
    probe.cloud().add(body);
  };
  group(west, north, "Primary", "Secondary");
  group(north, west, "Secondary", "Primary");
  const std::string at = "/failoverGroups/fog-lake";
  const std::string version = "?api-version=2023-08-01";
  EXPECT_EQ(probe.post(west + at + "/failover" + version).status, 400) << "it is primary already";
  EXPECT_EQ(probe.post(north + at + "/failover" + version).status, 202);
  probe.wait(60);
  const auto role = [&](const std::string& server) {
    return azure_body(probe.get(server + at + version)).at("properties").at("replicationRole");
  };
  EXPECT_EQ(role(north), "Primary");
  EXPECT_EQ(role(west), "Secondary");
  EXPECT_EQ(azure_body(probe.get(west + "/failoverGroups" + version)).at("value").size(), 1U);
  EXPECT_EQ(azure_body(probe.get(west + version)).at("properties").at("fullyQualifiedDomainName"),
            "sql-we.database.windows.net");
}

TEST_F(CloudTest, AFailoverGroupIsOnBothServers) {
  const std::string base = azure::group + "/providers/Microsoft.Sql/servers/";
  const std::string version = "?api-version=2023-08-01";
  for (const auto& [name, place] :
       {std::pair("we", "westeurope"), {"we2", "westeurope"}, {"ne", "northeurope"}})
    probe.cloud().add({{"id", base + name}, {"location", place}});
  const auto body = [&](const char* partner) {
    json out = json::object();
    out["properties"]["partnerServers"] = json::array({json::object({{"id", base + partner}})});
    return out;
  };
  const std::string group = base + "we/failoverGroups/fog" + version;
  EXPECT_EQ(azure_code(probe.put(group, body("we2"))), "FailoverGroupSameRegion");
  EXPECT_EQ(azure_code(probe.put(group, body("none"))), "PartnerServerNotFound");
  EXPECT_EQ(probe.put(group, body("ne")).status, 201);
  const json other =
      azure_body(probe.get(base + "ne/failoverGroups/fog" + version)).at("properties");
  EXPECT_EQ(other.at("replicationRole"), "Secondary");
  EXPECT_EQ(other.at("partnerServers")[0].at("location"), "westeurope");
}

TEST(CloudTransport, OneForTheLoginAndForArm) {
  Loop loop{Loop::Clock::virtual_time};
  CloudOptions options;
  options.credentials.push_back({.client_id = "app", .secret = "s"});
  Cloud cloud(options);
  InProcessTransport transport(loop, cloud, Millis(5));
  http::Request login(http::Method::post, azure::tenant + "/oauth2/v2.0/token");
  login.body =
      "grant_type=client_credentials&client_id=app&client_secret=s"
      "&scope=https%3A%2F%2Fmanagement.core.windows.net%2F%2F.default";
  const auto answered = loop.run(transport.send(login));
  ASSERT_TRUE(answered);
  ASSERT_EQ(answered->status, 200) << answered->body;
  http::Request list(http::Method::get, "/subscriptions");
  list.with_query("api-version", "2022-12-01");
  list.headers.emplace_back("Authorization",
                            "Bearer " + text_of(azure_body(*answered), "access_token"));
  const auto listed = loop.run(transport.send(list));
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->status, 200) << listed->body;
}

}  // namespace
}  // namespace twinlake::simulator
