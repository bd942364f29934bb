#include "simulator/identity/permissions.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/identity/permission_types.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string base = "/api/2.0/permissions/";
const std::string service_id = "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa";

json grant(const std::string& field, const std::string& name, const std::string& level) {
  json entry = json::object();
  entry[field] = name;
  entry["permission_level"] = level;
  return entry;
}
json user(const std::string& name, const std::string& level) {
  return grant("user_name", name, level);
}
json group(const std::string& name, const std::string& level) {
  return grant("group_name", name, level);
}

json list(const std::vector<json>& entries) {
  json body = json::object();
  body["access_control_list"] = entries;
  return body;
}

using people::ana;
using people::bob;
const std::string caller = "replicator@twinlake.example";

/// Object types as other services would register them; the tree is /Users/ana/project and /Shared.
/// The numbers are far from what the region's own tree would use.
class PermissionsTest : public testing::Test {
 protected:
  PermissionsTest() {
    auto& identity = probe.region().get<Identity>();
    identity.ensure_user(ana, false);
    identity.ensure_user(bob, false);
    identity.ensure_service_principal(service_id, false);
    probe.post("/api/2.0/preview/scim/v2/Groups", json::object({{"displayName", "data-eng"}}));
    for (const char* type :
         {"jobs", "clusters", "warehouses", "cluster-policies", "pipelines", "queries"})
      permissions.register_type(type,
                                [](const std::string& id) { return id == "14" || id == "15"; });
    Permissions::TypeHooks folders;
    folders.exists = [](const std::string& id) { return id != "999"; };
    folders.path = [](const std::string& id) { return path_of(id); };
    folders.ancestors = [](const std::string& id) { return ancestors_of(id); };
    permissions.register_type("directories", folders);
    permissions.created("jobs", "14", caller);
    permissions.created("clusters", "14", caller);
    permissions.created("warehouses", "14", caller);
  }
  static std::string path_of(const std::string& id) {
    static const std::map<std::string, std::string> paths{{"0", "/"},
                                                          {"1", "/Users"},
                                                          {"2", "/Users/" + ana},
                                                          {"3", "/Users/" + ana + "/project"},
                                                          {"4", "/Shared"}};
    return paths.at(id);
  }
  static std::vector<Permissions::Ancestor> ancestors_of(const std::string& id) {
    const Permissions::Ancestor root{"directories", "0", "/"}, users{"directories", "1", "/Users"},
        home{"directories", "2", "/Users/" + ana};
    if (id == "1" || id == "4") return {root};
    if (id == "2") return {users, root};
    if (id == "3") return {home, users, root};
    return {};
  }
  /// Name to "level" or "level from place", several joined with a comma.
  static std::map<std::string, std::string> entries(const http::Response& response) {
    std::map<std::string, std::string> found;
    const json body = body_of(response);
    for (const json& entry : body["access_control_list"]) {
      const std::string name = entry.value(
          "user_name", entry.value("group_name", entry.value("service_principal_name", "")));
      for (const json& permission : entry["all_permissions"]) {
        std::string& text = found[name];
        if (!text.empty()) text += ",";
        text += permission["permission_level"].get<std::string>();
        if (permission["inherited"] == true)
          text += " from " + permission["inherited_from_object"][0].get<std::string>();
      }
    }
    return found;
  }
  void expect_refused(const http::Response& response, int status, const std::string& code,
                      const std::string& text) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(code_of(response), code);
    EXPECT_NE(message_of(response).find(text), std::string::npos) << response.body;
  }
  using Entries = std::map<std::string, std::string>;
  Probe probe;
  Permissions& permissions = probe.region().get<Permissions>();
};

TEST_F(PermissionsTest, TheCreatorOwnsAndAdminsInherit) {
  const auto response = probe.get(base + "jobs/14");
  EXPECT_EQ(body_of(response)["object_id"], "/jobs/14");
  EXPECT_EQ(body_of(response)["object_type"], "job");
  EXPECT_EQ(entries(response),
            (Entries{{caller, "IS_OWNER"}, {"admins", "CAN_MANAGE from /jobs/"}}));
  EXPECT_EQ(entries(probe.get(base + "clusters/14")),
            (Entries{{caller, "CAN_MANAGE"}, {"admins", "CAN_MANAGE from /clusters/"}}));
  EXPECT_EQ(permissions.owner_of("jobs", "14"), caller);
}

