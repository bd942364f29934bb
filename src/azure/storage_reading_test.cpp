#include "azure/storage_reading.h"

#include <gtest/gtest.h>

#include "http/scripted_transport.h"

namespace twinlake::azure {
namespace {

using http::Request;
using http::Response;

/// Answers by path, whatever the order of the questions.
class StorageReadingTest : public ::testing::Test {
 protected:
  StorageReadingTest() {
    wire.always([this](const Request& request) -> Result<Response> {
      const auto found = answers.find(request.path);
      if (found == answers.end())
        return Response(404, R"({"error":{"code":"ResourceNotFound","message":"none"}})");
      return Response(found->second.first, found->second.second);
    });
    answers["/subscriptions"] = {
        200,
        R"({"value":[{"subscriptionId":"s1","state":"Enabled"},{"subscriptionId":"s3","state":"Disabled"}]})"};
    answers["/subscriptions/s1/locations"] = {
        200,
        R"({"value":[{"name":"westeurope","displayName":"West Europe","metadata":{"regionType":"Physical","pairedRegion":[{"name":"northeurope"}]}},
                     {"name":"polandcentral","metadata":{"regionType":"Physical","pairedRegion":[]}},{"name":"europe","metadata":{"regionType":"Logical"}}]})"};
    answers["/subscriptions/s1/providers/Microsoft.Databricks/workspaces"] = {
        200,
        R"({"value":[{"id":"/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Databricks/workspaces/w","location":"westeurope",
            "properties":{"workspaceUrl":"adb-1.2.azuredatabricks.net","managedResourceGroupId":"/subscriptions/s1/resourceGroups/databricks-rg",
            "parameters":{"storageAccountName":{"value":"dbroot"},"enableNoPublicIp":{"value":true}}}}]})"};
    answers["/subscriptions/s1/providers/Microsoft.Storage/storageAccounts"] = {
        200,
        R"({"value":[{"id":"/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stlake","name":"stlake",
            "location":"westeurope","sku":{"name":"Standard_GRS"},"properties":{"primaryLocation":"westeurope","secondaryLocation":"northeurope"}}]})"};
    answers
        ["/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stlake"] =
            {200,
             R"({"id":"/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stlake","name":"stlake","location":"westeurope",
            "sku":{"name":"Standard_GRS"},"properties":{"primaryLocation":"westeurope","secondaryLocation":"northeurope",
            "geoReplicationStats":{"status":"Live","lastSyncTime":"2026-01-01T00:00:00Z","canFailover":true}}})"};
  }
  StorageSight look(std::vector<std::string> accounts) {
    SightOptions options;
    options.primary_host = "https://adb-1.2.azuredatabricks.net/";
    sight = loop.run(look_around_workspaces(arm, options));
    return loop.run(look_at_storage(arm, std::move(accounts), {}, sight));
  }
  Loop loop{Loop::Clock::virtual_time};
  http::ScriptedTransport wire{loop};
  std::map<std::string, std::pair<int, std::string>> answers;
  Arm arm{loop, wire, "https://management.azure.com"};
  AzureSight sight;
};

TEST_F(StorageReadingTest, ReadsTheCopyOfAnAccount) {
  const StorageSight seen = look({"stlake"});
  ASSERT_TRUE(seen.accounts.contains("stlake"));
  EXPECT_EQ(seen.accounts.at("stlake").geo.status, "Live");
  EXPECT_EQ(seen.primary_region, "westeurope");
  EXPECT_EQ(seen.pairs.at("westeurope"), "northeurope");
  EXPECT_EQ(seen.pairs.at("polandcentral"), "");
  EXPECT_FALSE(seen.pairs.contains("europe"));
  ASSERT_FALSE(seen.roots.empty());
  EXPECT_EQ(seen.roots.front().name, "dbroot");
  EXPECT_EQ(seen.roots.front().managed_group, "/subscriptions/s1/resourceGroups/databricks-rg");
  EXPECT_EQ(seen.roots.front().denial.seen, Denial::Seen::unknown) << "a 404 proves nothing";
}

TEST_F(StorageReadingTest, NeverAsksForKeysAndWritesNothing) {
  (void)look({"stlake", "stnone"});
  for (const Request& request : wire.seen) {
    EXPECT_EQ(request.path.find("listKeys"), std::string::npos);
    EXPECT_EQ(request.path.find("failover"), std::string::npos);
    if (request.method != http::Method::get)
      EXPECT_NE(request.path.find("checkNameAvailability"), std::string::npos) << request.path;
  }
}

