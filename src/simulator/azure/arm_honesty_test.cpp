// What Resource Manager refuses, and what it tells beside its answers.
#include <gtest/gtest.h>

#include "simulator/azure/azure_probe.h"

namespace twinlake::simulator {
namespace {

class ArmHonesty : public ::testing::Test {
 protected:
  ArmHonesty() {
    probe.put(azure::group + "?api-version=2025-04-01", {{"location", "westeurope"}});
  }

  void account(const char* sku, const json& properties = json::object()) {
    json body = json::object({{"id", account_id}, {"location", "westeurope"}});
    body["sku"]["name"] = sku;
    body["properties"] = properties;
    probe.cloud().add(std::move(body));
  }
  json properties() {
    return azure_body(probe.get(account_id + azure::storage_version)).at("properties");
  }
  http::Response fail_over(const char* type = "") {
    return probe.post(account_id + "/failover" + azure::storage_version + type);
  }

  AzureProbe probe;
  const std::string account_id =
      azure::group + "/providers/Microsoft.Storage/storageAccounts/stgeo";
  const std::string target = azure::workspace + azure::version;
};

TEST_F(ArmHonesty, AFailoverNeedsACopyThatIsThere) {
  account("Standard_GRS");
  probe.post("/sim/outage", {{"location", "northeurope"}});
  EXPECT_EQ(fail_over().status, 409);
  probe.post("/sim/restore", json::object());
  probe.post("/sim/outage", {{"location", "westeurope"}});
  EXPECT_EQ(fail_over("&failoverType=Planned").status, 409) << "a planned one needs both";
  EXPECT_EQ(fail_over().status, 202);
  EXPECT_EQ(fail_over().status, 409) << "one is under way";
}

TEST_F(ArmHonesty, ReplicatedObjectsKeepAnAccountFromFailingOver) {
  account("Standard_GRS");
  probe.cloud().add({{"id", account_id + "/objectReplicationPolicies/p"}});
  EXPECT_EQ(fail_over().status, 409);
}

TEST_F(ArmHonesty, AFailoverThatIsCancelledChangesNothing) {
  account("Standard_GRS");
  const auto begun = fail_over();
  EXPECT_EQ(properties().at("failoverInProgress"), true);
  probe.post("/sim/operations/cancel", {{"resource", account_id}});
  EXPECT_EQ(azure_body(probe.get(azure_header(begun, "Azure-AsyncOperation"))).at("status"),
            "Canceled");
  EXPECT_EQ(probe.get(azure_header(begun, "Location")).status, 409);
  EXPECT_FALSE(properties().contains("failoverInProgress"));
  EXPECT_EQ(properties().at("primaryLocation"), "westeurope");
}

TEST_F(ArmHonesty, AnAccountThatIsWrittenAgainStaysWhereItIs) {
  account("Standard_GRS");
  fail_over();
  probe.wait(3600);
  json body = json::object({{"location", "westeurope"}, {"kind", "StorageV2"}});
  body["sku"]["name"] = "Standard_LRS";
  EXPECT_EQ(probe.put(account_id + azure::storage_version, body).status, 200);
  EXPECT_EQ(properties().at("primaryLocation"), "northeurope");
  body["location"] = "northeurope";
  EXPECT_EQ(probe.put(account_id + azure::storage_version, body).status, 409);
  EXPECT_EQ(
      probe.patch(account_id + azure::storage_version, {{"sku", {{"name", "Premium_LRS"}}}}).status,
      409);
}

TEST_F(ArmHonesty, AnActionAlwaysTellsWhereToAsk) {
  account("Standard_GRS");
  probe.post("/sim/options", {{"style", "resource_only"}});
  const auto begun = fail_over();
  EXPECT_EQ(azure_header(begun, "Azure-AsyncOperation"), "");
  EXPECT_EQ(probe.get(azure_header(begun, "Location")).status, 202);
  probe.wait(3600);
  EXPECT_EQ(probe.get(azure_header(begun, "Location")).status, 204);
}

TEST_F(ArmHonesty, ADeletionThatIsCancelledLeavesTheWorkspace) {
  probe.put(target, workspace_body("westus", "a"));
  probe.wait(90);
  const auto begun = probe.del(target);
  EXPECT_EQ(begun.status, 202);
  probe.post("/sim/operations/cancel", {{"resource", azure::workspace}});
  const json left = azure_body(probe.get(target)).at("properties");
  EXPECT_EQ(left.at("provisioningState"), "Canceled");
  EXPECT_EQ(probe.del(target).status, 202) << "it can be deleted again";
}

TEST_F(ArmHonesty, ADeploymentThatIsCancelledSaysSo) {
  const std::string deployment =
      azure::group + "/providers/Microsoft.Resources/deployments/d?api-version=2025-04-01";
  json workspace = workspace_body("westus", "a");
  workspace["type"] = "Microsoft.Databricks/workspaces";
  workspace["apiVersion"] = "2026-01-01";
  workspace["name"] = "adb";
  json body = json::object();
  body["properties"]["mode"] = "Incremental";
  body["properties"]["template"] = {
      {"$schema",
       "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"},
      {"contentVersion", "1.0.0.0"},
      {"resources", json::array({workspace})}};
  ASSERT_EQ(probe.put(deployment, body).status, 201);
  probe.post("/sim/operations/cancel",
             {{"resource", azure::group + "/providers/Microsoft.Resources/deployments/d"}});
  EXPECT_EQ(azure_body(probe.get(deployment)).at("properties").at("provisioningState"), "Canceled");
}

TEST_F(ArmHonesty, DenyAssignmentsAreListedAndNobodysToChange) {
  probe.put(target, workspace_body("westus", "a"));
  probe.wait(90);
  const std::string managed = azure::subscription + "/resourceGroups/managed-a";
  const std::string list = "/providers/Microsoft.Authorization/denyAssignments";
  const std::string version = "?api-version=2022-04-01";
  const auto count = [&](const std::string& scope, const char* filter) {
    return azure_body(probe.get(scope + list + version + filter)).at("value").size();
  };
  const std::string root = managed + "/providers/Microsoft.Storage/storageAccounts/roota";
  EXPECT_EQ(count(managed, ""), 1U);
  EXPECT_EQ(count(managed, "&$filter=atScope()"), 1U);
  EXPECT_EQ(count(root, "&$filter=atScope()"), 1U) << "what holds for the group holds in it";
  EXPECT_EQ(count(azure::subscription, "&$filter=atScope()"), 0U);
  EXPECT_EQ(count(azure::subscription, ""), 1U);
  EXPECT_EQ(probe.get(managed + list + version + "&$filter=other").status, 400);
  const json row = azure_body(probe.get(managed + list + version)).at("value")[0];
  EXPECT_EQ(row.at("properties").at("isSystemProtected"), true);
  probe.cloud().set_role("app", AzureRole::owner);
  const std::string one = row.at("id").get<std::string>() + version;
  EXPECT_EQ(probe.get(one).status, 200);
  EXPECT_EQ(probe.del(one).status, 405);
  EXPECT_EQ(probe.put(one, {{"properties", json::object()}}).status, 405);
  EXPECT_EQ(count(managed, ""), 1U);
}

TEST_F(ArmHonesty, AllPrincipalsTogetherHaveALimitToo) {
  const std::string list = azure::subscription + "/resourcegroups?api-version=2025-04-01";
  probe.cloud().change_options().enforce_limits = true;
  int good = 0;
  for (int who = 0; who < 16; ++who) {
    probe.use_token(probe.cloud().token_for("app" + std::to_string(who)));
    for (int i = 0; i < 250; ++i) good += probe.get(list).status == 200 ? 1 : 0;
  }
  EXPECT_EQ(good, 250 * 15);
}

TEST_F(ArmHonesty, NetworksHaveALimitOfTheirOwn) {
  probe.cloud().change_options().enforce_limits = true;
  const std::string network = azure::group + "/providers/Microsoft.Network/virtualNetworks/v";
  int good = 0;
  for (int who = 0; who < 6; ++who) {
    probe.use_token(probe.cloud().token_for("app" + std::to_string(who)));
    for (int i = 0; i < 200; ++i)
      good += probe.del(network + "?api-version=2025-01-01").status == 429 ? 0 : 1;
  }
  EXPECT_EQ(good, 1000);
}

TEST_F(ArmHonesty, ComputeCountsForItselfAndAClientFindsItsRequest) {
  const auto usages = probe.get(azure::subscription +
                                "/providers/Microsoft.Compute/locations/westus/usages"
                                "?api-version=2024-07-01");
  EXPECT_TRUE(azure_header(usages, "x-ms-ratelimit-remaining-resource")
                  .starts_with("Microsoft.Compute/HighCostGet3Min;"));
  const std::string list = azure::subscription + "/resourcegroups?api-version=2025-04-01";
  EXPECT_EQ(azure_header(probe.get(list), "x-ms-ratelimit-remaining-resource"), "");
  http::Request asked = probe.request(http::Method::get, list);
  asked.headers.emplace_back("x-ms-client-request-id", "c0ffee");
  EXPECT_EQ(azure_header(probe.cloud().handle(asked, probe.now_micros()), "x-ms-client-request-id"),
            "");
  asked.headers.emplace_back("x-ms-return-client-request-id", "true");
  EXPECT_EQ(azure_header(probe.cloud().handle(asked, probe.now_micros()), "x-ms-client-request-id"),
            "c0ffee");
}

TEST_F(ArmHonesty, OnePreviewKnowsLessThanThoseBeforeIt) {
  json body = workspace_body("westus", "a");
  body["properties"]["parameters"]["natGatewayName"]["value"] = "nat";
  const std::string forgetful = azure::workspace + "?api-version=2025-08-01-preview";
  json old = body;
  old["properties"].erase("computeMode");
  EXPECT_EQ(azure_code(probe.put(forgetful, old)), "InvalidRequestContent");
  ASSERT_EQ(probe.put(target, body).status, 201);
  probe.wait(90);
  const auto parameters = [&](const std::string& at) {
    return azure_body(probe.get(at)).at("properties").at("parameters");
  };
  EXPECT_TRUE(parameters(target).contains("natGatewayName"));
  EXPECT_FALSE(parameters(forgetful).contains("natGatewayName"));
  EXPECT_TRUE(
      parameters(azure::workspace + "?api-version=2025-03-01-preview").contains("natGatewayName"));
}

}  // namespace
}  // namespace twinlake::simulator
