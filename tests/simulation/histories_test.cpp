// The simulation itself: that it is the same each time, that it shortens what fails, and that nothing in it is idle. The histories
// are played by ctest with twinlake-sim-run, and with bugs planted by twinlake-sim-planted.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "simulation/player.h"
#include "simulation/shrink.h"
#include "support/state_folder.h"

namespace twinlake::simulation {
namespace {

constexpr int usual_length = 24;

TEST(Histories, TheSameSeedPlaysTheSame) {
  for (std::uint64_t seed = 1; seed <= test::sweep_step(10, 3); ++seed) {
    const History history = make_history(seed, usual_length);
    EXPECT_EQ(history, make_history(seed, usual_length));
    const Outcome once = play(history);
    const Outcome again = play(history);
    EXPECT_EQ(once.log, again.log) << seed;
    EXPECT_GT(once.log.size(), 500U);
  }
}

TEST(Histories, OtherSeedsPlayOtherwise) {
  std::set<std::string> texts;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) texts.insert(to_text(make_history(seed, usual_length)));
  EXPECT_EQ(texts.size(), 100U);
}

TEST(Histories, APartIsNamedByItsNumbers) {
  const History whole = make_history(7, usual_length);
  const History part = only(whole, {2, 5, 11});
  ASSERT_EQ(part.operations.size(), 3U);
  EXPECT_EQ(part.operations[1], whole.operations[5]);
  EXPECT_EQ(replay_command(part, "twinlake-sim-run", ""), "twinlake-sim-run --seed 7 --ops 24 --keep 2,5,11");
  EXPECT_EQ(replay_command(whole, "twinlake-sim-planted", "bug"), "twinlake-sim-planted --seed 7 --ops 24 --plant bug");
}

TEST(Shrinking, LeavesNothingThatIsNotNeeded) {
  const History whole = make_history(3, 60);
  const auto has = [](const History& history, int number) { return std::ranges::any_of(history.operations, [&](const Operation& one) { return one.number == number; }); };
  int tries = 0;
  const History shortest = shrink(whole, [&](const History& history) {
    ++tries;
    return has(history, 4) && has(history, 31) && has(history, 58);
  });
  ASSERT_EQ(shortest.operations.size(), 3U);
  EXPECT_TRUE(has(shortest, 4) && has(shortest, 31) && has(shortest, 58));
  EXPECT_LT(tries, 200);
}

TEST(Shrinking, StopsWhenItMayTryNoMore) {
  const History whole = make_history(3, 60);
  const History left = shrink(whole, [](const History& history) { return !history.operations.empty(); }, 2);
  EXPECT_EQ(left.operations.size(), 15U);
}

/// How often each word of the tables was carried out, and how often it was refused.
struct Count {
  int done = 0;
  int refused = 0;
};

std::map<std::string, Count> edits_in(const std::string& log) {
  std::map<std::string, Count> counts;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t from = line.find("): ");
    if (from == std::string::npos) continue;
    const std::string said = line.substr(from + 3);
    if (const std::size_t refused = said.find(" was refused"); refused != std::string::npos) ++counts[said.substr(0, refused)].refused;
    else ++counts[said.substr(0, said.find(':'))].done;
  }
  return counts;
}

/// An edit whose body the service never takes would prove nothing, and nobody would notice.
TEST(Histories, EachEditIsCarriedOutSomewhere) {
  std::map<std::string, Count> all;
  for (std::uint64_t seed = 1; seed <= test::sweep_step(250, 1); ++seed)
    for (const auto& [name, count] : edits_in(play(make_history(1000 + seed, usual_length)).log)) all[name].done += count.done;
  if (!test::sweeps_see_every_phase) GTEST_SKIP() << "too few histories with sanitizers";
  for (const auto table : {People::edits(), People::meddlings()})
    for (const People::Edit& edit : table) EXPECT_GT(all[std::string(edit.name)].done, 0) << edit.name;
}

}  // namespace
}  // namespace twinlake::simulation
