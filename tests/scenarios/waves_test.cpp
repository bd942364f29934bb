// Triggers are released in waves, with a canary first; a stop between waves holds until somebody says to go on.
#include <gtest/gtest.h>

#include <algorithm>

#include "app/waves.h"
#include "base/json_path.h"
#include "support/estate.h"
#include "support/lab.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using nlohmann::json;
using Planned = state::Failover;

std::vector<std::string> live_there(Lab& lab) {
  std::vector<std::string> live = live_triggers(lab.away());
  std::ranges::sort(live);
  return live;
}

const std::vector<std::string> all_live = {"chain: schedule", "gold: schedule", "load: schedule"};

/// Besides the small estate: a job with a tag.
void prepare(Lab& lab, const std::vector<std::string>& waves, const std::string& canary) {
  fill_small_estate(lab);
  json gold = job_body("gold", "/Shared/etl/load");
  gold["tags"] = {{"tier", "gold"}};
  lab.primary("POST", "/api/2.2/jobs/create", gold);
  lab.turnover.runs = failover::Runs::cancel;
  lab.turnover.recovery.plan = *app::plan_of_waves("main", waves, canary, 30);
}

std::vector<state::ActionRecord> records_of(Lab& lab, const std::string& type) {
  auto all = lab.store().actions(state::ActionRecord::Subject::failover, lab.store().last_failover()->id);
  std::erase_if(all, [&](const state::ActionRecord& action) { return action.type != type; });
  return all;
}

std::int64_t runs_of(Lab& lab, const std::string& name) {
  const json runs = lab.secondary("GET", "/api/2.2/jobs/runs/list?limit=25");
  if (!runs.contains("runs")) return 0;
  return std::ranges::count_if(runs["runs"], [&](const json& run) { return text_at(run, "/run_name") == name; });
}

TEST(Waves, AreReleasedOneAfterTheOtherAndTheRestLast) {
  Lab lab;
  prepare(lab, {"tag=tier:gold", "lo*"}, "");
  ASSERT_TRUE(lab.sync());
  lab.turnover.recovery.stop_after_wave = 1;
  const auto first = lab.fail_over(Planned::Type::planned);
  ASSERT_TRUE(first) << told(first);
  EXPECT_EQ(first->outcome, "partial");
  ASSERT_EQ(first->halts.size(), 1U);
  EXPECT_NE(first->halts[0].what_to_do.find("--continue"), std::string::npos);
  EXPECT_EQ(live_there(lab), std::vector<std::string>{"gold: schedule"});
  // A service that starts the command again does not pass where a person wanted to look.
  ASSERT_TRUE(lab.fail_over(Planned::Type::planned));
  EXPECT_EQ(live_there(lab), std::vector<std::string>{"gold: schedule"});
  lab.turnover.recovery.go_on = true;
  lab.turnover.recovery.stop_after_wave = 2;
  const auto second = lab.fail_over(Planned::Type::planned);
  ASSERT_TRUE(second) << told(second);
  EXPECT_EQ(second->outcome, "partial");
  EXPECT_EQ(live_there(lab), (std::vector<std::string>{"gold: schedule", "load: schedule"}));
  const auto last = lab.fail_over(Planned::Type::planned);
  ASSERT_TRUE(last) << told(last);
  EXPECT_EQ(last->outcome, "complete") << told(last);
  EXPECT_EQ(live_there(lab), all_live);
  const auto releases = records_of(lab, "release");
  ASSERT_EQ(releases.size(), 2U) << "what is done is not done again";
  for (const auto& release : releases) EXPECT_EQ(release.outcome, "done") << release.name;
}

TEST(Waves, ACanaryRunsOnceBeforeAnythingIsReleased) {
  Lab lab;
  prepare(lab, {"gold"}, "load");
  ASSERT_TRUE(lab.sync());
  const auto report = lab.fail_over(Planned::Type::planned);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(runs_of(lab, "load"), 1);
  ASSERT_EQ(records_of(lab, "canary").size(), 1U);
  EXPECT_EQ(records_of(lab, "canary")[0].outcome, "done");
  EXPECT_LE(*records_of(lab, "canary")[0].ended, records_of(lab, "release")[0].started);
  EXPECT_EQ(live_there(lab), all_live);
}

