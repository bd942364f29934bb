#include "app/watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include <nlohmann/json.hpp>

#include "app/watch_mark.h"

namespace twinlake::app {
namespace {

using namespace std::chrono_literals;

const Time noon = time_from_rfc3339("2026-11-27T12:00:00Z");

TEST(WatchTimes, TheNextRunComesAfterTheSpanOrUpToATenthEarlier) {
  WatchTimes times(10min, "main here 1");
  Time began = noon;
  std::set<Micros> gaps;
  for (int run = 0; run < 100; ++run) {
    const Time next = times.next(began, began + 20s);
    gaps.insert(next - began);
    began = next;
    EXPECT_FALSE(times.was_late());
  }
  EXPECT_GE(*gaps.begin(), Micros(9min));
  EXPECT_LE(*gaps.rbegin(), Micros(10min)) << "never later than promised";
  EXPECT_GT(gaps.size(), 90U) << "spread";
}

TEST(WatchTimes, GroupsThatWereStartedTogetherDriftApart) {
  std::vector<Time> at;
  for (int group = 0; group < 20; ++group) {
    WatchTimes times(5min, "group " + std::to_string(group));
    Time began = noon;
    for (int run = 0; run < 5; ++run) began = times.next(began, began + 1s);
    at.push_back(began);
  }
  std::sort(at.begin(), at.end());
  EXPECT_GT(at.back() - at.front(), 20s);
  int together = 0;
  for (std::size_t i = 1; i < at.size(); ++i) together += at[i] - at[i - 1] < 100ms ? 1 : 0;
  EXPECT_LE(together, 4);
}

TEST(WatchTimes, ARunThatIsTooLongIsFollowedAfterAPauseAndNothingIsMadeUpFor) {
  WatchTimes times(5min, "x");
  const Time ended = noon + 23min;
  EXPECT_EQ(times.next(noon, ended), ended + 5s);
  EXPECT_TRUE(times.was_late());
  const Time next = times.next(ended + 5s, ended + 10s);
  EXPECT_GT(next, ended + 4min);
  EXPECT_FALSE(times.was_late());
}

TEST(Watch, EndsWhereAPersonHasToLookFirst) {
  Error locked(Fault::refused, "another run is under way");
  locked.for_now = true;
  EXPECT_FALSE(ends_watch(locked));
  EXPECT_TRUE(ends_watch(Error(Fault::refused, "the role has moved")));
  EXPECT_TRUE(ends_watch(Error(Fault::config, "no such profile")));
  for (const Fault passing : {Fault::network, Fault::unavailable, Fault::throttled,
                              Fault::unauthenticated, Fault::forbidden, Fault::io, Fault::in_doubt})
    EXPECT_FALSE(ends_watch(Error(passing, "x"))) << name_of(passing);
}

WatchedRun run_with(std::string outcome) {
  WatchedRun run;
  run.began = noon;
  run.ended = noon + 4s;
  run.point = noon;
  run.report.emplace();
  run.report->outcome = std::move(outcome);
  run.report->kinds["job"].created = 2;
  run.report->kinds["notebook"].created = 1;
  run.report->kinds["notebook"].unchanged = 700;
  return run;
}

TEST(WatchLine, TellsWhatWasDoneAndHowOldTheStandbyIs) {
  const WatchedRun run = run_with("complete");
  EXPECT_EQ(watch_line(run, 15min, Style(false)),
            "2026-11-27T12:00:00Z  complete  3 created in 4.0 s; lag 4.0 s\n");
  const std::string coloured = watch_line(run, 15min, Style(true));
  EXPECT_NE(coloured.find("\x1b["), std::string::npos);
  EXPECT_EQ(std::count(coloured.begin(), coloured.end(), '\n'), 1);
}

TEST(WatchLine, NamesTheFirstThatWasNotDoneAndColoursALagBeyondTheTarget) {
  WatchedRun run = run_with("partial");
  run.report->kinds["job"].failed = 2;
  run.point = noon - 20min;
  for (const char* const name : {"job:\"a\"", "job:\"b\""}) {
    engine::ObjectReport object;
    object.address = name;
    object.outcome = "failed";
    object.error = "no such\npolicy";
    run.report->objects.push_back(object);
  }
  const std::string line = watch_line(run, 15min, Style(false));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
  EXPECT_NE(line.find("3 created, 2 failed in 4.0 s; lag 20 min 4 s, beyond the RPO of 15 min"),
            std::string::npos)
      << line;
  EXPECT_NE(line.find("job:\"a\": no such"), std::string::npos);
  EXPECT_NE(line.find("and 1 more"), std::string::npos);
  EXPECT_EQ(watch_line(run, std::nullopt, Style(false)).find("beyond"), std::string::npos)
      << "without a target nothing is beyond it";
  const std::string coloured = watch_line(run, 15min, Style(true));
  EXPECT_NE(coloured, line);
}

TEST(WatchLine, ARunThatCouldNotBegin) {
  WatchedRun run;
  run.began = run.ended = noon;
  run.error = Error(Fault::network, "the primary workspace does not answer", "Check `host`");
  const std::string line = watch_line(run, 15min, Style(false));
  EXPECT_EQ(line.find("2026-11-27T12:00:00Z  not run   never complete yet, beyond the RPO"), 0U)
      << line;
  EXPECT_NE(line.find("the primary workspace does not answer"), std::string::npos);
  const auto json = watch_json(run, 15min);
  EXPECT_EQ(json.at("outcome"), "not run");
  EXPECT_TRUE(json.at("counts").is_null());
  EXPECT_TRUE(json.at("lag_seconds").is_null());
  EXPECT_TRUE(json.at("beyond_rpo").get<bool>());
  EXPECT_EQ(json.at("error").at("fault"), "network");
}

TEST(WatchLine, ForMachinesALineStaysALine) {
  WatchedRun run = run_with("partial");
  engine::ObjectReport object;
  object.outcome = "failed";
  run.report->objects.assign(400, object);
  const auto json = watch_json(run, 15min);
  EXPECT_EQ(json.at("objects").size(), 20U);
  EXPECT_EQ(json.at("objects_not_done"), 400);
}

TEST(WatchLine, ForMachinesEverythingIsThere) {
  WatchedRun run = run_with("complete");
  run.troubles.emplace_back(Fault::io, "the mirror could not be written");
  const auto json = watch_json(run, 15min);
  EXPECT_EQ(json.at("counts").at("created"), 3);
  EXPECT_EQ(json.at("counts").at("unchanged"), 700);
  EXPECT_EQ(json.at("lag_seconds"), 4.0);
  EXPECT_EQ(json.at("rpo_seconds"), 900.0);
  EXPECT_FALSE(json.at("beyond_rpo").get<bool>());
  EXPECT_EQ(json.at("warnings").size(), 1U);
  EXPECT_TRUE(json.at("error").is_null());
}

TEST(WatchMark, IsThereWhileTheWatchIsAndNoLonger) {
  std::string folder = ::testing::TempDir() + "watch-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  EXPECT_FALSE(watch_at_work(folder, "main"));
  {
    const auto mark = WatchMark::make(folder, "main");
    ASSERT_TRUE(mark);
    auto seen = watch_at_work(folder, "main");
    ASSERT_TRUE(seen);
    EXPECT_NE(seen->owner.find(std::to_string(getpid())), std::string::npos);
    EXPECT_FALSE(seen->next);
    mark->tell_next(noon);
    EXPECT_EQ(watch_at_work(folder, "main")->next, noon);
    const auto second = WatchMark::make(folder, "main");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::refused);
    EXPECT_TRUE(WatchMark::make(folder, "other"));
  }
  EXPECT_FALSE(watch_at_work(folder, "main"));
}

}  // namespace
}  // namespace twinlake::app
