// Regions that are lost and come back at any event of a failover: what was live is live on one side in the end, the
// fence is the first thing written to a side that comes back, and everything comes home.
#include <gtest/gtest.h>

#include <algorithm>

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

/// Does `at` before the exchange of that number, on either wire.
void at_exchange(Lab& lab, int number, std::function<void()> at) {
  auto left = std::make_shared<int>(number);
  const auto count = [left, at = std::move(at)] {
    if (--*left == 0) at();
  };
  lab.primary_wire().on_exchange = count;
  lab.secondary_wire().on_exchange = count;
}

void nothing_more_happens(Lab& lab) {
  lab.primary_wire().on_exchange = nullptr;
  lab.secondary_wire().on_exchange = nullptr;
}

/// An operator's command; a login that fails because a region is lost throws in the lab.
std::optional<failover::TurnoverReport> tried(const std::function<Result<failover::TurnoverReport>()>& command) {
  try {
    auto done = command();
    if (done) return std::move(*done);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

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
using Report = std::optional<failover::TurnoverReport>;

/// Loses a region before each exchange of a command in turn, until one run of it sees nothing lost.
void lose_at_any_event(WhichRegion which, int step, const std::function<void(Lab&)>& prepare,
                       const std::function<Result<failover::TurnoverReport>(Lab&)>& command,
                       const std::function<void(Lab&, const Report&)>& afterwards) {
  bool was_lost = true;
  for (int exchange = 1; was_lost; exchange += step) {
    Lab lab;
    fill_with_a_pause(lab);
    ASSERT_TRUE(lab.sync());
    prepare(lab);
    was_lost = false;
    at_exchange(lab, exchange, [&] {
      was_lost = true;
      (lab.*which)().faults().start_outage();
    });
    const Report report = tried([&] { return command(lab); });
    nothing_more_happens(lab);
    afterwards(lab, report);
    if (testing::Test::HasFailure()) FAIL() << "lost at exchange " << exchange;
  }
}

Result<failover::TurnoverReport> plan_away(Lab& lab) { return lab.fail_over(Kind::planned); }

TEST(LostRegions, ThePrimaryIsLostAtAnyEventOfAPlannedFailover) {
  int after_the_role = 0;
  const auto afterwards = [&](Lab& lab, const Report&) {
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
  const auto afterwards = [](Lab& lab, const Report&) {
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
  const auto afterwards = [](Lab& lab, const Report& paid) {
    const bool is_paid = paid && paid->outcome == "complete";
    EXPECT_EQ(failover::owes_fence(lab.store().last_failover()), !is_paid) << "it is owed until it is paid";
    come_home(lab);
  };
  lose_at_any_event(&Lab::home, sweep_step(1, 9), in_debt, [](Lab& lab) { return lab.pay(); }, afterwards);
}

}  // namespace
}  // namespace twinlake::test
