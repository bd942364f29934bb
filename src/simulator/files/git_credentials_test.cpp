#include "simulator/files/git_credentials.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using people::ana;
const std::string application = "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa";
const std::string root = "/api/2.0/git-credentials";

class GitCredentialsTest : public testing::Test {
 protected:
  GitCredentialsTest() {
    probe.region().get<Identity>().ensure_user(ana, false);
    probe.post("/sim/credentials", json::object({{"token", "dapi-ana"}, {"principal", ana}}));
  }
  static json credential() {
    return json::object({{"git_provider", "gitHub"},
                         {"git_username", "ana-dev"},
                         {"personal_access_token", "ghp-invented"}});
  }
  Probe probe;
};

TEST_F(GitCredentialsTest, HideTheirTokens) {
  const auto made = probe.post(root, credential());
  ASSERT_EQ(made.status, 200);
  const std::string one = root + "/" + text_of(body_of(made), "credential_id");
  for (const auto& response : {made, probe.get(one), probe.get(root)})
    EXPECT_EQ(response.body.find("ghp-invented"), std::string::npos);
  EXPECT_EQ(body_of(probe.get(root)).at("credentials").at(0), body_of(made));
  EXPECT_EQ(probe.patch(one, {{"git_username", "other"}}).status, 400) << "without the provider";
  ASSERT_EQ(probe.patch(one, {{"git_provider", "github"}, {"git_username", "other"}}).status, 200);
  EXPECT_EQ(body_of(probe.get(one)).at("git_username"), "other");
  const json world = probe.region().world().at("git_credentials");
  EXPECT_EQ(world.at(0).at("personal_access_token"), "ghp-invented") << "the witness knows it";
  ASSERT_EQ(probe.del(one).status, 200);
  EXPECT_EQ(probe.get(one).status, 404);
  EXPECT_FALSE(body_of(probe.get(root)).contains("credentials"));
}

TEST_F(GitCredentialsTest, AreOnePerProvider) {
  probe.post(root, credential());
  const auto second = probe.post(root, credential());
  EXPECT_EQ(second.status, 400);
  EXPECT_NE(message_of(second).find("please use the PATCH endpoint"), std::string::npos);
  EXPECT_EQ(probe.post(root, {{"git_provider", "azureDevOpsServices"}}).status, 200)
      << "known from Entra ID";
  EXPECT_EQ(probe.post(root, {{"git_provider", "gitLab"}}).status, 400) << "without a token";
  EXPECT_EQ(probe.post(root, {{"git_provider", "sourceForge"}}).status, 400);
}

TEST_F(GitCredentialsTest, AreOfTheCallerOrOfAServicePrincipalItManages) {
  const auto made = probe.post(root, credential());
  const auto& service = probe.region().get<Identity>().ensure_service_principal(application, false);
  json of_service = credential();
  of_service["principal_id"] = service.id;
  EXPECT_EQ(probe.post(root, of_service).status, 200);
  EXPECT_EQ(count_of(body_of(probe.get(root)), "credentials"), 1U);
  EXPECT_EQ(count_of(body_of(probe.get(root + "?principal_id=" + service.id)), "credentials"), 1U);
  EXPECT_EQ(probe.get(root + "?principal_id=1").status, 400);
  probe.use_token("dapi-ana");
  EXPECT_EQ(probe.get(root + "/" + text_of(body_of(made), "credential_id")).status, 404);
  EXPECT_EQ(probe.post(root, of_service).status, 403);
}

}  // namespace
}  // namespace twinlake::simulator
