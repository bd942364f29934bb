#include "simulator/azure/workspaces.h"

#include <gtest/gtest.h>

#include "simulator/azure/azure_probe.h"
#include "simulator/identity/entra.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

class Workspaces : public testing::Test {
 public:
  Workspaces() { probe.put(azure::group + "?api-version=2025-04-01", {{"location", "westus"}}); }
  http::Response put(const json& body) { return probe.put(target, body); }
  json shown_now() { return azure_body(probe.get(target)); }
  std::string state() { return text_of(shown_now().at("properties"), "provisioningState"); }
  std::string refusal(const json& body) { return azure_code(put(body)); }
  /// The usual body with one member changed.
  static json with(const char* place, const json& value, const std::string& location = "westus") {
    json body = workspace_body(location, "a");
    body[json::json_pointer(place)] = value;
    return body;
  }

  AzureProbe probe;
  std::string target = azure::workspace + azure::version;
};

TEST_F(Workspaces, OneIsMadeInTime) {
  const auto begun = put(workspace_body("westus", "a"));
  ASSERT_EQ(begun.status, 201) << begun.body;
  EXPECT_EQ(azure_body(begun).at("properties").at("provisioningState"), "Creating");
  EXPECT_EQ(azure_header(begun, "Retry-After"), "10");
  const std::string poll = azure_header(begun, "Azure-AsyncOperation");
  ASSERT_TRUE(poll.starts_with("https://management.azure.com/subscriptions/")) << poll;
  probe.wait(45);
  json status = azure_body(probe.get(poll));
  EXPECT_EQ(status.at("status"), "Running");
  EXPECT_DOUBLE_EQ(status.at("percentComplete").get<double>(), 50.0);
  EXPECT_EQ(probe.get(poll.substr(0, poll.find("&t="))).status, 400) << "its query is part of it";
  EXPECT_EQ(put(workspace_body("westus", "a")).status, 409) << "one at a time";
  probe.wait(45);
  EXPECT_EQ(azure_body(probe.get(poll)).at("status"), "Succeeded");
  const json made = shown_now();
  const json& properties = made.at("properties");
  EXPECT_EQ(properties.at("provisioningState"), "Succeeded");
  EXPECT_TRUE(text_of(properties, "workspaceUrl").starts_with("adb-"));
  EXPECT_EQ(properties.at("parameters").at("enableNoPublicIp"),
            json::object({{"type", "Bool"}, {"value", true}}));
  EXPECT_EQ(azure_body(probe.get(azure_header(begun, "Location"))).at("name"), "adb-lake");
}

TEST_F(Workspaces, ItsManagedGroupIsNobodysBusiness) {
  put(workspace_body("westus", "a"));
  probe.wait(90);
  const std::string managed = azure::subscription + "/resourceGroups/managed-a";
  const std::string root = managed + "/providers/Microsoft.Storage/storageAccounts/roota";
  EXPECT_EQ(azure_body(probe.get(root + azure::storage_version)).at("sku").at("name"),
            "Standard_LRS");
  EXPECT_EQ(azure_code(probe.post(root + "/listKeys" + azure::storage_version)),
            "DenyAssignmentAuthorizationFailed");
  EXPECT_EQ(azure_code(probe.post(root + "/failover" + azure::storage_version)),
            "DenyAssignmentAuthorizationFailed");
  EXPECT_EQ(azure_code(probe.del(managed + "?api-version=2025-04-01")),
            "DenyAssignmentAuthorizationFailed");
  const json denied = azure_body(probe.get(
      managed + "/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01"));
  ASSERT_EQ(denied.at("value").size(), 1U);
  EXPECT_EQ(denied.at("value")[0].at("properties").at("denyAssignmentName"),
            "System deny assignment created by Azure Databricks " + azure::workspace);
  probe.cloud().change_options().managed_group_hides = true;
  EXPECT_EQ(probe.get(root + azure::storage_version).status, 403);
}

