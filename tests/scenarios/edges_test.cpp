// The places where copy tools go wrong: shared accounts, full pin lists, listings that fail, entries
// that name nobody, paths that change their type, logins that run out.
#include <gtest/gtest.h>

#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

std::size_t count_of(simulator::Region& region, const char* list) {
  const json world = region.world();
  return world.at(list).size();
}

simulator::FaultRule failing(const std::string& path, int status) {
  simulator::FaultRule rule;
  rule.path = path;
  rule.times = 0;
  rule.status = status;
  return rule;
}

TEST(Federation, PrincipalsOfOneAccountAreAssignedNotCreated) {
  auto account = std::make_shared<simulator::Account>("acc-1");
  const std::string ana = account->add_user("ana@contoso.example").id;
  account->add_group("everyone-data", {ana});
  Lab::Options options;
  options.account = account;
  Lab lab(options);
  lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "ana@contoso.example"}});
  lab.primary("POST", "/api/2.0/preview/permissionassignments",
              {{"permission_assignments", json::array({{{"group_name", "everyone-data"}, {"permissions", json::array({"USER"})}}})}});
  const std::size_t principals = account->all().size();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(account->all().size(), principals) << "nobody new in the account";
  const json groups = lab.secondary("GET", "/api/2.0/preview/scim/v2/Groups?filter=displayName%20eq%20%22everyone-data%22");
  EXPECT_EQ(groups.value("totalResults", 0), 1);
}

TEST(Pins, AreGivenWhileThereIsRoomAndTheRestIsSaid) {
  Lab lab;
  for (int i = 0; i < 104; ++i) {
    const json made = lab.primary("POST", "/api/2.1/clusters/create",
                                  {{"cluster_name", "c" + std::to_string(i)}, {"spark_version", "15.4.x-scala2.12"},
                                   {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}});
    if (i == 103) lab.primary("POST", "/api/2.1/clusters/pin", {{"cluster_id", made["cluster_id"]}});
  }
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  const json world = lab.away().world();
  int pinned = 0;
  bool own_pin = false;
  for (const json& cluster : world.at("clusters")) {
    if (!cluster.contains("pinned_by_user_name")) continue;
    ++pinned;
    own_pin = own_pin || cluster["cluster_name"] == "c103";
  }
  EXPECT_EQ(pinned, 100);
  EXPECT_TRUE(own_pin) << "what the primary pins itself comes first";
  EXPECT_EQ(std::count_if(report->findings.begin(), report->findings.end(),
                          [](const auto& finding) { return finding.message.find("no room") != std::string::npos; }),
            4);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Permissions, ASyncReportsWhomItLeftOut) {
  Lab lab;
  fill_small_estate(lab);
  // Somebody who is out of scope is nobody for the lists.
  lab.rules.in_scope = [](const model::Kind& kind, const std::string& key) { return kind.name != "group" || key != "engineers"; };
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  const bool said = std::any_of(report->findings.begin(), report->findings.end(), [](const model::Finding& finding) {
    return finding.address == "permissions:directory:\"/Shared/etl\"" && finding.message.find("engineers") != std::string::npos;
  });
  EXPECT_TRUE(said) << "somebody was left out of a list without a word";
}

TEST(Listings, ThatFailAreNeverTakenForNothing) {
  Lab lab;
  fill_small_estate(lab);
  lab.home().faults().add(failing("/api/2.2/jobs/list", 500));
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial") << "the jobs could not be listed, and the secondary has none";
  EXPECT_NE(told(report).find("job:\"*\""), std::string::npos) << told(report);
}

TEST(Listings, ThatFailDeleteNothingAndSayUnknown) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  lab.home().faults().add(failing("/api/2.2/jobs/list", 500));
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_EQ(count_of(lab.away(), "jobs"), 2U);
  std::set<std::string> unknown;
  for (const auto& verdict : lab.reconcile())
    if (verdict.standing == engine::Standing::unknown) unknown.insert(verdict.address());
  EXPECT_EQ(unknown, (std::set<std::string>{"job:\"chain\"", "job:\"load\""})) << "nothing else is concerned";
}

