// Runs of both sides, counted: a failover neither doubles nor misses what schedules start, but in the time that it
// tells.
//
// With more seeds asked for (TWINLAKE_SEEDS) there are a thousand jobs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "base/json_path.h"
#include "base/quartz_cron.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/lab.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using nlohmann::json;
using Type = state::Failover::Type;
using Fires = std::map<std::string, std::multiset<Time>>;  ///< by name of the job

int jobs_to_count(int usual) { return std::getenv("TWINLAKE_SEEDS") == nullptr ? usual : 1000; }

/// Each minute of the hour, in several rhythms.
std::string cron_number(int number) {
  const std::string minute = std::to_string(number % 60);
  switch (number % 4) {
    case 0: return "0 " + minute + " * * * ?";
    case 1: return "30 " + std::to_string(number % 20) + "/20 * * * ?";
    case 2: return "0 " + minute + " 0/2 ? * *";
    default: return "15 " + minute + " * ? * MON-SUN";
  }
}

std::string name_number(int number) { return "job " + std::to_string(number); }

void fill_with_schedules(Lab& lab, int count) {
  import_notebook(lab, "/Shared/only", "# Databricks notebook source\n");
  for (int i = 0; i < count; ++i) {
    json job = job_body(name_number(i), "/Shared/only");
    job["schedule"]["quartz_cron_expression"] = cron_number(i);
    lab.primary("POST", "/api/2.2/jobs/create", job);
  }
}

Task<void> let_pass(Loop* loop, Micros duration) { co_await loop->sleep(duration); }
void pass(Lab& lab, Micros duration) { lab.loop().run(let_pass(&lab.loop(), duration)); }

/// Scheduled runs of one side after a moment.
Fires fires_of(const json& world, Time from) {
  Fires fires;
  for (const json& run : world.at("job_runs")) {
    const Time at(std::chrono::milliseconds(run.at("start_time").get<std::int64_t>()));
    if (text_at(run, "/trigger") == "PERIODIC" && at > from) fires[text_at(run, "/run_name")].insert(at);
  }
  return fires;
}

bool is_in(const std::optional<failover::Window>& window, Time moment) {
  return window && moment > window->from && moment <= window->to;
}

struct Count {
  int fired = 0;
  int doubled = 0;
  int missed = 0;
  int beyond = 0;  ///< doubled or missed outside the windows
  std::map<std::string, std::size_t> due;  ///< ideal fires in the windows, by address
};

/// Both sides against what each schedule says.
Count count_fires(Lab& lab, int jobs, Time from, const std::vector<failover::Window>& silent, const std::vector<failover::Window>& doubled) {
  const Fires home = fires_of(lab.primary("GET", "/sim/world"), from);
  const Fires away = fires_of(lab.secondary("GET", "/sim/world"), from);
  const auto times_of = [](const Fires& fires, const std::string& name, Time at) {
    const auto found = fires.find(name);
    return found == fires.end() ? std::size_t{0} : found->second.count(at);
  };
  const auto covered = [](const std::vector<failover::Window>& windows, Time at) {
    return std::ranges::any_of(windows, [&](const failover::Window& window) { return is_in(window, at); });
  };
  Count count;
  for (int i = 0; i < jobs; ++i) {
    const std::string name = name_number(i);
    const auto cron = QuartzCron::parse(cron_number(i), "UTC");
    for (auto at = cron->next_after(from); at && *at <= lab.loop().now(); at = cron->next_after(*at)) {
      const std::size_t times = times_of(home, name, *at) + times_of(away, name, *at);
      count.fired += static_cast<int>(times);
      count.missed += times == 0 ? 1 : 0;
      count.doubled += times > 1 ? 1 : 0;
      if (covered(silent, *at) || covered(doubled, *at)) ++count.due["job:\"" + name + "\""];
      if ((times == 0 && !covered(silent, *at)) || (times > 1 && !covered(doubled, *at))) ++count.beyond;
    }
  }
  return count;
}

std::map<std::string, std::size_t> told_due(const std::vector<failover::Window>& windows) {
  std::map<std::string, std::size_t> due;
  for (const failover::Window& window : windows)
    for (const failover::Due& one : window.due) due[one.address] += one.starts.count;
  return due;
}