TEST_F(Workspaces, ItIsARegionThatWasAbsent) {
  RegionOptions options;
  options.workspace_id = 2222222222222222;
  options.entra = std::make_shared<Entra>(options.tenant);
  CloudOptions around;
  around.entra = options.entra;
  around.credentials.push_back({.client_id = "app", .secret = "s"});
  Region region(options);
  Cloud cloud(around);
  cloud.add_seat(region, {.location = "westus", .address = "twin.example"});
  http::Request me(http::Method::get, routes::me);
  me.headers.emplace_back("Authorization",
                          "Bearer " + options.entra->issue("app", Audience::databricks,
                                                           probe.now_micros() / 1000, 36000));
  EXPECT_EQ(region.handle(me, probe.now_micros()).status, 404);
  const auto send = [&](http::Method method, const std::string& where, const json& body) {
    http::Request request = probe.request(method, where, body);
    request.headers = {{"Authorization", "Bearer " + cloud.token_for("app")}};
    return cloud.handle(request, probe.now_micros());
  };
  send(http::Method::put, azure::group + "?api-version=2025-04-01", {{"location", "westus"}});
  ASSERT_EQ(send(http::Method::put, target, workspace_body("westus", "a")).status, 201);
  EXPECT_EQ(region.handle(me, probe.now_micros()).status, 404) << "not before it is made";
  probe.wait(90);
  const json made = azure_body(send(http::Method::get, target, json()));
  EXPECT_EQ(made.at("properties").at("workspaceUrl"), "twin.example");
  EXPECT_EQ(made.at("properties").at("workspaceId"), "2222222222222222");
  EXPECT_EQ(region.handle(me, probe.now_micros()).status, 403) << "there, but we are strangers";
  http::Request first = me;
  first.headers.emplace_back("X-Databricks-Azure-SP-Management-Token", cloud.token_for("app"));
  first.headers.emplace_back("X-Databricks-Azure-Workspace-Resource-Id", azure::workspace + "x");
  EXPECT_EQ(region.handle(first, probe.now_micros()).status, 403) << "the id of another resource";
  first.headers.back().second = azure::workspace;
  EXPECT_EQ(region.handle(first, probe.now_micros()).status, 200);
  EXPECT_EQ(region.handle(me, probe.now_micros()).status, 200) << "an admin from now on";
  EXPECT_EQ(send(http::Method::del, target, json()).status, 202);
  probe.wait(90);
  EXPECT_EQ(send(http::Method::get, target, json()).status, 404);
  EXPECT_EQ(region.handle(me, probe.now_micros()).status, 404) << "absent again";
}

TEST_F(Workspaces, PatchChangesTagsOnly) {
  put(workspace_body("westus", "a"));
  probe.wait(90);
  EXPECT_EQ(azure_code(probe.patch(target, {{"sku", {{"name", "standard"}}}})),
            "InvalidRequestContent");
  EXPECT_EQ(probe.patch(target, {{"tags", {{"team", "lake"}}}}).status, 200);
  EXPECT_EQ(shown_now().at("properties").at("parameters").at("resourceTags").at("value"),
            json::object({{"team", "lake"}}));
}

TEST_F(Workspaces, WhatTheServiceRefuses) {
  EXPECT_EQ(refusal(workspace_body("italynorth", "a")), "LocationNotAvailableForResourceType");
  EXPECT_EQ(refusal(with("/properties/workspaceId", "1")), "InvalidRequestContent");
  EXPECT_EQ(refusal(with("/sku/name", "gold")), "InvalidSku");
  EXPECT_EQ(refusal(with("/properties/managedResourceGroupId", azure::group)),
            "ManagedResourceGroupAlreadyExists");
  EXPECT_EQ(refusal(with("/properties/publicNetworkAccess", "Disabled")),
            "InvalidNetworkConfiguration");
  EXPECT_EQ(refusal(with("/properties/defaultCatalog",
                         {{"initialType", "HiveMetastore"}, {"initialName", "x"}})),
            "InvalidInitialCatalogName");
  EXPECT_EQ(refusal(with("/properties/parameters/resourceTags", {{"value", json::object()}})),
            "InvalidParameter");
  EXPECT_EQ(
      refusal(with("/properties/parameters/enableNoPublicIp", {{"type", "Bool"}, {"value", true}})),
      "InvalidParameter");
  json no_mode = workspace_body("westus", "a");
  no_mode["properties"].erase("computeMode");
  EXPECT_EQ(refusal(no_mode), "InvalidRequestContent");
  EXPECT_EQ(probe.put(azure::workspace + "?api-version=2024-05-01", no_mode).status, 201);
}

