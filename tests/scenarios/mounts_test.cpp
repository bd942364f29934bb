// What no API tells or does: commands on a small cluster that is gone afterwards.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

constexpr const char* lake = "abfss://raw@stweu.dfs.core.windows.net/";
constexpr const char* lake_there = "abfss://raw@stneu.dfs.core.windows.net/";

json oauth_configs() {
  json configs = json::object();
  configs["fs.azure.account.auth.type"] = "OAuth";
  configs["fs.azure.account.oauth.provider.type"] = "org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider";
  configs["fs.azure.account.oauth2.client.id"] = "11111111-2222-3333-4444-555555555555";
  configs["fs.azure.account.oauth2.client.secret"] = "{{secrets/lake/client}}";
  configs["fs.azure.account.oauth2.client.endpoint"] = "https://login.microsoftonline.com/t/oauth2/token";
  return configs;
}

json mount_item(const std::string& point, const std::string& source, const json& configs = oauth_configs()) {
  json item = json::object();
  item["mount_point"] = point;
  item["source"] = source;
  if (!configs.is_null()) item["configs"] = configs;
  return item;
}

void replace_all(json& value, const std::string& from, const std::string& to) {
  std::string text = value.dump();
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  value = json::parse(text);
}

/// Mounts are dealt with, a cluster may run on the secondary, and accounts have a twin.
void use_mounts(Lab& lab) {
  engine::ObserveRules& observe = lab.rules.observe;
  observe.kinds = {"mount"};
  observe.secondary = workspace::HelperOptions{};
  lab.rules.rewrite = [](const model::Kind&, json& definition, model::Way, const model::Recall&) {
    replace_all(definition, "stweu", "stneu");
    return model::Rewritten();
  };
  lab.primary("POST", "/api/2.0/secrets/scopes/create", {{"scope", "lake"}});
  lab.primary("POST", "/api/2.0/secrets/put", {{"scope", "lake"}, {"key", "client"}, {"string_value", "s3cret of the lake"}});
}

void declare(Lab& lab, json item) { lab.rules.observe.declared["mount"].push_back(std::move(item)); }

void plant(Lab& lab, const std::string& point, const std::string& source) {
  lab.primary("POST", "/sim/mounts", {{"mount_point", point}, {"source", source}});
}

std::map<std::string, std::string> mounts_of(simulator::Region& region) {
  std::map<std::string, std::string> all;
  const json world = region.world();
  for (const json& mount : world.at("mounts")) all[text_at(mount, "/mount_point")] = text_at(mount, "/source");
  return all;
}

std::size_t clusters_of(simulator::Region& region) {
  const json world = region.world();
  return world.at("clusters").size();
}

std::string outcome_of(const Result<engine::SyncReport>& report, const std::string& address) {
  if (!report) return describe(report.error());
  for (const auto& object : report->objects)
    if (object.address == address) return object.outcome + ": " + object.error + "\n" + object.what_to_do;
  return {};
}

void expect_complete(Lab& lab) {
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(clusters_of(lab.home()), 0U);
  EXPECT_EQ(clusters_of(lab.away()), 0U);
  EXPECT_TRUE(lab.store().in_doubt().empty());
}

TEST(Mounts, OfTheConfigurationAreMadeWithTheSecretsOfTheSecondary) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  expect_complete(lab);
  EXPECT_EQ(mounts_of(lab.away()), (std::map<std::string, std::string>{{"/mnt/raw", lake_there}}));
  const json world = lab.away().world();
  EXPECT_NE(world.at("mounts").dump().find("from_secret\":true"), std::string::npos) << world.at("mounts").dump(2);
  EXPECT_EQ(lab.primary_wire().log.by_route["POST /api/1.2/commands/execute"], 0);
}

TEST(Mounts, ThatDidNotChangeStartNoClusterAgain) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  expect_complete(lab);
  lab.reset_logs();
  expect_complete(lab);
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
}

