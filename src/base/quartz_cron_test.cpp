// Expectations are those of Quartz's tutorial ("CronTrigger", its table of examples), with dates from a calendar.
#include "base/quartz_cron.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace twinlake {
namespace {

struct Expected {
  const char* expression;
  const char* zone;
  const char* after;
  std::vector<std::string> fires;  ///< "none": never again
};

std::string text_of(const std::optional<Time>& moment) {
  return moment ? to_rfc3339(*moment).substr(0, 19) : "none";
}

class QuartzFires : public testing::TestWithParam<Expected> {};

TEST_P(QuartzFires, AreThoseOfItsDocumentation) {
  const auto cron = QuartzCron::parse(GetParam().expression, GetParam().zone);
  ASSERT_TRUE(cron) << describe(cron.error());
  std::optional<Time> moment = time_from_rfc3339(GetParam().after);
  std::vector<std::string> fires;
  for (std::size_t i = 0; i < GetParam().fires.size() && moment; ++i) {
    moment = cron->next_after(*moment);
    fires.push_back(text_of(moment));
  }
  EXPECT_EQ(fires, GetParam().fires) << GetParam().expression << " in " << GetParam().zone;
}

const Expected of_the_tutorial[] = {
    {"0 0 12 * * ?", "UTC", "2026-01-01T12:00:00Z", {"2026-01-02T12:00:00", "2026-01-03T12:00:00"}},
    {"0 15 10 ? * *", "UTC", "2026-01-01T00:00:00Z", {"2026-01-01T10:15:00", "2026-01-02T10:15:00"}},
    {"0 15 10 * * ? *", "UTC", "2026-01-01T10:14:59.999Z", {"2026-01-01T10:15:00"}},
    {"0 15 10 * * ? 2005", "UTC", "2005-12-31T10:14:00Z", {"2005-12-31T10:15:00", "none"}},
    {"0 * 14 * * ?", "UTC", "2026-01-01T14:58:30Z", {"2026-01-01T14:59:00", "2026-01-02T14:00:00"}},
    {"0 0/5 14 * * ?", "UTC", "2026-01-01T14:50:00Z", {"2026-01-01T14:55:00", "2026-01-02T14:00:00"}},
    {"0 0/5 14,18 * * ?", "UTC", "2026-01-01T14:52:00Z", {"2026-01-01T14:55:00", "2026-01-01T18:00:00"}},
    {"0 0-5 14 * * ?", "UTC", "2026-01-01T14:04:00Z", {"2026-01-01T14:05:00", "2026-01-02T14:00:00"}},
    {"0 10,44 14 ? 3 WED", "UTC", "2026-01-01T00:00:00Z", {"2026-03-04T14:10:00", "2026-03-04T14:44:00", "2026-03-11T14:10:00"}},
    {"0 15 10 ? * MON-FRI", "UTC", "2026-01-02T12:00:00Z", {"2026-01-05T10:15:00", "2026-01-06T10:15:00"}},
    {"0 15 10 15 * ?", "UTC", "2026-01-01T00:00:00Z", {"2026-01-15T10:15:00", "2026-02-15T10:15:00"}},
    {"0 15 10 L * ?", "UTC", "2026-01-01T00:00:00Z", {"2026-01-31T10:15:00", "2026-02-28T10:15:00", "2026-03-31T10:15:00"}},
    {"0 15 10 L-2 * ?", "UTC", "2026-01-01T00:00:00Z", {"2026-01-29T10:15:00", "2026-02-26T10:15:00"}},
    {"0 15 10 ? * 6L", "UTC", "2026-01-01T00:00:00Z", {"2026-01-30T10:15:00", "2026-02-27T10:15:00"}},
    {"0 15 10 ? * 6L 2002-2005", "UTC", "2005-11-26T00:00:00Z", {"2005-12-30T10:15:00", "none"}},
    {"0 15 10 ? * 6#3", "UTC", "2026-01-01T00:00:00Z", {"2026-01-16T10:15:00", "2026-02-20T10:15:00"}},
    {"0 0 12 1/5 * ?", "UTC", "2026-01-26T13:00:00Z", {"2026-01-31T12:00:00", "2026-02-01T12:00:00"}},
    {"0 11 11 11 11 ?", "UTC", "2026-01-01T00:00:00Z", {"2026-11-11T11:11:00", "2027-11-11T11:11:00"}},
};
INSTANTIATE_TEST_SUITE_P(Tutorial, QuartzFires, testing::ValuesIn(of_the_tutorial));

const Expected of_special_characters[] = {
    // The 15th of August 2026 is a Saturday, that of March a Sunday; W never leaves the month.
    {"0 0 0 15W * ?", "UTC", "2026-08-01T00:00:00Z", {"2026-08-14T00:00:00", "2026-09-15T00:00:00"}},
    {"0 0 0 15W * ?", "UTC", "2026-03-01T00:00:00Z", {"2026-03-16T00:00:00"}},
    {"0 0 0 1W * ?", "UTC", "2026-07-31T00:00:00Z", {"2026-08-03T00:00:00"}},
    {"0 0 0 1W * ?", "UTC", "2026-02-28T00:00:00Z", {"2026-03-02T00:00:00"}},
    {"0 0 0 LW * ?", "UTC", "2026-05-01T00:00:00Z", {"2026-05-29T00:00:00", "2026-06-30T00:00:00"}},
    {"0 0 0 ? * L", "UTC", "2026-01-01T00:00:00Z", {"2026-01-03T00:00:00", "2026-01-10T00:00:00"}},
    {"0 0 0 ? * 1", "UTC", "2026-01-01T00:00:00Z", {"2026-01-04T00:00:00"}},
    {"0 0 8 ? jan,Jul mon#1", "UTC", "2026-01-01T00:00:00Z", {"2026-01-05T08:00:00", "2026-07-06T08:00:00"}},
    {"0 0 22-2/2 * * ?", "UTC", "2026-01-01T21:00:00Z", {"2026-01-01T22:00:00", "2026-01-02T00:00:00", "2026-01-02T02:00:00", "2026-01-02T22:00:00"}},
    {"0 0 0 ? * FRI-MON", "UTC", "2026-01-01T00:00:00Z", {"2026-01-02T00:00:00", "2026-01-03T00:00:00", "2026-01-04T00:00:00", "2026-01-05T00:00:00", "2026-01-09T00:00:00"}},
    {"0 0/35 * * * ?", "UTC", "2026-01-01T00:00:00Z", {"2026-01-01T00:35:00", "2026-01-01T01:00:00"}},
    {"30 */20 * * * ?", "UTC", "2026-01-01T00:00:00Z", {"2026-01-01T00:00:30", "2026-01-01T00:20:30"}},
    {"0/20 * * * * ?", "UTC", "2026-01-01T00:00:39Z", {"2026-01-01T00:00:40", "2026-01-01T00:01:00"}},
    {"0 0 0 29 2 ?", "UTC", "2026-01-01T00:00:00Z", {"2028-02-29T00:00:00"}},
    {"0 0 0 31W 2 ?", "UTC", "2026-01-01T00:00:00Z", {"none"}},
    {"0 0 0 31 2 ?", "UTC", "2026-01-01T00:00:00Z", {"none"}},
    {"0 0 0 1 1 ? 2026/3", "UTC", "2026-01-01T00:00:00Z", {"2029-01-01T00:00:00"}},
    {"59 59 23 31 12 ?", "UTC", "2026-12-31T23:59:59Z", {"2027-12-31T23:59:59"}},
};
INSTANTIATE_TEST_SUITE_P(SpecialCharacters, QuartzFires, testing::ValuesIn(of_special_characters));

const Expected of_zones[] = {
    {"0 0 7 * * ?", "Europe/Berlin", "2026-03-27T12:00:00Z", {"2026-03-28T06:00:00", "2026-03-29T05:00:00"}},
    {"0 0 6 * * ?", "Asia/Kolkata", "2026-01-01T00:00:00Z", {"2026-01-01T00:30:00"}},
    {"0 0 0 * * ?", "PST", "2026-01-01T00:00:00Z", {"2026-01-01T08:00:00"}},
    {"0 0 0 1 * ?", "Pacific/Auckland", "2026-01-30T00:00:00Z", {"2026-01-31T11:00:00"}},
    // On 2026-03-29 half past two does not exist in Berlin.
    {"0 30 2 * * ?", "Europe/Berlin", "2026-03-28T02:00:00Z", {"2026-03-30T00:30:00"}},
    // On 2026-10-25 the hour from two to three comes twice there.
    {"0 30 2 * * ?", "Europe/Berlin", "2026-10-24T12:00:00Z", {"2026-10-25T00:30:00", "2026-10-26T01:30:00"}},
    {"0 0 * * * ?", "Europe/Berlin", "2026-10-24T23:30:00Z", {"2026-10-25T00:00:00", "2026-10-25T02:00:00"}},
    {"0 0/30 * * * ?", "Europe/Berlin", "2026-10-25T01:10:00Z", {"2026-10-25T02:00:00"}},
};
INSTANTIATE_TEST_SUITE_P(Zones, QuartzFires, testing::ValuesIn(of_zones));

TEST(QuartzCron, RefusesWhatQuartzRefuses) {
  for (const char* expression :
       {"", "0 0 12 * *", "0 0 12 * * ? 2026 2027", "0 0 0 * * *", "0 0 0 ? * ?", "0 60 0 * * ?", "0 0 24 * * ?", "0 0 0 32 * ?",
        "0 0 0 0 * ?", "0 0 0 L,15 * ?", "0 0 0 L3 * ?", "0 0 0 1,15W * ?", "0 0 0 ? * 6#6", "0 0 0 ? * MON,TUE#2", "0 0 0 ? * 8",
        "0 0/0 * * * ?", "0 0 0 ? * MOON", "0 5- 0 * * ?", "0 , 0 * * ?", "0 0 0 1 13 ?", "every day at noon please now"})
    EXPECT_FALSE(QuartzCron::parse(expression, "UTC")) << expression;
  const auto nowhere = QuartzCron::parse("0 0 12 * * ?", "Mars/Phobos");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().fault, Fault::invalid);
  EXPECT_NE(nowhere.error().message.find("Mars/Phobos"), std::string::npos);
}

}  // namespace
}  // namespace twinlake
