#include "engine/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace twinlake::engine {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const model::Kind& grants() {
  static const model::Kind kind = [] {
    model::Kind made;
    made.name = "grants";
    return made;
  }();
  return kind;
}

Time at(Micros since) { return Time(hours(10'000)) + since; }

/// So many objects, and when each was read.
struct Scene {
  World world;
  std::vector<std::size_t> all;
  std::vector<Time> read;
  SweepRules rules;

  Scene(std::size_t count, Time first) : read(count, first) {
    for (std::size_t i = 0; i < count; ++i) {
      Pair& pair = world.pairs.emplace_back();
      pair.kind = &grants();
      pair.key = std::to_string(i);
      all.push_back(i);
    }
  }
  SweepChoice choose(Time now) const {
    const Belief belief = [this](const Pair& pair) { return std::optional(read[std::stoul(pair.key)]); };
    return choose_sweep(world, all, belief, rules, now);
  }
  std::size_t run(Time now) {
    const SweepChoice choice = choose(now);
    EXPECT_EQ(choice.read.size() + choice.trusted.size(), all.size());
    for (const auto& [position, then] : choice.trusted) EXPECT_LT(now - then, rules.max_age);
    for (const std::size_t position : choice.read) read[position] = now;
    return choice.read.size();
  }
};

TEST(SweepChoice, IsEvenWhateverTheRhythmOfTheRuns) {
  for (const Micros every : {Micros(minutes(1)), Micros(minutes(5)), Micros(minutes(47)), Micros(hours(7))}) {
    Scene scene(1000, at(Micros(0)));
    const double part = 1000.0 * static_cast<double>(every.count()) / static_cast<double>(Micros(hours(24)).count());
    std::size_t most = 0;
    for (Micros since = every; since < hours(72); since += every) most = std::max(most, scene.run(at(since)));
    EXPECT_LE(static_cast<double>(most), part + 2) << "a burst";
  }
}

TEST(SweepChoice, TakesEverythingWhereRunsAreRarerThanTheMaximumAge) {
  Scene scene(50, at(Micros(0)));
  EXPECT_EQ(scene.run(at(hours(24))), 50U);
  EXPECT_EQ(scene.run(at(hours(48))), 50U);
}

TEST(SweepChoice, TakesTheOldestFirst) {
  Scene scene(10, at(hours(5)));
  scene.read[7] = at(hours(1));
  scene.read[2] = at(hours(2));
  scene.rules.max_age = hours(20);
  const SweepChoice choice = scene.choose(at(hours(8)));
  EXPECT_EQ(choice.read, (std::vector<std::size_t>{2, 7}));
}

TEST(SweepChoice, ReadsAllWithoutAMaximumAgeAndWhatWasReadInTheFuture) {
  Scene scene(10, at(hours(1)));
  scene.read[4] = at(hours(9));
  EXPECT_TRUE(std::ranges::count(scene.choose(at(hours(1))).read, 4U)) << "the clock went back";
  scene.rules = SweepRules::always();
  EXPECT_EQ(scene.choose(at(hours(1))).read.size(), 10U);
}

TEST(SweepChoice, KnowsEachKindsOwnAge) {
  Scene scene(10, at(Micros(0)));
  scene.rules.max_age_of["grants"] = hours(1);
  EXPECT_EQ(scene.choose(at(hours(1))).read.size(), 10U);
  EXPECT_EQ(scene.choose(at(minutes(30))).read.size(), 6U);
}

TEST(SweepAge, CountsWhatWasBelieved) {
  std::vector<Verdict> verdicts(3);
  for (Verdict& verdict : verdicts) verdict.kind = &grants();
  verdicts[0].read = at(hours(2));
  verdicts[1].read = at(hours(1));
  const auto ages = ages_of(verdicts, {}, at(hours(2)));
  EXPECT_EQ(ages.at("grants").read, 1);
  EXPECT_EQ(ages.at("grants").trusted, 1);
  EXPECT_EQ(ages.at("grants").oldest, at(hours(1)));
}

}  // namespace
}  // namespace twinlake::engine