TEST(FailoverRuns, APlannedOneAndTheWayBackDoubleNothingAndMissOnlyWhatTheyTell) {
  const int jobs = jobs_to_count(sweep_step(200, 30));
  Lab lab;
  fill_with_schedules(lab, jobs);
  const Time from = lab.loop().now();
  ASSERT_TRUE(lab.sync());
  pass(lab, std::chrono::minutes(97));
  std::vector<failover::Window> windows;
  const auto there = lab.fail_over(Type::planned);
  ASSERT_TRUE(there) << told(there);
  ASSERT_TRUE(there->silent) << told(there);
  windows.push_back(*there->silent);
  pass(lab, std::chrono::hours(3));
  lab.commit();
  ASSERT_TRUE(lab.sync());
  const auto back = lab.fail_over(Type::planned);
  ASSERT_TRUE(back) << told(back);
  ASSERT_TRUE(back->silent) << told(back);
  windows.push_back(*back->silent);
  pass(lab, std::chrono::hours(2));

  const Count count = count_fires(lab, jobs, from, windows, {});
  EXPECT_GT(count.fired, jobs * 5) << "jobs did fire";
  EXPECT_EQ(count.doubled, 0);
  EXPECT_EQ(count.beyond, 0);
  EXPECT_EQ(count.due, told_due(windows)) << "the report names each start that fell into its time";
}

TEST(FailoverRuns, AForcedOneDoublesOnlyUntilTheDebtIsPaidAndTellsWhat) {
  const int jobs = jobs_to_count(sweep_step(100, 20));
  Lab lab;
  fill_with_schedules(lab, jobs);
  const Time from = lab.loop().now();
  ASSERT_TRUE(lab.sync());
  lab.home().faults().start_outage();
  ASSERT_TRUE(lab.fail_over(Type::forced));
  pass(lab, std::chrono::minutes(73));
  lab.home().faults().end_outage();
  const auto paid = lab.pay();
  ASSERT_TRUE(paid) << told(paid);
  ASSERT_TRUE(paid->doubled) << told(paid);
  pass(lab, std::chrono::hours(2));
  const Count count = count_fires(lab, jobs, from, {}, {*paid->doubled});
  EXPECT_GT(count.doubled, jobs / 2) << "the lost region went on firing";
  EXPECT_EQ(count.missed, 0);
  EXPECT_EQ(count.beyond, 0);
  EXPECT_EQ(count.due, told_due({*paid->doubled}));
}

TEST(FailoverRuns, TheFenceHoldsFirstWhatWouldStartFirst) {
  Lab lab;
  import_notebook(lab, "/Shared/only", "# Databricks notebook source\n");
  const auto with = [&](const char* name, const char* place, json trigger) {
    json job = job_body(name, "/Shared/only");
    job.erase("schedule");
    job[place] = std::move(trigger);
    lab.primary("POST", "/api/2.2/jobs/create", job);
  };
  const auto daily_at = [](int hour) {
    return json({{"quartz_cron_expression", "0 0 " + std::to_string(hour) + " * * ?"}, {"timezone_id", "UTC"}});
  };
  with("z always", "continuous", {{"pause_status", "UNPAUSED"}});
  const auto hour = std::chrono::duration_cast<std::chrono::hours>(lab.loop().now().time_since_epoch()).count() % 24;
  for (const int ahead : {20, 2, 11})
    with(("in " + std::to_string(ahead)).c_str(), "schedule", daily_at(static_cast<int>(hour + ahead) % 24));
  ASSERT_TRUE(lab.sync());
  lab.home().faults().start_outage();
  ASSERT_TRUE(lab.fail_over(Type::forced));
  lab.home().faults().end_outage();
  const auto paid = lab.pay();
  ASSERT_TRUE(paid) << told(paid);
  std::vector<std::string> held;
  for (const failover::Turned& turned : paid->turned)
    if (turned.action == "hold") held.push_back(turned.address);
  EXPECT_EQ(held, (std::vector<std::string>{"job:\"z always\"", "job:\"in 2\"", "job:\"in 11\"", "job:\"in 20\""}));
}

}  // namespace
}  // namespace twinlake::test
