// The primary role moves: planned, forced, home again. What was live comes to live on the other side, exactly
// that, and never on both.
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
using state::Failover;
using Type = state::Failover::Type;

json named(simulator::Region& region, const char* list, const char* pointer, const std::string& name) {
  const json world = region.world();
  for (const json& item : world.at(list))
    if (text_at(item, pointer) == name) return item;
  return nullptr;
}

json job_named(simulator::Region& region, const std::string& name) { return named(region, "jobs", "/settings/name", name); }

void put_job(Lab& lab, json body) { lab.primary("POST", "/api/2.2/jobs/create", body); }

/// Besides the small estate: a paused job, several triggers with different states, a continuous job.
void fill(Lab& lab) {
  fill_small_estate(lab);
  json paused = job_body("paused", "/Shared/etl/load");
  paused["schedule"]["pause_status"] = "PAUSED";
  put_job(lab, paused);
  json endless = job_body("endless", "/Shared/etl/load");
  endless.erase("schedule");
  endless["continuous"] = {{"pause_status", "UNPAUSED"}};
  put_job(lab, endless);
  const json warehouse = lab.primary("POST", "/api/2.0/sql/warehouses", {{"name", "checks"}, {"cluster_size", "Small"}});
  json several = job_body("several", "/Shared/etl/load");
  several.erase("schedule");
  several["triggers"] = json::array({{{"schedule", {{"quartz_cron_expression", "0 0 5 * * ?"}, {"timezone_id", "UTC"}}},
                                      {"sql_condition", {{"warehouse_id", warehouse["id"]}, {"trigger_mode", "ROWS_RETURNED"}}},
                                      {"pause_status", "UNPAUSED"}},
                                     {{"periodic", {{"interval", 6}, {"unit", "HOURS"}}}, {"pause_status", "PAUSED"}}});
  put_job(lab, several);
  json arrivals = job_body("arrivals", "/Shared/etl/load");
  arrivals.erase("schedule");
  arrivals["trigger"] = {{"file_arrival", {{"url", "abfss://in@stprimary.dfs.core.windows.net/drop/"}}}, {"pause_status", "UNPAUSED"}};
  put_job(lab, arrivals);
}

const std::vector<std::string> live_of_estate = {"arrivals: trigger", "chain: schedule", "endless: continuous", "load: schedule", "several: triggers/0"};

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  return texts;
}

void pause_schedule(Lab& lab, const std::string& name) {
  const json job = job_named(lab.home(), name);
  json schedule = job["settings"]["schedule"];
  schedule["pause_status"] = "PAUSED";
  lab.primary("POST", "/api/2.2/jobs/update", {{"job_id", job["job_id"]}, {"new_settings", {{"schedule", schedule}}}});
}

TEST(Failover, PlannedMovesEveryLiveTriggerAndNoOther) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  ASSERT_EQ(sorted(live_triggers(lab.home())), live_of_estate);
  lab.turnover.runs = failover::Runs::cancel;
  const auto report = lab.fail_over(Type::planned);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(live_triggers(lab.home()), std::vector<std::string>{});
  EXPECT_EQ(sorted(live_triggers(lab.away())), live_of_estate);
  EXPECT_EQ(text_at(job_named(lab.away(), "paused"), "/settings/schedule/pause_status"), "PAUSED");
  EXPECT_EQ(text_at(named(lab.away(), "instance_pools", "/instance_pool_name", "small"), "/min_idle_instances"), "2");
  EXPECT_EQ(lab.primary_side(), model::Side::away);
  EXPECT_TRUE(lab.store().in_doubt().empty());
}

TEST(Failover, TellsEveryPhaseAndEveryObjectWithItsTimesAndOutcome) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  lab.turnover.runs = failover::Runs::cancel;
  ASSERT_TRUE(lab.fail_over(Type::planned));
  const Failover last = *lab.store().last_failover();
  std::vector<std::string> phases;
  std::map<std::string, int> objects;
  Time before = last.started;
  for (const state::ActionRecord& action : lab.store().actions(state::ActionRecord::Subject::failover, last.id)) {
    EXPECT_EQ(action.outcome, "done") << action.name << " " << action.place << ": " << action.detail;
    ASSERT_TRUE(action.ended) << action.name;
    EXPECT_LE(action.started, *action.ended) << action.name;
    if (action.type == "window" || action.type == "due") continue;  // told afterwards
    EXPECT_GE(action.started, before) << "in order";
    before = action.started;
    if (action.type == "phase") phases.push_back(action.name);
    if (action.type == "object") ++objects[action.name + " " + action.place];
  }
  EXPECT_EQ(phases, (std::vector<std::string>{"replicating", "fencing", "settling", "catching_up", "releasing"}));
  for (const char* job : {"arrivals", "chain", "endless", "load", "several"})
    for (const char* action : {"hold", "release"})
      EXPECT_EQ(objects[std::string(action) + " job:\"" + job + "\""], 1) << action << " " << job;
}

