#include "azure/provision.h"

#include <gtest/gtest.h>

#include "http/scripted_transport.h"

namespace twinlake::azure {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

/// Answers by path, as a cloud in which there is only the provider.
class LaggingCloud {
 public:
  LaggingCloud() {
    wire.always([this](const Request& request) -> Result<Response> { return answer(request); });
  }
  Result<ProvisionPlan> plan() {
    json primary = json::parse(R"({"location":"chinaeast2","sku":{"name":"premium"},
      "properties":{"parameters":{"enableNoPublicIp":{"value":true}}}})");
    primary["id"] =
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Databricks/workspaces/adb";
    settings.region = "chinanorth2";
    return loop.run(plan_provision(arm, *store, std::move(primary), settings, options));
  }
  Response answer(const Request& request) const {
    if (request.path == "/subscriptions/s/providers/Microsoft.Databricks")
      return Response(200, provider);
    if (request.path.find("/workspaces/") != std::string::npos)
      return Response(workspace_status, workspace);
    if (request.path.ends_with("/locations")) return Response(403, denied);
    return Response(404, R"({"error":{"code":"ResourceNotFound","message":"not there"}})");
  }

  Loop loop{Loop::Clock::virtual_time};
  http::ScriptedTransport wire{loop};
  Arm arm{loop, wire, "https://management.chinacloudapi.cn"};
  std::unique_ptr<state::Store> store = *state::Store::open("memory", "g");
  TwinSettings settings;
  PlanOptions options;
  std::string denied = R"({"error":{"code":"AuthorizationFailed","message":"not yours"}})";
  std::string provider = R"({"registrationState":"Registered","resourceTypes":[
    {"resourceType":"workspaces","locations":["China North 2"],"apiVersions":["2023-02-01"]}]})";
  int workspace_status = 404;
  std::string workspace = R"({"error":{"code":"ResourceNotFound","message":"not there"}})";
};

TEST(PlanProvision, ACloudThatLagsBehindIsAskedInItsOwnVersion) {
  LaggingCloud cloud;
  cloud.settings.access_connector = "conn-dr";
  const auto plan = cloud.plan();
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_EQ(plan->api_version, "2023-02-01");
  for (const Request& request : cloud.wire.seen)
    if (request.path.find("/accessConnectors/") != std::string::npos)
      EXPECT_EQ(http::encode_query(request.query), "api-version=2023-02-01");
  const ProvisionStep& step = plan->steps.back();
  EXPECT_EQ(step.kind, StepKind::workspace);
  EXPECT_EQ(step.api_version, "2023-02-01");
  EXPECT_FALSE(step.body["properties"].contains("computeMode")) << "it would be refused";
  bool told = false;
  for (const TwinFinding& finding : plan->findings)
    told = told || finding.message.find("could not be asked") != std::string::npos;
  EXPECT_TRUE(told) << "a region list that may not be seen is a finding, no end";
}

TEST(PlanProvision, AnUnregisteredProviderIsNoObstacle) {
  LaggingCloud cloud;
  cloud.provider = R"({"registrationState":"NotRegistered","resourceTypes":[]})";
  cloud.workspace_status = 409;
  cloud.workspace =
      R"({"error":{"code":"MissingSubscriptionRegistration","message":"register it"}})";
  const auto plan = cloud.plan();
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_EQ(plan->steps.front().kind, StepKind::register_provider);
}

TEST(PlanProvision, AWorkspaceThatMayNotBeSeenIsNotTakenForAbsent) {
  LaggingCloud cloud;
  cloud.workspace_status = 403;
  cloud.workspace = cloud.denied;
  const auto plan = cloud.plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().fault, Fault::forbidden);
}

TEST(PlanProvision, AFailedChangeIsRepeatedAndNeverTakenForAFailedCreation) {
  LaggingCloud cloud;
  cloud.options.replace_failed = true;
  cloud.workspace_status = 200;
  cloud.workspace = R"({"location":"chinanorth2","sku":{"name":"premium"},
    "tags":{"twinlake-twin-of":"adb"},"properties":{"provisioningState":"Failed",
    "workspaceUrl":"adb-1.2.databricks.azure.cn","createdDateTime":"2026-01-01T00:00:00Z"}})";
  const auto plan = cloud.plan();
  ASSERT_TRUE(plan) << describe(plan.error());
  ASSERT_EQ(plan->steps.size(), 1U) << "what is in it counts";
  EXPECT_EQ(plan->steps[0].kind, StepKind::update);
  EXPECT_EQ(plan->steps[0].method, http::Method::put);
  EXPECT_FALSE(plan->steps[0].body["properties"].contains("createdDateTime"));
}

TEST(FindWorkspace, ASubscriptionThatDoesNotAnswerIsNoAbsence) {
  Loop loop{Loop::Clock::virtual_time};
  http::ScriptedTransport wire{loop};
  Arm arm{loop, wire, "https://management.azure.com"};
  wire.then(200, R"({"value":[{"subscriptionId":"a"},{"subscriptionId":"b"}]})");
  wire.then(500, R"({"error":{"code":"InternalServerError","message":"not well"}})");
  wire.then(200, R"({"value":[]})");
  const auto found = loop.run(find_workspace(arm, "https://adb-1.2.azuredatabricks.net"));
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().fault, Fault::not_found) << describe(found.error());
  EXPECT_NE(describe(found.error()).find("not well"), std::string::npos);
}

TEST(Remedies, NameTheSetting) {
  ProvisionStep step;
  step.path = "/subscriptions/s/resourceGroups/g/providers/N/t/n";
  const auto of = [&](Fault fault, const char* code, const char* message) {
    Error error(fault, message, "hint");
    error.service_code = code;
    return remedy_for(error, step);
  };
  EXPECT_NE(of(Fault::invalid, "StorageAccountAlreadyTaken", "").find("storage_account"),
            std::string::npos);
  EXPECT_NE(of(Fault::invalid, "X", "Quota exceeded").find("quota"), std::string::npos);
  EXPECT_NE(of(Fault::invalid, "SubnetTooSmall", "").find("network"), std::string::npos);
  EXPECT_NE(of(Fault::forbidden, "AuthorizationFailed", "").find("resourceGroups/g"),
            std::string::npos);
  EXPECT_EQ(of(Fault::invalid, "Other", "else"), "hint");
}

}  // namespace
}  // namespace twinlake::azure