TEST_F(PermissionsTest, PutReplacesAndPatchMerges) {
  probe.put(base + "clusters/14", list({user("ANA@contoso.example", "CAN_RESTART")}));
  EXPECT_EQ(entries(probe.get(base + "clusters/14")),
            (Entries{{ana, "CAN_RESTART"}, {"admins", "CAN_MANAGE from /clusters/"}}));
  const json more =
      list({user(bob, "CAN_ATTACH_TO"), grant("service_principal_name", service_id, "CAN_MANAGE")});
  const auto response = probe.patch(base + "clusters/14", more);
  EXPECT_EQ(entries(response), (Entries{{ana, "CAN_RESTART"},
                                        {bob, "CAN_ATTACH_TO"},
                                        {service_id, "CAN_MANAGE"},
                                        {"admins", "CAN_MANAGE from /clusters/"}}));
}

TEST_F(PermissionsTest, TheHighestOfSeveralLevelsWins) {
  const auto response =
      probe.put(base + "clusters/14", list({user(ana, "CAN_MANAGE"), user(ana, "CAN_ATTACH_TO")}));
  EXPECT_EQ(entries(response)[ana], "CAN_MANAGE");
}

TEST_F(PermissionsTest, JobsHaveExactlyOneOwner) {
  const std::string path = base + "jobs/14";
  expect_refused(probe.put(path, list({user(ana, "CAN_VIEW")})), 400, "INVALID_PARAMETER_VALUE",
                 "The job must have exactly one owner.");
  expect_refused(probe.put(path, json::object()), 400, "INVALID_PARAMETER_VALUE",
                 "exactly one owner");
  expect_refused(probe.put(path, list({user(ana, "IS_OWNER"), user(bob, "IS_OWNER")})), 400,
                 "INVALID_PARAMETER_VALUE", "exactly one owner");
  expect_refused(probe.patch(path, list({user(ana, "IS_OWNER")})), 400, "INVALID_PARAMETER_VALUE",
                 "exactly one owner");
  expect_refused(probe.put(path, list({group("data-eng", "IS_OWNER")})), 400,
                 "INVALID_PARAMETER_VALUE", "can not be an owner");
  EXPECT_EQ(permissions.owner_of("jobs", "14"), caller)
      << "a refused change leaves everything as it was";
  EXPECT_EQ(probe.put(path, list({user(ana, "IS_OWNER")})).status, 200);
  EXPECT_EQ(permissions.owner_of("jobs", "14"), ana);
  expect_refused(probe.put(base + "pipelines/14", list({})), 400, "INVALID_PARAMETER_VALUE",
                 "The pipeline must have exactly one owner.");
}

TEST_F(PermissionsTest, WarehousesKeepTheirOwnerOrNeedOne) {
  EXPECT_EQ(entries(probe.put(base + "warehouses/14", list({user(ana, "CAN_USE")})))[caller],
            "IS_OWNER");
  EXPECT_EQ(body_of(probe.get(base + "sql/warehouses/14"))["object_id"], "/sql/warehouses/14");
  expect_refused(probe.put(base + "warehouses/15", list({user(ana, "CAN_USE")})), 400,
                 "INVALID_PARAMETER_VALUE", "must provide a new owner");
  EXPECT_EQ(probe.put(base + "warehouses/15", list({user(ana, "IS_OWNER")})).status, 200);
}

TEST_F(PermissionsTest, WarehousesMayRefuseAnOwnerWhereTheyHaveOne) {
  const json with_owner = list({user(ana, "IS_OWNER"), user(bob, "CAN_USE")});
  ASSERT_EQ(probe.put(base + "warehouses/15", with_owner).status, 200);
  Unsettled unsettled;
  unsettled.warehouse_owner_refused = true;
  probe.region().set_unsettled(unsettled);
  expect_refused(probe.put(base + "warehouses/15", with_owner), 400, "INVALID_PARAMETER_VALUE",
                 "must provide a new owner");
  EXPECT_EQ(probe.put(base + "warehouses/15", list({user(bob, "CAN_MANAGE")})).status, 200);
  EXPECT_EQ(permissions.owner_of("warehouses", "15"), ana) << "who stays without being named";
}

