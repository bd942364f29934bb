#include "simulator/identity/tokens.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using people::admin;
using people::ana;
const std::string application = "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa";
using routes::me;
const std::string managed = "/api/2.0/token-management/";
const std::string grants = "/api/2.0/permissions/authorization/tokens";
constexpr std::int64_t day = 86400;

json entry(const char* kind, const std::string& name, const char* level) {
  return json::object({{kind, name}, {"permission_level", level}});
}
json access(json entries) { return json::object({{"access_control_list", std::move(entries)}}); }

class TokensTest : public testing::Test {
 protected:
  TokensTest() {
    auto& identity = probe.region().get<Identity>();
    identity.ensure_user(ana, false);
    identity.ensure_service_principal(application, false);
    probe.post("/sim/credentials", json::object({{"token", "dapi-ana"}, {"principal", ana}}));
  }
  http::Response create(const json& body = json::object()) {
    return probe.post("/api/2.0/token/create", body);
  }
  void conf(const char* key, const char* value) {
    json body = json::object();
    body[key] = value;
    ASSERT_EQ(probe.patch("/api/2.0/workspace-conf", body).status, 204);
  }
  Probe probe;
};

TEST_F(TokensTest, WorkUntilTheyEndOrAreTakenBack) {
  const json made = body_of(create({{"comment", "ci"}, {"lifetime_seconds", 3600}}));
  const std::string id = text_of(made.at("token_info"), "token_id");
  const std::string value = text_of(made, "token_value");
  EXPECT_EQ(made.at("token_info").at("expiry_time"), probe.now_micros() / 1000 + 3'600'000);
  const json own = body_of(probe.get("/api/2.0/token/list"));
  EXPECT_EQ(own.at("token_infos"), json::array({made.at("token_info")}));
  probe.use_token(value);
  EXPECT_EQ(text_of(body_of(probe.get(me)), "userName"), admin);
  ASSERT_EQ(probe.patch("/api/2.0/token/" + id, {{"comment", "build server"}}).status, 200);
  const auto read = probe.get(managed + "tokens/" + id);
  EXPECT_EQ(body_of(read).at("token_info").at("comment"), "build server");
  EXPECT_EQ(read.body.find(value), std::string::npos) << "values are shown once";
  ASSERT_EQ(probe.post("/api/2.0/token/delete", {{"token_id", id}}).status, 200);
  EXPECT_EQ(probe.get(me).status, 403);
  probe.use_token("dapi-simulated");
  EXPECT_EQ(code_of(probe.post("/api/2.0/token/delete", {{"token_id", id}})),
            "RESOURCE_DOES_NOT_EXIST");
}

TEST_F(TokensTest, AdminsSeeAndDeleteThoseOfAll) {
  create();
  const json body = {{"application_id", application}, {"comment", "job"}};
  const json made = body_of(probe.post(managed + "on-behalf-of/tokens", body));
  EXPECT_EQ(probe.post(managed + "on-behalf-of/tokens", {{"application_id", "none"}}).status, 404);
  EXPECT_EQ(count_of(body_of(probe.get(managed + "tokens")), "token_infos"), 2U);
  const json found = body_of(probe.get(managed + "tokens?created_by_username=" + application));
  ASSERT_EQ(count_of(found, "token_infos"), 1U);
  EXPECT_EQ(found.at("token_infos").at(0).at("comment"), "job");
  const std::string one = managed + "tokens/" + text_of(made.at("token_info"), "token_id");
  ASSERT_EQ(probe.del(one).status, 200);
  EXPECT_EQ(probe.get(one).status, 404);
  probe.use_token(text_of(made, "token_value"));
  EXPECT_EQ(probe.get(me).status, 403);
  probe.use_token("dapi-ana");
  EXPECT_EQ(probe.get(managed + "tokens").status, 403);
}

TEST_F(TokensTest, WhoMayMakeThemIsGranted) {
  probe.use_token("dapi-ana");
  EXPECT_EQ(code_of(create()), "PERMISSION_DENIED");
  probe.use_token("dapi-simulated");
  const json use = entry("group_name", "users", "CAN_USE");
  const auto refused = probe.put(grants, access(json::array({use})));
  EXPECT_EQ(message_of(refused), "Cannot change permissions for group 'admins' to None.");
  const json manage = entry("group_name", "admins", "CAN_MANAGE");
  ASSERT_EQ(probe.put(grants, access(json::array({use, manage}))).status, 200);
  const json list = body_of(probe.get(grants));
  EXPECT_EQ(list.at("object_type"), "tokens");
  EXPECT_EQ(list.at("object_id"), "/authorization/tokens");
  EXPECT_EQ(count_of(list, "access_control_list"), 2U);
  probe.use_token("dapi-ana");
  EXPECT_EQ(create().status, 200);
}

TEST_F(TokensTest, KeepTheRulesOfTheWorkspace) {
  EXPECT_EQ(create({{"lifetime_seconds", 731 * day}}).status, 400) << "two years at most";
  conf("maxTokenLifetimeDays", "90");
  EXPECT_EQ(create({{"lifetime_seconds", 91 * day}}).status, 400);
  const json made = body_of(create());
  EXPECT_EQ(made.at("token_info").at("expiry_time"), probe.now_micros() / 1000 + 90 * day * 1000);
  for (int i = 1; i < 600; ++i) ASSERT_EQ(create().status, 200);
  EXPECT_EQ(code_of(create()), "QUOTA_EXCEEDED");
  conf("enableTokensConfig", "false");
  EXPECT_EQ(code_of(create()), "FEATURE_DISABLED");
  EXPECT_EQ(probe.region().world().at("tokens").size(), 600U);
}

}  // namespace
}  // namespace twinlake::simulator
