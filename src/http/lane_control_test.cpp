#include "http/lane_control.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace twinlake::http {
namespace {

using namespace std::chrono_literals;

/// The true limit of a service, whatever is published: a bucket that holds `burst` seconds' worth.
struct Service {
  double limit = 10;
  double burst = 1;
  double tokens = 0;
  Time at{};
  bool takes(Time now) {
    tokens = std::min(std::max(1.0, limit * burst),
                      tokens + std::chrono::duration<double>(now - at).count() * limit);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  }
};

/// What a minute of always asking brought.
struct Minute {
  int answered = 0;
  int refused = 0;
  double lowest = 1e9, highest = 0;  ///< rate
};

/// A client that always wants more, one request after the other.
struct Client {
  explicit Client(LaneControl with) : control(with) {}
  Minute minute(Service& service) {
    Minute told;
    const Time end = now + 60s;
    while (now < end) {
      const auto place = control.take(record, now);
      now += place.wait;
      if (!place.is_granted) continue;
      if (service.takes(now)) {
        ++told.answered;
        control.answered(record, now, place.cuts);
      } else {
        ++told.refused;
        control.refused(record, now, place.cuts, 1s, Refusal::rate);
      }
      told.lowest = std::min(told.lowest, record.rate);
      told.highest = std::max(told.highest, record.rate);
    }
    return told;
  }
  std::vector<Minute> minutes(Service& service, int count) {
    std::vector<Minute> all;
    for (int i = 0; i < count; ++i) all.push_back(minute(service));
    return all;
  }
  LaneControl control;
  LaneRecord record;
  Time now{Micros(1'700'000'000'000'000)};
};

Minute sum(const std::vector<Minute>& minutes, std::size_t from, std::size_t to) {
  Minute all;
  for (std::size_t i = from; i < to; ++i) {
    all.answered += minutes[i].answered;
    all.refused += minutes[i].refused;
    all.lowest = std::min(all.lowest, minutes[i].lowest);
    all.highest = std::max(all.highest, minutes[i].highest);
  }
  return all;
}

struct TrueLimit {
  double published, limit, burst;
};

class Converges : public ::testing::TestWithParam<TrueLimit> {};

TEST_P(Converges, ToNineTenthsOfTheTrueLimitWithFewRefusalsAndNoSwinging) {
  const auto& [published, limit, burst] = GetParam();
  Service service{.limit = limit, .burst = burst};
  Client client(LaneControl(published, 4));
  const auto minutes = client.minutes(service, 4 * 60);
  const double possible = (published > 0 ? std::min(limit, published * 4) : limit) * 60;
  constexpr std::size_t settled = 10;  // minutes
  for (std::size_t i = settled; i < minutes.size(); ++i)
    EXPECT_GE(minutes[i].answered, 0.9 * possible - 1) << "in minute " << i;
  EXPECT_LE(sum(minutes, 0, 60).refused, 60);
  for (std::size_t hour = 1; hour < 4; ++hour)
    EXPECT_LE(sum(minutes, hour * 60, hour * 60 + 60).refused, 6) << "in hour " << hour;
  // After the first hour it stands still but for the probes, of which there are few.
  int moving = 0;
  for (std::size_t i = 60; i < minutes.size(); ++i)
    if (minutes[i].highest > minutes[i].lowest * 1.02) ++moving;
  EXPECT_LE(moving, 180 / 10) << "minutes in which the rate moved by more than 2 %";
  const Minute late = sum(minutes, 60, minutes.size());
  EXPECT_LE(late.highest, possible / 60 * 1.3);
  EXPECT_GE(late.lowest, possible / 60 * 0.7);
}

INSTANTIATE_TEST_SUITE_P(
    Limits, Converges,
    ::testing::Values(TrueLimit{30, 3, 1}, TrueLimit{30, 10, 1}, TrueLimit{30, 20, 1},
                      TrueLimit{30, 27, 1}, TrueLimit{30, 30, 1}, TrueLimit{30, 45, 1},
                      TrueLimit{30, 90, 1}, TrueLimit{30, 300, 1}, TrueLimit{100, 50, 1},
                      TrueLimit{100, 130, 1}, TrueLimit{4.25, 2, 1}, TrueLimit{4.25, 8, 1},
                      TrueLimit{30, 20, 0.2}, TrueLimit{30, 20, 10}, TrueLimit{100, 60, 5},
                      TrueLimit{0, 25, 1}, TrueLimit{0, 200, 1}),
    [](const auto& info) {
      const auto tenths = [](double value) { return std::to_string(std::lround(value * 10)); };
      return "published" + tenths(info.param.published) + "true" + tenths(info.param.limit) +
             "burst" + tenths(info.param.burst);
    });

TEST(LaneControl, NeverRisesAboveWhatIsConfigured) {
  Service generous{.limit = 1000};
  Client polite(LaneControl(30, 1));
  const Minute at_published = sum(polite.minutes(generous, 60), 0, 60);
  EXPECT_DOUBLE_EQ(at_published.highest, 30);
  EXPECT_EQ(at_published.refused, 0);
  EXPECT_NEAR(at_published.answered, 30 * 3600, 40);
  Client careful(LaneControl(30, 0.5));
  Service another{.limit = 1000};
  EXPECT_DOUBLE_EQ(sum(careful.minutes(another, 60), 0, 60).highest, 15);
}

TEST(LaneControl, ALimitThatDropsAndReturnsIsFollowed) {
  Service service{.limit = 30};
  Client client(LaneControl(30, 1));
  (void)client.minutes(service, 30);
  service.limit = 6;
  const auto low = client.minutes(service, 30);
  for (std::size_t i = 10; i < low.size(); ++i) EXPECT_GE(low[i].answered, 0.9 * 6 * 60) << i;
  service.limit = 30;
  const auto high = client.minutes(service, 60);
  std::size_t back = 0;
  while (back < high.size() && high[back].answered < 0.9 * 30 * 60) ++back;
  EXPECT_LE(back, 20U) << "minutes until the old rate is back";
  for (std::size_t i = back; i < high.size(); ++i) EXPECT_GE(high[i].answered, 0.9 * 30 * 60) << i;
}

TEST(LaneControl, AfterAStormTheOldRateIsBackSoon) {
  Service service{.limit = 30};
  Client client(LaneControl(30, 1));
  (void)client.minutes(service, 10);
  service.limit = 0;  // everything is refused, whatever the rate
  const Minute storm = sum(client.minutes(service, 10), 0, 10);
  EXPECT_LE(storm.refused, 10 * 60) << "nobody hammers at a service that refuses everything";
  service.limit = 30;
  const auto after = client.minutes(service, 10);
  for (std::size_t i = 2; i < after.size(); ++i) EXPECT_GE(after[i].answered, 0.9 * 30 * 60) << i;
}

TEST(LaneControl, RefusalsOfOneMomentAreOneCut) {
  const LaneControl control(30, 1);
  LaneRecord record;
  const Time now(Micros(1'000'000'000'000));
  const auto place = control.take(record, now);
  control.answered(record, now, place.cuts);
  EXPECT_TRUE(control.refused(record, now, place.cuts, 1s, Refusal::rate));
  const double once = record.rate;
  for (int i = 0; i < 30; ++i)
    EXPECT_FALSE(control.refused(record, now + 1ms, place.cuts, 20s, Refusal::rate));
  EXPECT_EQ(record.rate, once);
  EXPECT_TRUE(LaneControl::is_paused(record, now + 19s)) << "the longest pause counts";
  const auto later = control.take(record, now + 2s);
  EXPECT_FALSE(later.is_granted);
  EXPECT_EQ(later.wait, Micros(18s + 1ms));
}

TEST(LaneControl, ABusyServerIsSparedButNoLimitIsLearnt) {
  const LaneControl control(30, 1);
  LaneRecord record;
  Time now(Micros(1'000'000'000'000));
  for (int i = 0; i < 10; ++i) {
    const auto place = control.take(record, now);
    control.refused(record, now, place.cuts, Micros(0), Refusal::load);
  }
  EXPECT_LT(record.rate, 6);
  EXPECT_EQ(record.refused, 0);
  for (int i = 0; i < 60; ++i)
    control.answered(record, now += 1s, control.take(record, now).cuts);
  EXPECT_DOUBLE_EQ(record.rate, 30);
}

TEST(LaneControl, OneRefusalIsNoReasonToInventARate) {
  const LaneControl control(0, 1);
  LaneRecord record;
  const Time now(Micros(1'000'000'000'000));
  EXPECT_TRUE(control.refused(record, now, control.take(record, now).cuts, 1s, Refusal::rate));
  EXPECT_TRUE(std::isinf(record.rate));
  for (int i = 0; i < 100; ++i) {
    const auto place = control.take(record, now + 1s + i * 10ms);
    EXPECT_EQ(place.wait, Micros(0));
    control.answered(record, now + 1s + i * 10ms, place.cuts);
  }
  const auto place = control.take(record, now + 2s);
  EXPECT_TRUE(control.refused(record, now + 2s, place.cuts, 1s, Refusal::rate));
  EXPECT_NEAR(record.rate, 0.8 * 100, 5) << "two are";
}

TEST(LaneControl, GarbageIsANewRecord) {
  const LaneControl control(30, 1);
  const Time now(Micros(1'000'000'000'000));
  const double nan = std::nan("");
  std::vector<LaneRecord> wrong(7);
  wrong[0].rate = nan;
  wrong[1].rate = -5;
  wrong[2].rate = 5;  // without a term
  for (std::size_t i = 3; i < wrong.size(); ++i) wrong[i].rate = 5, wrong[i].term = 1'000'000;
  wrong[3].next = INT64_MAX;
  wrong[4].paused_until = INT64_MAX;
  wrong[5].refused = nan;
  wrong[6].goal = -1;
  for (LaneRecord& record : wrong) {
    const auto place = control.take(record, now);
    EXPECT_TRUE(place.is_granted);
    EXPECT_LE(place.wait, Micros(1s));
    EXPECT_EQ(record.rate, 30);
  }
}

TEST(LaneControl, SharersComeAndGo) {
  LaneRecord record;
  const Time now(Micros(1'000'000'000'000));
  EXPECT_EQ(LaneControl::join(record, now, 7), 1);
  EXPECT_EQ(LaneControl::join(record, now + 1s, 8), 2);
  EXPECT_EQ(LaneControl::join(record, now + 1s, 7), 2);
  EXPECT_EQ(LaneControl::join(record, now + 30s, 8), 1) << "one that is gone has no share";
  for (int id = 1; id <= 20; ++id) (void)LaneControl::join(record, now + 31s, 100 + id);
  EXPECT_LE(LaneControl::join(record, now + 31s, 200), 9) << "more than fit are counted as those";
}

TEST(Width, FallsWithARefusalAndComesBack) {
  Width width(32);
  EXPECT_EQ(width.now(), 32);
  width.refused(20);
  EXPECT_EQ(width.now(), 14);
  for (int i = 0; i < 200; ++i) width.answered();
  EXPECT_GE(width.now(), 20);
  EXPECT_LT(width.now(), 22) << "beyond what was refused slowly";
  for (int i = 0; i < 10'000; ++i) width.answered();
  EXPECT_EQ(width.now(), 32);
  width.share(4);
  EXPECT_EQ(width.now(), 8);
  width.share(100);
  EXPECT_EQ(width.now(), 1);
}

}  // namespace
}  // namespace twinlake::http
