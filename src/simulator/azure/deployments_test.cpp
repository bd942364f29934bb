#include "simulator/azure/deployments.h"

#include <gtest/gtest.h>

#include "simulator/azure/azure_probe.h"

namespace twinlake::simulator {
namespace {

class DeploymentsTest : public testing::Test {
 public:
  DeploymentsTest() {
    probe.put(azure::group + "?api-version=2025-04-01", {{"location", "westus"}});
  }
  static json document(const json& resources) {
    return {{"$schema",
             "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"},
            {"contentVersion", "1.0.0.0"},
            {"resources", resources}};
  }
  http::Response deploy(const json& document, const json& parameters = json::object()) {
    return probe.put(
        target, {{"properties",
                  {{"mode", "Incremental"}, {"template", document}, {"parameters", parameters}}}});
  }
  json after() {
    for (int i = 0; i < 20; ++i) {
      const json properties = azure_body(probe.get(target)).at("properties");
      if (properties.at("provisioningState") != "Running") return properties;
      probe.wait(60);
    }
    return {};
  }
  std::string problem(const json& wanted) {
    return azure_body(deploy(wanted)).at("error").at("message");
  }
  static json connector() {
    return {{"type", "Microsoft.Databricks/accessConnectors"},
            {"apiVersion", "2026-01-01"},
            {"name", "[concat(parameters('prefix'), '-ac')]"},
            {"location", "[resourceGroup().location]"},
            {"identity", {{"type", "SystemAssigned"}}}};
  }

