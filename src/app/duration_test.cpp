#include "app/duration.h"

#include <gtest/gtest.h>

namespace twinlake::app {
namespace {

using namespace std::chrono_literals;

Result<Micros> read(const std::string& text) { return duration_of(text, "--every", 24h); }

TEST(Duration, IsANumberAndItsUnit) {
  EXPECT_EQ(read("5m").value(), Micros(5min));
  EXPECT_EQ(read("90s").value(), Micros(90s));
  EXPECT_EQ(read("1.5h").value(), Micros(90min));
  EXPECT_EQ(read("200ms").value(), Micros(200ms));
  EXPECT_EQ(read("1d").value(), Micros(24h));
}

TEST(Duration, AnythingElseIsToldWithItsOption) {
  for (const char* const wrong :
       {"", "m", "5", "5x", "5 m", "-5m", "0s", "25h", "nan", "inf", "1e300h", "nanh", "5mm"}) {
    const auto told = read(wrong);
    ASSERT_FALSE(told) << wrong;
    EXPECT_EQ(told.error().fault, Fault::config);
    EXPECT_NE(told.error().message.find("--every"), std::string::npos);
    EXPECT_NE(told.error().hint.find("5m"), std::string::npos);
  }
}

}  // namespace
}  // namespace twinlake::app
