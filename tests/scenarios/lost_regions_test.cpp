// Regions that are lost and come back at any event of a failover: what was live is live on one side in the end, the
// fence is the first thing written to a side that comes back, and everything comes home. And machines that are lost with
// their state: another one goes on with what lies on the standby.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/lab.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using nlohmann::json;
using Kind = state::Failover::Type;

std::vector<std::string> live_on(simulator::Region& region) {
  std::vector<std::string> live = live_triggers(region);
  std::ranges::sort(live);
  return live;
}

/// The small estate with a job that a person has paused.
void fill_with_a_pause(Lab& lab) {
  fill_small_estate(lab);
  json paused = job_body("paused", "/Shared/etl/load");
  paused["schedule"]["pause_status"] = "PAUSED";
  lab.primary("POST", "/api/2.2/jobs/create", paused);
  lab.turnover.runs = failover::Runs::cancel;
}

const std::vector<std::string> live_of_small = {"chain: schedule", "load: schedule"};

/// After whatever came before: the standby takes over although home is gone.
void take_over(Lab& lab) {
  const auto last = lab.store().last_failover();
  if (lab.primary_side() == model::Side::away && !failover::is_unfinished(last)) return;
  const auto forced = lab.fail_over(Kind::forced);
  ASSERT_TRUE(forced) << told(forced);
  ASSERT_EQ(forced->outcome, "complete") << told(forced);
  ASSERT_EQ(live_on(lab.away()), live_of_small);
}

/// Home answers again: debts first, then the way home, all green.
void come_home(Lab& lab) {
  lab.home().faults().end_outage();
  if (failover::owes_fence(lab.store().last_failover())) {
    lab.reset_logs();
    const auto paid = lab.pay();
    ASSERT_TRUE(paid) << told(paid);
    ASSERT_EQ(paid->outcome, "complete") << told(paid);
    // Lab::pay() goes by the present roles: the old primary is the secondary now.
    for (const std::string& write : lab.secondary_wire().log.writes)
      ASSERT_NE(write.find("/jobs/"), std::string::npos) << "before the fence nothing else is written: " << write;
  }
  ASSERT_EQ(live_on(lab.home()), std::vector<std::string>{});
  ASSERT_EQ(live_on(lab.away()), live_of_small);
  lab.commit();
  const auto reprotected = lab.sync();
  ASSERT_TRUE(reprotected) << told(reprotected);
  const auto home = lab.fail_over(Kind::planned);
  ASSERT_TRUE(home) << told(home);
  ASSERT_EQ(home->outcome, "complete") << told(home);
  ASSERT_EQ(live_on(lab.home()), live_of_small);
  ASSERT_EQ(live_on(lab.away()), std::vector<std::string>{});
  lab.commit();
  ASSERT_TRUE(lab.sync());
  ASSERT_EQ(lab.not_in_sync(), "");
}

using WhichRegion = simulator::Region& (Lab::*)();
using Report = std::optional<failover::TurnoverReport>;  ///< nothing where the command could not even begin

/// Loses a region before each exchange of a command in turn, until one run of it sees nothing lost.
void lose_at_any_event(WhichRegion which, int step, const std::function<void(Lab&)>& prepare, const std::function<void(Lab&)>& command,
                       const std::function<void(Lab&)>& afterwards) {
  bool was_lost = true;
  for (int exchange = 1; was_lost; exchange += step) {
    Lab lab;
    fill_with_a_pause(lab);
    ASSERT_TRUE(lab.sync());
    prepare(lab);
    was_lost = lab.lost_at((lab.*which)(), exchange, [&] { command(lab); });
    afterwards(lab);
    if (testing::Test::HasFailure()) FAIL() << "lost at exchange " << exchange;
  }
}

void plan_away(Lab& lab) { (void)lab.fail_over(Kind::planned); }

TEST(LostRegions, ThePrimaryIsLostAtAnyEventOfAPlannedFailover) {
  int after_the_role = 0;
  const auto afterwards = [&](Lab& lab) {
    if (lab.primary_side() == model::Side::away) ++after_the_role;
    take_over(lab);
    come_home(lab);
  };
  lose_at_any_event(&Lab::home, sweep_step(7, 97), [](Lab&) {}, plan_away, afterwards);
  if (sweeps_see_every_phase) {
    EXPECT_GT(after_the_role, 1);
  }
}