TEST_F(Workspaces, KeysAreSpeltInTwoWays) {
  const json odd{{"keySource", "Microsoft.Keyvault"},
                 {"KeyName", "k"},
                 {"keyversion", "1"},
                 {"keyvaulturi", "https://kv.vault.azure.net/"}};
  const json usual{{"keySource", "Microsoft.Keyvault"},
                   {"keyName", "k"},
                   {"keyVersion", "1"},
                   {"keyVaultUri", "https://kv.vault.azure.net/"}};
  EXPECT_EQ(refusal(with("/properties/parameters/encryption", {{"value", usual}})),
            "InvalidParameter");
  const json entity{{"keySource", "Microsoft.Keyvault"},
                    {"keyVaultProperties", {{"KeyName", "k"}}}};
  EXPECT_EQ(refusal(with("/properties/encryption", {{"entities", {{"managedDisk", entity}}}})),
            "InvalidRequestContent");
  json wanted = with("/properties/parameters/encryption", {{"value", odd}});
  EXPECT_EQ(refusal(wanted), "InvalidParameter") << "its storage has no identity yet";
  put(with("/properties/parameters/prepareEncryption", {{"value", true}}));
  probe.wait(90);
  EXPECT_EQ(put(wanted).status, 200);
}

TEST_F(Workspaces, StorageThatTheRegionCannotGive) {
  const char* sku = "/properties/parameters/storageAccountSkuName/value";
  EXPECT_EQ(refusal(with(sku, "Standard_ZRS")), "SkuNotAvailable") << "westus has no zones";
  EXPECT_EQ(refusal(with(sku, "Standard_GRS", "qatarcentral")), "SkuNotAvailable") << "no pair";
  json silent = workspace_body("qatarcentral", "a");
  silent["properties"]["parameters"].erase("storageAccountSkuName");
  EXPECT_EQ(refusal(silent), "SkuNotAvailable") << "Standard_GRS is what one gets";
  const char* name = "/properties/parameters/storageAccountName/value";
  EXPECT_EQ(refusal(with(name, "Not_Good")), "AccountNameInvalid");
  probe.cloud().change_options().foreign_names.insert("roota");
  EXPECT_EQ(refusal(workspace_body("westus", "a")), "StorageAccountAlreadyTaken");
}

TEST_F(Workspaces, PoliciesAndProvidersHaveTheirSay) {
  probe.cloud().allow_locations("Microsoft.Databricks/workspaces", {"westeurope"});
  EXPECT_EQ(refusal(workspace_body("westus", "a")), "RequestDisallowedByPolicy");
  EXPECT_EQ(put(workspace_body("westeurope", "a")).status, 201);
}

TEST_F(Workspaces, SomeEndBadly) {
  probe.post("/sim/workspaces",
             {{"code", "QuotaExceeded"}, {"message", "no cores"}, {"at_once", 409}});
  EXPECT_EQ(refusal(workspace_body("westus", "a")), "QuotaExceeded");
  EXPECT_EQ(probe.get(target).status, 404) << "nothing was made";
  probe.post("/sim/workspaces", {{"code", "SkuNotAvailable"}, {"message", "no machines"}});
  const auto begun = put(workspace_body("westus", "a"));
  probe.wait(90);
  const json status = azure_body(probe.get(azure_header(begun, "Azure-AsyncOperation")));
  EXPECT_EQ(status.at("status"), "Failed");
  EXPECT_EQ(status.at("error").at("code"), "SkuNotAvailable");
  EXPECT_EQ(state(), "Failed");
  EXPECT_EQ(refusal(workspace_body("westus", "a")), "ApplianceProvisioningFailed");
  probe.del(target);
  probe.wait(90);
  EXPECT_EQ(probe.get(target).status, 404);
  EXPECT_EQ(put(workspace_body("westus", "a")).status, 201) << "its managed group went with it";
}

