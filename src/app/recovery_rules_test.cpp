#include "app/recovery_rules.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/config.h"
#include "app/waves.h"

namespace twinlake::app {
namespace {

using failover::ActionType;

Result<Config> parse_recovery(const std::string& plan) {
  return parse_config(
      "groups:\n  g:\n    primary: a\n    secondary: b\n    recovery_plan:\n" + plan,
      "twinlake.yml", {});
}

Result<Config> parse_recovery_actions(const std::string& actions) {
  return parse_recovery("      - group: first\n        actions: [" + actions + "]\n");
}

TEST(RecoveryRules, AreReadAsTheyStand) {
  const auto plan_calling = [](const std::string& address) {
    return parse_recovery(R"x(
      - group: gate
        actions:
          - name: switch
            command: [/opt/switch, --to, secondary]
            within_minutes: 3
            on_failure: continue
            repeat: true
          - {name: chat, webhook: ")x" +
                          address + R"x(", after: switch}
          - {name: look, manual: Look at it, when: failback}
      - group: jobs
        actions:
          - {name: smoke, canary: smoke check}
          - {name: gold, release: [tag=tier:gold, "load*"], after: [smoke, look]}
)x");
  };
  const auto config = plan_calling("https://u:pw@chat.example/T/s3cret");
  ASSERT_FALSE(config) << "a password in an address is refused";
  EXPECT_EQ(config.error().message.find("pw"), std::string::npos);
  const auto good = plan_calling("https://chat.example/T/s3cret");
  ASSERT_TRUE(good) << good.error().message;
  const failover::RecoveryPlan& plan = good->groups.front().recovery_plan;
  ASSERT_EQ(plan.groups.size(), 2U);
  const failover::PlanAction& first = plan.groups[0].actions[0];
  EXPECT_EQ(first.type, ActionType::command);
  EXPECT_EQ(first.command, (std::vector<std::string>{"/opt/switch", "--to", "secondary"}));
  EXPECT_EQ(first.timeout, std::chrono::minutes(3));
  EXPECT_EQ(first.on_failure, failover::OnFailure::go_on);
  EXPECT_TRUE(first.repeat);
  EXPECT_EQ(plan.groups[0].actions[1].after, std::vector<std::string>{"switch"});
  EXPECT_EQ(plan.groups[0].actions[2].when, failover::When::failback);
  EXPECT_EQ(plan.groups[0].actions[2].timeout, std::chrono::hours(4));
  EXPECT_EQ(described(plan),
            "gate: switch runs /opt/switch\ngate: chat posts to https://chat.example\n"
            "gate: look waits for a person: Look at it\n"
            "jobs: smoke runs the job smoke check once, which has to succeed\n"
            "jobs: gold releases tag=tier:gold, load*");
  EXPECT_EQ(described_actions(plan, model::Side::away).size(), 4U) << "one is for the way home";
}

TEST(RecoveryRules, WhatIsWrongIsTold) {
  struct Wrong {
    const char* actions;
    const char* says;
    const char* hint;
  };
  const Wrong all[] = {
      {"{name: a, comand: [x]}", "has no key `comand`", "`command`"},
      {"{name: a}", "nothing that is to be done", "`manual`"},
      {"{name: a, manual: x, canary: y}", "two things at once", "Give one"},
      {"{manual: x}", "has no `name`", "--confirm"},
      {"{name: a, manual: x}, {name: a, manual: y}", "there twice", "otherwise"},
      {"{name: a, manual: x, after: b}, {name: b, manual: y, after: a}",
       "wait for each other: a -> b -> a", "`after`"},
      {"{name: a, manual: x, after: bb}, {name: b, manual: y}", "comes after `bb`", "`b`"},
      {"{name: a, manual: x, after: a}", "wait for each other: a -> a", "`after`"},
      {"{name: a, manual: x, on_failure: ignore}", "cannot be `ignore`", "`continue`"},
      {"{name: a, release: tag=tier}", "names no tag", "tag=KEY:VALUE"},
      {"{name: a, command: []}", "names no program", "PROGRAM"},
      {"{name: a, webhook: {header: X, value_from: Y}}", "needs either", "variable"},
      {"{name: a, webhook: {url_from: A, header: X}}", "belong together", "variable"},
      {"{name: a, webhook: \"http://chat.example/x\"}", "cannot be used", "https://"},
      {"{name: a, manual: x, within_minutes: soon}", "within_minutes", ""},
  };
  for (const Wrong& wrong : all) {
    const auto config = parse_recovery_actions(wrong.actions);
    ASSERT_FALSE(config) << wrong.actions;
    EXPECT_NE(config.error().message.find(wrong.says), std::string::npos) << config.error().message;
    EXPECT_NE(config.error().hint.find(wrong.hint), std::string::npos) << config.error().hint;
    EXPECT_NE(config.error().message.find("twinlake.yml:"), std::string::npos);
  }
}

TEST(RecoveryRules, AnActionOfAnEarlierGroupMayBeWaitedFor) {
  EXPECT_TRUE(
      parse_recovery("      - {group: a, actions: [{name: x, manual: x}]}\n"
                     "      - {group: b, actions: [{name: y, manual: y, after: x}]}\n"));
  EXPECT_FALSE(
      parse_recovery("      - {group: a, actions: [{name: x, manual: x, after: y}]}\n"
                     "      - {group: b, actions: [{name: y, manual: y}]}\n"))
      << "a later one never comes before it";
}

TEST(Wave, TakesNamesAndTags) {
  model::Kind tagged;
  tagged.tags_at = "/tags";
  model::Kind plain;
  const nlohmann::json gold = {{"tags", {{"tier", "gold"}}}};
  const auto tags = wave_from("tag=tier:gold");
  ASSERT_TRUE(tags);
  EXPECT_TRUE(tags->takes(tagged, "x", gold));
  EXPECT_FALSE(tags->takes(plain, "x", gold));
  EXPECT_FALSE(tags->takes(tagged, "x", nlohmann::json::object()));
  const auto names = wave_from("load, chain*");
  ASSERT_TRUE(names);
  EXPECT_TRUE(names->takes(plain, "chain 3", {}));
  EXPECT_FALSE(names->takes(plain, "loads", {}));
  EXPECT_FALSE(wave_from(" , "));
  EXPECT_FALSE(wave_from("tag=:x"));
}

}  // namespace
}  // namespace twinlake::app