TEST(Failover, WhatThePrimaryPausedMeanwhileStaysPaused) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  pause_schedule(lab, "load");
  lab.turnover.runs = failover::Runs::cancel;
  const auto report = lab.fail_over(Type::planned);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(text_at(job_named(lab.away(), "load"), "/settings/schedule/pause_status"), "PAUSED");
  EXPECT_EQ(text_at(job_named(lab.away(), "chain"), "/settings/schedule/pause_status"), "UNPAUSED");
}

TEST(Failover, TheFenceLeavesTheRestOfAnObjectAlone) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  const json before = job_named(lab.home(), "load");
  lab.turnover.runs = failover::Runs::cancel;
  ASSERT_TRUE(lab.fail_over(Type::planned));
  json after = job_named(lab.home(), "load");
  EXPECT_EQ(text_at(after, "/settings/schedule/pause_status"), "PAUSED");
  after["settings"]["schedule"]["pause_status"] = "UNPAUSED";
  EXPECT_EQ(after, before);
}

TEST(Failover, IsRefusedWhileTheStandbyDoesNotEqualThePrimary) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  lab.secondary("POST", "/api/2.0/policies/clusters/create", {{"name", "thrifty"}, {"definition", "{}"}});
  lab.primary("POST", "/api/2.0/policies/clusters/create",
              {{"name", "thrifty"}, {"definition", R"({"autotermination_minutes":{"type":"fixed","value":20}})"}});
  const auto report = lab.fail_over(Type::planned);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().fault, Fault::refused);
  EXPECT_EQ(sorted(live_triggers(lab.home())), live_of_estate) << "nothing was turned";
  EXPECT_EQ(live_triggers(lab.away()), std::vector<std::string>{});
  EXPECT_EQ(lab.primary_side(), model::Side::home);
  lab.turnover.despite_differences = true;
  lab.turnover.runs = failover::Runs::cancel;
  const auto again = lab.fail_over(Type::planned);
  ASSERT_TRUE(again) << told(again);
  EXPECT_EQ(again->outcome, "complete");
}

TEST(Failover, ForcedNeedsNothingOfTheLostRegionAndLeavesADebt) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  lab.home().faults().start_outage();
  lab.reset_logs();
  const auto report = lab.fail_over(Type::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.primary_wire().log.total, 0) << "nobody waits for a region that is gone";
  EXPECT_EQ(sorted(live_triggers(lab.away())), live_of_estate);
  EXPECT_TRUE(failover::owes_fence(lab.store().last_failover()));
  const auto actions = lab.store().actions(state::ActionRecord::Subject::failover, report->failover.id);
  EXPECT_EQ(std::ranges::count(actions, "phase", &state::ActionRecord::type), 1) << "it begins with the release";

  lab.home().faults().end_outage();
  ASSERT_EQ(sorted(live_triggers(lab.home())), live_of_estate) << "both sides are live until the debt is paid";
  lab.reset_logs();
  const auto paid = lab.pay();
  ASSERT_TRUE(paid) << told(paid);
  EXPECT_EQ(paid->outcome, "complete") << told(paid);
  EXPECT_EQ(live_triggers(lab.home()), std::vector<std::string>{});
  EXPECT_EQ(sorted(live_triggers(lab.away())), live_of_estate) << "the new primary is not touched";
  EXPECT_FALSE(failover::owes_fence(lab.store().last_failover()));
}

