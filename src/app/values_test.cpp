#include "app/values.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::app {
namespace {

TEST(Values, AreReadAsTheyAreWritten) {
  const auto given = parse_values(R"(
secrets:
  app: {password: "p: {x}", empty: "", number: 0123, key: {base64: AP/+gA==}}
notification_destinations:
  hook: {generic_webhook: {url: "https://a.example", list: [a, b]}}
)",
                                  "values.yml");
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_EQ(given->secrets.at("app/password").reveal(), "p: {x}");
  EXPECT_EQ(given->secrets.at("app/empty").reveal(), "");
  EXPECT_EQ(given->secrets.at("app/number").reveal(), "0123");
  EXPECT_EQ(given->secrets.at("app/key").reveal(), std::string_view("\x00\xff\xfe\x80", 4));
  EXPECT_EQ(
      nlohmann::json::parse(given->destinations.at("hook").reveal()),
      nlohmann::json::parse(R"({"generic_webhook":{"url":"https://a.example","list":["a","b"]}})"));
}

TEST(Values, ThatAreWrongAreToldWithTheirPlaceAndNeverQuoted) {
  for (const char* text :
       {"secrets: [hush]", "secrets: {app: hush}", "hush: {}", "secrets: {app: {a: {b64: hush}}}",
        "secrets: {app: {a: [hush]}}", "secrets:\n\t- hush", "secrets: {app: {a: x, a: hush}}",
        "secrets: {app: {hush: x, hush: y}}", "secrets: {hush: [a]}",
        "secrets: {app: {hush: {hush: y}}}", "secrets: {app: {a: {base64: [hush]}}}",
        "notification_destinations: {hook: &a [*a, hush]}",
        "notification_destinations: {hook: &a {b: *a, c: hush}}"}) {
    const auto given = parse_values(text, "values.yml");
    ASSERT_FALSE(given) << text;
    EXPECT_TRUE(given.error().message.starts_with("values.yml:")) << given.error().message;
    EXPECT_FALSE(given.error().hint.empty());
    EXPECT_EQ((given.error().message + given.error().hint).find("hush"), std::string::npos)
        << given.error().message;
  }
}

}  // namespace
}  // namespace twinlake::app
