// The simulation itself: that it is the same each time, that it shortens what fails, and that nothing in it is idle. The histories
// are played by ctest with twinlake-sim-run, and with bugs planted by twinlake-sim-planted.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "simulation/player.h"
#include "simulation/shrink.h"
#include "support/state_folder.h"

namespace twinlake::simulation {
namespace {

constexpr int usual_length = 24;

TEST(Histories, TheSameSeedPlaysTheSame) {
  for (std::uint64_t seed = 1; seed <= test::sweep_step(5, 2); ++seed) {
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
  EXPECT_EQ(left.operations.size(), 30U);
}

/// Words of the table that were carried out on that side, each tried a few times in turn.
std::set<std::string> carried_out(People& people, Side side, std::span<const People::Edit> table, bool meddles) {
  std::set<std::string> done;
  Operation operation;
  for (unsigned round = 0; round < 4; ++round) {
    unsigned first = 0;
    for (const People::Edit& edit : table) {
      ++operation.number;
      operation.what = first;
      operation.which = round * 577 + first;
      first += edit.weight;
      const std::string said = meddles ? people.meddle(side, operation) : people.edit(side, operation);
      if (said.find(" was refused: ") == std::string::npos) done.insert(said.substr(0, said.find(':')));
    }
  }
  return done;
}

/// An edit whose body the service never takes would prove nothing, and nobody would notice.
TEST(Histories, TheServiceTakesEachEditOfPeople) {
  Site site(1);
  People people(site);
  const std::set<std::string> edited = carried_out(people, Side::home, People::edits(), false);
  for (const People::Edit& edit : People::edits()) EXPECT_TRUE(edited.contains(std::string(edit.name))) << edit.name;
  // What they find there is what others made.
  const std::set<std::string> meddled = carried_out(people, Side::home, People::meddlings(), true);
  for (const People::Edit& edit : People::meddlings()) EXPECT_TRUE(meddled.contains(std::string(edit.name))) << edit.name;
}

}  // namespace
}  // namespace twinlake::simulation
