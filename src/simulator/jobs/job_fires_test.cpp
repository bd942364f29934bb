// Triggers of jobs that fire by the region's clock.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/hash.h"
#include "simulator/jobs/jobs.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

constexpr std::int64_t minute_long = 60'000;
constexpr std::int64_t hour_long = 60 * minute_long;

json cron_of(const char* expression, const char* status = "UNPAUSED") {
  return json::object(
      {{"quartz_cron_expression", expression}, {"timezone_id", "UTC"}, {"pause_status", status}});
}

class JobFiresTest : public testing::Test {
 protected:
  /// A run of a notebook that is missing would fail.
  void SetUp() override {
    const json notebook = json::object({{"path", "/Shared/x"},
                                        {"format", "SOURCE"},
                                        {"language", "PYTHON"},
                                        {"content", base64_encode("# nothing\n")}});
    ASSERT_EQ(probe.post("/api/2.0/workspace/import", notebook).status, 200);
  }
  /// The id of a job with one task and these members besides.
  std::int64_t made(const json& members) {
    json settings = json::object({{"name", "j"}, {"tasks", json::array()}});
    settings["tasks"].push_back(json::object(
        {{"task_key", "t"}, {"notebook_task", json::object({{"notebook_path", "/Shared/x"}})}}));
    settings.update(members);
    const auto answer = probe.post("/api/2.2/jobs/create", settings);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return integer_of(body_of(answer), "job_id").value_or(0);
  }
  void update(std::int64_t id, const json& members) {
    json body = json::object({{"new_settings", members}});
    body["job_id"] = id;
    EXPECT_EQ(probe.post("/api/2.2/jobs/update", body).status, 200);
  }
  void control(const std::string& path, const json& body = json::object()) {
    EXPECT_EQ(probe.post("/sim/" + path, body).status, 200);
  }
  json runs() {
    const json world = body_of(probe.get("/sim/world"));
    return list_of(world, "job_runs");
  }
  /// When runs were asked for, in minutes from the beginning, oldest first.
  std::vector<std::int64_t> minutes_of_runs() {
    std::vector<std::int64_t> minutes;
    for (const json& run : runs())
      minutes.push_back((integer_of(run, "start_time").value_or(0) - begin) / minute_long);
    return minutes;
  }
  using Minutes = std::vector<std::int64_t>;
  Probe probe;  // its clock begins at midnight
  const std::int64_t begin = probe.now_micros() / 1000;
};

TEST_F(JobFiresTest, AScheduleFiresAtItsMomentsAlthoughNobodyAsks) {
  made({{"schedule", cron_of("0 0/20 * * * ?")}});
  probe.wait_millis(hour_long + minute_long);
  EXPECT_EQ(minutes_of_runs(), (Minutes{20, 40, 60}));
  const json first = runs().at(0);
  EXPECT_EQ(first.at("trigger"), "PERIODIC");
  EXPECT_EQ(first.at("state").at("result_state"), "SUCCESS");
  EXPECT_EQ(first.at("end_time").get<std::int64_t>(), begin + 20 * minute_long + run_millis);
  EXPECT_EQ(runs().at(2).at("number_in_job"), 3);
  EXPECT_EQ(runs().size(), 3U) << "each fires once, however often somebody looks";
}

TEST_F(JobFiresTest, FiresOfSeveralJobsComeInTheOrderOfTheirTimes) {
  made({{"schedule", cron_of("0 0/20 * * * ?")}});
  made({{"schedule", cron_of("0 0/15 * * * ?")}});
  probe.wait_millis(hour_long);
  EXPECT_EQ(minutes_of_runs(), (Minutes{15, 20, 30, 40, 45, 60, 60}));
}

TEST_F(JobFiresTest, WhatIsPausedDoesNotFireAndIsNotMadeUpFor) {
  const std::int64_t id = made({{"schedule", cron_of("0 0/20 * * * ?", "PAUSED")}});
  probe.wait_millis(hour_long + minute_long);
  EXPECT_EQ(minutes_of_runs(), Minutes{});
  update(id, {{"schedule", cron_of("0 0/20 * * * ?")}});
  probe.wait_millis(20 * minute_long);
  EXPECT_EQ(minutes_of_runs(), Minutes{80});
  update(id, {{"schedule", cron_of("0 0/20 * * * ?", "PAUSED")}});
  probe.wait_millis(hour_long);
  EXPECT_EQ(minutes_of_runs(), Minutes{80});
}

TEST_F(JobFiresTest, AChangedScheduleCountsFromThenOnAndADeletedOneNoMore) {
  const std::int64_t id = made({{"schedule", cron_of("0 0/20 * * * ?")}});
  probe.wait_millis(30 * minute_long);
  update(id, {{"schedule", cron_of("0 50 * * * ?")}});
  probe.wait_millis(hour_long);
  EXPECT_EQ(minutes_of_runs(), (Minutes{20, 50}));
  json body = json::object();
  body["job_id"] = id;
  EXPECT_EQ(probe.post("/api/2.2/jobs/delete", body).status, 200);
  probe.wait_millis(24 * hour_long);
  EXPECT_EQ(minutes_of_runs(), (Minutes{20, 50}));
}

