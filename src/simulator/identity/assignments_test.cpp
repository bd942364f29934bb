#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using routes::scim;
const std::string assignments = "/api/2.0/preview/permissionassignments";

RegionOptions with_account(const std::shared_ptr<Account>& account, std::int64_t workspace) {
  RegionOptions options;
  options.workspace_id = workspace;
  options.seed = static_cast<std::uint64_t>(workspace);
  options.account = account;
  return options;
}

class AssignmentsTest : public testing::Test {
 protected:
  AssignmentsTest() {
    ana = account->add_user("ana@contoso.example", "Ana").id;
    group = account->add_group("data-eng", {ana}).id;
  }
  json assign(Probe& probe, const std::string& field, const std::string& name,
              const std::string& permission = "USER") {
    json item = json::object();
    item[field] = name;
    item["permissions"] = json::array({permission});
    json body = json::object();
    body["permission_assignments"] = json::array({item});
    return body_of(probe.post(assignments, body))["permission_assignments"][0];
  }
  std::shared_ptr<Account> account = std::make_shared<Account>("acc-1");
  std::string ana, group;
  Probe home{with_account(account, 11)};
  Probe away{with_account(account, 22)};
};

TEST_F(AssignmentsTest, AnAssignedPrincipalHasTheSameIdOnBothSides) {
  EXPECT_EQ(home.get(scim + "Users/" + ana).status, 404);
  EXPECT_EQ(assign(home, "user_name", "ANA@contoso.example")["principal"]["principal_id"].dump(),
            ana);
  assign(away, "user_name", "ana@contoso.example");
  for (Probe* probe : {&home, &away})
    EXPECT_EQ(body_of(probe->get(scim + "Users/" + ana))["userName"], "ana@contoso.example");
}

TEST_F(AssignmentsTest, AdminByNameBecomesUserAndIsGivenById) {
  EXPECT_EQ(assign(home, "user_name", "ana@contoso.example", "ADMIN")["permissions"],
            json::array({"USER"}));
  const auto response =
      home.put(assignments + "/principals/" + ana, json::object({{"permissions", {"ADMIN"}}}));
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(home.region().get<Identity>().is_admin("ana@contoso.example"));
  EXPECT_FALSE(away.region().get<Identity>().is_admin("ana@contoso.example"));
}

TEST_F(AssignmentsTest, OneUnknownNameDoesNotStopTheOthers) {
  const json shown = assign(home, "group_name", "nobody");
  EXPECT_NE(shown.value("error", "").find("nobody"), std::string::npos);
  EXPECT_EQ(assign(home, "group_name", "data-eng")["permissions"], json::array({"USER"}));
}

TEST_F(AssignmentsTest, UnassignByEmptyListAndByDelete) {
  assign(home, "user_name", "ana@contoso.example");
  const std::string one = assignments + "/principals/" + ana;
  EXPECT_EQ(home.put(one, json::object({{"permissions", json::array()}})).status, 200);
  EXPECT_EQ(home.get(scim + "Users/" + ana).status, 404);
  EXPECT_EQ(home.del(one).status, 404);
  assign(home, "user_name", "ana@contoso.example");
  EXPECT_EQ(home.del(one).status, 200);
  EXPECT_EQ(
      home.put(assignments + "/principals/1", json::object({{"permissions", {"USER"}}})).status,
      404);
  EXPECT_NE(account->find(ana), nullptr);
}

TEST_F(AssignmentsTest, AccountGroupsAreReadOnlyButEntitled) {
  assign(home, "group_name", "data-eng");
  const std::string item = scim + "Groups/" + group;
  EXPECT_EQ(body_of(home.get(item))["meta"]["resourceType"], "Group");
  EXPECT_EQ(body_of(home.get(item))["members"][0]["value"], ana);
  const json members = json::parse(R"({"Operations":[{"op":"remove","path":"members"}]})");
  EXPECT_EQ(home.patch(item, members).status, 403);
  EXPECT_EQ(
      home.patch(item, json::parse(
                           R"({"Operations":[{"op":"replace","path":"displayName","value":"x"}]})"))
          .status,
      403);
  EXPECT_EQ(home.del(item).status, 403);
  EXPECT_EQ(home.post(scim + "Groups", json::object({{"displayName", "data-eng"}})).status, 409);
  EXPECT_EQ(
      home.patch(
              item,
              json::parse(
                  R"({"Operations":[{"op":"add","path":"entitlements","value":[{"value":"workspace-access"}]}]})"))
          .status,
      204);
  assign(away, "group_name", "data-eng");
  EXPECT_FALSE(body_of(away.get(item)).contains("entitlements"));
}

TEST_F(AssignmentsTest, CreatingSomebodyOfTheAccountAssigns) {
  const json body = json::object({{"userName", "ana@contoso.example"}});
  const auto response = away.post(scim + "Users", body);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(body_of(response)["id"], ana);
  EXPECT_EQ(body_of(response)["displayName"], "Ana");
  EXPECT_EQ(away.post(scim + "Users", body).status, 409);
  EXPECT_EQ(away.del(scim + "Users/" + ana).status, 204);
  EXPECT_NE(account->find(ana), nullptr) << "leaving a workspace is not leaving the account";
}

TEST_F(AssignmentsTest, TheAccountIsListedWithoutEntitlements) {
  const json list =
      body_of(home.get("/api/2.0/account/scim/v2/Groups?filter=displayName%20eq%20%22data-eng%22"));
  ASSERT_EQ(list["totalResults"], 1);
  EXPECT_EQ(list["Resources"][0]["meta"]["resourceType"], "Group");
}

TEST_F(AssignmentsTest, LocalGroupsCanBeForbidden) {
  RegionOptions options = with_account(account, 33);
  options.local_groups = false;
  Probe strict(options);
  EXPECT_EQ(strict.post(scim + "Groups", json::object({{"displayName", "mine"}})).status, 403);
}

}  // namespace
}  // namespace twinlake::simulator