TEST(Failover, ComesHomeWithWhatWasDoneMeanwhile) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  lab.home().faults().start_outage();
  ASSERT_TRUE(lab.fail_over(Type::forced));
  json born = job_body("born there", "/Shared/etl/load");
  lab.secondary("POST", "/api/2.2/jobs/create", born);
  lab.home().faults().end_outage();
  ASSERT_TRUE(lab.pay());

  lab.commit();
  const auto reprotected = lab.sync();
  ASSERT_TRUE(reprotected) << test::told(reprotected);
  EXPECT_EQ(reprotected->outcome, "complete") << test::told(reprotected);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(live_triggers(lab.home()), std::vector<std::string>{});
  EXPECT_EQ(text_at(job_named(lab.home(), "born there"), "/settings/schedule/pause_status"), "PAUSED");

  lab.turnover.runs = failover::Runs::cancel;
  const auto home = lab.fail_over(Type::planned);
  ASSERT_TRUE(home) << told(home);
  EXPECT_EQ(lab.primary_side(), model::Side::home);
  std::vector<std::string> expected = live_of_estate;
  expected.push_back("born there: schedule");
  EXPECT_EQ(sorted(live_triggers(lab.home())), sorted(expected));
  EXPECT_EQ(live_triggers(lab.away()), std::vector<std::string>{});
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Failover, NothingOfTheOldPrimaryIsDeletedBecauseTheStandbyHadItFromUs) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  lab.turnover.runs = failover::Runs::cancel;
  ASSERT_TRUE(lab.fail_over(Type::planned));
  const json gone = job_named(lab.away(), "paused");
  lab.secondary("POST", "/api/2.2/jobs/delete", {{"job_id", gone["job_id"]}});
  ASSERT_TRUE(lab.sync());
  EXPECT_FALSE(job_named(lab.home(), "paused").is_null()) << "it was there before us";
}

TEST(Failover, WhatMovesTwiceWhileTheRolesAreTurnedStaysInNoPlaceInBetween) {
  Lab lab;
  import_notebook(lab, "/Shared/a", "# Databricks notebook source\n1");
  ASSERT_TRUE(lab.sync());
  const auto turned = lab.fail_over(Type::planned);
  ASSERT_TRUE(turned) << told(turned);
  const std::vector<std::string> places{"/Shared/a", "/Shared/b", "/Shared/c"};
  for (std::size_t i = 0; i + 1 < places.size(); ++i) {
    lab.secondary("POST", "/sim/tree/move", {{"from", places[i]}, {"to", places[i + 1]}});
    ASSERT_TRUE(lab.sync());
  }
  const auto is_home = [&](const std::string& place) {
    const json folder = lab.primary("GET", "/api/2.0/workspace/list?path=/Shared");
    return std::ranges::any_of(folder.value("objects", json::array()), [&](const json& object) { return text_at(object, "/path") == place; });
  };
  EXPECT_TRUE(is_home("/Shared/a")) << "people made it there";
  EXPECT_FALSE(is_home("/Shared/b")) << "we made it there";
  EXPECT_TRUE(is_home("/Shared/c"));
}

TEST(Failover, IsGivenUpBeforeTheRoleHasMoved) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  lab.turnover.runs_deadline = std::chrono::seconds(0);
  const json job = job_named(lab.home(), "load");
  lab.primary("POST", "/api/2.2/jobs/run-now", {{"job_id", job["job_id"]}});
  const auto report = lab.fail_over(Type::planned);
  ASSERT_FALSE(report) << "its run does not end in time";
  EXPECT_EQ(live_triggers(lab.home()), std::vector<std::string>{}) << "it waits with its triggers held";
  const auto aborted = lab.abort_failover();
  ASSERT_TRUE(aborted) << told(aborted);
  EXPECT_EQ(aborted->outcome, "complete") << told(aborted);
  EXPECT_EQ(sorted(live_triggers(lab.home())), live_of_estate);
  EXPECT_EQ(text_at(job_named(lab.home(), "paused"), "/settings/schedule/pause_status"), "PAUSED");
  EXPECT_EQ(lab.primary_side(), model::Side::home);
  EXPECT_FALSE(failover::is_unfinished(lab.store().last_failover()));
}

