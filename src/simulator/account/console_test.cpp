#include "simulator/account/console.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/loop.h"
#include "simulator/identity/entra.h"

namespace twinlake::simulator {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr const char* groups_path =
    "/api/disaster-recovery/v1/accounts/7ac00000-0000-4000-8000-000000000001/failover-groups";
constexpr const char* urls_path =
    "/api/disaster-recovery/v1/accounts/7ac00000-0000-4000-8000-000000000001/stable-urls";
const std::string account_name = "accounts/7ac00000-0000-4000-8000-000000000001";

class AccountConsoleTest : public ::testing::Test {
 protected:
  AccountConsoleTest() {
    console.add_workspace({.id = "11", .region = "westeurope"});
    console.add_workspace({.id = "22", .region = "northeurope"});
    console.add_workspace({.id = "33", .region = "northeurope", .mission_critical = false});
    console.add_workspace({.id = "44", .region = "eastus"});
  }

  static ConsoleOptions options() {
    ConsoleOptions made;
    made.credentials.push_back({.client_id = "admin", .secret = "s&cret"});
    made.strangers.push_back({.client_id = "guest", .secret = "other"});
    made.entra = std::make_shared<Entra>("tenant");
    made.page_size = 2;
    return made;
  }

  Response send(Request request) { return console.handle(request, now); }

  Response sign_in(const std::string& client, const std::string& secret,
                   const std::string& account = "7ac00000-0000-4000-8000-000000000001") {
    Request request(Method::post, "/oidc/accounts/" + account + "/v1/token");
    request.body = "grant_type=client_credentials&scope=all-apis";
    request.headers.emplace_back("Authorization", "Basic " + base64_encode(client + ":" + secret));
    return send(std::move(request));
  }

  Response ask(Method method, const std::string& path, const json& body = json(),
               std::vector<std::pair<std::string, std::string>> query = {}) {
    if (token.empty())
      token = json::parse(sign_in("admin", "s&cret").body)["access_token"].get<std::string>();
    Request request(method, path);
    request.query = std::move(query);
    if (!body.is_null()) request.body = body.dump();
    request.headers.emplace_back("Authorization", "Bearer " + token);
    return send(std::move(request));
  }

  static json group_body(const std::vector<std::string>& workspaces = {"11", "22"}) {
    const json set = json::object(
        {{"name", "sales"}, {"workspace_ids", workspaces}, {"replicate_workspace_assets", true}});
    return json::object({{"initial_primary_region", "westeurope"},
                         {"regions", json::array({"westeurope", "northeurope"})},
                         {"workspace_sets", json::array({set})}});
  }
  Response create(const std::string& id, const json& body) {
    return ask(Method::post, groups_path, body, {{"failover_group_id", id}});
  }
  json group(const std::string& id) {
    return json::parse(ask(Method::get, groups_path + ("/" + id)).body);
  }
  void pass_seconds(int seconds) { now += seconds * 1'000'000LL; }
  static std::string code_of(const Response& response) {
    return text_of(json::parse(response.body), "error_code");
  }