TEST(Waves, WhenTheCanaryDoesNotEndNothingIsReleased) {
  Lab lab;
  prepare(lab, {"gold"}, "load");
  ASSERT_TRUE(lab.sync());
  lab.turnover.recovery.plan.groups[0].actions[0].timeout = Micros(0);
  const auto report = lab.fail_over(Planned::Type::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "partial");
  ASSERT_EQ(report->halts.size(), 1U);
  EXPECT_EQ(report->halts[0].action, "canary");
  EXPECT_EQ(live_there(lab), std::vector<std::string>{});
  EXPECT_EQ(lab.primary_side(), model::Side::away) << "the role has moved";
  ASSERT_TRUE(failover::settle_action(lab.store(), "canary", "skipped", "ana on here", lab.loop().now()));
  const auto again = lab.fail_over(Planned::Type::forced);
  ASSERT_TRUE(again) << told(again);
  EXPECT_EQ(again->outcome, "complete") << told(again);
  EXPECT_EQ(live_there(lab), all_live);
}

TEST(Waves, ACanaryThatIsNotThereIsRefusedBeforeAnythingIsTurned) {
  Lab lab;
  prepare(lab, {}, "lood");
  ASSERT_TRUE(lab.sync());
  const std::vector<std::string> live = live_triggers(lab.home());
  for (const auto type : {Planned::Type::planned, Planned::Type::forced}) {
    const auto report = lab.fail_over(type);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().fault, Fault::not_found);
    EXPECT_EQ(live_triggers(lab.home()), live);
    EXPECT_EQ(lab.primary_side(), model::Side::home);
    EXPECT_FALSE(failover::is_unfinished(lab.store().last_failover()));
  }
}

TEST(Waves, AreNotForgottenWhenItIsKilledBeforeTheFirst) {
  int before_the_first = 0;
  int survived = 0;
  for (int exchanges = 1; survived == 0; exchanges += sweep_step(3, 17)) {
    const StateFolder folder;
    Lab lab(folder.options());
    prepare(lab, {"tag=tier:gold", "load"}, "");
    ASSERT_TRUE(lab.sync());
    survived += lab.killed_after(exchanges, [&] { (void)lab.fail_over(Planned::Type::planned); }) ? 1 : 0;
    if (!failover::is_unfinished(lab.store().last_failover())) continue;
    const std::vector<std::string> live = live_there(lab);
    before_the_first += live.empty() ? 1 : 0;
    lab.turnover.recovery.plan = {};
    for (const auto type : {Planned::Type::planned, Planned::Type::forced}) {
      const auto without = lab.fail_over(type);
      ASSERT_FALSE(without) << exchanges;
      EXPECT_EQ(without.error().fault, Fault::refused) << exchanges;
      EXPECT_NE(without.error().hint.find("--wave"), std::string::npos);
    }
    EXPECT_EQ(live_there(lab), live) << exchanges;
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(before_the_first, 0);
}

TEST(Waves, AKillAfterAnyExchangeIsGoneOnWithAndTheCanaryRunsOnce) {
  int survived = 0;
  for (int exchanges = 1; survived == 0; exchanges += sweep_step(3, 17)) {
    const StateFolder folder;
    Lab lab(folder.options());
    prepare(lab, {"tag=tier:gold", "load"}, "load");
    ASSERT_TRUE(lab.sync());
    survived += lab.killed_after(exchanges, [&] { (void)lab.fail_over(Planned::Type::forced); }) ? 1 : 0;
    if (lab.primary_side() == model::Side::home || failover::is_unfinished(lab.store().last_failover())) {
      const auto again = lab.fail_over(Planned::Type::forced);
      ASSERT_TRUE(again) << told(again) << exchanges;
      EXPECT_EQ(again->outcome, "complete") << told(again) << exchanges;
    }
    EXPECT_EQ(live_there(lab), all_live) << exchanges;
    EXPECT_EQ(runs_of(lab, "load"), 1) << exchanges;
    for (const auto& release : records_of(lab, "release")) EXPECT_NE(release.outcome, "") << release.name << exchanges;
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace twinlake::test