TEST(Failover, GivingUpStartsNothingThatAPersonPausedMeanwhile) {
  const StateFolder folder;
  Lab lab(folder.options());
  fill(lab);
  ASSERT_TRUE(lab.sync());
  pause_schedule(lab, "load");
  // Killed in the first sync: nothing was held yet, and the records are of the sync before.
  ASSERT_FALSE(lab.killed_after(3, [&] { (void)lab.fail_over(Type::planned); }));
  ASSERT_TRUE(failover::is_unfinished(lab.store().last_failover()));
  const auto aborted = lab.abort_failover();
  ASSERT_TRUE(aborted) << told(aborted);
  EXPECT_EQ(text_at(job_named(lab.home(), "load"), "/settings/schedule/pause_status"), "PAUSED");
  EXPECT_FALSE(failover::is_unfinished(lab.store().last_failover()));
}

TEST(Failover, WhatIsPausedJustBeforeItIsHeldStaysPausedAlsoWhenNothingIsLeftToHold) {
  const StateFolder folder;
  Lab lab(folder.options());
  import_notebook(lab, "/Shared/only", "# Databricks notebook source\n");
  put_job(lab, job_body("only", "/Shared/only"));
  ASSERT_TRUE(lab.sync());
  // Killed when the records are those of the sync, and nothing is held yet.
  for (int exchanges = 1; lab.store().last_failover().value_or(Failover()).phase != failover::phase::fencing; ++exchanges)
    ASSERT_FALSE(lab.killed_after(exchanges, [&] { (void)lab.fail_over(Type::planned); })) << exchanges;
  ASSERT_EQ(live_triggers(lab.home()), std::vector<std::string>{"only: schedule"});
  pause_schedule(lab, "only");
  const auto report = lab.fail_over(Type::planned);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete");
  EXPECT_EQ(live_triggers(lab.away()), std::vector<std::string>{});
}

TEST(Failover, RunsOfWhatIsNotOursAreNeitherCancelledNorWaitedFor) {
  Lab lab;
  fill(lab);
  lab.rules.in_scope = [](const model::Kind& kind, const std::string& key) {
    return (!kind.key_is_path || !key.starts_with("/Twinlake")) && key != "theirs";
  };
  const json theirs = lab.primary("POST", "/api/2.2/jobs/create", job_body("theirs", "/Shared/etl/load"));
  ASSERT_TRUE(lab.sync());
  const json ours = job_named(lab.home(), "load");
  const json run_of_theirs = lab.primary("POST", "/api/2.2/jobs/run-now", {{"job_id", theirs["job_id"]}});
  const json run_of_ours = lab.primary("POST", "/api/2.2/jobs/run-now", {{"job_id", ours["job_id"]}});
  lab.turnover.runs = failover::Runs::cancel;
  const auto report = lab.fail_over(Type::planned);
  ASSERT_TRUE(report) << told(report);
  const auto result_of = [&](const json& run) {
    return text_at(lab.primary("GET", "/api/2.2/jobs/runs/get?run_id=" + text_at(run, "/run_id")), "/state/result_state");
  };
  EXPECT_EQ(result_of(run_of_ours), "CANCELED");
  EXPECT_NE(result_of(run_of_theirs), "CANCELED");
  EXPECT_EQ(text_at(job_named(lab.home(), "theirs"), "/settings/schedule/pause_status"), "UNPAUSED");
}

TEST(Failover, APlannedOneWhoseOldPrimaryIsLostAfterTheRoleHasMovedIsFinishedAsForced) {
  const StateFolder folder;
  Lab lab(folder.options());
  fill(lab);
  ASSERT_TRUE(lab.sync());
  lab.turnover.runs = failover::Runs::cancel;
  // As far as the role moves, and not to the end: from phase to phase, none of them further than it must.
  int exchanges = 0;
  std::string phase;
  while (lab.primary_side() == model::Side::home) {
    (void)lab.killed_after(exchanges += 3, [&] { (void)lab.fail_over(Type::planned); });
    const auto reached = lab.store().last_failover();
    if (reached && std::exchange(phase, reached->phase) != reached->phase) exchanges = 0;
  }
  ASSERT_TRUE(failover::is_unfinished(lab.store().last_failover()));
  lab.home().faults().start_outage();
  lab.reset_logs();
  const auto report = lab.fail_over(Type::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.primary_wire().log.total, 0) << "the lost side is not asked";
  EXPECT_EQ(sorted(live_triggers(lab.away())), live_of_estate);
  EXPECT_FALSE(failover::owes_fence(lab.store().last_failover())) << "it was fenced before";
}

