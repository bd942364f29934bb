#include "app/sweep_rules.h"

#include <gtest/gtest.h>

#include "app/config.h"
#include "app/rules.h"

namespace twinlake::app {
namespace {

using std::chrono::hours;

Result<Config> parse_sweep(const std::string& rest) {
  return parse_config("groups:\n  g:\n    primary: a\n    secondary: b\n" + rest, "twinlake.yml",
                      {});
}

TEST(SweepRules, SayHowOldAReadingMayBecome) {
  const auto config = parse_sweep("    sweep: {max_age_hours: 12, kinds: {permissions: 0}}\n");
  ASSERT_TRUE(config) << config.error().message;
  const engine::Rules rules = rules_of(*config->find("g"));
  EXPECT_EQ(rules.sweep.max_age, hours(12));
  EXPECT_EQ(rules.sweep.max_age_of.at("permissions"), hours(0));
  const auto without = parse_sweep("");
  ASSERT_TRUE(without);
  EXPECT_EQ(rules_of(*without->find("g")).sweep.max_age, hours(24));
  EXPECT_EQ(rules_of(*without->find("g")).digest, rules.digest)
      << "another age makes nothing that is known worthless";
}

TEST(SweepRules, AreRefusedWhereTheyMeanNothing) {
  const auto wrong_kind = parse_sweep("    sweep: {kinds: {notebook: 6}}\n");
  ASSERT_FALSE(wrong_kind);
  EXPECT_NE(describe(wrong_kind.error()).find("permissions"), std::string::npos);
  const auto wrong_age = parse_sweep("    sweep: {max_age_hours: daily}\n");
  ASSERT_FALSE(wrong_age);
  EXPECT_NE(describe(wrong_age.error()).find("max_age_hours"), std::string::npos);
}

TEST(SweepRules, SayWhetherAuditLogsAreAskedAndWhere) {
  const auto audit_of = [](const std::string& text) {
    const auto config = parse_sweep("    sweep: {" + text + "}\n");
    EXPECT_TRUE(config) << describe(config.error());
    return rules_of(*config->find("g")).audit;
  };
  const engine::AuditRules silent = audit_of("max_age_hours: 5");
  EXPECT_FALSE(silent.primary || silent.secondary)
      << "SQL runs on the primary only where somebody said so";
  EXPECT_FALSE(audit_of("audit: off").primary);
  const engine::AuditRules both = audit_of("audit: auto");
  ASSERT_TRUE(both.primary && both.secondary);
  EXPECT_EQ(both.primary->warehouse + both.secondary->warehouse, "");
  const engine::AuditRules one = audit_of("audit: {primary: shared-sql, secondary: off}");
  ASSERT_TRUE(one.primary);
  EXPECT_EQ(one.primary->warehouse, "shared-sql");
  EXPECT_FALSE(one.secondary);
  const auto without_side = parse_sweep("    sweep: {audit: shared-sql}\n");
  ASSERT_FALSE(without_side);
  EXPECT_NE(describe(without_side.error()).find("{primary: WAREHOUSE"), std::string::npos);
  EXPECT_FALSE(parse_sweep("    sweep: {audit: {both: auto}}\n"));
  EXPECT_FALSE(parse_sweep("    sweep: {audit: [auto]}\n"));
}

}  // namespace
}  // namespace twinlake::app