TEST_F(Workspaces, OneIsCancelled) {
  const auto begun = put(workspace_body("westus", "a"));
  EXPECT_EQ(probe.post("/sim/operations/cancel", {{"resource", azure::workspace}}).status, 200);
  EXPECT_EQ(azure_body(probe.get(azure_header(begun, "Azure-AsyncOperation"))).at("status"),
            "Canceled");
  EXPECT_EQ(state(), "Canceled");
}

TEST_F(Workspaces, OperationsShowThemselvesInSeveralWays) {
  probe.post("/sim/options", {{"style", "location_only"}, {"first_poll_missing", true}});
  const auto begun = put(workspace_body("westus", "a"));
  EXPECT_EQ(begun.status, 202);
  EXPECT_EQ(azure_header(begun, "Azure-AsyncOperation"), "");
  const std::string poll = azure_header(begun, "Location");
  EXPECT_EQ(probe.get(poll).status, 404) << "not known yet";
  EXPECT_EQ(probe.get(poll).status, 202);
  probe.wait(90);
  EXPECT_EQ(azure_body(probe.get(poll)).at("properties").at("provisioningState"), "Succeeded");
  probe.post("/sim/options", {{"style", "resource_only"}});
  json wanted = workspace_body("westus", "a");
  wanted["tags"]["a"] = "b";
  const auto changed = put(wanted);
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(azure_header(changed, "Location"), "");
  EXPECT_EQ(state(), "Updating");
}

TEST_F(Workspaces, WhatIsFixedForGood) {
  put(workspace_body("westus", "a"));
  probe.wait(90);
  EXPECT_EQ(refusal(with("/properties/parameters/storageAccountName/value", "other")),
            "PropertyChangeNotAllowed");
  EXPECT_EQ(refusal(with("/properties/parameters/enableNoPublicIp/value", false)),
            "PropertyChangeNotAllowed");
  EXPECT_EQ(refusal(workspace_body("eastus", "a")), "InvalidResourceLocation");
  EXPECT_EQ(put(with("/properties/parameters/storageAccountSkuName/value", "Standard_GRS")).status,
            200);
  probe.wait(30);
  const std::string root =
      azure::subscription +
      "/resourceGroups/managed-a/providers/Microsoft.Storage/storageAccounts/roota";
  EXPECT_EQ(azure_body(probe.get(root + azure::storage_version)).at("sku").at("name"),
            "Standard_GRS");
}

TEST_F(Workspaces, OldVersionsKnowLess) {
  json body = with("/properties/accessConnector",
                   {{"id", azure::group + "/providers/Microsoft.Databricks/accessConnectors/c"},
                    {"identityType", "SystemAssigned"}});
  probe.cloud().add({{"id", body["properties"]["accessConnector"]["id"]}, {"location", "westus"}});
  EXPECT_EQ(azure_code(probe.put(azure::workspace + "?api-version=2023-02-01", body)),
            "InvalidRequestContent");
  ASSERT_EQ(put(body).status, 201);
  probe.wait(90);
  EXPECT_TRUE(shown_now().at("properties").contains("accessConnector"));
  const json old = azure_body(probe.get(azure::workspace + "?api-version=2018-04-01"));
  for (const char* member :
       {"accessConnector", "computeMode", "publicNetworkAccess", "isUcEnabled"})
    EXPECT_FALSE(old.at("properties").contains(member)) << member;
  EXPECT_TRUE(old.at("properties").contains("workspaceUrl"));
}

