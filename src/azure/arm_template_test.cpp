#include "azure/arm_template.h"

#include <gtest/gtest.h>

#include "azure/arm_expression.h"
#include "azure/templates.h"

namespace twinlake::azure {
namespace {

using nlohmann::json;

std::string told(const std::string& text) {
  ExpressionScope scope;
  scope.subscription = "s";
  scope.group = "g";
  scope.location = "westus";
  scope.parameter = [](std::string_view name) -> std::optional<json> {
    if (name == "list") return json::parse(R"(["a",{"b":"c"}])");
    return name == "name" ? std::optional<json>("N") : std::nullopt;
  };
  const auto value = evaluate(text, scope);
  return value ? value->dump() : "?";
}

TEST(ArmExpression, IsToldWhereItCanBe) {
  EXPECT_EQ(told("[parameters('name')]"), R"("N")");
  EXPECT_EQ(told("[format('{0}-{1}', toLower(parameters('name')), 'x''y')]"), R"("n-x'y")");
  EXPECT_EQ(told("[ concat('a', string(1), 'b') ]"), R"("a1b")");
  EXPECT_EQ(told("[substring('abcdef', 1, 2)]"), R"("bc")");
  EXPECT_EQ(told("[parameters('list')[1].b]"), R"("c")");
  EXPECT_EQ(told("[resourceGroup().location]"), R"("westus")");
  EXPECT_EQ(told("[subscription().id]"), R"("/subscriptions/s")");
  EXPECT_EQ(
      told("[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', 'n')]"),
      R"("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n")");
  EXPECT_EQ(told("[if(equals('a', 'a'), 'yes', 'no')]"), R"("yes")");
}

TEST(ArmExpression, WhatCannotBeToldIsNothing) {
  for (const char* const text :
       {"plain", "[[plain]", "[]", "[parameters('unknown')]", "[uniqueString('a')]",
        "[reference('x').outputs.y.value]", "[format('{0}')]", "[format('{9}', 'a')]",
        "[concat('a']", "[concat('a'))]", "[substring('abc', 7)]", "[parameters('list')[7]]",
        "['open]", "[1"})
    EXPECT_EQ(told(text), "?") << text;
  const std::string deep = "[" + std::string(100'000, '(') + "]";
  EXPECT_EQ(told(deep), "?");
  std::string nested = "'x'";
  for (int i = 0; i < 5'000; ++i) nested = "concat(" + nested + ")";
  EXPECT_EQ(told("[" + nested + "]"), "?") << "too deep";
}

json nested_template() {
  return json::parse(R"({
    "parameters":{"place":{"defaultValue":"southeastasia"}},
    "variables":{"tier":"premium","circle":"[variables('circle')]"},
    "resources":[
      {"type":"Microsoft.Resources/resourceGroups","location":"[parameters('place')]"},
      {"type":"Microsoft.Resources/deployments","properties":{
        "parameters":{"tier":{"value":"[variables('tier')]"},
                      "name":{"value":"[uniqueString('a')]"},
                      "vnet":{"value":"[reference('x').outputs.v.value]"}},
        "template":{
          "parameters":{"tier":{},"name":{},"vnet":{},
                        "location":{"defaultValue":"[resourceGroup().location]"}},
          "variables":{"vnetId":"[resourceId('Microsoft.Network/virtualNetworks', parameters('vnet'))]"},
          "resources":[{"type":"Microsoft.Databricks/workspaces","name":"[parameters('name')]",
            "location":"[parameters('location')]","sku":{"name":"[parameters('tier')]"},
            "tags":"[variables('none')]",
            "properties":{"parameters":{"customVirtualNetworkId":{"value":"[variables('vnetId')]"},
              "customPublicSubnetName":{"value":"hosts"}}}}]}}}]})");
}

TEST(ArmTemplate, VariablesThatNameOneAnotherOftenAreComputedOnce) {
  json document = json::parse(R"({"resources":[{"type":"Microsoft.Databricks/workspaces",
    "name":"[variables('v200')]","location":"[variables('circle')]"}]})");
  document["variables"]["circle"] = "[concat(variables('circle'), variables('circle'))]";
  document["variables"]["v0"] = "";
  for (int i = 1; i <= 200; ++i) {
    const std::string before = "variables('v" + std::to_string(i - 1) + "')";
    document["variables"]["v" + std::to_string(i)] = "[concat(" + before + ", " + before + ")]";
  }
  EXPECT_TRUE(workspace_of_template(document, json()));
  document["variables"]["v0"] = "grows";
  const auto found = workspace_of_template(document, json());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->workspace["name"], "workspace") << "nobody has so much room";
}

TEST(ArmTemplate, FindsTheWorkspaceInNestedDeployments) {
  const auto found = workspace_of_template(nested_template(), json());
  ASSERT_TRUE(found) << describe(found.error());
  const json& workspace = found->workspace;
  EXPECT_EQ(workspace["location"], "southeastasia");
  EXPECT_EQ(workspace["sku"]["name"], "premium");
  EXPECT_FALSE(workspace.contains("tags"));
  EXPECT_EQ(workspace["properties"]["parameters"]["customPublicSubnetName"]["value"], "hosts");
  EXPECT_EQ(workspace["properties"]["parameters"]["customVirtualNetworkId"]["value"],
            "(told by the deployment)")
      << "that it has one is known";
  EXPECT_GE(found->findings.size(), 2U);
  const auto elsewhere =
      workspace_of_template(nested_template(), json::parse(R"({"place":{"value":"westus"}})"));
  EXPECT_EQ(elsewhere->workspace["location"], "westus");
}

TEST(ArmTemplate, BadInputIsToldApart) {
  EXPECT_FALSE(workspace_of_template(json(7), json()));
  EXPECT_FALSE(workspace_of_template(json::object(), json()));
  EXPECT_FALSE(workspace_of_template(json::parse(R"({"resources":7})"), json()));
  EXPECT_FALSE(workspace_of_template(json::parse(R"({"resources":[{"type":7},8]})"), json()));
  const json two = json::parse(R"({"resources":[
    {"type":"Microsoft.Databricks/workspaces"},{"type":"microsoft.databricks/workspaces"}]})");
  EXPECT_NE(workspace_of_template(two, json()).error().message.find("2 workspaces"),
            std::string::npos);
}

