#include "azure/dependency_reading.h"

#include <gtest/gtest.h>

#include "http/scripted_transport.h"

namespace twinlake::azure {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

constexpr const char* refusal = R"({"error":{"code":"AuthorizationFailed","message":"not yours"}})";
const std::string group = "/subscriptions/s1/resourceGroups/rg/providers/";

class DependencyReadingTest : public ::testing::Test {
 protected:
  DependencyReadingTest() {
    wire.always([this](const Request& request) -> Result<Response> {
      const auto found = answers.find(request.path);
      if (found == answers.end()) return Response(200, R"({"value":[]})");
      return Response(found->second.first, found->second.second);
    });
    sight.subscriptions = {"s1"};
  }
  void use(const std::string& text, Of side = Of::primary) {
    look_at_definition(uses, side, "cluster:\"etl\"", json{{"text", text}});
  }
  Dependency told(const std::string& name) {
    DependencySight seen = look();
    seen.primary_region = "westeurope";
    seen.standby_region = "northeurope";
    for (Dependency& verdict : judge_dependencies(uses, seen))
      if (verdict.name == name) return verdict;
    ADD_FAILURE() << "nothing is told of " << name;
    return {};
  }
  DependencySight look() { return loop.run(look_at_dependencies(arm, &uses, {}, &sight)); }
  Loop loop{Loop::Clock::virtual_time};
  http::ScriptedTransport wire{loop};
  std::map<std::string, std::pair<int, std::string>> answers;
  Arm arm{loop, wire, "https://management.azure.com"};
  AzureSight sight;
  EstateUses uses;
};

TEST_F(DependencyReadingTest, FindsAServerAndTheListenerOfAGroup) {
  look_at_code(
      uses, Of::primary, "n",
      "sql-a.database.windows.net fog-a.database.windows.net sql-none.database.windows.net");
  answers["/subscriptions/s1/providers/Microsoft.Sql/servers"] = {
      200,
      R"({"value":[{"id":"/subscriptions/s1/sql-a","name":"sql-a","location":"westeurope"},{"id":"/subscriptions/s1/sql-b","name":"sql-b","location":"northeurope"}]})"};
  answers["/subscriptions/s1/sql-a/failoverGroups"] = {
      200, R"({"value":[{"name":"fog-a","properties":{"replicationRole":"Primary"}}]})"};
  answers["/subscriptions/s1/sql-b/failoverGroups"] = {
      200, R"({"value":[{"name":"fog-a","properties":{"replicationRole":"Secondary"}}]})"};
  const DependencySight seen = look();
  EXPECT_EQ(seen.evidence.at({Service::sql, "sql-a"}).parts.at("failoverGroups").size(), 1U);
  const Evidence& listener = seen.evidence.at({Service::sql, "fog-a"});
  EXPECT_TRUE(listener.is_listener);
  EXPECT_EQ(listener.resource["name"], "sql-a");
  ASSERT_TRUE(seen.evidence.at({Service::sql, "sql-none"}).error);
  EXPECT_EQ(seen.evidence.at({Service::sql, "sql-none"}).error->fault, Fault::not_found);
}

TEST_F(DependencyReadingTest, ARefusalOfOneServiceLeavesTheOthers) {
  look_at_code(uses, Of::primary, "n", "kv-a.vault.azure.net acr1.azurecr.io");
  answers["/subscriptions/s1/providers/Microsoft.KeyVault/vaults"] = {
      403, R"({"error":{"code":"AuthorizationFailed","message":"no"}})"};
  answers["/subscriptions/s1/providers/Microsoft.ContainerRegistry/registries"] = {
      200, R"({"value":[{"id":"/x","name":"acr1","location":"westeurope"}]})"};
  const DependencySight seen = look();
  EXPECT_EQ(seen.evidence.at({Service::key_vault, "kv-a"}).error->fault, Fault::forbidden);
  EXPECT_EQ(seen.evidence.at({Service::container_registry, "acr1"}).resource["name"], "acr1");
}

TEST_F(DependencyReadingTest, FindsLogAnalyticsByItsNumber) {
  look_at_definition(uses, Of::primary, "c",
                     json{{"log_analytics_workspace_id", "0a1b2c3d-0000-4000-8000-00000000000f"}});
  answers["/subscriptions/s1/providers/Microsoft.OperationalInsights/workspaces"] = {
      200,
      R"({"value":[{"id":"/x","name":"logs","location":"westeurope","properties":{"customerId":"0A1B2C3D-0000-4000-8000-00000000000F"}}]})"};
  EXPECT_EQ(look().evidence.begin()->second.resource["name"], "logs");
}

TEST_F(DependencyReadingTest, AFailoverGroupThatAServerDoesNotShowIsUnknownAndNotAbsent) {
  answers["/subscriptions/s1/providers/Microsoft.Sql/servers"] = {
      200, R"({"value":[{"id":")" + group + R"(Microsoft.Sql/servers/sql1","name":"sql1"}]})"};
  answers[group + "Microsoft.Sql/servers/sql1/failoverGroups"] = {403, refusal};
  use("jdbc:sqlserver://fog-hms.database.windows.net:1433");
  const Dependency verdict = told("fog-hms");
  EXPECT_NE(verdict.why_unknown.find("not yours"), std::string::npos) << verdict.why_unknown;
  answers[group + "Microsoft.Sql/servers/sql1/failoverGroups"] = {200, R"({"value":[]})"};
  EXPECT_NE(told("fog-hms").why_unknown.find("no subscription that we see has"), std::string::npos);
}

TEST_F(DependencyReadingTest, AResourceOfAnotherTypeIsReadInTheVersionThatItsProviderHas) {
  const std::string id = group + "Microsoft.Compute/capacityReservationGroups/crg";
  answers["/subscriptions/s1/providers/microsoft.compute"] = {
      200, R"({"registrationState":"Registered","resourceTypes":[{"resourceType":
          "capacityReservationGroups","apiVersions":["2025-01-01-preview","2024-07-01"]}]})"};
  answers[id] = {200, R"({"name":"crg","location":"West Europe"})"};
  use(id);
  use(id, Of::standby);
  const Dependency verdict = told("crg");
  EXPECT_EQ(verdict.why_unknown, "");
  EXPECT_EQ(verdict.region, "westeurope");
  ASSERT_FALSE(verdict.advice.empty());
  EXPECT_NE(verdict.advice[0].message.find("gone with westeurope"), std::string::npos);
  EXPECT_EQ(http::encode_query(wire.seen.back().query), "api-version=2024-07-01");
  answers[id].second = R"({"location":"northeurope"})";
  EXPECT_TRUE(told("crg").advice.empty()) << "it is where the standby is";
  answers[id] = {403, refusal};
  EXPECT_NE(told("crg").why_unknown.find("may not read it"), std::string::npos);
}

TEST_F(DependencyReadingTest, OfTwoThatHaveOneNameTheIdTellsWhich) {
  const std::string type = "Microsoft.OperationalInsights/workspaces/logs";
  const std::string other = "/subscriptions/s1/resourceGroups/other/providers/" + type;
  answers["/subscriptions/s1/providers/Microsoft.OperationalInsights/workspaces"] = {
      200, R"({"value":[{"id":")" + other + R"(","name":"logs","location":"westus"},{"id":")" +
               group + type + R"(","name":"logs","location":"northeurope"}]})"};
  use(group + type);
  EXPECT_EQ(told("logs").region, "northeurope");
}

}  // namespace
}  // namespace twinlake::azure
