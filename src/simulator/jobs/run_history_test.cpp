// The history of runs, by sort and by time.
#include <gtest/gtest.h>

#include <set>

#include "simulator/jobs/jobs.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string runs_list = "/api/2.2/jobs/runs/list";

json tasks_of_history() {
  return json::array({json::object(
      {{"task_key", "t"}, {"notebook_task", json::object({{"notebook_path", "/Shared/x"}})}})});
}

class RunHistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = probe.post("/api/2.2/jobs/create",
                                 json::object({{"name", "j"}, {"tasks", tasks_of_history()}}));
    ASSERT_EQ(made.status, 200) << made.body;
    job = json::object({{"job_id", body_of(made).at("job_id")}});
  }
  std::int64_t now_millis() const { return probe.now_micros() / 1000; }
  void submit(const std::string& name) {
    ASSERT_EQ(probe
                  .post("/api/2.2/jobs/runs/submit",
                        json::object({{"run_name", name}, {"tasks", tasks_of_history()}}))
                  .status,
              200);
  }
  std::vector<std::string> names(const std::string& query) {
    std::vector<std::string> found;
    const json answer = body_of(probe.get(runs_list + "?" + query));
    for (const json& run : list_of(answer, "runs")) found.push_back(text_of(run, "run_name"));
    return found;
  }
  using Names = std::vector<std::string>;
  Probe probe;
  json job;
};

TEST_F(RunHistoryTest, TellsRunsOfOneSort) {
  submit("ADF_factory_pipeline_activity");
  ASSERT_EQ(probe.post("/api/2.2/jobs/run-now", job).status, 200);
  EXPECT_EQ(names("run_type=SUBMIT_RUN"), Names{"ADF_factory_pipeline_activity"});
  EXPECT_EQ(names("run_type=JOB_RUN"), Names{"j"});
  EXPECT_EQ(names("run_type=WORKFLOW_RUN"), Names{});
  EXPECT_EQ(names("limit=25"), (Names{"j", "ADF_factory_pipeline_activity"})) << "newest first";
}

TEST_F(RunHistoryTest, TellsRunsOfATime) {
  submit("early");
  probe.wait_millis(1000);
  const std::string between = std::to_string(now_millis());
  probe.wait_millis(1000);
  submit("late");
  EXPECT_EQ(names("start_time_from=" + between), Names{"late"});
  EXPECT_EQ(names("start_time_to=" + between), Names{"early"});
  EXPECT_EQ(names("start_time_from=" + std::to_string(now_millis())), Names{"late"})
      << "at that moment too";
}

TEST_F(RunHistoryTest, TellsWhoAskedAndHow) {
  probe.post("/api/2.0/preview/scim/v2/Users", json::object({{"userName", people::ana}}));
  probe.post("/sim/credentials", json::object({{"token", "dapi-ana"}, {"principal", people::ana}}));
  probe.use_token("dapi-ana");
  submit("hers");
  const json answer = body_of(probe.get(runs_list));
  const json& run = list_of(answer, "runs").at(0);
  EXPECT_EQ(text_of(run, "creator_user_name"), people::ana);
  EXPECT_EQ(text_of(run, "trigger"), "ONE_TIME");
  EXPECT_FALSE(run.contains("job_id"));
}

}  // namespace
}  // namespace twinlake::simulator