TEST(Mounts, OfThePrimaryAreReadOnlyWhereSomethingMayRun) {
  Lab lab;
  use_mounts(lab);
  plant(lab, "/mnt/raw", lake);
  expect_complete(lab);
  EXPECT_EQ(mounts_of(lab.away()).size(), 0U);
  lab.rules.observe.primary = workspace::HelperOptions{};
  lab.rules.observe.complete = [](const model::Kind&, json& item) { item.emplace("configs", oauth_configs()); };
  expect_complete(lab);
  EXPECT_EQ(mounts_of(lab.away()), (std::map<std::string, std::string>{{"/mnt/raw", lake_there}}));
}

TEST(Mounts, AreLookedAtAgainAfterADay) {
  Lab lab;
  use_mounts(lab);
  lab.rules.observe.primary = workspace::HelperOptions{};
  lab.rules.observe.complete = [](const model::Kind&, json& item) { item.emplace("configs", oauth_configs()); };
  plant(lab, "/mnt/raw", lake);
  expect_complete(lab);
  plant(lab, "/mnt/new", lake);
  expect_complete(lab);
  EXPECT_EQ(mounts_of(lab.away()).count("/mnt/new"), 0U) << "nobody has looked";
  lab.rules.observe.every = Micros(1);
  expect_complete(lab);
  EXPECT_EQ(mounts_of(lab.away()).count("/mnt/new"), 1U);
}

TEST(Mounts, ThatAreGoneAreTakenAway) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  declare(lab, mount_item("/mnt/old", lake));
  expect_complete(lab);
  lab.rules.observe.declared["mount"].pop_back();
  expect_complete(lab);
  EXPECT_EQ(mounts_of(lab.away()).size(), 1U);
}

TEST(Mounts, OfOthersOnTheSecondaryAreLeftAlone) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  lab.secondary("POST", "/sim/mounts", {{"mount_point", "/mnt/raw"}, {"source", "abfss://other@stneu.dfs.core.windows.net/"}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_NE(outcome_of(report, "mount:\"/mnt/raw\"").find("conflict"), std::string::npos) << told(report);
  EXPECT_EQ(mounts_of(lab.away()).at("/mnt/raw"), "abfss://other@stneu.dfs.core.windows.net/");
}

TEST(Mounts, OfOthersThatAreEqualAreAdopted) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  lab.secondary("POST", "/sim/mounts", {{"mount_point", "/mnt/raw"}, {"source", lake_there}});
  expect_complete(lab);
}

TEST(Mounts, WithOtherCredentialsAreMadeAgain) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  expect_complete(lab);
  lab.rules.observe.declared["mount"][0]["configs"]["fs.azure.account.oauth2.client.id"] = "another";
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->kinds.at("mount").updated, 1) << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Mounts, WithoutCredentialsAreTakenToAPersonWithTheLinesToRun) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake, nullptr));
  declare(lab, mount_item("/mnt/known", lake));
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  const std::string told = outcome_of(report, "mount:\"/mnt/raw\"");
  EXPECT_NE(told.find(std::string("dbutils.fs.mount(\"") + lake_there + "\", \"/mnt/raw\""), std::string::npos) << told;
  EXPECT_EQ(mounts_of(lab.away()).size(), 1U) << "the other one is made";
}

