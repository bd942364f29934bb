#include "simulator/settings/destinations.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string root = "/api/2.0/notification-destinations";

class DestinationsTest : public testing::Test {
 protected:
  http::Response create(const char* name, const char* type, const json& config) {
    json body = json::object({{"display_name", name}});
    body["config"][type] = config;
    return probe.post(root, body);
  }
  json witnessed(const std::string& id) {
    const json world = probe.region().world();
    for (const json& each : world.at("notification_destinations"))
      if (text_of(each, "id") == id) return each;
    return {};
  }
  Probe probe;
};

TEST_F(DestinationsTest, TellOfEachSecretWhetherItIsSet) {
  const json made = body_of(create("hook", "generic_webhook", {{"url", "https://x.example/1"}}));
  EXPECT_EQ(made.at("config").at("generic_webhook"),
            json::object({{"url_set", true}, {"username_set", false}, {"password_set", false}}));
  const json teams = body_of(create("room", "microsoft_teams", {{"app_id", "a"}}));
  EXPECT_EQ(teams.at("config").at("microsoft_teams").size(), 5U);
  const json mail = body_of(create("mail", "email", {{"addresses", json::array({"a@b.example"})}}));
  EXPECT_EQ(mail.at("config").at("email").at("addresses"), json::array({"a@b.example"}));
}

TEST_F(DestinationsTest, AnAnswerSentBackSetsNothing) {
  const json made = body_of(create("hook", "generic_webhook", {{"url", "https://x.example/1"}}));
  const auto copy = probe.post(root, made);
  ASSERT_EQ(copy.status, 200);
  EXPECT_NE(body_of(copy).at("id"), made.at("id"));
  EXPECT_EQ(body_of(copy).at("config").at("generic_webhook").at("url_set"), false);
  EXPECT_EQ(witnessed(text_of(body_of(copy), "id")).at("config"),
            json::object({{"generic_webhook", json::object()}}));
}

TEST_F(DestinationsTest, SecretsThatAreNotSentAgainStay) {
  const json made = body_of(
      create("hook", "generic_webhook", {{"url", "https://x.example/1"}, {"username", "u"}}));
  const std::string id = text_of(made, "id");
  json change = json::object();
  change["config"]["generic_webhook"]["username"] = "v";
  ASSERT_EQ(probe.patch(root + "/" + id, change).status, 200);
  EXPECT_EQ(witnessed(id).at("config").at("generic_webhook"),
            json::object({{"url", "https://x.example/1"}, {"username", "v"}}));
}

TEST_F(DestinationsTest, OnlyAdminsChangeThemAndSeeTheirConfig) {
  const json made = body_of(create("mail", "email", {{"addresses", json::array({"a@b.example"})}}));
  const std::string one = root + "/" + text_of(made, "id");
  EXPECT_EQ(create("mail", "email", {{"addresses", json::array({1})}}).status, 400);
  probe.region().get<Identity>().ensure_user("ana@contoso.example", false);
  probe.post("/sim/credentials", {{"token", "dapi-ana"}, {"principal", "ana@contoso.example"}});
  probe.use_token("dapi-ana");
  EXPECT_EQ(count_of(body_of(probe.get(root)), "results"), 1U);
  EXPECT_FALSE(body_of(probe.get(one)).contains("config"));
  EXPECT_EQ(probe.patch(one, {{"display_name", "x"}}).status, 403);
  EXPECT_EQ(probe.del(one).status, 403);
}

}  // namespace
}  // namespace twinlake::simulator
