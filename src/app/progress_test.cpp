#include "app/progress.h"

#include <gtest/gtest.h>

namespace twinlake::app {
namespace {

using events::Outcome;

class TallyTest : public testing::Test {
 protected:
  void start(const std::string& kind) { tally.started({kind, kind + ":x", "create"}, now); }
  void finish(const std::string& kind, Outcome outcome = Outcome::done) {
    events::StepFinished event;
    event.kind = kind;
    event.outcome = outcome;
    tally.finished(event, now);
  }
  void pass(int millis) { now += std::chrono::milliseconds(millis); }
  [[nodiscard]] std::string line(const std::string& kind) const {
    return Tally::line(tally.rows().at(kind), now);
  }
  Tally tally;
  Time now{std::chrono::seconds(1000)};
};

TEST_F(TallyTest, EveryKindTellsItsOwnRateAndTimeLeft) {
  tally.planned({"notebook", 100});
  tally.planned({"job", 10});
  start("notebook");
  start("notebook");
  pass(2000);
  for (int i = 0; i < 39; ++i) finish("notebook");
  EXPECT_EQ(line("notebook"), "39 of 100 done, 20/s, 3 s left");
  EXPECT_EQ(line("job"), "0 of 10 done") << "it has not begun";
  start("job");
  pass(4000);
  finish("job", Outcome::failed);
  start("job");
  EXPECT_EQ(line("job"), "1 of 10 done, 1 in flight, 1 failed, 0.2/s, 36 s left");
  EXPECT_EQ(Tally::line(tally.total(), now),
            "40 of 110 done, 1 in flight, 1 failed, 6.7/s, 10 s left");
}

TEST_F(TallyTest, WhatCannotBeToldYetIsNotTold) {
  tally.planned({"job", 10});
  start("job");
  finish("job");
  EXPECT_EQ(line("job"), "1 of 10 done");
}

TEST_F(TallyTest, BlockedStepsNeverStarted) {
  tally.planned({"job", 2});
  start("job");
  finish("job", Outcome::blocked);
  EXPECT_EQ(line("job"), "1 of 2 done, 1 in flight");
}

}  // namespace
}  // namespace twinlake::app
