// The twin of a workspace is made in another region, through everything that may go wrong on the way.
#include <gtest/gtest.h>

#include "app/azure_access.h"
#include "support/azure.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

bool plan_says(const azure::ProvisionPlan& plan, azure::Level level, const std::string& text) {
  for (const azure::TwinFinding& finding : plan.findings)
    if (finding.level == level &&
        (finding.message + " " + finding.what_to_do).find(text) != std::string::npos)
      return true;
  for (const azure::TwinFinding& finding : plan.findings)
    std::fprintf(stderr, "%s %s: %s. %s\n", std::string(name_of(finding.level)).c_str(),
                 finding.about.c_str(), finding.message.c_str(), finding.what_to_do.c_str());
  return false;
}

TEST(Provision, MakesTheTwinAndASecondRunChangesNothing) {
  AzureLab lab;
  const auto plan = lab.plan();
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_FALSE(plan->is_blocked());
  EXPECT_EQ(lab.wire().writes, 0) << "a plan only reads";
  const auto done = lab.apply();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(lab.begun, (std::vector<std::string>{"resource_group", "workspace"}));
  const json& properties = done->workspace["properties"];
  EXPECT_EQ(properties["provisioningState"], "Succeeded");
  EXPECT_EQ(properties["workspaceUrl"], "away.example");
  EXPECT_EQ(done->workspace["location"], "northeurope");
  EXPECT_EQ(done->workspace["tags"]["team"], "data");
  EXPECT_EQ(properties["parameters"]["storageAccountSkuName"]["value"], "Standard_GRS");
  const auto again = lab.apply();
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_TRUE(again->done.empty());
  EXPECT_EQ(lab.wire().writes, 0);
}

TEST(Provision, GoesOnAfterBeingKilledAtAnyPoint) {
  for (int kill = 1;; ++kill) {
    ASSERT_LT(kill, 200) << "it never came to its end";
    AzureLab lab;
    lab.kill_after = kill;
    bool killed = false;
    try {
      const auto first = lab.apply();
      ASSERT_TRUE(first) << describe(first.error());
    } catch (const AzureKilled&) {
      killed = true;
    }
    if (!killed) break;
    lab.kill_after = 0;
    const auto done = lab.apply();
    ASSERT_TRUE(done) << "killed after " << kill << ": " << describe(done.error());
    EXPECT_EQ(done->workspace["properties"]["provisioningState"], "Succeeded") << kill;
    const auto workspaces = lab.cloud().resources().of_type("Microsoft.Databricks/workspaces",
                                                            lab.subscription());
    EXPECT_EQ(workspaces.size(), 2U) << kill;
    const auto again = lab.plan();
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->steps.empty()) << kill;
  }
}

TEST(Provision, AFailedCreationSaysWhatIsThereAndIsReplacedOnlyWhenAsked) {
  AzureLab lab;
  lab.cloud().next_workspace({.code = "QuotaExceeded", .message = "no cores left"});
  const auto failed = lab.apply();
  ASSERT_FALSE(failed);
  const std::string text = describe(failed.error());
  EXPECT_NE(text.find("no cores left"), std::string::npos) << text;
  EXPECT_NE(text.find("Done so far: create the resource group"), std::string::npos) << text;
  EXPECT_NE(text.find("azure.secondary.region"), std::string::npos) << text;
  const auto plan = lab.plan();
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_TRUE(plan_says(*plan, azure::Level::blocker, "--replace-failed"));
  EXPECT_EQ(lab.apply().error().fault, Fault::refused);
  lab.options.replace_failed = true;
  lab.begun.clear();
  const auto done = lab.apply();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(lab.begun, (std::vector<std::string>{"remove", "workspace"}));
}