  AzureProbe probe;
  std::string target =
      azure::group + "/providers/Microsoft.Resources/deployments/twin?api-version=2025-04-01";
};

TEST_F(DeploymentsTest, ResourcesInTheirOrder) {
  json workspace = workspace_body("westus", "a");
  workspace["type"] = "Microsoft.Databricks/workspaces";
  workspace["apiVersion"] = "2026-01-01";
  workspace["name"] = "[format('{0}-adb', parameters('prefix'))]";
  workspace["dependsOn"] =
      json::array({"[resourceId('Microsoft.Databricks/accessConnectors', "
                   "concat(parameters('prefix'), '-ac'))]"});
  const std::string id = azure::group + "/providers/Microsoft.Databricks/accessConnectors/lake-ac";
  workspace["properties"]["accessConnector"] = {
      {"id", "[resourceId('Microsoft.Databricks/accessConnectors', 'lake-ac')]"},
      {"identityType", "SystemAssigned"}};
  json role{{"type", "Microsoft.Authorization/roleAssignments"},
            {"apiVersion", "2022-04-01"},
            {"name", "[guid(resourceGroup().id, 'lake')]"}};
  role["properties"] = {
      {"principalId",
       "[reference(resourceId('Microsoft.Databricks/accessConnectors', 'lake-ac'), '2026-01-01', "
       "'Full').identity.principalId]"},
      {"roleDefinitionId",
       "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'x')]"}};
  json wanted = document(json::array({role, workspace, connector()}));
  wanted["parameters"]["prefix"] = {{"type", "string"}, {"defaultValue", "lake"}};
  wanted["outputs"]["url"] = {
      {"type", "string"},
      {"value",
       "[reference(resourceId('Microsoft.Databricks/workspaces', 'lake-adb')).workspaceUrl]"}};
  probe.cloud().set_role("app", AzureRole::owner);
  const auto begun = deploy(wanted);
  ASSERT_EQ(begun.status, 201) << begun.body;
  const json done_now = after();
  ASSERT_EQ(done_now.at("provisioningState"), "Succeeded") << done_now.dump(1);
  EXPECT_TRUE(done_now.at("outputs").at("url").at("value").get<std::string>().starts_with("adb-"));
  EXPECT_EQ(azure_body(probe.get(azure_header(begun, "Azure-AsyncOperation"))).at("status"),
            "Succeeded");
  const json roles = azure_body(probe.get(
      azure::group + "/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"));
  EXPECT_EQ(roles.at("value")[0].at("properties").at("principalId"), uuid_from(id));
}

TEST_F(DeploymentsTest, WhatARefusedResourceMakesOfIt) {
  json workspace = workspace_body("italynorth", "a");
  workspace["type"] = "Microsoft.Databricks/workspaces";
  workspace["apiVersion"] = "2026-01-01";
  workspace["name"] = "adb";
  EXPECT_EQ(deploy(document(json::array({workspace}))).status, 201);
  const json failed = after();
  EXPECT_EQ(failed.at("provisioningState"), "Failed");
  EXPECT_EQ(failed.at("error").at("details")[0].at("code"), "LocationNotAvailableForResourceType");
}

TEST_F(DeploymentsTest, TemplatesThatCannotBeRead) {
  EXPECT_NE(problem(document(json::array({connector()}))).find("'prefix' is not found"),
            std::string::npos);
  json odd = connector();
  odd["name"] = "[tolowercase('X')]";
  EXPECT_NE(problem(document(json::array({odd}))).find("'tolowercase' is not valid"),
            std::string::npos);
  odd["name"] = "[concat('a'";
  EXPECT_EQ(azure_code(deploy(document(json::array({odd})))), "") << "no expression: it has no end";
  odd["name"] = "[concat('a', ]";
  EXPECT_NE(problem(document(json::array({odd}))).find("a value was expected"), std::string::npos);
  odd["name"] = "ac";
  odd["apiVersion"] = "2020-01-01";
  EXPECT_NE(problem(document(json::array({odd}))).find("No registered resource provider"),
            std::string::npos);
  odd["apiVersion"] = "2026-01-01";
  odd["dependsOn"] = json::array({"other"});
  EXPECT_NE(problem(document(json::array({odd}))).find("'other' is not defined"),
            std::string::npos);
  json no_schema = document(json::array());
  no_schema.erase("$schema");
  EXPECT_NE(problem(no_schema).find("$schema"), std::string::npos);
}

TEST_F(DeploymentsTest, ValidationChangesNothing) {
  json plain = connector();
  plain["name"] = "ac";
  const std::string validate =
      azure::group +
      "/providers/Microsoft.Resources/deployments/twin/validate?api-version=2025-04-01";
  const json body{
      {"properties", {{"mode", "Incremental"}, {"template", document(json::array({plain}))}}}};
  const auto response = probe.post(validate, body);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(azure_body(response).at("properties").at("validatedResources").size(), 1U);
  EXPECT_EQ(probe.cloud().resources().all().size(), 1U) << "the group only";
}

TEST(TemplateExpressions, ValuesOfTheLanguage) {
  TemplateScope scope;
  scope.subscription = "s";
  scope.group = "g";
  scope.parameters["names"] = json::array({"a", "b"});
  scope.variables["long"] = "[toUpper('abcdef')]";
  const auto value = [&](const char* text) { return evaluate(json(text), scope); };
  EXPECT_EQ(value("[[plain]"), "[plain]");
  EXPECT_EQ(value("['it''s']"), "it's");
  EXPECT_EQ(value("[parameters('names')[1]]"), "b");
  EXPECT_EQ(value("[substring(variables('LONG'), 1, 2)]"), "BC");
  EXPECT_EQ(value("[take('ab', 5)]"), "ab");
  EXPECT_EQ(value("[if(equals(1, 1), 'yes', 'no')]"), "yes");
  EXPECT_EQ(value("[resourceId('g2', 'A.B/c/d', 'x', 'y')]"),
            "/subscriptions/s/resourceGroups/g2/providers/A.B/c/x/d/y");
  EXPECT_EQ(value("[resourceGroup().name]"), "g");
  EXPECT_THROW((void)value("[resourceId('A.B/c', 'x', 'y', 'z')]"), TemplateProblem) << "too many";
  EXPECT_THROW((void)value("[resourceId('A.B/c/d', 'x')]"), TemplateProblem);
}

}  // namespace
}  // namespace twinlake::simulator