TEST_F(Workspaces, WhoeverSaysNothingAboutPublicAddresses) {
  const auto made_with = [&](const char* version, const char* name) {
    json body = workspace_body("westus", name);
    body["properties"]["parameters"].erase("enableNoPublicIp");
    if (std::string(version) < "2026") body["properties"].erase("computeMode");
    const std::string at = azure::workspace + name + "?api-version=" + version;
    EXPECT_EQ(probe.put(at, body).status, 201);
    return azure_body(probe.get(at))
        .at("properties")
        .at("parameters")
        .at("enableNoPublicIp")
        .at("value");
  };
  EXPECT_EQ(made_with("2023-02-01", "a"), false);
  EXPECT_EQ(made_with("2026-01-01", "b"), true);
}

TEST_F(Workspaces, LocksHoldThem) {
  put(workspace_body("westus", "a"));
  probe.wait(90);
  const std::string lock =
      azure::group + "/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01";
  EXPECT_EQ(azure_code(probe.put(lock, {{"properties", {{"level", "CanNotDelete"}}}})),
            "AuthorizationFailed");
  probe.cloud().set_role("app", AzureRole::owner);
  EXPECT_EQ(probe.put(lock, {{"properties", {{"level", "CanNotDelete"}}}}).status, 201);
  EXPECT_EQ(azure_code(probe.del(target)), "ScopeLocked");
  EXPECT_EQ(probe.patch(target, {{"tags", {{"a", "b"}}}}).status, 200);
  EXPECT_EQ(probe.del(lock).status, 200);
  EXPECT_EQ(probe.del(target).status, 202);
}

TEST_F(Workspaces, TagsThatAPolicyWants) {
  probe.post("/sim/policies", {{"type", "Microsoft.Databricks/workspaces"}, {"tag", "costs"}});
  EXPECT_EQ(refusal(workspace_body("westus", "a")), "RequestDisallowedByPolicy");
  EXPECT_EQ(put(with("/tags", {{"costs", "4711"}})).status, 201);
}