TEST_F(JobFiresTest, APeriodicTriggerCountsFromTheMomentItIsLive) {
  const json periodic = json::object({{"periodic", {{"interval", 2}, {"unit", "HOURS"}}}});
  const std::int64_t id = made({{"trigger", periodic}});
  probe.wait_millis(hour_long);
  update(id, {{"description", "another text moves no trigger"}});
  probe.wait_millis(3 * hour_long);
  EXPECT_EQ(minutes_of_runs(), (Minutes{120, 240}));
}

TEST_F(JobFiresTest, EachOfSeveralTriggersFiresByItself) {
  json hourly = json::object({{"schedule", cron_of("0 30 * * * ?")}});
  hourly["schedule"].erase("pause_status");
  json paused = hourly;
  paused["pause_status"] = "PAUSED";
  const json periodic = json::object({{"periodic", {{"interval", 50}, {"unit", "MINUTES"}}}});
  made({{"triggers", json::array({hourly, paused, periodic})}});
  probe.wait_millis(2 * hour_long);
  EXPECT_EQ(minutes_of_runs(), (Minutes{30, 50, 90, 100}));
}

TEST_F(JobFiresTest, AFileFiresWhatWatchesItsPlaceOnceItIsQuietThere) {
  const json arrival = json::object({{"file_arrival",
                                      {{"url", "abfss://in@lake.dfs.core.windows.net/drop/"},
                                       {"min_time_between_triggers_seconds", 1800},
                                       {"wait_after_last_change_seconds", 120}}}});
  made({{"trigger", arrival}});
  const json file = json::object({{"url", "abfss://in@lake.dfs.core.windows.net/drop/a.csv"}});
  control("files", json::object({{"url", "abfss://in@lake.dfs.core.windows.net/other/a.csv"}}));
  control("files", file);
  probe.wait_millis(minute_long);
  control("files", file);
  probe.wait_millis(4 * minute_long);
  EXPECT_EQ(minutes_of_runs(), Minutes{3}) << "two minutes after the later file";
  EXPECT_EQ(runs().at(0).at("trigger"), "FILE_ARRIVAL");
  control("files", file);
  probe.wait_millis(hour_long);
  EXPECT_EQ(minutes_of_runs(), (Minutes{3, 33})) << "not sooner than half an hour after the first";
}

TEST_F(JobFiresTest, ARunThatFindsNoRoomWaits) {
  made({{"schedule", cron_of("0/4 * * * * ?")}});
  probe.wait_millis(9000);
  const json queued = runs();
  ASSERT_EQ(queued.size(), 2U);
  EXPECT_EQ(queued.at(0).at("state").at("life_cycle_state"), "RUNNING");
  EXPECT_EQ(queued.at(1).at("state").at("life_cycle_state"), "QUEUED");
  probe.wait_millis(6000);
  EXPECT_EQ(runs().at(1).at("state").at("life_cycle_state"), "RUNNING");
}

TEST_F(JobFiresTest, WithoutAQueueARunThatFindsNoRoomIsSkipped) {
  made({{"schedule", cron_of("0/4 * * * * ?")}, {"queue", {{"enabled", false}}}});
  probe.wait_millis(9000);
  const json seen = runs();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen.at(1).at("state").at("life_cycle_state"), "SKIPPED");
  made({{"schedule", cron_of("0 0 * * * ?")}, {"max_concurrent_runs", 0}});
  probe.wait_millis(hour_long);
  EXPECT_EQ(runs().back().at("state").at("life_cycle_state"), "SKIPPED") << "0: all are skipped";
}

TEST_F(JobFiresTest, ACancelledRunOfAContinuousJobIsFollowedByTheNext) {
  made({{"continuous", json::object({{"pause_status", "UNPAUSED"}})}});
  json body = json::object();
  body["run_id"] = runs().at(0).at("run_id");
  EXPECT_EQ(probe.post("/api/2.2/jobs/runs/cancel", body).status, 200);
  const json seen = runs();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen.at(0).at("state").at("result_state"), "CANCELED");
  EXPECT_EQ(seen.at(1).at("state").at("life_cycle_state"), "RUNNING");
}

TEST_F(JobFiresTest, JobsOfALostRegionGoOnUnlessTheOutageSaysOtherwise) {
  made({{"schedule", cron_of("0 0/20 * * * ?")}});
  control("outage");
  probe.wait_millis(30 * minute_long);
  control("restore");
  EXPECT_EQ(minutes_of_runs(), Minutes{20});
  control("outage", json::object({{"jobs_go_on", false}}));
  probe.wait_millis(hour_long);
  control("restore");
  probe.wait_millis(20 * minute_long);
  EXPECT_EQ(minutes_of_runs(), (Minutes{20, 100})) << "nothing is made up for";
  control("outage", json::object({{"jobs_go_on", false}, {"for_seconds", 1500}}));
  probe.wait_millis(hour_long);
  EXPECT_EQ(minutes_of_runs(), (Minutes{20, 100, 140, 160})) << "it came back by itself at 135";
}

TEST_F(JobFiresTest, WhatIsNoCronExpressionNeverFires) {
  made({{"schedule", cron_of("every day")}});
  probe.wait_millis(48 * hour_long);
  EXPECT_EQ(minutes_of_runs(), Minutes{});
}

}  // namespace
}  // namespace twinlake::simulator
