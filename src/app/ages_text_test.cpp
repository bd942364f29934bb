#include "app/ages_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Time moment(Micros since) { return Time(hours(10'000)) + since; }

state::AuditReading log_reading() {
  state::AuditReading read;
  read.read = moment(hours(1));
  read.events = 7;
  read.changed = 2;
  return read;
}

TEST(AuditText, SaysWhatTheLogToldAndUpToWhen) {
  EXPECT_EQ(audit_line(log_reading(), moment(hours(1) + minutes(3))),
            "known up to 3 min 0 s ago; 7 events, 2 objects read again because of them");
  state::AuditReading odd = log_reading();
  odd.unknown = 4;
  odd.unnamed = 5;
  const std::string line = audit_line(odd, moment(hours(2)));
  EXPECT_NE(line.find("; 4 other objects are not replicated; 5 events do not say of which object"),
            std::string::npos)
      << line;
}

TEST(AuditText, SaysWhyItWasNotReadAndWhatIsStillKnown) {
  state::AuditReading broken = log_reading();
  broken.why_not = "no SQL warehouse runs there";
  broken.what_to_do = "Start one";
  EXPECT_EQ(audit_line(broken, moment(hours(3))),
            "known up to 2 h 0 min ago; not read now: no SQL warehouse runs there. Start one");
  broken.read.reset();
  EXPECT_TRUE(audit_line(broken, moment(hours(3))).starts_with("never read yet; not read now: "));
  const nlohmann::json document = audit_json({{"primary", log_reading()}, {"secondary", broken}});
  EXPECT_EQ(document["primary"]["changed"], 2);
  EXPECT_FALSE(document["primary"].contains("not_read"));
  EXPECT_TRUE(document["secondary"]["known_until"].is_null());
  EXPECT_EQ(document["secondary"]["what_to_do"], "Start one");
}

}  // namespace
}  // namespace twinlake::app
