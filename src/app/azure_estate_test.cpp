#include "app/azure_estate.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/azure_readiness.h"
#include "app/azure_report.h"

namespace twinlake::app {
namespace {

using azure::Of;
using azure::Service;
using nlohmann::json;

GroupConfig with_rewrites(std::vector<RewriteRule> rules) {
  GroupConfig group;
  std::size_t wrong = 0;
  auto made = Rewrites::make(std::move(rules), wrong);
  EXPECT_TRUE(made) << wrong;
  if (made) group.rewrites = std::move(*made);
  return group;
}

RewriteRule from_to(const std::string& from, const std::string& to) {
  RewriteRule rule;
  rule.from = from;
  rule.to = to;
  return rule;
}

azure::EstateUses naming(Of side, const std::string& text) {
  azure::EstateUses uses;
  azure::look_at_definition(uses, side, "thing:\"x\"", json{{"text", text}});
  return uses;
}

TEST(AzureEstateNames, ARewriteLeadsToATwin) {
  const GroupConfig group = with_rewrites({from_to("stweu", "stneu"), from_to("kv-weu", "kv-neu")});
  const auto uses =
      naming(Of::primary,
             "abfss://raw@stweu.dfs.core.windows.net/ https://kv-weu.vault.azure.net/ "
             "abfss://raw@stother.dfs.core.windows.net/");
  const auto twins = twins_of(group, model::Side::home, uses);
  EXPECT_EQ(twins.size(), 2U);
  EXPECT_EQ(twins.at({Service::storage, "stweu"}), "stneu");
  EXPECT_EQ(twins.at({Service::key_vault, "kv-weu"}), "kv-neu");
}

TEST(AzureEstateNames, AfterAFailoverRewritesLeadBack) {
  const GroupConfig group = with_rewrites({from_to("stweu", "stneu")});
  const auto uses = naming(Of::primary, "abfss://raw@stneu.dfs.core.windows.net/");
  EXPECT_EQ(twins_of(group, model::Side::away, uses).at({Service::storage, "stneu"}), "stweu");
}

TEST(AzureEstateNames, WhatOnlyTheStandbyNamesHasNoTwin) {
  const GroupConfig group = with_rewrites({from_to("stweu", "stneu")});
  EXPECT_TRUE(twins_of(group, model::Side::home,
                       naming(Of::standby, "abfss://raw@stweu.dfs.core.windows.net/"))
                  .empty());
}

TEST(AzureEstateNames, NamesOfTheStandbyAreTracedBack) {
  const GroupConfig group = with_rewrites({from_to("stweu", "stneu")});
  azure::EstateUses uses = naming(Of::standby, "abfss://raw@stneu.dfs.core.windows.net/");
  trace_back(group, model::Side::home, uses);
  const auto original = uses.things.find({Service::storage, "stweu"});
  ASSERT_NE(original, uses.things.end());
  EXPECT_EQ(original->second.primary.begin()->pointer, "/text");
  EXPECT_TRUE(original->second.standby.empty());
}

TEST(AzureReport, AnUnknownAccountSaysWhyAndWhoUsesIt) {
  azure::AccountVerdict verdict;
  verdict.name = "stfar";
  verdict.why_unknown = "no subscription that we see has it";
  for (int i = 0; i < 5; ++i)
    verdict.used.primary.insert({"job:\"" + std::to_string(i) + "\"", "/x"});
  AzureHead head;
  head.group = "main";
  const Style plain(false);
  const std::string text = storage_text(head, {verdict}, false, plain);
  EXPECT_NE(text.find("unknown: no subscription that we see has it"), std::string::npos) << text;
  EXPECT_NE(text.find("and 2 more (--all)"), std::string::npos) << text;
  EXPECT_EQ(storage_text(head, {verdict}, true, plain).find("more (--all)"), std::string::npos);
  EXPECT_TRUE(needs_work(verdict));
  EXPECT_TRUE(account_json(verdict)["loss_minutes"].is_null());
}

TEST(AzureReport, ARootNeverFailsOver) {
  azure::AccountVerdict verdict;
  verdict.name = "dbstorage1";
  verdict.account.emplace();
  verdict.account->sku = "Standard_GRS";
  verdict.account->geo.can_fail_over = true;
  verdict.root = azure::RootAccount();
  EXPECT_EQ(account_json(verdict)["can_fail_over"], false);
  const std::string text = storage_text(AzureHead(), {verdict}, false, Style(false));
  EXPECT_NE(text.find("never"), std::string::npos) << text;
  EXPECT_NE(text.find("deny assignment"), std::string::npos) << text;
  EXPECT_FALSE(needs_work(verdict));
}

TEST(AzureReport, ALackInAzureIsAWarningButForAStandbyThatNobodyReaches) {
  using failover::Level;
  azure::AzureCheck check{.name = "cores", .gravity = azure::Gravity::problem, .message = "short"};
  EXPECT_EQ(check_of(check).level, Level::warning);
  check.gravity = azure::Gravity::note;
  EXPECT_EQ(check_of(check).level, Level::good);
  check.name = "private link";
  check.gravity = azure::Gravity::problem;
  EXPECT_EQ(check_of(check).level, Level::blocker);
}

}  // namespace
}  // namespace twinlake::app
