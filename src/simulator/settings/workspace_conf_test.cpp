#include "simulator/settings/workspace_conf.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string conf = "/api/2.0/workspace-conf";

class WorkspaceConfTest : public testing::Test {
 protected:
  http::Response set(const char* key, const json& value) {
    json body = json::object();
    body[key] = value;
    return probe.patch(conf, body);
  }
  Probe probe;
};

TEST_F(WorkspaceConfTest, ValuesAreTextsOfKnownKeys) {
  const auto changed = probe.patch(
      conf, json::object({{"enableWebTerminal", "true"}, {"maxTokenLifetimeDays", "90"}}));
  EXPECT_EQ(changed.status, 204);
  EXPECT_EQ(changed.body, "");
  EXPECT_EQ(body_of(probe.get(
                conf + "?keys=enableWebTerminal,maxTokenLifetimeDays,enableResultsDownloading")),
            json::object({{"enableWebTerminal", "true"},
                          {"maxTokenLifetimeDays", "90"},
                          {"enableResultsDownloading", nullptr}}));
  EXPECT_EQ(probe.region().get<WorkspaceConf>().value("maxTokenLifetimeDays"), "90");
  EXPECT_EQ(probe.region().world().at("workspace_conf").size(), 2U);
}

TEST_F(WorkspaceConfTest, OneUnknownKeySpoilsTheRequest) {
  const auto read = probe.get(conf + "?keys=enableWebTerminal,noSuchKey,enableGp3");
  EXPECT_EQ(read.status, 400);
  EXPECT_EQ(message_of(read), R"(Invalid keys: ["noSuchKey","enableGp3"])");
  const auto written =
      probe.patch(conf, json::object({{"enableWebTerminal", "true"}, {"noSuchKey", "1"}}));
  EXPECT_EQ(message_of(written), R"(Invalid keys: ["noSuchKey"])");
  EXPECT_TRUE(
      body_of(probe.get(conf + "?keys=enableWebTerminal")).at("enableWebTerminal").is_null())
      << "nothing was changed";
  EXPECT_EQ(probe.get(conf).status, 400) << "there is no list of all keys";
}

TEST_F(WorkspaceConfTest, SomeValuesAreRefused) {
  EXPECT_EQ(message_of(set("enableWebTerminal", "yes")),
            R"(Some values are not allowed: {"enableWebTerminal":"yes"})");
  EXPECT_EQ(set("maxTokenLifetimeDays", "soon").status, 400);
  EXPECT_EQ(set("enableWebTerminal", true).status, 400) << "a text, not a boolean";
  EXPECT_EQ(set("enforceClusterViewAcls", "true").status, 204);
  EXPECT_EQ(set("enforceClusterViewAcls", "false").status, 400) << "on for ever";
}

TEST_F(WorkspaceConfTest, IsForAdmins) {
  probe.region().get<Identity>().ensure_user("ana@contoso.example", false);
  probe.post("/sim/credentials",
             json::object({{"token", "dapi-ana"}, {"principal", "ana@contoso.example"}}));
  probe.use_token("dapi-ana");
  EXPECT_EQ(probe.get(conf + "?keys=enableWebTerminal").status, 403);
  EXPECT_EQ(set("enableWebTerminal", "true").status, 403);
}

}  // namespace
}  // namespace twinlake::simulator
