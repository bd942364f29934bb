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

void note(const std::string& said, std::set<std::string>& done) {
  if (said.find(" was refused: ") == std::string::npos) done.insert(said.substr(0, said.find(':')));
}

/// An edit whose body the service never takes would prove nothing, and nobody would notice.
TEST(Histories, TheServiceTakesEachEditOfPeople) {
  Site site(1);
  People people(site);
  std::set<std::string> edited;
  std::set<std::string> meddled;
  std::string last_refusal;
  Operation operation;
  for (std::size_t turn = 0; turn < 4 * People::meddlings().size(); ++turn) {
    const std::size_t each = turn % People::meddlings().size();
    if (meddled.contains(std::string(People::meddlings()[each].name))) continue;
    // There, so that what is made is changed, and back, so that something of it stays for others.
    const std::size_t count = People::edits().size();
    for (std::size_t i = 0; i < 2 * count; ++i) {
      ++operation.number;
      operation.what = People::what_of(People::edits(), People::edits()[i < count ? i : 2 * count - 1 - i].name);
      operation.which = static_cast<unsigned>(operation.number * 577 + static_cast<int>(turn) * 6);
      note(people.edit(Side::home, operation), edited);
    }
    // Machines come to rest.
    site.region(Side::home).advance(std::chrono::minutes(10));
    ++operation.number;
    operation.what = People::what_of(People::meddlings(), People::meddlings()[each].name);
    const std::string said = people.meddle(Side::home, operation);
    if (said.find(" was refused: ") != std::string::npos) last_refusal = said;
    note(said, meddled);
  }
  for (const People::Edit& edit : People::edits()) EXPECT_TRUE(edited.contains(std::string(edit.name))) << edit.name;
  for (const People::Edit& edit : People::meddlings()) EXPECT_TRUE(meddled.contains(std::string(edit.name))) << edit.name << "; the last one: " << last_refusal;
}

}  // namespace
}  // namespace twinlake::simulation