TEST_F(Workspaces, ConnectorsHaveAnIdentityOfTheirOwn) {
  const std::string connector =
      azure::group + "/providers/Microsoft.Databricks/accessConnectors/ac";
  const std::string at = connector + azure::version;
  EXPECT_EQ(azure_code(probe.put(at, {{"location", "westus"}, {"identity", {{"type", "Odd"}}}})),
            "InvalidIdentityType");
  EXPECT_EQ(
      probe.put(at, {{"location", "westus"}, {"identity", {{"type", "SystemAssigned"}}}}).status,
      201);
  probe.wait(30);
  json shown_connector = azure_body(probe.get(at));
  EXPECT_EQ(shown_connector.at("properties").at("provisioningState"), "Succeeded");
  EXPECT_FALSE(text_of(shown_connector.at("identity"), "principalId").empty());
  put(with("/properties/accessConnector", {{"id", connector}, {"identityType", "SystemAssigned"}}));
  EXPECT_EQ(azure_body(probe.get(at)).at("properties").at("referedBy")[0], azure::workspace);
  EXPECT_EQ(azure_code(probe.del(at)), "AccessConnectorInUse");
  const json role{{"properties",
                   {{"principalId", shown_connector.at("identity").at("principalId")},
                    {"roleDefinitionId", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"}}}};
  const std::string roles = azure::group + "/providers/Microsoft.Authorization/roleAssignments/";
  EXPECT_EQ(azure_code(probe.put(roles + "1?api-version=2022-04-01", role)), "AuthorizationFailed");
  probe.cloud().set_role("app", AzureRole::owner);
  EXPECT_EQ(probe.put(roles + "1?api-version=2022-04-01", role).status, 201);
  EXPECT_EQ(azure_code(probe.put(roles + "2?api-version=2022-04-01", role)),
            "RoleAssignmentExists");
}

class InjectedWorkspaces : public Workspaces {
 public:
  InjectedWorkspaces() {
    json body = json::object({{"location", "westus"}});
    body["properties"]["addressSpace"]["addressPrefixes"] = json::array({"10.1.0.0/16"});
    body["properties"]["subnets"] = json::array(
        {subnet("host", "10.1.0.0/24"), subnet("container", "10.1.1.0/24"),
         subnet("small", "10.1.2.0/27"),
         json::object({{"name", "plain"}, {"properties", {{"addressPrefix", "10.1.3.0/24"}}}})});
    EXPECT_EQ(probe.put(network + "?api-version=2025-01-01", body).status, 201);
  }
  static json subnet(const char* name, const char* range) {
    json out = json::object({{"name", name}});
    json& properties = out["properties"];
    properties["addressPrefix"] = range;
    properties["networkSecurityGroup"]["id"] =
        azure::group + "/providers/Microsoft.Network/networkSecurityGroups/nsg";
    json delegation = json::object({{"name", "databricks"}});
    delegation["properties"]["serviceName"] = "Microsoft.Databricks/workspaces";
    properties["delegations"] = json::array({delegation});
    return out;
  }
  json injected(const char* host, const char* container, const char* letters = "a",
                const char* location = "westus") const {
    json body = workspace_body(location, letters);
    json& parameters = body["properties"]["parameters"];
    parameters["customVirtualNetworkId"]["value"] = network;
    parameters["customPublicSubnetName"]["value"] = host;
    parameters["customPrivateSubnetName"]["value"] = container;
    return body;
  }
  std::string network = azure::group + "/providers/Microsoft.Network/virtualNetworks/vnet";
};

TEST_F(InjectedWorkspaces, SubnetsHaveToFit) {
  EXPECT_EQ(refusal(injected("host", "host")), "InvalidNetworkConfiguration");
  EXPECT_EQ(refusal(injected("host", "none")), "SubnetNotFound");
  EXPECT_EQ(refusal(injected("host", "small")), "SubnetTooSmall");
  EXPECT_EQ(refusal(injected("plain", "container")), "SubnetDelegationMissing");
  EXPECT_EQ(refusal(injected("host", "container", "a", "eastus")), "InvalidNetworkConfiguration");
  json bare = injected("host", "container");
  bare["properties"]["parameters"].erase("customVirtualNetworkId");
  EXPECT_EQ(refusal(bare), "InvalidNetworkConfiguration");
  EXPECT_EQ(put(injected("host", "container")).status, 201);
  EXPECT_EQ(azure_code(probe.put(azure::workspace + "-two" + azure::version,
                                 injected("host", "container", "b"))),
            "SubnetInUse");
  EXPECT_EQ(azure_code(probe.del(network + "/subnets/host?api-version=2025-01-01")),
            "InUseSubnetCannotBeDeleted");
  json endpoint = json::object({{"location", "westus"}});
  endpoint["properties"]["subnet"]["id"] = network + "/subnets/plain";
  json link = json::object({{"name", "ui"}});
  link["properties"] = {{"privateLinkServiceId", azure::workspace},
                        {"groupIds", json::array({"databricks_ui_api"})}};
  endpoint["properties"]["privateLinkServiceConnections"] = json::array({link});
  EXPECT_EQ(probe
                .put(azure::group +
                         "/providers/Microsoft.Network/privateEndpoints/pe?api-version=2025-01-01",
                     endpoint)
                .status,
            201);
  const json connections =
      azure_body(probe.get(azure::workspace + "/privateEndpointConnections" + azure::version))
          .at("value");
  ASSERT_EQ(connections.size(), 1U);
  EXPECT_EQ(shown_now().at("properties").at("privateEndpointConnections").size(), 1U);
  const json shown_network = azure_body(probe.get(network + "?api-version=2025-01-01"));
  EXPECT_EQ(shown_network.at("properties").at("subnets").size(), 4U);
}

}  // namespace
}  // namespace twinlake::simulator
