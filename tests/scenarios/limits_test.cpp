// What a run does with limits that are not the published ones, with everything in it as it is in the program.
#include <gtest/gtest.h>

#include "simulator/estate/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

struct Cost {
  double seconds = 0;
  std::int64_t throttled = 0;
};

Cost first_sync(double true_limits) {
  Lab::Options options;
  options.latency = Millis(50);
  Lab lab(options);
  simulator::fill_estate(lab.home(), lab.away(), {});
  for (simulator::Region* region : {&lab.home(), &lab.away()}) {
    region->set_enforce_limits(true);
    region->scale_limits(true_limits);
  }
  const Time began = lab.loop().now();
  const auto report = lab.sync();
  EXPECT_EQ(report ? report->outcome : describe(report.error()), "complete") << told(report);
  return {std::chrono::duration<double>(lab.loop().now() - began).count(),
          lab.home().traffic().throttled + lab.away().traffic().throttled};
}

TEST(TrueLimits, ThePublishedOnesAreKeptToWithoutARefusal) { EXPECT_EQ(first_sync(1).throttled, 0); }

TEST(TrueLimits, LowerOnesAreLearntOnTheWay) {
  const Cost published = first_sync(1);
  const Cost half = first_sync(0.5);
  EXPECT_LE(half.seconds, 2 * published.seconds * 1.35);
  EXPECT_LE(half.throttled, 400) << "of some thousand requests";
}

}  // namespace
}  // namespace twinlake::test