  std::int64_t now = 1'767'225'600'000'000;
  AccountConsole console{options()};
  std::string token;
};

TEST_F(AccountConsoleTest, TokensAreGivenToWhoHasTheSecret) {
  const Response good = sign_in("admin", "s&cret");
  ASSERT_EQ(good.status, 200);
  EXPECT_EQ(json::parse(good.body)["expires_in"], 3600);
  EXPECT_EQ(sign_in("admin", "wrong").status, 401);
  EXPECT_EQ(sign_in("nobody", "").status, 401);
  EXPECT_EQ(sign_in("admin", "s&cret", "another").status, 404);
}

TEST_F(AccountConsoleTest, OnlyAdminsWithATokenOfTheAccountGetIn) {
  EXPECT_EQ(ask(Method::get, groups_path).status, 200);
  token = "dapi-of-a-workspace";
  EXPECT_EQ(ask(Method::get, groups_path).status, 404);
  token = "eyJmadeup";
  EXPECT_EQ(ask(Method::get, groups_path).status, 401);
  token = json::parse(sign_in("guest", "other").body)["access_token"].get<std::string>();
  EXPECT_EQ(ask(Method::get, groups_path).status, 403);
}

TEST_F(AccountConsoleTest, ATokenEnds) {
  ASSERT_EQ(ask(Method::get, groups_path).status, 200);
  pass_seconds(3590);
  EXPECT_EQ(ask(Method::get, groups_path).status, 401) << "half a minute before its end";
}

TEST_F(AccountConsoleTest, EntraOpensItToo) {
  const std::int64_t millis = now / 1000;
  Entra& entra = *console.options().entra;
  token = entra.issue("admin", Audience::databricks, millis, 3600);
  EXPECT_EQ(ask(Method::get, groups_path).status, 200);
  token = entra.issue("admin", Audience::management, millis, 3600);
  EXPECT_EQ(ask(Method::get, groups_path).status, 401);
  token = entra.issue("somebody", Audience::databricks, millis, 3600);
  EXPECT_EQ(ask(Method::get, groups_path).status, 403);
}

TEST_F(AccountConsoleTest, AGroupComesToBeInSteps) {
  ASSERT_EQ(create("sales", group_body()).status, 200);
  EXPECT_EQ(group("sales")["state"], "CREATING");
  EXPECT_FALSE(group("sales").contains("initial_primary_region"));
  pass_seconds(30);
  EXPECT_EQ(group("sales")["state"], "INITIAL_REPLICATION");
  EXPECT_FALSE(group("sales").contains("replication_point"));
  pass_seconds(30);
  const json active = group("sales");
  EXPECT_EQ(active["state"], "ACTIVE");
  EXPECT_EQ(active["effective_primary_region"], "westeurope");
  EXPECT_EQ(active["replication_point"], "2026-01-01T00:01:00.000Z");
  EXPECT_EQ(create("sales", group_body()).status, 409);
}

TEST_F(AccountConsoleTest, ACreationMayFail) {
  console.groups().next_one_fails();
  create("sales", group_body());
  pass_seconds(30);
  EXPECT_EQ(group("sales")["state"], "CREATION_FAILED");
}

TEST_F(AccountConsoleTest, AValidationMakesNothing) {
  EXPECT_EQ(ask(Method::post, groups_path, group_body(),
                {{"failover_group_id", "sales"}, {"validate_only", "true"}})
                .status,
            200);
  EXPECT_EQ(ask(Method::get, groups_path + std::string("/sales")).status, 404);
  EXPECT_EQ(ask(Method::post, groups_path, group_body({"11", "33"}),
                {{"failover_group_id", "sales"}, {"validate_only", "true"}})
                .status,
            400);
}

TEST_F(AccountConsoleTest, GroupsThatAreRefused) {
  std::vector<std::pair<std::string, json>> bad;
  bad.emplace_back("not mission critical", group_body({"11", "33"}));
  bad.emplace_back("in no region of it", group_body({"11", "44"}));
  bad.emplace_back("of another account", group_body({"11", "99"}));
  bad.emplace_back("one region only", group_body({"11"}));
  bad.emplace_back("two in one region", group_body({"11", "22", "33"}));
  json body = group_body();
  body["regions"] = json::array({"westeurope"});
  bad.emplace_back("one region", body);
  body = group_body();
  body["initial_primary_region"] = "eastus";
  bad.emplace_back("primary elsewhere", body);
  body = group_body();
  body["workspace_sets"][0]["stable_url_names"] = json::array({"accounts/x/stable-urls/none"});
  bad.emplace_back("no such url", body);
  body = group_body();
  body["unity_catalog_assets"]["data_replication_workspace_set"] = "other";
  bad.emplace_back("no such set", body);
  for (const auto& [why, each] : bad)
    EXPECT_EQ(code_of(create("g", each)), "INVALID_PARAMETER_VALUE") << why;
  EXPECT_EQ(ask(Method::post, groups_path, group_body()).status, 400) << "without an id";
}

TEST_F(AccountConsoleTest, TheListLeavesOutWhatOnlyAReadTells) {
  for (const char* id : {"a", "b", "c"}) create(id, group_body());
  const json first = json::parse(ask(Method::get, groups_path).body);
  ASSERT_EQ(first["failover_groups"].size(), 2U);
  EXPECT_FALSE(first["failover_groups"][0].contains("state"));
  const Response second =
      ask(Method::get, groups_path, json(), {{"page_token", first["next_page_token"]}});
  EXPECT_EQ(json::parse(second.body)["failover_groups"].size(), 1U);
  EXPECT_FALSE(json::parse(second.body).contains("next_page_token"));
}

TEST_F(AccountConsoleTest, AFailoverTurnsThePrimaryAndItsUrl) {
  ASSERT_EQ(ask(Method::post, urls_path, json::object({{"initial_workspace_id", "11"}}),
                {{"stable_url_id", "u"}})
                .status,
            200);
  json body = group_body();
  body["workspace_sets"][0]["stable_url_names"] = json::array({account_name + "/stable-urls/u"});
  create("sales", body);
  pass_seconds(60);
  const std::string failover = std::string(groups_path) + "/sales/failover";
  const auto to = [&](const char* region, const char* type, const std::string& etag) {
    json order = json::object({{"target_primary_region", region}, {"failover_type", type}});
    if (!etag.empty()) order["etag"] = etag;
    return ask(Method::post, failover, order).status;
  };
  EXPECT_EQ(to("northeurope", "PLANNED", ""), 400);
  EXPECT_EQ(to("westeurope", "FORCED", ""), 400) << "it is the primary already";
  EXPECT_EQ(to("eastus", "FORCED", ""), 400);
  EXPECT_EQ(to("northeurope", "FORCED", "old"), 409);
  EXPECT_EQ(to("northeurope", "FORCED", group("sales")["etag"].get<std::string>()), 200);
  EXPECT_EQ(group("sales")["state"], "FAILING_OVER");
  pass_seconds(30);
  EXPECT_EQ(group("sales")["effective_primary_region"], "northeurope");
  const json url = json::parse(ask(Method::get, std::string(urls_path) + "/u").body);
  EXPECT_EQ(url["effective_workspace_id"], "22");
  EXPECT_EQ(ask(Method::del, std::string(urls_path) + "/u").status, 400) << "the group uses it";
}

TEST_F(AccountConsoleTest, UpdatesNeedAMaskAndThePresentEtag) {
  create("sales", group_body());
  pass_seconds(60);
  const std::string path = std::string(groups_path) + "/sales";
  json body = group_body();
  body["workspace_sets"][0]["replicate_workspace_assets"] = false;
  EXPECT_EQ(ask(Method::patch, path, body).status, 400);
  EXPECT_EQ(ask(Method::patch, path, body, {{"update_mask", "regions"}}).status, 400);
  EXPECT_EQ(
      ask(Method::patch, path, body, {{"update_mask", "workspace_sets"}, {"etag", "old"}}).status,
      409);
  EXPECT_EQ(ask(Method::patch, path, body, {{"update_mask", "workspace_sets"}}).status, 200);
  EXPECT_EQ(group("sales")["workspace_sets"][0]["replicate_workspace_assets"], false);
}

TEST_F(AccountConsoleTest, ADeletionTakesTime) {
  create("sales", group_body());
  pass_seconds(60);
  const std::string path = std::string(groups_path) + "/sales";
  EXPECT_EQ(ask(Method::del, path).status, 200);
  EXPECT_EQ(group("sales")["state"], "DELETING");
  pass_seconds(30);
  EXPECT_EQ(ask(Method::get, path).status, 404);
}

TEST_F(AccountConsoleTest, ThingsGoWrongOnPurpose) {
  Request rule(Method::post, "/sim/faults");
  rule.body = R"({"path":"*failover-groups","status":429,"retry_after":3})";
  ASSERT_EQ(send(rule).status, 200);
  const Response refused = ask(Method::get, groups_path);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(*http::find_header(refused.headers, "Retry-After"), "3");
  EXPECT_EQ(ask(Method::get, groups_path).status, 200);
  ASSERT_EQ(send(Request(Method::post, "/sim/outage")).status, 200);
  EXPECT_EQ(ask(Method::get, groups_path).status, 0);
}

}  // namespace
}  // namespace twinlake::simulator
