#include "app/config.h"

#include <gtest/gtest.h>

#include "app/rules.h"

namespace twinlake::app {
namespace {

const KindNames kinds = {"job", "notebook", "cluster", "secret_scope"};

constexpr const char* whole = R"(groups:
  analytics:
    primary: prod-weu
    secondary: prod-neu
    state: ~/dr
    scope:
      include: [/Shared/**, {kind: [job, cluster]}]
      exclude:
        - /Shared/tmp/**
        - {kind: job, name: "test *"}
    rewrites:
      - {from: stweu, to: stneu, kinds: job}
      - {from: st2weu, to: stneu, one_way: true}
    secrets:
      names: ["licen?e"]
      places: [{kind: [job, cluster], place: /custom_tags/pin}]
    deletion: {enabled: false, allow: 7, unassign: true}
    adopt:
      overwrite: [{kind: notebook, path: /Workspace/Shared/lib/**}]
    always_on: ["serving *", {kind: cluster, name: boards}]
    account: console
    managed_dr: {cover: [secret_scope, secret], primary_region: westeurope}
)";

TEST(Config, AWholeGroupIsRead) {
  const auto config = parse_config(whole, "twinlake.yml", kinds);
  ASSERT_TRUE(config) << config.error().message;
  const GroupConfig* group = config->find("analytics");
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(group->primary, "prod-weu");
  EXPECT_EQ(group->secondary, "prod-neu");
  EXPECT_EQ(group->state, "~/dr");
  EXPECT_EQ(group->include.at(1).kinds, (std::vector<std::string>{"job", "cluster"}));
  EXPECT_EQ(group->exclude.at(1).name, "test *");
  EXPECT_EQ(group->rewrites.forward("stweu"), "stneu");
  EXPECT_EQ(group->rewrites.backward("stneu"), "stweu");
  EXPECT_TRUE(group->rewrite_rules.at(1).one_way);
  EXPECT_EQ(group->secret_names, std::vector<std::string>{"licen?e"});
  ASSERT_EQ(group->secret_places.size(), 2U);
  EXPECT_EQ(group->secret_places[1].kind, "cluster");
  EXPECT_EQ(group->secret_places[1].path, "/custom_tags/pin");
  EXPECT_FALSE(group->delete_enabled);
  EXPECT_EQ(group->allow_deletes, 7);
  EXPECT_TRUE(group->unassign);
  EXPECT_EQ(group->overwrite.at(0).path, "/Shared/lib/**");
  EXPECT_EQ(group->managed_dr.cover.size(), 2U);
  EXPECT_EQ(group->managed_dr.primary_region, "westeurope");
  ASSERT_EQ(group->always_on.size(), 2U);
  EXPECT_EQ(group->always_on[0].name, "serving *");
  EXPECT_EQ(group->always_on[1].kinds, std::vector<std::string>{"cluster"});
}

TEST(Config, TargetsAndLimitsAreRead) {
  const auto config = parse_config(
      "groups:\n  g:\n    primary: a\n    secondary: b\n    targets: {rpo_minutes: 15}\n"
      "    limits: {most: 1.5, budget: /proc/twinlake}\n"
      "  h: {primary: a, secondary: b, limits: {budget: none}}\n"
      "  i: {primary: a, secondary: b}\n",
      "twinlake.yml", kinds);
  ASSERT_TRUE(config) << config.error().message;
  const GroupConfig* all = config->find("g");
  EXPECT_EQ(all->rpo, Micros(std::chrono::minutes(15)));
  EXPECT_EQ(all->limits.most, 1.5);
  EXPECT_EQ(budget_folder(all->limits, "/nowhere"), "/proc/twinlake");
  EXPECT_EQ(budget_folder(config->find("h")->limits, "/nowhere"), "");
  const GroupConfig* none = config->find("i");
  EXPECT_FALSE(none->rpo);
  EXPECT_EQ(none->limits.most, 1);
}

struct WrongCase {
  const char* name;
  std::string text;
  const char* place;  ///< line:column
  const char* message;
  const char* remedy;
};

std::string in_group(const std::string& lines) {
  return "groups:\n  g:\n    primary: a\n    secondary: b\n" + lines;
}

class WrongConfig : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongConfig, IsToldWithItsPlaceAndARemedy) {
  const auto config = parse_config(GetParam().text, "twinlake.yml", kinds);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().fault, Fault::config);
  const std::string start = std::string("twinlake.yml:") + GetParam().place + ": ";
  EXPECT_TRUE(config.error().message.starts_with(start)) << config.error().message;
  EXPECT_NE(config.error().message.find(GetParam().message), std::string::npos)
      << config.error().message;
  EXPECT_NE(config.error().hint.find(GetParam().remedy), std::string::npos) << config.error().hint;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, WrongConfig,
    testing::Values(
        WrongCase{"unknown_key", in_group("    scope:\n      exclud: []\n"), "6:7",
                  "no key `exclud`", "`exclude`"},
        WrongCase{"unknown_top", "group:\n  x: 1\n", "1:1", "no key `group`", "`groups`"},
        WrongCase{"twice", in_group("    primary: c\n"), "5:5", "`primary` is there twice",
                  "Keep one"},
        WrongCase{"group_twice",
                  "groups:\n  g: {primary: a, secondary: b}\n  g: {primary: a, secondary: b}\n",
                  "3:3", "`g` is there twice", "Keep one"},
        WrongCase{"list_for_text", "groups:\n  g:\n    primary: [a]\n", "3:14",
                  "must be a text, not a list", "one value"},
        WrongCase{"text_for_mapping", in_group("    scope: all\n"), "5:12",
                  "must be a mapping, not a text", "key: value"},
        WrongCase{"no_secondary", "groups:\n  g:\n    primary: a\n", "2:3", "has no `secondary`",
                  "secondary: PROFILE"},
        WrongCase{"same_profiles", "groups:\n  g:\n    primary: a\n    secondary: a\n", "2:3",
                  "same profile", "other region"},
        WrongCase{"no_bool", in_group("    deletion:\n      enabled: yes\n"), "6:16",
                  "true or false, not `yes`", "Write `true`"},
        WrongCase{"quoted_bool", in_group("    deletion:\n      enabled: \"true\"\n"), "6:16",
                  "true or false", "Write"},
        WrongCase{"no_count", in_group("    deletion:\n      allow: many\n"), "6:14",
                  "whole number", "digits"},
        WrongCase{"negative", in_group("    deletion:\n      allow: -1\n"), "6:14", "0 or more",
                  "digits"},
        WrongCase{"unknown_kind", in_group("    scope:\n      exclude:\n        - {kind: jobs}\n"),
                  "7:18", "no kind `jobs`", "`job`"},
        WrongCase{"no_path", in_group("    scope:\n      exclude:\n        - Shared/x\n"), "7:11",
                  "not a path", "/Shared/tmp"},
        WrongCase{"path_and_name",
                  in_group("    scope:\n      exclude:\n        - {path: /x, name: y}\n"), "7:11",
                  "both `path` and `name`", "two entries"},
        WrongCase{"one_way", in_group("    rewrites:\n      - {from: a, to: b, one_way: yes}\n"),
                  "6:35", "must be true or false", "`true`"},
        WrongCase{"same_and_from", in_group("    rewrites: [{from: a, same: b}]\n"), "5:16",
                  "`same` and another text", "Give one"},
        WrongCase{"secret_place", in_group("    secrets: {places: [{kind: job}]}\n"), "5:24",
                  "a `kind` and a `place`", "Write {kind: job"},
        WrongCase{"secret_key", in_group("    secrets: {name: [a]}\n"), "5:15", "no key `name`",
                  "`names`"},
        WrongCase{"rewritten_twice",
                  in_group("    rewrites:\n      - {from: a, to: x}\n      - {from: a, to: y, "
                           "one_way: true}\n"),
                  "7:9", "rewritten twice, in lines 6 and 7", "Keep one"},
        WrongCase{"ambiguous_rewrite",
                  in_group("    rewrites:\n      - {from: a, to: x}\n      - {from: b, to: x}\n"),
                  "7:9", "two texts", "of its own"},
        WrongCase{"conflict_policy", in_group("    conflicts: {default: mine}\n"), "5:26",
                  "`mine` says not", "`keep`"},
        WrongCase{"conflict_kind", in_group("    conflicts: {jobb: keep}\n"), "5:17",
                  "no kind `jobb`", "`job`"},
        WrongCase{"cover_kind", in_group("    managed_dr: {cover: [job], primary_region: w}\n"),
                  "5:26", "`job` is not known to be left out", "secret_scope"},
        WrongCase{"cover_region", in_group("    managed_dr: {cover: [secret]}\n"), "5:17",
                  "needs the region", "primary_region"},
        WrongCase{"cover_account",
                  in_group("    managed_dr: {cover: [secret], primary_region: w}\n"), "2:3",
                  "no `account` tells of it", "account: PROFILE"},
        WrongCase{"no_rpo", in_group("    targets: {rpo_minutes: 0}\n"), "5:28", "above 0",
                  "how old"},
        WrongCase{"no_factor", in_group("    limits: {most: fast}\n"), "5:20", "is no factor",
                  "from 0.05 to 20"},
        WrongCase{"too_much", in_group("    limits: {most: 21}\n"), "5:20", "is no factor",
                  "from 0.05 to 20"},
        WrongCase{"budget_beside", in_group("    limits: {budget: here}\n"), "5:22",
                  "no whole path", "or write none"},
        WrongCase{"empty_file", "", "1:1", "empty", "groups"},
        WrongCase{"no_groups", "groups: {}\n", "1:1", "no failover group", "Add one"},
        WrongCase{"bad_name", "groups:\n  a/b: {primary: a, secondary: b}\n", "2:3",
                  "cannot be the name", "letters"},
        WrongCase{"broken_yaml", "groups:\n  g: {primary: [a\n", "3:1", "not YAML", "indentation"},
        WrongCase{"tab", "groups:\n\tg: 1\n", "2:3", "not YAML", "tabs"}),
    [](const auto& info) { return std::string(info.param.name); });

model::Kind path_kind() {
  model::Kind kind;
  kind.name = "notebook";
  kind.key_is_path = true;
  return kind;
}

model::Kind named(std::string_view name) {
  model::Kind kind;
  kind.name = name;
  return kind;
}

TEST(Conflicts, APolicyForEachKindAndWhatTheOperatorTakes) {
  ConflictRules rules;
  EXPECT_EQ(policy_for(rules, named("job"), "a"), engine::OnConflict::primary);
  rules.otherwise = engine::OnConflict::keep;
  rules.by_kind["job"] = engine::OnConflict::ask;
  EXPECT_EQ(policy_for(rules, named("job"), "a"), engine::OnConflict::ask);
  EXPECT_EQ(policy_for(rules, named("cluster"), "a"), engine::OnConflict::keep);
  rules.take = {"job:\"night*"};
  EXPECT_EQ(policy_for(rules, named("job"), "nightly"), engine::OnConflict::primary);
  EXPECT_EQ(policy_for(rules, named("job"), "daily"), engine::OnConflict::ask);
}

TEST(Scope, WithoutRulesOnlyTheKnownExclusionsCount) {
  const GroupConfig group;
  EXPECT_TRUE(is_in_scope(group, path_kind(), "/Shared/x"));
  for (const char* path :
       {"/Twinlake/g/state.json", "/Users/a@b/Trash/x", "/Shared/.ide/x", "/a/__pycache__/m"})
    EXPECT_FALSE(is_in_scope(group, path_kind(), path)) << path;
}

TEST(Scope, IncludeTakesWhatItNamesAndTheWayThere) {
  GroupConfig group;
  group.include.push_back({{}, "/Shared/etl/**", {}});
  EXPECT_TRUE(is_in_scope(group, path_kind(), "/Shared/etl/x"));
  EXPECT_TRUE(is_in_scope(group, path_kind(), "/Shared"));
  EXPECT_FALSE(is_in_scope(group, path_kind(), "/Shared/other"));
  model::Kind job;
  job.name = "job";
  EXPECT_FALSE(is_in_scope(group, job, "nightly"));
  group.include.push_back({{"job"}, {}, {}});
  EXPECT_TRUE(is_in_scope(group, job, "nightly"));
}

TEST(Scope, ExcludeWinsAndLookupsAlwaysBelong) {
  GroupConfig group;
  group.include.push_back({{}, "/Shared/**", {}});
  group.exclude.push_back({{}, "/Shared/tmp/**", {}});
  EXPECT_FALSE(is_in_scope(group, path_kind(), "/Shared/tmp/x"));
  model::Kind lookup;
  lookup.name = "warehouse";
  lookup.support = model::Support::lookup;
  EXPECT_TRUE(is_in_scope(group, lookup, "anything"));
}

TEST(Rules, TheDigestFollowsWhatMatters) {
  GroupConfig group;
  const std::string plain = rules_of(group).digest;
  group.primary = "another profile";
  group.allow_deletes = 3;
  EXPECT_EQ(rules_of(group).digest, plain);
  group.exclude.push_back({{"job"}, {}, {}});
  EXPECT_NE(rules_of(group).digest, plain);
}

}  // namespace
}  // namespace twinlake::app
