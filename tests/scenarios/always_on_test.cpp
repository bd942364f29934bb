// What shall always run is started when the role has moved, and nothing else is.
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
using Type = state::Failover::Type;

failover::AlwaysOn rule_for(const std::string& name) {
  return {name, [name](const model::Kind&, const std::string& key) { return key == name; }};
}

Task<void> come_to_rest(Loop* loop) { co_await loop->sleep(std::chrono::minutes(10)); }

/// A cluster and a warehouse besides those of the small estate, which nobody wants to run.
void fill_compute(Lab& lab) {
  fill_small_estate(lab);
  lab.primary("POST", "/api/2.1/clusters/create",
              {{"cluster_name", "serving"},
               {"spark_version", "15.4.x-scala2.12"},
               {"node_type_id", "Standard_DS3_v2"},
               {"num_workers", 1},
               {"autotermination_minutes", 0}});
  lab.primary("POST", "/api/2.0/sql/warehouses", {{"name", "boards"}, {"cluster_size", "Small"}});
  lab.turnover.runs = failover::Runs::cancel;
  lab.turnover.always_on = {rule_for("serving"), rule_for("boards")};
}

std::vector<std::string> started_of(const failover::TurnoverReport& report) {
  std::vector<std::string> lines;
  for (const failover::Turned& turned : report.turned)
    if (turned.action == "start") lines.push_back(turned.address + ": " + turned.outcome);
  std::ranges::sort(lines);
  return lines;
}

const std::vector<std::string> both_started = {"cluster:\"serving\": done", "warehouse:\"boards\": done"};

std::int64_t starts_of(Lab& lab) {
  return std::ranges::count_if(lab.secondary_wire().log.writes, [](const std::string& write) { return write.ends_with("/start"); });
}

TEST(AlwaysOnTest, IsStartedAfterTheRoleHasMoved) {
  for (const Type type : {Type::planned, Type::forced}) {
    Lab lab;
    fill_compute(lab);
    ASSERT_TRUE(lab.sync());
    ASSERT_EQ(running_compute(lab.away()), std::vector<std::string>{});
    if (type == Type::forced) lab.home().faults().start_outage();
    const auto report = lab.fail_over(type);
    ASSERT_TRUE(report) << told(report);
    EXPECT_EQ(report->outcome, "complete") << told(report);
    EXPECT_EQ(started_of(*report), both_started);
    const auto running = running_compute(lab.away());
    EXPECT_TRUE(std::ranges::any_of(running, [](const std::string& line) { return line.find("serving") != std::string::npos; }));
    EXPECT_TRUE(std::ranges::any_of(running, [](const std::string& line) { return line.find("boards") != std::string::npos; }));
    EXPECT_EQ(starts_of(lab), 2) << "and nothing else";
    int records = 0;
    for (const state::ActionRecord& action : lab.store().actions(state::ActionRecord::Subject::failover, lab.store().last_failover()->id))
      if (action.name == "start") {
        ++records;
        EXPECT_EQ(action.type, "object");
        EXPECT_EQ(action.outcome, "done") << action.place;
        EXPECT_GE(action.started, *lab.store().last_failover()->turned);
      }
    EXPECT_EQ(records, 2);
  }
}

TEST(AlwaysOnTest, IsLeftAloneByASync) {
  Lab lab;
  fill_compute(lab);
  ASSERT_TRUE(lab.sync());
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(starts_of(lab), 0);
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{});
}

TEST(AlwaysOnTest, WaitsForWhatIsStillGoingDown) {
  Lab lab;
  fill_compute(lab);
  ASSERT_TRUE(lab.sync());
  lab.loop().run(come_to_rest(&lab.loop()));
  const json clusters = lab.secondary("GET", "/api/2.1/clusters/list");
  for (const json& cluster : clusters.at("clusters"))
    if (text_at(cluster, "/cluster_name") == "serving") {
      lab.secondary("POST", "/api/2.1/clusters/start", {{"cluster_id", cluster["cluster_id"]}});
      lab.secondary("POST", "/api/2.1/clusters/delete", {{"cluster_id", cluster["cluster_id"]}});
    }
  lab.home().faults().start_outage();
  const auto report = lab.fail_over(Type::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(started_of(*report), both_started);
}

TEST(AlwaysOnTest, ThatCannotBeStartedIsToldAndTriedAgainByTheSameCommand) {
  Lab lab;
  fill_compute(lab);
  ASSERT_TRUE(lab.sync());
  simulator::FaultRule rule;
  rule.path = "/api/2.1/clusters/start";
  rule.status = 403;
  rule.times = 0;
  lab.away().faults().add(rule);
  const auto report = lab.fail_over(Type::planned);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_EQ(started_of(*report), (std::vector<std::string>{"cluster:\"serving\": failed", "warehouse:\"boards\": done"}));
  const auto failed = std::ranges::find(report->turned, "failed", &failover::Turned::outcome);
  EXPECT_NE(failed->error.find("403"), std::string::npos) << failed->error;
  EXPECT_NE(failed->what_to_do.find("always_on"), std::string::npos);
  EXPECT_TRUE(failover::is_unfinished(lab.store().last_failover()));
  lab.away().faults().clear();
  const auto again = lab.fail_over(Type::planned);
  ASSERT_TRUE(again) << told(again);
  EXPECT_EQ(again->outcome, "complete") << told(again);
  EXPECT_EQ(started_of(*again), std::vector<std::string>{"cluster:\"serving\": done"});
}

TEST(AlwaysOnTest, ARuleThatNamesNothingIsTold) {
  Lab lab;
  fill_compute(lab);
  ASSERT_TRUE(lab.sync());
  lab.turnover.always_on = {rule_for("misspelt")};
  const auto report = lab.fail_over(Type::planned);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_TRUE(std::ranges::any_of(
      report->findings, [](const model::Finding& finding) { return finding.message.find("`misspelt` names nothing") != std::string::npos; }));
}

TEST(AlwaysOnTest, IsStartedOnceWhereverTheRunIsKilled) {
  for (int exchanges = 1;; exchanges += sweep_step(3, 11)) {
    const StateFolder own;
    Lab lab(own.options());
    fill_compute(lab);
    ASSERT_TRUE(lab.sync());
    lab.home().faults().start_outage();
    const auto fail_over = [&lab] { (void)lab.fail_over(Type::forced); };
    const bool ended = lab.killed_after(exchanges, fail_over);
    if (!ended) {
      const auto report = lab.fail_over(Type::forced);
      ASSERT_TRUE(report) << exchanges << ": " << told(report);
      EXPECT_EQ(report->outcome, "complete") << exchanges << ": " << told(report);
    }
    EXPECT_EQ(starts_of(lab), 2) << exchanges;
    for (const state::ActionRecord& action : lab.store().actions(state::ActionRecord::Subject::failover, lab.store().last_failover()->id))
      if (action.name == "start") EXPECT_EQ(action.outcome, "done") << exchanges << " " << action.place;
    if (ended) break;
  }
}

}  // namespace
}  // namespace twinlake::test
