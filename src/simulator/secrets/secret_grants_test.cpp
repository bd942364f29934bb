#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"
#include "simulator/secrets/secrets.h"

namespace twinlake::simulator {
namespace {

using people::admin;
using people::ana;
using people::bob;
using routes::secrets_api;

json item(const std::string& principal, const char* permission) {
  return json::object({{"principal", principal}, {"permission", permission}});
}

class SecretGrantsTest : public testing::Test {
 protected:
  SecretGrantsTest() {
    for (const std::string& user : {ana, bob}) {
      probe.region().get<Identity>().ensure_user(user, false);
      probe.post("/sim/credentials", json::object({{"token", user}, {"principal", user}}));
    }
    probe.post(secrets_api + "scopes/create", json::object({{"scope", "app"}}));
  }
  http::Response put(const std::string& who, const char* right, const char* scope = "app") {
    json body = item(who, right);
    body["scope"] = scope;
    return probe.post(secrets_api + "acls/put", body);
  }
  http::Response get(const std::string& who) {
    return probe.get(secrets_api + "acls/get?scope=app&principal=" + http::percent_encode(who));
  }
  http::Response remove(const std::string& who) {
    return probe.post(secrets_api + "acls/delete",
                      json::object({{"scope", "app"}, {"principal", who}}));
  }
  http::Response list(const char* scope = "app") {
    return probe.get(secrets_api + "acls/list?scope=" + scope);
  }
  std::size_t count() { return count_of(body_of(list()), "items"); }
  Probe probe;
};

TEST_F(SecretGrantsTest, WhoMakesAScopeManagesIt) {
  EXPECT_EQ(body_of(list()).at("items"), json::array({item(admin, "MANAGE")}));
  probe.post(secrets_api + "scopes/create",
             json::object({{"scope", "open"}, {"initial_manage_principal", "users"}}));
  EXPECT_EQ(body_of(list("open")).at("items"), json::array({item("users", "MANAGE")}));
}

TEST_F(SecretGrantsTest, AreWrittenReadAndTakenBack) {
  ASSERT_EQ(put(ana, "READ").status, 200);
  EXPECT_EQ(body_of(get(ana)), item(ana, "READ"));
  ASSERT_EQ(put(ana, "MANAGE").status, 200) << "a put replaces";
  EXPECT_EQ(body_of(get(ana)), item(ana, "MANAGE"));
  EXPECT_EQ(count(), 2U);
  ASSERT_EQ(remove(ana).status, 200);
  EXPECT_EQ(remove(ana).status, 404);
  EXPECT_EQ(code_of(get(ana)), "RESOURCE_DOES_NOT_EXIST");
  EXPECT_EQ(count(), 1U);
}

TEST_F(SecretGrantsTest, AreRefusedForTheDocumentedReasons) {
  const auto unknown = put("nobody@contoso.example", "READ");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(message_of(unknown).find("nobody@contoso.example"), std::string::npos);
  EXPECT_EQ(put(ana, "CAN_READ").status, 400);
  EXPECT_EQ(put(ana, "READ", "none").status, 404);
  EXPECT_EQ(list("none").status, 404);
  put(ana, "WRITE");
  probe.use_token(ana);
  EXPECT_EQ(list().status, 403) << "that needs MANAGE";
  EXPECT_EQ(get(ana).status, 403);
  EXPECT_EQ(put(bob, "READ").status, 403);
  EXPECT_EQ(remove(ana).status, 403);
}

TEST_F(SecretGrantsTest, GoWithTheirPrincipal) {
  put(ana, "READ");
  const std::string id = probe.region().get<Identity>().find_user(ana)->id;
  ASSERT_LT(probe.del("/api/2.0/preview/scim/v2/Users/" + id).status, 300);
  EXPECT_EQ(body_of(list()).at("items"), json::array({item(admin, "MANAGE")}));
}

TEST_F(SecretGrantsTest, AppearLateWithEventualConsistency) {
  probe.region().set_eventual_consistency(true);
  put(ana, "READ");
  EXPECT_EQ(get(ana).status, 404) << "the first look sees what was before";
  EXPECT_EQ(get(ana).status, 200);
  put(ana, "WRITE");
  EXPECT_EQ(body_of(list()).at("items").size(), 2U);
  EXPECT_EQ(body_of(get(ana)), item(ana, "WRITE"));
  remove(ana);
  EXPECT_EQ(count(), 2U);
  EXPECT_EQ(count(), 1U);
}

TEST_F(SecretGrantsTest, MayBeWrittenOnlyOnce) {
  probe.post("/sim/options", {{"unsettled", {{"secret_grants_once", true}}}});
  ASSERT_EQ(put(ana, "READ").status, 200);
  EXPECT_EQ(code_of(put(ana, "WRITE")), "RESOURCE_ALREADY_EXISTS");
  remove(ana);
  EXPECT_EQ(put(ana, "WRITE").status, 200);
}

}  // namespace
}  // namespace twinlake::simulator
