#include "azure/estate_reading.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http/scripted_transport.h"

namespace twinlake::azure {
namespace {

class EstateReadingTest : public ::testing::Test {
 protected:
  EstateReadingTest() {
    wire.always([this](const http::Request& request) -> Result<http::Response> {
      const auto found = answers.find(request.path);
      if (found == answers.end())
        return http::Response(404, R"({"error_code":"ENDPOINT_NOT_FOUND","message":"none"})");
      return http::Response(found->second.first, found->second.second);
    });
  }
  void look() { loop.run(look_at_unity_catalog(side, &reading, Of::primary, &uses)); }
  Loop loop{Loop::Clock::virtual_time};
  http::ScriptedTransport wire{loop};
  workspace::Workspace side{loop, model::Side::home, wire, workspace::Self(), "/tmp"};
  std::map<std::string, std::pair<int, std::string>> answers;
  EstateReading reading;
  EstateUses uses;
};

TEST_F(EstateReadingTest, ExternalLocationsAndConnectorsAreFound) {
  answers["/api/2.1/unity-catalog/external-locations"] = {
      200,
      R"({"external_locations":[{"name":"raw","url":"abfss://raw@stuc.dfs.core.windows.net/"}]})"};
  answers["/api/2.1/unity-catalog/storage-credentials"] = {
      200,
      R"({"storage_credentials":[{"name":"lake","azure_managed_identity":{"access_connector_id":
          "/subscriptions/s/resourceGroups/r/providers/Microsoft.Databricks/accessConnectors/ac"}}]})"};
  answers["/api/2.1/unity-catalog/metastore_summary"] = {
      200, R"({"name":"ms","storage_root":"abfss://root@stms.dfs.core.windows.net/x"})"};
  look();
  const auto accounts = of_service(uses, Service::storage);
  ASSERT_EQ(accounts.size(), 2U);
  EXPECT_EQ(accounts[0]->name, "stms");
  EXPECT_EQ(accounts[0]->primary.begin()->address, "metastore:\"ms\"");
  EXPECT_EQ(accounts[1]->primary.begin()->address, "external_location:\"raw\"");
  EXPECT_EQ(of_service(uses, Service::other).size(), 1U);
  EXPECT_TRUE(reading.unread.empty());
}

TEST_F(EstateReadingTest, AWorkspaceWithoutUnityCatalogHasNone) {
  look();
  EXPECT_TRUE(uses.things.empty());
  EXPECT_TRUE(reading.unread.empty());
}

TEST_F(EstateReadingTest, ARefusalIsTold) {
  answers["/api/2.1/unity-catalog/external-locations"] = {
      403, R"({"error_code":"PERMISSION_DENIED","message":"no"})"};
  look();
  ASSERT_EQ(reading.unread.size(), 1U);
  EXPECT_EQ(reading.unread[0].address, "external-locations");
}

}  // namespace
}  // namespace twinlake::azure