TEST(Failover, BeforeTheFirstSyncThereIsNothingToTurnTo) {
  Lab lab;
  fill(lab);
  const auto report = lab.fail_over(Type::forced);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().fault, Fault::refused);
  EXPECT_EQ(lab.primary_side(), model::Side::home);
}

TEST(Failover, AStandbyThatNeverWasWholeIsStillWhatThereIs) {
  Lab lab;
  fill(lab);
  simulator::FaultRule refused;
  refused.path = "/api/2.2/jobs/create";
  refused.status = 400;
  refused.times = 1;
  lab.away().faults().add(refused);
  const auto synced = lab.sync();
  ASSERT_TRUE(synced);
  ASSERT_EQ(synced->outcome, "partial");
  ASSERT_FALSE(lab.store().replication_point());
  lab.home().faults().start_outage();
  const auto report = lab.fail_over(Type::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_TRUE(report->failover.turned);
  EXPECT_FALSE(report->replication_point) << "nobody claims that it was equal";
  EXPECT_GE(live_triggers(lab.away()).size() + 1, live_of_estate.size());
  EXPECT_LT(live_triggers(lab.away()).size(), live_of_estate.size());
}

/// A job with a schedule on a machine of its own. Returns the machine's id.
std::string put_job_on_a_machine(Lab& lab, const std::string& name) {
  const json cluster = lab.primary("POST", "/api/2.1/clusters/create", {{"cluster_name", name + " machine"}, {"spark_version", "15.4.x-scala2.12"},
                                                                        {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}});
  json body = job_body(name, "/Shared/etl/load");
  body["tasks"][0]["existing_cluster_id"] = cluster["cluster_id"];
  put_job(lab, body);
  return text_at(cluster, "/cluster_id");
}

TEST(Failover, IsEndedWithoutWhatCannotBeReleasedWhenSomebodySaysSo) {
  Lab lab;
  fill(lab);
  (void)put_job_on_a_machine(lab, "broken");
  ASSERT_TRUE(lab.sync());
  // The service takes no change of a job whose machine is no more.
  const json machine = {{"cluster_id", named(lab.away(), "clusters", "/cluster_name", "broken machine")["cluster_id"]}};
  lab.secondary("POST", "/api/2.1/clusters/unpin", machine);
  lab.secondary("POST", "/api/2.1/clusters/permanent-delete", machine);
  lab.home().faults().start_outage();
  const auto first = lab.fail_over(Type::forced);
  ASSERT_TRUE(first) << told(first);
  EXPECT_EQ(first->outcome, "partial");
  EXPECT_EQ(sorted(live_triggers(lab.away())), live_of_estate) << "one that fails keeps none of the others";
  lab.turnover.without = {"job:\"broken\"", "job:\"brokn\""};
  const auto report = lab.fail_over(Type::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(sorted(live_triggers(lab.away())), live_of_estate);
  std::vector<std::string> findings;
  for (const model::Finding& finding : report->findings) findings.push_back(finding.address + " " + finding.message);
  EXPECT_EQ(findings, (std::vector<std::string>{"job:\"broken\" stays held, as you said",
                                                "job:\"brokn\" has nothing that would be released, so leaving it out changes nothing"}));
  const auto last = lab.store().last_failover();
  EXPECT_FALSE(failover::is_unfinished(last));
  const auto actions = lab.store().actions(state::ActionRecord::Subject::failover, last->id);
  EXPECT_EQ(std::ranges::count_if(actions, [](const state::ActionRecord& action) {
              return action.place == "job:\"broken\"" && action.name == "release" && action.outcome == "skipped" && action.ended;
            }), 1);
}

TEST(Failover, IsGivenUpWithoutWhatCannotBeReleasedWhenSomebodySaysSo) {
  Lab lab;
  fill(lab);
  const std::string machine = put_job_on_a_machine(lab, "broken");
  ASSERT_TRUE(lab.sync());
  lab.turnover.runs_deadline = std::chrono::seconds(0);
  lab.primary("POST", "/api/2.2/jobs/run-now", {{"job_id", job_named(lab.home(), "load")["job_id"]}});
  ASSERT_FALSE(lab.fail_over(Type::planned)) << "its run does not end in time";
  lab.primary("POST", "/api/2.1/clusters/permanent-delete", {{"cluster_id", machine}});
  const auto stuck = lab.abort_failover();
  ASSERT_TRUE(stuck) << told(stuck);
  EXPECT_EQ(stuck->outcome, "partial");
  lab.turnover.without = {"job:\"broken\""};
  const auto aborted = lab.abort_failover();
  ASSERT_TRUE(aborted) << told(aborted);
  EXPECT_EQ(aborted->outcome, "complete") << told(aborted);
  EXPECT_EQ(sorted(live_triggers(lab.home())), live_of_estate);
  EXPECT_FALSE(failover::is_unfinished(lab.store().last_failover()));
}

/// Never are both sides live for one trigger, however often the process dies.
void expect_one_live_side(Lab& lab, int killed_after) {
  const std::vector<std::string> home = live_triggers(lab.home());
  const std::vector<std::string> away = live_triggers(lab.away());
  for (const std::string& trigger : home)
    EXPECT_EQ(std::ranges::count(away, trigger), 0) << trigger << ", killed after " << killed_after;
}

TEST(FailoverCrash, AKillAfterAnyExchangeOfAPlannedOneIsGoneOnWith) {
  int survived = 0;
  for (int exchanges = 1; survived == 0; exchanges += sweep_step(7, 41)) {
    const StateFolder folder;
    Lab lab(folder.options());
    fill(lab);
    ASSERT_TRUE(lab.sync());
    lab.turnover.runs = failover::Runs::cancel;
    const bool to_the_end = lab.killed_after(exchanges, [&] { (void)lab.fail_over(Type::planned); });
    survived += to_the_end ? 1 : 0;
    expect_one_live_side(lab, exchanges);
    if (lab.primary_side() == model::Side::home || failover::is_unfinished(lab.store().last_failover())) {
      // After the role has moved the same command means the same failover.
      const auto again = lab.fail_over(Type::planned);
      ASSERT_TRUE(again) << told(again) << exchanges;
      EXPECT_EQ(again->outcome, "complete") << told(again) << exchanges;
    }
    EXPECT_EQ(live_triggers(lab.home()), std::vector<std::string>{}) << exchanges;
    EXPECT_EQ(sorted(live_triggers(lab.away())), live_of_estate) << exchanges;
    EXPECT_EQ(text_at(job_named(lab.away(), "paused"), "/settings/schedule/pause_status"), "PAUSED") << exchanges;
    EXPECT_TRUE(lab.store().in_doubt().empty()) << exchanges;
    for (const state::ActionRecord& action : lab.store().actions(state::ActionRecord::Subject::failover, lab.store().last_failover()->id))
      EXPECT_NE(action.outcome, "") << action.type << " " << action.name << " " << action.place << ", killed after " << exchanges;
    if (testing::Test::HasFailure()) return;
  }
}

/// The second disaster: who just got the role is lost before it has all of it.
TEST(FailoverCrash, WhoeverGotTheRoleIsLostAtAnyExchangeAndWhoHadItTakesItBack) {
  int turned_back = 0;
  bool is_lost = true;
  for (int exchanges = 1; is_lost; exchanges += sweep_step(3, 17)) {
    Lab lab;
    fill(lab);
    ASSERT_TRUE(lab.sync());
    lab.turnover.runs = failover::Runs::cancel;
    is_lost = lab.lost_at(lab.away(), exchanges, [&] { (void)lab.fail_over(Type::planned); });
    const auto last = lab.store().last_failover();
    if (!failover::is_unfinished(last) || !last->turned) continue;
    ++turned_back;
    const auto report = lab.turn_back();
    ASSERT_TRUE(report) << told(report) << exchanges;
    EXPECT_EQ(report->outcome, "complete") << told(report) << exchanges;
    EXPECT_EQ(sorted(live_triggers(lab.home())), live_of_estate) << exchanges;
    EXPECT_EQ(lab.primary_side(), model::Side::home) << exchanges;
    EXPECT_EQ(lab.store().failover(last->id)->phase, failover::phase::overtaken) << exchanges;
    lab.away().faults().end_outage();
    const auto paid = lab.pay();
    ASSERT_TRUE(paid) << told(paid) << exchanges;
    EXPECT_EQ(paid->outcome, "complete") << told(paid) << exchanges;
    EXPECT_EQ(live_triggers(lab.away()), std::vector<std::string>{}) << exchanges;
    lab.commit();
    const auto synced = lab.sync();
    ASSERT_TRUE(synced) << exchanges;
    EXPECT_EQ(lab.not_in_sync(), "") << exchanges;
    EXPECT_EQ(sorted(live_triggers(lab.home())), live_of_estate) << exchanges;
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(turned_back, 0);
}

TEST(Failover, IsTurnedBackOnlyFromOneWhoseRoleHasMoved) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  const auto without = lab.turn_back();
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().message.find("nothing to turn back"), std::string::npos) << describe(without.error());
  lab.turnover.runs_deadline = std::chrono::seconds(0);
  lab.primary("POST", "/api/2.2/jobs/run-now", {{"job_id", job_named(lab.home(), "load")["job_id"]}});
  ASSERT_FALSE(lab.fail_over(Type::planned)) << "its run does not end in time";
  const auto unmoved = lab.turn_back();
  ASSERT_FALSE(unmoved);
  EXPECT_NE(unmoved.error().hint.find("--abort"), std::string::npos) << describe(unmoved.error());
  EXPECT_EQ(lab.primary_side(), model::Side::home);
}

TEST(FailoverCrash, AKillAfterAnyExchangeOfATurnBackIsGoneOnWith) {
  int survived = 0;
  for (int exchanges = 1; survived == 0; exchanges += sweep_step(3, 11)) {
    const StateFolder folder;
    Lab lab(folder.options());
    fill(lab);
    ASSERT_TRUE(lab.sync());
    lab.home().faults().start_outage();
    lab.reset_logs();
    // The role has moved, and one trigger is released.
    lab.secondary_wire().on_exchange = [&] {
      const auto& writes = lab.secondary_wire().log.writes;
      if (std::ranges::find(writes, "POST /api/2.2/jobs/update") != writes.end()) lab.away().faults().start_outage();
    };
    (void)lab.fail_over(Type::forced);
    lab.secondary_wire().on_exchange = nullptr;
    ASSERT_TRUE(failover::is_unfinished(lab.store().last_failover()));
    // Who is killed is made anew by asking both sides.
    lab.home().faults().end_outage();
    lab.away().faults().end_outage();
    const bool to_the_end = lab.killed_after(exchanges, [&] { (void)lab.turn_back(); });
    survived += to_the_end ? 1 : 0;
    lab.turnover.turn_back = false;
    const auto last = lab.store().last_failover();
    const bool is_begun = failover::is_turn_back(lab.store(), last->id);
    if (!is_begun) ASSERT_TRUE(lab.turn_back()) << exchanges;
    if (is_begun && failover::is_unfinished(last)) ASSERT_TRUE(lab.fail_over(Type::forced)) << exchanges;
    EXPECT_EQ(sorted(live_triggers(lab.home())), live_of_estate) << exchanges;
    EXPECT_EQ(lab.primary_side(), model::Side::home) << exchanges;
    EXPECT_FALSE(failover::is_unfinished(lab.store().last_failover())) << exchanges;
    ASSERT_TRUE(lab.pay()) << exchanges;
    EXPECT_EQ(live_triggers(lab.away()), std::vector<std::string>{}) << exchanges;
    if (testing::Test::HasFailure()) return;
  }
}

TEST(FailoverCrash, AKillAfterAnyExchangeOfAForcedOneIsGoneOnWith) {
  int survived = 0;
  for (int exchanges = 1; survived == 0; exchanges += sweep_step(7, 41)) {
    const StateFolder folder;
    Lab lab(folder.options());
    fill(lab);
    ASSERT_TRUE(lab.sync());
    lab.home().faults().start_outage();
    survived += lab.killed_after(exchanges, [&] { (void)lab.fail_over(Type::forced); }) ? 1 : 0;
    if (lab.primary_side() == model::Side::home || failover::is_unfinished(lab.store().last_failover())) {
      const auto again = lab.fail_over(Type::forced);
      ASSERT_TRUE(again) << told(again) << exchanges;
    }
    EXPECT_EQ(sorted(live_triggers(lab.away())), live_of_estate) << exchanges;
    EXPECT_TRUE(failover::owes_fence(lab.store().last_failover())) << exchanges;
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace twinlake::test
