#include "simulator/compute/init_scripts.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string route = "/api/2.0/global-init-scripts";

class InitScriptsTest : public testing::Test {
 protected:
  static json script(const std::string& name, const std::string& content = "echo hello") {
    return json::object({{"name", name}, {"script", base64_encode(content)}});
  }
  std::string make(const std::string& name, int position = -1) {
    json body = script(name);
    if (position >= 0) body["position"] = position;
    return text_of(body_of(probe.post(route, body)), "script_id");
  }
  /// Names in order, as the list gives them; their positions must count from 0.
  std::string order() {
    std::string names;
    std::int64_t position = 0;
    const json body = body_of(probe.get(route));
    for (const json& row : list_of(body, "scripts")) {
      names += text_of(row, "name");
      EXPECT_EQ(integer_of(row, "position"), position++);
    }
    return names;
  }
  Probe probe;
};

TEST_F(InitScriptsTest, AreMadeReadChangedAndDeleted) {
  EXPECT_FALSE(body_of(probe.get(route)).contains("scripts"));
  const std::string id = make("proxy");
  const json made = body_of(probe.get(route + "/" + id));
  EXPECT_EQ(made.at("enabled"), false) << "unless one says otherwise";
  EXPECT_EQ(made.at("script"), base64_encode("echo hello"));
  EXPECT_EQ(made.at("created_by"), "replicator@twinlake.example");
  EXPECT_FALSE(body_of(probe.get(route)).at("scripts").at(0).contains("script"));
  probe.wait_millis(5000);
  json change = script("proxy", "echo other");
  change["enabled"] = true;
  ASSERT_EQ(probe.patch(route + "/" + id, change).status, 200);
  const json changed = body_of(probe.get(route + "/" + id));
  EXPECT_EQ(changed.at("enabled"), true);
  EXPECT_EQ(changed.at("updated_at"), probe.now_micros() / 1000);
  EXPECT_EQ(changed.at("created_at"), made.at("created_at"));
  ASSERT_EQ(probe.del(route + "/" + id).status, 200);
  EXPECT_EQ(probe.del(route + "/" + id).status, 404);
  EXPECT_EQ(code_of(probe.get(route + "/" + id)), "RESOURCE_DOES_NOT_EXIST");
}

TEST_F(InitScriptsTest, ShiftWhenAPlaceIsTaken) {
  make("a");
  make("b");
  make("c", 0);
  EXPECT_EQ(order(), "cab");
  const std::string last = make("d", 99);
  EXPECT_EQ(order(), "cabd") << "beyond the end is last";
  json move = script("d");
  move["position"] = 1;
  ASSERT_EQ(probe.patch(route + "/" + last, move).status, 200);
  EXPECT_EQ(order(), "cdab");
  probe.patch(route + "/" + last, script("D"));
  EXPECT_EQ(order(), "cDab") << "a change that names no place moves nothing";
  probe.del(route + "/" + last);
  EXPECT_EQ(order(), "cab") << "the gap closes";
}

TEST_F(InitScriptsTest, AreRefusedForTheDocumentedReasons) {
  EXPECT_EQ(probe.post(route, json::object({{"name", "x"}})).status, 400);
  EXPECT_EQ(probe.post(route, json::object({{"script", "ZQ=="}})).status, 400);
  EXPECT_EQ(probe.post(route, json::object({{"name", "x"}, {"script", "no base64"}})).status, 400);
  EXPECT_EQ(probe.post(route, script("x", std::string(64UL * 1024, 'x'))).status, 200);
  EXPECT_EQ(probe.post(route, script("x", std::string(64UL * 1024 + 1, 'x'))).status, 400);
  const std::string id = make("y");
  EXPECT_EQ(probe.patch(route + "/" + id, json::object({{"enabled", true}})).status, 400)
      << "a change needs name and script";
  probe.region().get<Identity>().ensure_user("ana@contoso.example", false);
  probe.post("/sim/credentials",
             json::object({{"token", "dapi-ana"}, {"principal", "ana@contoso.example"}}));
  probe.use_token("dapi-ana");
  EXPECT_EQ(code_of(probe.get(route)), "PERMISSION_DENIED");
  EXPECT_EQ(probe.post(route, script("z")).status, 403);
}

TEST_F(InitScriptsTest, NamesMayRepeatAndTheWorldShowsThem) {
  make("x");
  make("x");
  const json world = probe.region().world().at("global_init_scripts");
  ASSERT_EQ(world.size(), 2U);
  EXPECT_EQ(world.at(1).at("script"), base64_encode("echo hello"));
}

}  // namespace
}  // namespace twinlake::simulator