TEST_F(StorageReadingTest, TellsAnAccountThatNobodyHasFromOneElsewhere) {
  answers["/subscriptions/s1/providers/Microsoft.Storage/checkNameAvailability"] = {
      200, R"({"nameAvailable":false,"reason":"AlreadyExists"})"};
  EXPECT_NE(
      look({"stfar"}).unknown.at("stfar").message.find("somebody has an account of that name"),
      std::string::npos);
  answers["/subscriptions/s1/providers/Microsoft.Storage/checkNameAvailability"] = {
      200, R"({"nameAvailable":true})"};
  EXPECT_EQ(look({"stfar"}).unknown.at("stfar").message,
            "nobody in Azure has an account of that name");
}

TEST_F(StorageReadingTest, WhoSeesNoSubscriptionIsBlind) {
  answers["/subscriptions"] = {200, R"({"value":[]})"};
  (void)look({"stlake"});
  ASSERT_TRUE(sight.blind);
  EXPECT_EQ(sight.blind->fault, Fault::forbidden);
  answers["/subscriptions"] = {401,
                               R"({"error":{"code":"InvalidAuthenticationToken","message":"no"}})"};
  (void)look({"stlake"});
  ASSERT_TRUE(sight.blind);
}

TEST_F(StorageReadingTest, WhereNobodyAnswersNothingIsSeen) {
  wire.always([this](const Request&) -> Result<Response> {
    EXPECT_LE(wire.seen.size(), 1U) << "one question is enough";
    return fail(Fault::network, "connection refused");
  });
  SightOptions options;
  options.primary_id =
      "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Databricks/workspaces/w";
  EXPECT_TRUE(loop.run(look_around_workspaces(arm, options)).blind);
}

TEST_F(StorageReadingTest, ARefusalIsUnknownAndNoAbsence) {
  answers["/subscriptions/s1/providers/Microsoft.Storage/storageAccounts"] = {
      403, R"({"error":{"code":"AuthorizationFailed","message":"not allowed"}})"};
  const StorageSight seen = look({"stlake"});
  EXPECT_TRUE(seen.accounts.empty());
  EXPECT_EQ(seen.unknown.at("stlake").fault, Fault::forbidden);
}

TEST_F(StorageReadingTest, AnAccountThatMayBeWhereNobodyLookedIsNotAbsent) {
  std::string many = R"({"value":[)";
  for (int i = 1; i <= 60; ++i) {
    const std::string id = "s" + std::to_string(i);
    many += (i == 1 ? "" : ",") + (R"({"subscriptionId":")" + id) + R"("})";
    if (i > 1)
      answers["/subscriptions/" + id + "/providers/Microsoft.Storage/storageAccounts"] = {
          200, R"({"value":[]})"};
  }
  answers["/subscriptions"] = {200, many + "]}"};
  answers["/subscriptions/s1/providers/Microsoft.Storage/checkNameAvailability"] = {500, "{}"};
  const StorageSight seen = look({"stfar"});
  EXPECT_EQ(seen.unknown.at("stfar").fault, Fault::refused);
  EXPECT_NE(seen.unknown.at("stfar").message.find("more than 40"), std::string::npos);
}

TEST_F(StorageReadingTest, ACloudThatLagsBehindIsAskedInItsOwnVersion) {
  const std::string path = "/subscriptions/s1/providers/Microsoft.Storage";
  const std::string accounts = answers.at(path + "/storageAccounts").second;
  answers[path] = {200, R"({"registrationState":"Registered","resourceTypes":[
      {"resourceType":"storageAccounts","locations":[],"apiVersions":["2023-01-01","2019-06-01"]}]})"};
  wire.always([this, path, accounts](const Request& request) -> Result<Response> {
    if (request.path == path + "/storageAccounts")
      return http::encode_query(request.query).find("2023-01-01") == std::string::npos
                 ? Response(400,
                            R"({"error":{"code":"InvalidApiVersionParameter","message":"no"}})")
                 : Response(200, accounts);
    const auto found = answers.find(request.path);
    return found == answers.end() ? Response(404, "{}")
                                  : Response(found->second.first, found->second.second);
  });
  EXPECT_TRUE(look({"stlake"}).accounts.contains("stlake"));
}

TEST_F(StorageReadingTest, TheStateOfACopyMayBeRefusedAlone) {
  answers
      ["/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stlake"] = {
          403, R"({"error":{"code":"DenyAssignmentAuthorizationFailed","message":"denied"}})"};
  const StorageSight seen = look({"stlake"});
  ASSERT_TRUE(seen.accounts.at("stlake").geo_error);
  EXPECT_EQ(seen.accounts.at("stlake").sku, "Standard_GRS");
}

}  // namespace
}  // namespace twinlake::azure