TEST(Listings, ThatFailOnTheSecondaryLeaveTheChildrenUnknownToo) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  lab.away().faults().add(failing("/api/2.2/jobs/list", 500));
  int jobs = 0;
  int permissions = 0;
  for (const auto& verdict : lab.reconcile()) {
    if (verdict.standing != engine::Standing::unknown) continue;
    (verdict.address().starts_with("permissions:") ? permissions : jobs) += 1;
  }
  EXPECT_EQ(jobs, 2);
  EXPECT_EQ(permissions, 2) << "of these jobs, and of nothing else";
}

TEST(Listings, WithoutPagesThatPromiseMoreAreNotTheWhole) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  const json before = lab.away().world();
  for (const char* path : {"/api/2.0/secrets/scopes/list", "/api/2.0/secrets/list", "/api/2.0/secrets/acls/list",
                           "/api/2.0/global-init-scripts", "/api/2.0/ip-access-lists", "/api/2.0/dbfs/list"}) {
    simulator::FaultRule rule;
    rule.path = path;
    rule.times = 0;
    rule.action = simulator::FaultAction::empty_page;
    lab.home().faults().add(rule);
  }
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial") << told(report);
  EXPECT_EQ(lab.away().world(), before);
}

TEST(Listings, AFolderThatCannotBeListedKeepsTheWholeTree) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  lab.home().faults().add(failing("/api/2.0/workspace/list", 403));
  ASSERT_TRUE(lab.sync());
  EXPECT_NO_THROW(lab.secondary("GET", "/api/2.0/workspace/get-status?path=/Shared/etl/load"));
}

TEST(Ourselves, AreNeverLockedOutOfTheSecondary) {
  Lab lab;
  const json me = lab.secondary("GET", "/api/2.0/preview/scim/v2/Me");
  // On the primary another user of our name is switched off.
  const json mine = lab.primary("GET", "/api/2.0/preview/scim/v2/Me");
  lab.primary("PATCH", "/api/2.0/preview/scim/v2/Users/" + text_at(mine, "/id"),
              {{"schemas", json::array({"urn:ietf:params:scim:api:messages:2.0:PatchOp"})},
               {"Operations", json::array({{{"op", "replace"}, {"path", "displayName"}, {"value", "Somebody else"}}})}});
  lab.reset_logs();
  ASSERT_EQ(lab.sync()->outcome, "complete");
  for (const std::string& write : lab.secondary_wire().log.writes)
    EXPECT_EQ(write.find("/Users/" + text_at(me, "/id")), std::string::npos) << write;
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Deletions, LeaveNoTraceInTheIdMap) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  const std::size_t before = lab.store().bindings().size();
  lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/etl/empty"}});
  ASSERT_EQ(lab.sync()->outcome, "complete");
  EXPECT_EQ(lab.store().bindings().size(), before - 1);
}