ProvisionPlan paper(TwinSettings settings = {}) {
  json primary = json::parse(R"({"location":"westeurope","sku":{"name":"premium"},
    "tags":{"it's":"${x} [a] \\ \"q\""},"properties":{"parameters":{}}})");
  primary["id"] =
      "/subscriptions/s1/resourceGroups/rg-prod/providers/Microsoft.Databricks/workspaces/adb";
  settings.region = "northeurope";
  return *plan_on_paper(primary, settings, PlanOptions());
}

TEST(Templates, ArmIsJsonWhoseTextsAreNoExpressions) {
  TwinSettings settings;
  settings.access_connector = "conn";
  settings.tags["bracket"] = "[x]";
  const auto text = template_of(paper(settings), TemplateKind::arm);
  ASSERT_TRUE(text) << describe(text.error());
  const json document = json::parse(*text);
  const json& workspace = document["resources"].back();
  EXPECT_EQ(workspace["type"], "Microsoft.Databricks/workspaces");
  EXPECT_EQ(workspace["tags"]["bracket"], "[[x]");
  EXPECT_EQ(workspace["dependsOn"][0],
            "[resourceId('Microsoft.Databricks/accessConnectors', 'conn')]");
  EXPECT_TRUE(workspace_of_template(document, json())) << "we read what we write";
}

TEST(Templates, BicepAndTerraformEscapeWhatTheirTextsWouldTakeForCode) {
  const auto bicep = template_of(paper(), TemplateKind::bicep);
  ASSERT_TRUE(bicep);
  EXPECT_NE(bicep->find("'it\\'s': '\\${x} [a] \\\\ \"q\"'"), std::string::npos) << *bicep;
  const auto terraform = template_of(paper(), TemplateKind::terraform);
  ASSERT_TRUE(terraform);
  EXPECT_NE(terraform->find(R"("it's" = "$${x} [a] \\ \"q\"")"), std::string::npos) << *terraform;
  EXPECT_NE(terraform->find("parent_id = azapi_resource.group.id"), std::string::npos);
}

TEST(Templates, ANetworkOfAnotherGroupIsNotMadeByATemplateOfOne) {
  TwinSettings settings;
  settings.network.vnet =
      "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v";
  settings.network.public_subnet = "a";
  settings.network.private_subnet = "b";
  settings.network.address_space = "10.0.0.0/16";
  settings.network.public_prefix = "10.0.0.0/24";
  settings.network.private_prefix = "10.0.1.0/24";
  EXPECT_FALSE(template_of(paper(settings), TemplateKind::bicep));
  EXPECT_TRUE(template_of(paper(settings), TemplateKind::terraform));
}

}  // namespace
}  // namespace twinlake::azure