TEST(Provision, ARefusalNamesTheSetting) {
  AzureLab lab;
  lab.cloud().allow_locations("Microsoft.Databricks/workspaces", {"westeurope"});
  const auto refused = lab.apply();
  ASSERT_FALSE(refused);
  const std::string text = describe(refused.error());
  EXPECT_NE(text.find("RequestDisallowedByPolicy"), std::string::npos) << text;
  EXPECT_NE(text.find("Change azure.secondary.region"), std::string::npos) << text;
}

TEST(Provision, EveryFormOfAnOperationIsFollowed) {
  using simulator::OperationStyle;
  for (const OperationStyle style : {OperationStyle::both, OperationStyle::location_only,
                                     OperationStyle::resource_only}) {
    simulator::CloudOptions options = options_with_app();
    options.style = style;
    options.first_poll_missing = true;
    AzureLab lab(options);
    const auto done = lab.apply();
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(done->workspace["properties"]["provisioningState"], "Succeeded");
  }
}

TEST(Provision, ChecksThePlaceBeforehand) {
  AzureLab lab;
  lab.settings.region = "austriaeast";
  EXPECT_TRUE(plan_says(*lab.plan(), azure::Level::blocker, "not offered in austriaeast"));
  lab.settings.region = "westeurope";
  EXPECT_TRUE(plan_says(*lab.plan(), azure::Level::blocker, "the region of the primary"));
  lab.settings.region = "northeurope";
  lab.settings.storage_account = "Not Valid";
  EXPECT_TRUE(plan_says(*lab.plan(), azure::Level::blocker, "azure.secondary.storage_account"));
  lab.settings.storage_account = "sttaken";
  json account = json::object();
  account["id"] = lab.subscription() +
                  "/resourceGroups/rg-x/providers/Microsoft.Storage/storageAccounts/sttaken";
  account["location"] = "westus";
  account["sku"]["name"] = "Standard_LRS";
  lab.cloud().add(account);
  EXPECT_TRUE(plan_says(*lab.plan(), azure::Level::blocker, "cannot be had"));
}

TEST(Provision, ANetworkIsMadeOrChecked) {
  AzureLab lab;
  lab.settings.network.vnet = "vnet-dr";
  lab.settings.network.public_subnet = "hosts";
  lab.settings.network.private_subnet = "containers";
  EXPECT_TRUE(plan_says(*lab.plan(), azure::Level::blocker, "there is no network"));
  lab.settings.network.address_space = "10.20.0.0/16";
  lab.settings.network.public_prefix = "10.20.0.0/24";
  lab.settings.network.private_prefix = "10.20.1.0/24";
  const auto done = lab.apply();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(lab.begun, (std::vector<std::string>{"resource_group", "security_group", "network",
                                                 "workspace"}));
  EXPECT_TRUE(lab.plan()->steps.empty());
}

TEST(Provision, ATooSmallSubnetWithoutDelegationIsToldBefore) {
  AzureLab lab;
  json network = json::parse(R"({"location":"northeurope","properties":{
      "addressSpace":{"addressPrefixes":["10.1.0.0/16"]}}})");
  network["id"] = lab.subscription() +
                  "/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-dr";
  lab.cloud().add(network);
  for (const char* const name : {"hosts", "containers"}) {
    json subnet = json::parse(R"({"properties":{"addressPrefix":"10.1.0.0/27"}})");
    subnet["id"] = network["id"].get<std::string>() + "/subnets/" + name;
    lab.cloud().add(subnet);
  }
  lab.settings.network.vnet = network["id"];
  lab.settings.network.public_subnet = "hosts";
  lab.settings.network.private_subnet = "containers";
  const auto plan = lab.plan();
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_TRUE(plan_says(*plan, azure::Level::blocker, "not delegated"));
  EXPECT_TRUE(plan_says(*plan, azure::Level::blocker, "no network security group"));
  EXPECT_TRUE(plan_says(*plan, azure::Level::blocker, "less than the /26"));
}