TEST_F(PermissionsTest, AWarehouseWhoseOwnerIsGoneNeedsOne) {
  ASSERT_EQ(probe.put(base + "warehouses/15", list({user(ana, "IS_OWNER")})).status, 200);
  const std::string id = probe.region().get<Identity>().find_user(ana)->id;
  ASSERT_LT(probe.del("/api/2.0/preview/scim/v2/Users/" + id).status, 300);
  Unsettled unsettled;
  unsettled.warehouse_owner_refused = true;
  probe.region().set_unsettled(unsettled);
  expect_refused(probe.put(base + "warehouses/15", list({user(bob, "CAN_USE")})), 400,
                 "INVALID_PARAMETER_VALUE", "must provide a new owner");
  EXPECT_EQ(probe.put(base + "warehouses/15", list({user(bob, "IS_OWNER")})).status, 200);
}

TEST_F(PermissionsTest, UnknownPrincipalsAreNamed) {
  const std::string path = base + "clusters/14";
  expect_refused(probe.put(path, list({user("eve@contoso.example", "CAN_MANAGE")})), 404,
                 "RESOURCE_DOES_NOT_EXIST", "eve@contoso.example");
  expect_refused(probe.put(path, list({group("nobody", "CAN_MANAGE")})), 400,
                 "PRINCIPAL_DOES_NOT_EXIST", "nobody");
  expect_refused(
      probe.patch(path, list({grant("service_principal_name", "no-such-id", "CAN_MANAGE")})), 400,
      "PRINCIPAL_DOES_NOT_EXIST", "no-such-id");
}

TEST_F(PermissionsTest, WrongTypesLevelsObjectsAndEntriesAreRefused) {
  expect_refused(probe.get(base + "spaceships/1"), 400, "INVALID_PARAMETER_VALUE",
                 "request_object_type is not recognized: spaceships");
  expect_refused(probe.put(base + "clusters/14", list({user(ana, "CAN_RUN")})), 400,
                 "INVALID_PARAMETER_VALUE", "CAN_RUN");
  expect_refused(probe.get(base + "clusters/99"), 404, "RESOURCE_DOES_NOT_EXIST", "99");
  expect_refused(probe.put(base + "jobs/99", list({user(ana, "IS_OWNER")})), 404,
                 "RESOURCE_DOES_NOT_EXIST", "99");
  expect_refused(probe.get(base + "experiments/1"), 404, "RESOURCE_DOES_NOT_EXIST", "1");
  json both = user(ana, "CAN_MANAGE");
  both["group_name"] = "data-eng";
  expect_refused(probe.put(base + "clusters/14", list({both})), 400, "INVALID_PARAMETER_VALUE",
                 "Exactly one");
}

TEST_F(PermissionsTest, AdminsCannotBeLowered) {
  expect_refused(probe.put(base + "clusters/14", list({group("admins", "CAN_ATTACH_TO")})), 400,
                 "INVALID_PARAMETER_VALUE", "Cannot change permissions for group 'admins'");
  for (const char* path : {"authorization/tokens", "directories/0"})
    expect_refused(
        probe.put(base + path, list({group("users", path[0] == 'a' ? "CAN_USE" : "CAN_READ")})),
        400, "INVALID_PARAMETER_VALUE", "Cannot change permissions for group 'admins' to None.");
  const json allowed = list({group("users", "CAN_USE"), group("admins", "CAN_MANAGE")});
  EXPECT_EQ(entries(probe.put(base + "authorization/tokens", allowed)),
            (Entries{{"admins", "CAN_MANAGE"}, {"users", "CAN_USE"}}));
  expect_refused(probe.get(base + "authorization/passwords"), 404, "RESOURCE_DOES_NOT_EXIST",
                 "passwords");
}

TEST_F(PermissionsTest, FoldersHandDown) {
  probe.patch(base + "directories/2", list({group("data-eng", "CAN_READ")}));
  EXPECT_EQ(entries(probe.get(base + "directories/3")),
            (Entries{{"admins", "CAN_MANAGE from /directories/"},
                     {ana, "CAN_MANAGE from /directories/2"},
                     {"data-eng", "CAN_READ from /directories/2"}}));
  EXPECT_EQ(entries(probe.get(base + "directories/2"))[ana], "CAN_MANAGE from /directories/1");
  EXPECT_TRUE(permissions.can_manage("directories", "3", ana));
  EXPECT_FALSE(permissions.can_manage("directories", "3", bob));
}

