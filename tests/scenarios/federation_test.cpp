// One account behind both workspaces: principals are assigned and entitled, never created, and leave
// the secondary only where somebody asked for it.
#include <gtest/gtest.h>

#include "base/json_path.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

constexpr const char* assignments = "/api/2.0/preview/permissionassignments";
constexpr const char* machine = "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa";

/// Ana is an admin, a machine and a team are users; the team holds Ben, who is nobody here by himself.
class OneAccount : public testing::Test {
 protected:
  static Lab::Options options_of(const std::shared_ptr<simulator::Account>& account) {
    Lab::Options options;
    options.account = account;
    return options;
  }
  OneAccount() {
    assign("user_name", "ana@contoso.example");
    assign("service_principal_name", machine);
    assign("group_name", "data team");
    lab.primary("PUT", std::string(assignments) + "/principals/" + ana, {{"permissions", json::array({"ADMIN"})}});
    entitle("Groups/" + team, "allow-cluster-create");
    entitle("ServicePrincipals/" + robot, "databricks-sql-access");
    lab.rules.digest = "before";
  }

  void assign(const std::string& field, const std::string& name) {
    json wish = json::object();
    wish[field] = name;
    wish["permissions"] = json::array({"USER"});
    lab.primary("POST", assignments, {{"permission_assignments", json::array({wish})}});
  }
  void entitle(const std::string& who, const std::string& what) {
    lab.primary("PATCH", "/api/2.0/preview/scim/v2/" + who,
                {{"Operations", json::array({{{"op", "add"}, {"path", "entitlements"}, {"value", json::array({{{"value", what}}})}}})}});
  }
  void leave(const std::string& id) { lab.primary("DELETE", std::string(assignments) + "/principals/" + id); }

  /// Who may enter a workspace and as what, but for the replicator of either.
  static std::map<std::string, std::string> entrants(const json& listed) {
    std::map<std::string, std::string> found;
    for (const json& one : listed.at("permission_assignments"))
      if (text_at(one, "/principal/user_name").find("replicator") == std::string::npos)
        found[text_at(one, "/principal/principal_id")] = text_at(one, "/permissions/0");
    return found;
  }
  std::map<std::string, std::string> at_home() { return entrants(lab.primary("GET", assignments)); }
  std::map<std::string, std::string> away() { return entrants(lab.secondary("GET", assignments)); }

  std::map<std::string, std::string> in_the_account() const {
    std::map<std::string, std::string> all;
    for (const auto& [id, principal] : account->all()) all[id] = principal.name;
    return all;
  }
  void expect_complete() {
    const auto report = lab.sync();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->outcome, "complete") << told(report);
  }

  std::shared_ptr<simulator::Account> account = std::make_shared<simulator::Account>("acc-1");
  std::string ana = account->add_user("ana@contoso.example", "Ana").id;
  std::string ben = account->add_user("ben@contoso.example", "Ben").id;
  std::string robot = account->add_service_principal(machine, "etl").id;
  std::string team = account->add_group("data team", {ben}).id;
  Lab lab{options_of(account)};
};

TEST_F(OneAccount, WhoMayEnterAndWhatTheyMayDoComesAndNobodyIsCreated) {
  const auto before = in_the_account();
  expect_complete();
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(in_the_account(), before) << "nobody new in the account, and nobody with another id";
  EXPECT_EQ(away(), at_home());
  EXPECT_EQ(away().at(ana), "ADMIN");
  EXPECT_FALSE(away().contains(ben)) << "he comes with his team";
  const json group = lab.secondary("GET", "/api/2.0/preview/scim/v2/Groups/" + team);
  EXPECT_EQ(text_at(group, "/entitlements/0/value"), "allow-cluster-create");
  EXPECT_EQ(text_at(group, "/members/0/value"), ben);
  EXPECT_EQ(text_at(lab.secondary("GET", "/api/2.0/preview/scim/v2/ServicePrincipals/" + robot), "/entitlements/0/value"),
            "databricks-sql-access");
  lab.reset_logs();
  expect_complete();
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
}

TEST_F(OneAccount, WhoLeavesThePrimaryStaysUntilSomebodyAsksForMore) {
  expect_complete();
  for (const std::string& id : {ana, robot, team}) leave(id);
  expect_complete();
  EXPECT_EQ(away().size(), 3U);
  for (const engine::Verdict& verdict : lab.reconcile())
    if (verdict.standing == engine::Standing::extra && verdict.key == "data team")
      EXPECT_NE(verdict.what_to_do.find("unassign: true"), std::string::npos) << verdict.what_to_do;

  lab.rules.unassign = true;
  lab.rules.digest = "after";
  lab.reset_logs();
  expect_complete();
  EXPECT_EQ(away(), (std::map<std::string, std::string>{}));
  EXPECT_EQ(in_the_account().size(), account->all().size());
  for (const std::string& id : {ana, ben, robot, team})
    EXPECT_NE(account->find(id), nullptr) << id << ": leaving a workspace is not leaving the account";
  for (const std::string& write : lab.secondary_wire().log.writes)
    EXPECT_FALSE(write.starts_with("DELETE") && write.find("/scim/") != std::string::npos) << write;
  EXPECT_EQ(lab.not_in_sync(), "");
  lab.reset_logs();
  expect_complete();
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
}

TEST_F(OneAccount, WhoWasThereBeforeUsIsNeverSentAway) {
  lab.secondary("POST", assignments,
                {{"permission_assignments",
                  json::array({{{"user_name", "ana@contoso.example"}, {"permissions", json::array({"USER"})}}})}});
  expect_complete();
  lab.rules.unassign = true;
  leave(ana);
  expect_complete();
  EXPECT_TRUE(away().contains(ana));
}

TEST(Principals, OfTwoAccountsAreNeverDeletedWhateverIsAsked) {
  Lab lab;
  const json eve = lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "eve@contoso.example"}});
  const json local = lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", "local"}});
  ASSERT_EQ(lab.sync()->outcome, "complete");
  lab.rules.unassign = true;
  lab.primary("DELETE", "/api/2.0/preview/scim/v2/Users/" + text_at(eve, "/id"));
  lab.primary("DELETE", "/api/2.0/preview/scim/v2/Groups/" + text_at(local, "/id"));
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial") << told(report);
  EXPECT_NE(told(report).find("user:\"eve@contoso.example\""), std::string::npos) << told(report);
  EXPECT_EQ(told(report).find("group:\"local\""), std::string::npos) << "nobody can be let out of a group of the workspace";
  EXPECT_EQ(lab.secondary("GET", "/api/2.0/preview/scim/v2/Users?filter=userName%20eq%20%22eve@contoso.example%22").value("totalResults", 0), 1);
  EXPECT_EQ(lab.secondary("GET", "/api/2.0/preview/scim/v2/Groups?filter=displayName%20eq%20%22local%22").value("totalResults", 0), 1);
}

}  // namespace
}  // namespace twinlake::test