TEST(LostRegions, TheStandbyIsLostAtAnyEventOfAPlannedFailover) {
  const auto afterwards = [](Lab& lab) {
    lab.away().faults().end_outage();
    if (lab.primary_side() == model::Side::away) {
      take_over(lab);
      EXPECT_EQ(live_on(lab.home()), std::vector<std::string>{});
      return;
    }
    // Nothing keeps the triggers held where the operator does not want to go on.
    if (failover::is_unfinished(lab.store().last_failover())) {
      const auto aborted = lab.abort_failover();
      ASSERT_TRUE(aborted) << told(aborted);
    }
    EXPECT_EQ(live_on(lab.home()), live_of_small);
    EXPECT_EQ(live_on(lab.away()), std::vector<std::string>{});
  };
  lose_at_any_event(&Lab::away, sweep_step(7, 97), [](Lab&) {}, plan_away, afterwards);
}

TEST(LostRegions, TheOldPrimaryFlickersWhileItsDebtIsPaid) {
  const auto in_debt = [](Lab& lab) {
    lab.home().faults().start_outage();
    take_over(lab);
    lab.home().faults().end_outage();
  };
  Report paid;
  const auto pay = [&](Lab& lab) {
    paid.reset();
    if (auto done = lab.pay()) paid = std::move(*done);
  };
  const auto afterwards = [&](Lab& lab) {
    const bool is_paid = paid && paid->outcome == "complete";
    EXPECT_EQ(failover::owes_fence(lab.store().last_failover()), !is_paid) << "it is owed until it is paid";
    come_home(lab);
  };
  lose_at_any_event(&Lab::home, sweep_step(1, 9), in_debt, pay, afterwards);
}

/// The role has moved, people worked on, and home is to learn of it.
void work_away(Lab& lab) {
  plan_away(lab);
  lab.commit();
  lab.secondary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/made away"}});
  json job = job_body("made away", "/Shared/etl/load");
  job["schedule"]["pause_status"] = "PAUSED";
  lab.secondary("POST", "/api/2.2/jobs/create", job);
}

TEST(LostRegions, TheOldPrimaryIsLostAtAnyEventOfReprotect) {
  const auto afterwards = [](Lab& lab) {
    EXPECT_EQ(live_on(lab.away()), live_of_small) << "whoever works goes on working";
    come_home(lab);
    EXPECT_NO_THROW(lab.primary("GET", "/api/2.0/workspace/get-status?path=/Shared/made%20away")) << "nothing done away is lost";
  };
  lose_at_any_event(&Lab::home, sweep_step(7, 83), work_away, [](Lab& lab) { (void)lab.sync(); }, afterwards);
}

TEST(LostRegions, ThePrimaryIsLostAtAnyEventOfReprotectAndHomeTakesOver) {
  const auto afterwards = [](Lab& lab) {
    if (!lab.away().faults().in_outage(lab.away().now_millis())) return;
    const auto forced = lab.fail_over(Kind::forced);
    ASSERT_TRUE(forced) << told(forced);
    EXPECT_EQ(forced->outcome, "complete") << told(forced);
    EXPECT_EQ(live_on(lab.home()), live_of_small);
    lab.away().faults().end_outage();
    const auto paid = lab.pay();
    ASSERT_TRUE(paid) << told(paid);
    EXPECT_EQ(live_on(lab.away()), std::vector<std::string>{});
  };
  lose_at_any_event(&Lab::away, sweep_step(7, 83), work_away, [](Lab& lab) { (void)lab.sync(); }, afterwards);
}

/// Nothing is left of what the machine knew but for what it wrote to the standby.
void lose_the_machine(Lab& lab) {
  std::filesystem::remove_all(lab.options().state_folder);
  std::filesystem::create_directories(lab.options().state_folder);
  lab.restart();
  lab.take_mirror();
}

TEST(LostMachine, WhatAFenceHadPausedIsReleasedByWhoeverGoesOn) {
  bool done = false;
  for (int exchanges = 0; !done; exchanges += sweep_step(7, 29)) {
    StateFolder folder;
    Lab lab(folder.options());
    fill_with_a_pause(lab);
    ASSERT_TRUE(lab.sync());
    lab.write_mirror();
    done = lab.killed_after(exchanges, [&] { (void)lab.fail_over(Kind::planned); });
    if (done) break;
    lose_the_machine(lab);
    const auto report = lab.fail_over(Kind::planned);
    ASSERT_TRUE(report) << exchanges << ": " << told(report);
    ASSERT_EQ(live_on(lab.away()), live_of_small) << "killed after " << exchanges;
    ASSERT_EQ(live_on(lab.home()), std::vector<std::string>{}) << "killed after " << exchanges;
  }
}

}  // namespace
}  // namespace twinlake::test