TEST_F(PermissionsTest, SharedIsFixed) {
  EXPECT_EQ(entries(probe.get(base + "directories/4"))["users"], "CAN_MANAGE");
  expect_refused(probe.put(base + "directories/4", list({user(ana, "CAN_READ")})), 400,
                 "INVALID_PARAMETER_VALUE", "/Shared");
  EXPECT_EQ(probe.put(base + "directories/4", list({group("users", "CAN_MANAGE")})).status, 200);
  EXPECT_EQ(permissions.level_of("directories", "4", bob), "CAN_MANAGE");
}

TEST_F(PermissionsTest, OnlyManagersChangeAndOnlyReadersSee) {
  probe.put(base + "clusters/14", list({user(bob, "CAN_RESTART")}));
  probe.post("/sim/credentials", json::object({{"token", "dapi-bob"}, {"principal", bob}}));
  probe.post("/sim/credentials", json::object({{"token", "dapi-ana"}, {"principal", ana}}));
  probe.use_token("dapi-bob");
  EXPECT_EQ(probe.get(base + "clusters/14").status, 200);
  EXPECT_EQ(code_of(probe.put(base + "clusters/14", list({}))), "PERMISSION_DENIED");
  probe.use_token("dapi-ana");
  EXPECT_EQ(probe.get(base + "clusters/14").status, 403);
}

TEST_F(PermissionsTest, NobodyButAnAdminDropsHisOwnRight) {
  probe.put(base + "clusters/14",
            list({user(bob, "CAN_MANAGE")}));  // the caller drops himself: an admin
  probe.post("/sim/credentials", json::object({{"token", "dapi-bob"}, {"principal", bob}}));
  probe.use_token("dapi-bob");
  expect_refused(probe.put(base + "clusters/14", list({user(ana, "CAN_MANAGE")})), 400,
                 "INVALID_PARAMETER_VALUE", "yourself");
  EXPECT_EQ(
      probe.put(base + "clusters/14", list({user(ana, "CAN_MANAGE"), user(bob, "CAN_MANAGE")}))
          .status,
      200);
}

TEST_F(PermissionsTest, OldServicesKeepTheListOfWhatIsGoneForAWhile) {
  permissions.removed("jobs", "14");
  permissions.removed("warehouses", "14");
  EXPECT_EQ(probe.get(base + "jobs/14").status, 200);
  probe.wait_millis(61'000);
  EXPECT_EQ(probe.get(base + "jobs/14").status, 404);
}

TEST_F(PermissionsTest, PermissionLevelsAreListedPerType) {
  const json levels =
      body_of(probe.get(base + "clusters/14/permissionLevels"))["permission_levels"];
  ASSERT_EQ(levels.size(), 3U);
  EXPECT_EQ(levels[0]["permission_level"], "CAN_ATTACH_TO");
  EXPECT_EQ(entries(probe.get(base + "cluster-policies/14"))["admins"],
            "CAN_USE from /cluster-policies/");
}

TEST_F(PermissionsTest, InitialListsMayNameAnotherOwner) {
  permissions.created("jobs", "15", caller);
  EXPECT_FALSE(permissions.set_initial(
      "jobs", "15", json::array({user(ana, "IS_OWNER"), user(bob, "CAN_VIEW")})));
  EXPECT_EQ(permissions.owner_of("jobs", "15"), ana);
  permissions.created("jobs", "15", caller);
  EXPECT_TRUE(permissions.set_initial("jobs", "15",
                                      json::array({user(ana, "IS_OWNER"), user(bob, "IS_OWNER")})));
  EXPECT_TRUE(permissions.set_initial("jobs", "15",
                                      json::array({user("eve@contoso.example", "CAN_VIEW")})));
}

TEST_F(PermissionsTest, OldSqlObjectsKnowBothNamesOfReading) {
  EXPECT_EQ(entries(probe.put(base + "sql/queries/14", list({user(ana, "CAN_VIEW")})))[ana],
            "CAN_READ");
}

TEST_F(PermissionsTest, DeletedPrincipalsVanishFromLists) {
  probe.put(base + "clusters/14", list({user(ana, "CAN_RESTART")}));
  const std::string id = probe.region().get<Identity>().find_user(ana)->id;
  probe.del("/api/2.0/preview/scim/v2/Users/" + id);
  EXPECT_FALSE(entries(probe.get(base + "clusters/14")).contains(ana));
}

}  // namespace
}  // namespace twinlake::simulator