TEST(Provision, WhatMayNotBeSeenIsUnknownAndNotAbsent) {
  AzureLab lab;
  lab.cloud().set_role("app", simulator::AzureRole::reader);
  const auto plan = lab.plan();
  ASSERT_TRUE(plan) << describe(plan.error());
  const auto refused = lab.apply();
  ASSERT_FALSE(refused);
  EXPECT_NE(describe(refused.error()).find("Contributor"), std::string::npos)
      << describe(refused.error());
}

TEST(Provision, RangesThatAreTooSmallAreToldBeforeTheNetworkIsMade) {
  AzureLab lab;
  lab.settings.network.vnet = "vnet-dr";
  lab.settings.network.public_subnet = "hosts";
  lab.settings.network.private_subnet = "containers";
  lab.settings.network.address_space = "10.20.0.0/16";
  lab.settings.network.public_prefix = "10.20.0.0/28";
  lab.settings.network.private_prefix = "ten";
  const auto plan = lab.plan();
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_TRUE(plan_says(*plan, azure::Level::blocker, "less than the /26"));
  EXPECT_TRUE(plan_says(*plan, azure::Level::blocker, "is no range"));
}

TEST(Provision, TokensThatEndOnTheWayAreRenewed) {
  simulator::CloudOptions options = options_with_app();
  options.token_seconds = 60;  // a workspace takes longer
  AzureLab lab(options);
  workspace::Profile profile;
  profile.auth = workspace::AuthKind::azure_client_secret;
  profile.client_id = "app";
  profile.secret = Secret(std::string_view("s"));
  profile.azure_tenant_id = options.tenant;
  const auto open = [&lab](const std::string&, bool) -> Result<std::unique_ptr<http::Transport>> {
    return std::make_unique<simulator::InProcessTransport>(lab.loop(), lab.cloud(), Millis(5));
  };
  const auto none = [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
  app::AzureAccess::May may;
  may.effect = http::Effect::writes;
  auto wire = std::make_unique<simulator::InProcessTransport>(lab.loop(), lab.cloud(), Millis(5));
  const auto access =
      app::AzureAccess::open_over(lab.loop(), std::move(wire), open, profile, none, may);
  ASSERT_TRUE(access) << describe(access.error());
  azure::Arm& arm = (*access)->arm();
  auto primary = lab.loop().run(azure::read_workspace(arm, lab.primary_id()));
  ASSERT_TRUE(primary) << describe(primary.error());
  auto found = lab.loop().run(azure::find_workspace(arm, "https://home.example"));
  ASSERT_TRUE(found) << describe(found.error());
  EXPECT_EQ((*found)["id"], (*primary)["id"]);
  EXPECT_FALSE(lab.loop().run(azure::find_workspace(arm, "https://other.example")));
  auto plan = lab.loop().run(
      azure::plan_provision(arm, lab.store(), *primary, lab.settings, azure::PlanOptions()));
  ASSERT_TRUE(plan) << describe(plan.error());
  const auto done =
      lab.loop().run(azure::apply_provision(arm, lab.store(), *plan, azure::ApplyOptions()));
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(done->workspace["properties"]["workspaceUrl"], "away.example");
}

simulator::FaultRule azure_fault(const std::string& method, const std::string& path, int status) {
  simulator::FaultRule rule;
  rule.method = method;
  rule.path = path;
  rule.status = status;
  return rule;
}

TEST(Provision, APollThatAnswersBadlyIsNoFailure) {
  for (const int status : {429, 500, 503, 404, 408}) {
    AzureLab lab;
    simulator::FaultRule rule = azure_fault("GET", "*operation*", status);
    rule.nth = 2;
    rule.times = 3;
    if (status == 429) rule.retry_after = 40;
    lab.cloud().faults().add(rule);
    const auto done = lab.apply();
    ASSERT_TRUE(done) << status << ": " << describe(done.error());
    EXPECT_EQ(lab.cloud().faults().rules().front().fired, 3) << status;
    EXPECT_EQ(lab.begun, (std::vector<std::string>{"resource_group", "workspace"}));
  }
}

TEST(Provision, AnAnswerThatIsLostBeginsNoSecondWorkspace) {
  AzureLab lab;
  simulator::FaultRule rule = azure_fault("PUT", "*/workspaces/*", 0);
  rule.action = simulator::FaultAction::drop;
  rule.after = true;
  lab.cloud().faults().add(rule);
  auto done = lab.apply();
  if (!done) done = lab.apply();
  EXPECT_EQ(lab.cloud().faults().rules().front().fired, 1);
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(lab.cloud()
                .resources()
                .of_type("Microsoft.Databricks/workspaces", lab.subscription())
                .size(),
            2U);
  EXPECT_TRUE(lab.plan()->steps.empty());
}

TEST(Provision, ACancelledCreationIsTold) {
  AzureLab lab;
  lab.cloud().next_workspace({.status = "Canceled", .code = "", .message = ""});
  const auto failed = lab.apply();
  ASSERT_FALSE(failed);
  EXPECT_NE(describe(failed.error()).find("cancelled"), std::string::npos)
      << describe(failed.error());
}

TEST(Provision, PublishedLimitsSlowItAndNothingMore) {
  simulator::CloudOptions options = options_with_app();
  options.enforce_limits = true;
  AzureLab lab(options);
  const auto done = lab.apply();
  ASSERT_TRUE(done) << describe(done.error());
}

TEST(Provision, ControlPlanesAreComparedWhenBothAreThere) {
  AzureLab apart;
  ASSERT_TRUE(apart.apply());
  const auto planned = apart.plan();
  for (const auto& finding : planned->findings)
    EXPECT_EQ(finding.message.find("control plane"), std::string::npos) << finding.message;
  AzureLab shared(options_with_app(), "australiaeast", "australiasoutheast");
  EXPECT_TRUE(plan_says(*shared.plan(), azure::Level::warning, "may be served by one"));
  ASSERT_TRUE(shared.apply());
  EXPECT_TRUE(plan_says(*shared.plan(), azure::Level::warning, "one outage takes both"));
}

TEST(Provision, RegistersTheProvider) {
  AzureLab lab;
  const auto before = lab.plan();
  ASSERT_TRUE(before);
  lab.cloud().unregister("Microsoft.Databricks");
  json primary = before->twin.body;
  ASSERT_TRUE(lab.plan()) << "reading is possible all the same";
  const auto done = lab.apply();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(lab.begun.front(), "register_provider");
}

TEST(Provision, ChangedTagsAreSetWithoutAPutOfTheWhole) {
  AzureLab lab;
  ASSERT_TRUE(lab.apply());
  lab.settings.tags["cost"] = "dr";
  lab.begun.clear();
  const auto done = lab.apply();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(lab.begun, (std::vector<std::string>{"tags"}));
  EXPECT_EQ(done->workspace["tags"]["cost"], "dr");
  lab.settings.storage_sku = "Standard_LRS";
  lab.begun.clear();
  const auto changed = lab.apply();
  ASSERT_TRUE(changed) << describe(changed.error());
  EXPECT_EQ(lab.begun, (std::vector<std::string>{"update"}));
  EXPECT_TRUE(lab.plan()->steps.empty());
}

TEST(Provision, TheKeyOfTheRootComesWithASecondPut) {
  AzureLab lab;
  lab.settings.root_key = {"https://kv-dr.vault.azure.net", "root", "1"};
  const auto first = lab.apply();
  ASSERT_TRUE(first) << describe(first.error());
  EXPECT_NE(first->waits_for.find("--keys-granted"), std::string::npos);
  EXPECT_EQ(lab.begun, (std::vector<std::string>{"resource_group", "workspace"}));
  lab.options.keys_granted = true;
  lab.begun.clear();
  const auto second = lab.apply();
  ASSERT_TRUE(second) << describe(second.error());
  EXPECT_EQ(lab.begun, (std::vector<std::string>{"encryption"}));
  EXPECT_TRUE(lab.plan()->steps.empty());
}

}  // namespace
}  // namespace twinlake::test
