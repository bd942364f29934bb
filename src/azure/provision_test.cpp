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
    TwinSettings settings;
    settings.region = "chinanorth2";
    return loop.run(plan_provision(arm, *store, std::move(primary), settings, PlanOptions()));
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
  std::string denied = R"({"error":{"code":"AuthorizationFailed","message":"not yours"}})";
  std::string provider = R"({"registrationState":"Registered","resourceTypes":[
    {"resourceType":"workspaces","locations":["China North 2"],"apiVersions":["2023-02-01"]}]})";
  int workspace_status = 404;
  std::string workspace = R"({"error":{"code":"ResourceNotFound","message":"not there"}})";
};

TEST(PlanProvision, ACloudThatLagsBehindIsAskedInItsOwnVersion) {
  LaggingCloud cloud;
  const auto plan = cloud.plan();
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_EQ(plan->api_version, "2023-02-01");
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
