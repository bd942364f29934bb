#include "simulator/settings/ip_access_lists.h"

#include <gtest/gtest.h>

#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string lists = "/api/2.0/ip-access-lists";

class IpAccessListsTest : public testing::Test {
 protected:
  static json list(const char* label, const char* type, const json& addresses) {
    return json::object({{"label", label}, {"list_type", type}, {"ip_addresses", addresses}});
  }
  std::string make(const char* label, const char* type, const json& addresses) {
    const json made = body_of(probe.post(lists, list(label, type, addresses)));
    return made.contains("ip_access_list") ? text_of(made.at("ip_access_list"), "list_id") : "";
  }
  void switch_on(const char* value = "true") {
    ASSERT_EQ(probe.patch("/api/2.0/workspace-conf", {{"enableIpAccessLists", value}}).status, 204);
  }
  Probe probe;
};

TEST_F(IpAccessListsTest, AreMadeReadReplacedChangedAndDeleted) {
  EXPECT_FALSE(body_of(probe.get(lists)).contains("ip_access_lists"));
  const std::string id = make("office", "ALLOW", {"203.0.113.0/24", "198.51.100.7"});
  const std::string one = lists + "/" + id;
  const json made = body_of(probe.get(one)).at("ip_access_list");
  EXPECT_EQ(made.at("enabled"), true) << "from the start";
  EXPECT_EQ(made.at("address_count"), 2);
  EXPECT_TRUE(made.at("created_by").is_number());
  EXPECT_EQ(body_of(probe.get(lists)).at("ip_access_lists").at(0), made);
  probe.wait_millis(1000);
  ASSERT_EQ(probe.patch(one, {{"label", "head office"}}).status, 200);
  const json changed = body_of(probe.get(one)).at("ip_access_list");
  EXPECT_EQ(changed.at("label"), "head office");
  EXPECT_EQ(changed.at("ip_addresses"), made.at("ip_addresses"));
  EXPECT_GT(changed.at("updated_at"), changed.at("created_at"));
  json replacement = list("office", "BLOCK", {"192.0.2.200"});
  EXPECT_EQ(probe.put(one, replacement).status, 400) << "without enabled";
  replacement["enabled"] = false;
  ASSERT_EQ(probe.put(one, replacement).status, 200);
  EXPECT_EQ(body_of(probe.get(one)).at("ip_access_list").at("address_count"), 1);
  ASSERT_EQ(probe.del(one).status, 200);
  EXPECT_EQ(probe.get(one).status, 404);
  EXPECT_EQ(probe.del(one).status, 404);
}

TEST_F(IpAccessListsTest, AreRefusedForTheDocumentedReasons) {
  EXPECT_EQ(probe.post(lists, list("", "ALLOW", {"203.0.113.1"})).status, 400);
  EXPECT_EQ(probe.post(lists, list("x", "PERMIT", {"203.0.113.1"})).status, 400);
  for (const char* address : {"203.0.113", "203.0.113.256", "203.0.113.1/33", "a.b.c.d", "::1", ""})
    EXPECT_EQ(probe.post(lists, list("x", "ALLOW", json::array({address}))).status, 400) << address;
  json many = json::array();
  for (int i = 0; i < 1000; ++i)
    many.push_back("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  EXPECT_NE(make("many", "BLOCK", many), "");
  EXPECT_EQ(code_of(probe.post(lists, list("one more", "BLOCK", {"10.1.0.0/16"}))),
            "QUOTA_EXCEEDED");
}

TEST_F(IpAccessListsTest, MayNotShutTheCallerOutWhileTheyAreOn) {
  const std::string elsewhere = make("elsewhere", "ALLOW", {"203.0.113.0/24"});
  EXPECT_NE(elsewhere, "") << "while they are off anything goes";
  const std::string office = make("office", "ALLOW", {"192.0.2.0/24"});
  switch_on();
  EXPECT_EQ(probe.get(lists).status, 200);
  EXPECT_EQ(code_of(probe.post(lists, list("x", "BLOCK", {"192.0.2.8/29"}))), "INVALID_STATE");
  EXPECT_EQ(code_of(probe.del(lists + "/" + office)), "INVALID_STATE");
  EXPECT_EQ(code_of(probe.patch(lists + "/" + office, {{"enabled", false}})), "INVALID_STATE");
  EXPECT_EQ(probe.post(lists, list("y", "BLOCK", {"192.0.2.16/29"})).status, 200);
  EXPECT_EQ(probe.del(lists + "/" + elsewhere).status, 200);
  EXPECT_EQ(probe.del(lists + "/" + office).status, 200) << "without allow lists all may come";
}

TEST_F(IpAccessListsTest, MayBeCheckedEvenWhileTheyAreOff) {
  probe.post("/sim/options", {{"unsettled", {{"ip_lists_always_checked", true}}}});
  EXPECT_EQ(code_of(probe.post(lists, list("x", "ALLOW", {"203.0.113.0/24"}))), "INVALID_STATE");
  EXPECT_NE(make("office", "ALLOW", {"192.0.2.10"}), "");
}

TEST_F(IpAccessListsTest, WhoLocksThemselvesOutNotices) {
  make("elsewhere", "ALLOW", {"203.0.113.0/24"});
  switch_on();
  const auto refused = probe.get("/api/2.0/preview/scim/v2/Me");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(code_of(refused), "PERMISSION_DENIED");
  EXPECT_NE(message_of(refused).find("192.0.2.10"), std::string::npos);
  EXPECT_EQ(probe.get("/sim/world").status, 200) << "the remote control is not the service";
  probe.region().set_caller_address("203.0.113.9");
  EXPECT_EQ(probe.get("/api/2.0/preview/scim/v2/Me").status, 200);
}

}  // namespace
}  // namespace twinlake::simulator