TEST(Mounts, OfDeadStorageDoNotKeepTheOthersWaiting) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/dead", "abfss://raw@stdead.dfs.core.windows.net/"));
  declare(lab, mount_item("/mnt/raw", lake));
  lab.secondary("POST", "/sim/storage-accounts", {{"account", "stdead"}, {"state", "dead"}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_NE(outcome_of(report, "mount:\"/mnt/dead\"").find("did not end in time"), std::string::npos) << told(report);
  EXPECT_EQ(mounts_of(lab.away()).count("/mnt/raw"), 1U);
  EXPECT_EQ(clusters_of(lab.away()), 0U);
}

TEST(Mounts, AreUnknownWhenTheClusterDoesNotStart) {
  for (const char* how : {"fail", "hang"}) {
    Lab lab;
    use_mounts(lab);
    declare(lab, mount_item("/mnt/raw", lake));
    lab.secondary("POST", "/sim/options", {{"cluster_starts", how}});
    const auto report = lab.sync();
    ASSERT_TRUE(report) << how;
    EXPECT_NE(outcome_of(report, "mount:\"/mnt/raw\"").find("helper cluster did not start"), std::string::npos) << told(report);
    EXPECT_EQ(clusters_of(lab.away()), 0U) << how;
    EXPECT_TRUE(lab.store().in_doubt().empty()) << how;
  }
}

TEST(Mounts, ARunningClusterOfTheOperatorIsUsedAndLeftAsItIs) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  const json made = lab.secondary("POST", "/api/2.1/clusters/create",
                                  {{"cluster_name", "ours"}, {"spark_version", "15.4.x-scala2.12"},
                                   {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}});
  lab.rules.observe.secondary->cluster_id = text_at(made, "/cluster_id");
  auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_NE(outcome_of(report, "mount:\"/mnt/raw\"").find("does not run"), std::string::npos) << told(report);
  lab.secondary("POST", "/sim/options", {{"advance_seconds", 600}});
  report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(mounts_of(lab.away()).size(), 1U) << told(report);
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{"ours"});
  EXPECT_TRUE(lab.away().world().at("command_contexts").empty());
  lab.reset_logs();
  report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{}) << "nothing changed, nothing runs";
}

TEST(Mounts, AContextIsGoneWhateverHappens) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  const json made = lab.secondary("POST", "/api/2.1/clusters/create",
                                  {{"cluster_name", "ours"}, {"spark_version", "15.4.x-scala2.12"},
                                   {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}});
  lab.secondary("POST", "/sim/options", {{"advance_seconds", 600}});
  lab.rules.observe.secondary->cluster_id = text_at(made, "/cluster_id");
  simulator::FaultRule broken;
  broken.path = "/api/1.2/contexts/status";
  broken.times = 0;
  broken.status = 400;
  lab.away().faults().add(broken);
  ASSERT_TRUE(lab.sync());
  EXPECT_GT(lab.secondary_wire().log.by_route["POST /api/1.2/contexts/create"], 0);
  EXPECT_TRUE(lab.away().world().at("command_contexts").empty());
}

/// Storage that complains of a value repeats it.
TEST(Mounts, WhatGoesWrongIsToldWithoutTheSecret) {
  Lab lab;
  use_mounts(lab);
  json configs = oauth_configs();
  configs["fs.azure.account.oauth2.client.endpoint"] = "{{secrets/lake/client}}";
  declare(lab, mount_item("/mnt/raw", lake, configs));
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  const std::string outcome = outcome_of(report, "mount:\"/mnt/raw\"");
  EXPECT_NE(outcome.find("there is no token endpoint at [secret]"), std::string::npos) << outcome;
  EXPECT_EQ(outcome.find("s3cret of the lake"), std::string::npos) << outcome;
}

/// What the state holds of a side is damaged: nothing may be concluded from it.
TEST(Mounts, ADamagedObservationIsNoEmptyOne) {
  Lab lab;
  use_mounts(lab);
  lab.rules.observe.primary = workspace::HelperOptions{};
  lab.rules.observe.complete = [](const model::Kind&, json& item) { item.emplace("configs", oauth_configs()); };
  plant(lab, "/mnt/raw", lake);
  expect_complete(lab);
  for (state::Observed seen : lab.store().observations()) {
    if (seen.side != model::Side::home) continue;
    seen.items = "[{\"mount_po";
    lab.store().put_observation(seen);
  }
  const engine::Reading reading = lab.read(false);
  for (const engine::Step& step : reading.plan.steps) EXPECT_NE(step.action, engine::Action::remove) << step.address();
  expect_complete(lab);
  EXPECT_EQ(mounts_of(lab.away()).size(), 1U);
}