TEST(Homes, ComeAndGoWithTheirUsersAndSpoilNothing) {
  Lab lab;
  const json eve = lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "eve@contoso.example"}});
  lab.secondary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "only-here@contoso.example"}});
  import_notebook(lab, "/Users/eve@contoso.example/draft", "# Databricks notebook source\n1\n");
  ASSERT_EQ(lab.sync()->outcome, "complete");
  EXPECT_EQ(lab.not_in_sync(), "");
  lab.primary("DELETE", "/api/2.0/preview/scim/v2/Users/" + text_at(eve, "/id"));
  const auto report = lab.sync();
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Permissions, WithoutATargetAreReportedAndLeftOut) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  // Somebody who has left: the entry stays on the primary, the principal does not.
  const json bob = lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "bob@contoso.example"}});
  const json folder = lab.primary("GET", "/api/2.0/workspace/get-status?path=/Shared/etl");
  lab.primary("PATCH", "/api/2.0/permissions/directories/" + text_at(folder, "/object_id"),
              {{"access_control_list", json::array({{{"user_name", "bob@contoso.example"}, {"permission_level", "CAN_EDIT"}}})}});
  lab.primary("DELETE", "/api/2.0/preview/scim/v2/Users/" + text_at(bob, "/id"));
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Paths, ThatChangeTheirTypeAreMadeAnewWithTheirPermissions) {
  Lab lab;
  fill_small_estate(lab);
  lab.primary("POST", "/api/2.0/workspace/import",
              {{"path", "/Shared/etl/thing"}, {"format", "RAW"}, {"content", "aGVsbG8="}, {"overwrite", true}});
  ASSERT_TRUE(lab.sync());
  lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/etl/thing"}});
  import_notebook(lab, "/Shared/etl/thing", "# Databricks notebook source\n1\n");
  const json thing = lab.primary("GET", "/api/2.0/workspace/get-status?path=/Shared/etl/thing");
  lab.primary("PUT", "/api/2.0/permissions/notebooks/" + text_at(thing, "/object_id"),
              {{"access_control_list", json::array({{{"group_name", "engineers"}, {"permission_level", "CAN_RUN"}}})}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(text_at(lab.secondary("GET", "/api/2.0/workspace/get-status?path=/Shared/etl/thing"), "/object_type"), "NOTEBOOK");
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(References, ToSomethingThatTheSecondaryLacksBlockThatObjectOnly) {
  Lab lab;
  fill_small_estate(lab);
  const json query = {{"query", {{"display_name", "revenue"}, {"query_text", "select 1"}, {"parent_path", "/Workspace/Shared"}}}};
  const json made = lab.primary("POST", "/api/2.0/sql/queries", query);
  const json warehouse = lab.primary("POST", "/api/2.0/sql/warehouses", {{"name", "others"}, {"cluster_size", "Small"}});
  lab.primary("POST", "/api/2.2/jobs/create",
              {{"name", "needs a query"},
               {"tasks", json::array({{{"task_key", "q"},
                                       {"sql_task", {{"warehouse_id", warehouse["id"]}, {"query", {{"query_id", made["id"]}}}}}}})}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial");
  const std::string text = told(report);
  EXPECT_NE(text.find("job:\"needs a query\" none blocked"), std::string::npos) << text;
  EXPECT_NE(text.find("query:\"revenue\""), std::string::npos) << text;
  EXPECT_EQ(count_of(lab.away(), "jobs"), 2U) << "the others are there";
  lab.secondary("POST", "/api/2.0/sql/queries", query);
  EXPECT_EQ(lab.sync()->outcome, "complete");
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Login, TokensAreRenewedDuringALongRun) {
  Lab::Options options;
  options.oauth = true;
  options.token_seconds = 90;
  options.latency = std::chrono::seconds(20);
  Lab lab(options);
  fill_small_estate(lab);
  const auto report = lab.sync();
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_GE(lab.secondary_wire().log.by_route["POST /oidc/v1/token"], 2);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Limits, ThrottlingSlowsAndLosesNothing) {
  Lab lab;
  fill_small_estate(lab);
  for (int i = 0; i < 60; ++i)
    lab.primary("POST", "/api/2.2/jobs/create", job_body("j" + std::to_string(i), "/Shared/etl/load"));
  lab.home().set_enforce_limits(true);
  lab.away().set_enforce_limits(true);
  const auto report = lab.sync();
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(count_of(lab.away(), "jobs"), 62U);
}

TEST(Plans, ThatAreSavedAreRefusedWhenSomethingChanged) {
  Lab lab;
  fill_small_estate(lab);
  engine::Session::SyncOptions options;
  options.expected_fingerprint = lab.read(false).plan.fingerprint;
  EXPECT_EQ(lab.read(false).plan.fingerprint, options.expected_fingerprint) << "planning twice gives the same plan";
  import_notebook(lab, "/Shared/etl/other", "# Databricks notebook source\n1\n");
  EXPECT_NE(lab.read(false).plan.fingerprint, options.expected_fingerprint);
}

}  // namespace
}  // namespace twinlake::test