TEST(Mounts, HelpersOfOthersAreLeftAlone) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  lab.secondary("POST", "/api/2.1/clusters/create",
                {{"cluster_name", "helper of another pair"}, {"spark_version", "15.4.x-scala2.12"},
                 {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}, {"custom_tags", {{"twinlake-helper", "main.1.2"}}}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(clusters_of(lab.away()), 1U) << "theirs; ours is gone";
  EXPECT_EQ(lab.not_in_sync(), "") << "it is nothing that is replicated";
}

/// The answer to the create is lost: nobody knows its id.
TEST(Mounts, AHelperThatNobodySawBeingMadeIsRemovedToo) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  simulator::FaultRule lost;
  lost.path = "/api/2.1/clusters/create";
  lost.action = simulator::FaultAction::drop;
  lost.after = true;
  lost.times = 1;
  lab.away().faults().add(lost);
  lab.away().set_eventual_consistency(true);
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(clusters_of(lab.away()), 0U);
  EXPECT_TRUE(lab.store().in_doubt().empty());
  expect_complete(lab);
}

TEST(Mounts, APlanSaysWhatWouldRunAndRunsNothing) {
  Lab lab;
  use_mounts(lab);
  declare(lab, mount_item("/mnt/raw", lake));
  lab.reset_logs();
  const engine::Reading reading = lab.read(false);
  ASSERT_FALSE(reading.plan.findings.empty());
  EXPECT_NE(reading.plan.findings.back().message.find("small machine on the secondary"), std::string::npos) << reading.plan.findings.back().message;
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
}

/// A kill at any moment, also while the cluster starts or a command runs: the next run removes what is
/// left and ends in the same world. Each exchange would take two minutes: commands are run by a real Python.
TEST(Mounts, AKillAfterAnyExchangeLeavesNoCluster) {
  int exchanges = 0;
  {
    Lab lab;
    use_mounts(lab);
    declare(lab, mount_item("/mnt/raw", lake));
    lab.reset_logs();
    expect_complete(lab);
    exchanges = static_cast<int>(lab.primary_wire().log.total + lab.secondary_wire().log.total);
  }
  for (int after = 1; after < exchanges; after += sweep_step(7, 29)) {
    const StateFolder folder;
    Lab lab(folder.options());
    use_mounts(lab);
    declare(lab, mount_item("/mnt/raw", lake));
    (void)lab.sync_killed_after(after);
    expect_complete(lab);
    EXPECT_EQ(mounts_of(lab.away()).size(), 1U);
    if (testing::Test::HasFailure()) FAIL() << "killed after " << after;
  }
}

TEST(Secrets, ThatStayInsideAreReadByACommand) {
  Lab lab;
  use_mounts(lab);
  lab.rules.observe.kinds.clear();
  lab.rules.observe.primary = workspace::HelperOptions{};
  for (Lab* const one : {&lab}) {
    one->primary("POST", "/sim/options", {{"secrets_stay_inside", true}});
    one->secondary("POST", "/sim/options", {{"secrets_stay_inside", true}});
  }
  const std::string binary("\x00\xff\xfe\x80", 4);
  lab.primary("POST", "/api/2.0/secrets/put", {{"scope", "lake"}, {"key", "binary"}, {"bytes_value", base64_encode(binary)}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  lab.secondary("POST", "/sim/options", {{"secrets_stay_inside", false}});
  EXPECT_EQ(base64_decode(text_at(lab.secondary("GET", "/api/2.0/secrets/get?scope=lake&key=binary"), "/value")), binary);
  EXPECT_EQ(base64_decode(text_at(lab.secondary("GET", "/api/2.0/secrets/get?scope=lake&key=client"), "/value")), "s3cret of the lake");
  EXPECT_EQ(clusters_of(lab.home()) + clusters_of(lab.away()), 0U);
}

}  // namespace
}  // namespace twinlake::test
