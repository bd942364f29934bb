#include "simulator/identity/identity.h"

#include <gtest/gtest.h>

#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using routes::scim;

json user_body(const std::string& name) {
  json body = json::object();
  body["userName"] = name;
  body["displayName"] = "Person " + name.substr(0, 3);
  return body;
}

std::string id_of(const http::Response& response) { return body_of(response).value("id", ""); }

json operation(const std::string& op, const std::string& path, const json& value) {
  json one = json::object();
  one["op"] = op;
  if (!path.empty()) one["path"] = path;
  if (!value.is_null()) one["value"] = value;
  return one;
}

json patch_of(const json& one) {
  json body = json::object();
  body["schemas"] = json::array({"urn:ietf:params:scim:api:messages:2.0:PatchOp"});
  body["Operations"] = json::array({one});
  return body;
}

json values(const std::vector<std::string>& texts) {
  json list = json::array();
  for (const std::string& text : texts) list.push_back(json::object({{"value", text}}));
  return list;
}

class IdentityTest : public testing::Test {
 protected:
  std::string make_user(const std::string& name) {
    return id_of(probe.post(scim + "Users", user_body(name)));
  }
  std::string make_group(const std::string& name) {
    return id_of(probe.post(scim + "Groups", json::object({{"displayName", name}})));
  }
  http::Response change(const std::string& item, const json& one) {
    return probe.patch(scim + item, patch_of(one));
  }
  json read(const std::string& item) { return body_of(probe.get(scim + item)); }
  std::string built_in(const std::string& name) {
    return probe.region().get<Identity>().find_group(name)->id;
  }
  void expect_scim_error(const http::Response& response, int status, const std::string& type,
                         const std::string& text) {
    EXPECT_EQ(response.status, status) << response.body;
    const json body = body_of(response);
    EXPECT_EQ(body.value("status", ""), std::to_string(status));
    EXPECT_EQ(body.value("scimType", ""), type);
    EXPECT_NE(body.value("detail", "").find(text), std::string::npos) << response.body;
  }
  Probe probe;
};

TEST_F(IdentityTest, MeNamesTheCallerAndTheWorkspace) {
  const auto response = probe.get(scim + "Me?excludedAttributes=entitlements");
  const json me = body_of(response);
  EXPECT_EQ(me["userName"], "replicator@twinlake.example");
  EXPECT_EQ(*http::find_header(response.headers, "X-Databricks-Org-Id"), "1111111111111111");
  bool admin = false;
  for (const json& group : me["groups"]) admin = admin || group["display"] == "admins";
  EXPECT_TRUE(admin);
}

TEST_F(IdentityTest, UserGetsServerMadeFields) {
  const auto response = probe.post(scim + "Users", user_body("ana@contoso.example"));
  EXPECT_EQ(response.status, 201);
  const json made = read("Users/" + id_of(response));
  EXPECT_EQ(made["emails"][0]["value"], "ana@contoso.example");
  EXPECT_TRUE(made["id"].is_string());
  EXPECT_EQ(made["id"].get<std::string>().find_first_not_of("0123456789"), std::string::npos);
  ASSERT_EQ(made["groups"].size(), 1U);
  EXPECT_EQ(made["groups"][0]["display"], "users");
}

TEST_F(IdentityTest, DuplicatesAreRefusedWhateverTheirCase) {
  make_user("ana@contoso.example");
  expect_scim_error(probe.post(scim + "Users", user_body("ANA@contoso.example")), 409, "uniqueness",
                    "already exists in this account");
  make_group("data-eng");
  expect_scim_error(probe.post(scim + "Groups", json::object({{"displayName", "Data-Eng"}})), 409,
                    "uniqueness", "Group with name Data-Eng already exists.");
  const json service = json::object({{"applicationId", "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa"}});
  EXPECT_EQ(probe.post(scim + "ServicePrincipals", service).status, 201);
  expect_scim_error(probe.post(scim + "ServicePrincipals", service), 409, "uniqueness",
                    "already exists.");
}

TEST_F(IdentityTest, UnknownIdsAndWrongResourcesAreNotFound) {
  const std::string user = make_user("ana@contoso.example");
  expect_scim_error(probe.get(scim + "Users/1"), 404, "noTarget", "1 not found");
  expect_scim_error(probe.get(scim + "Groups/" + user), 404, "noTarget", "not found");
  expect_scim_error(probe.del(scim + "Users/1"), 404, "noTarget", "not found");
  expect_scim_error(change("Users/1", operation("replace", "active", "false")), 404, "noTarget",
                    "not found");
  expect_scim_error(probe.put(scim + "Users/1", json::object()), 404, "noTarget", "not found");
}

TEST_F(IdentityTest, PagesAddUpAndTheLastOneIsEmpty) {
  for (int i = 0; i < 7; ++i) make_user("u" + std::to_string(i) + "@contoso.example");
  std::set<std::string> seen;
  std::size_t start = 1;
  for (;;) {
    const json page =
        body_of(probe.get(scim + "Users?count=3&startIndex=" + std::to_string(start)));
    EXPECT_EQ(page["totalResults"], 8);  // the caller is one of them
    EXPECT_EQ(page["startIndex"], start);
    if (!page.contains("Resources")) break;
    EXPECT_EQ(page["itemsPerPage"], page["Resources"].size());
    for (const json& user : page["Resources"]) EXPECT_TRUE(seen.insert(user["id"]).second);
    start += page["Resources"].size();
  }
  EXPECT_EQ(seen.size(), 8U);
  EXPECT_EQ(body_of(probe.get(scim + "Users?count=0"))["totalResults"], 8);
  EXPECT_EQ(probe.get(scim + "Users?count=many").status, 400);
}

TEST_F(IdentityTest, ListsAreFilteredSortedAndTrimmed) {
  make_user("ana@contoso.example");
  make_user("bob@contoso.example");
  const json found =
      body_of(probe.get(scim + "Users?filter=userName%20co%20%22contoso%22&sortBy=userName&"
                               "sortOrder=descending&attributes=id,userName"));
  ASSERT_EQ(found["Resources"].size(), 2U);
  EXPECT_EQ(found["Resources"][0]["userName"], "bob@contoso.example");
  EXPECT_EQ(found["Resources"][0].size(), 2U) << found["Resources"][0].dump();
  const json without =
      body_of(probe.get(scim + "Users?excludedAttributes=emails,groups"))["Resources"][0];
  EXPECT_FALSE(without.contains("emails"));
  EXPECT_TRUE(without.contains("displayName"));
}

TEST_F(IdentityTest, BadFiltersAreRefused) {
  expect_scim_error(probe.get(scim + "Users?filter=userName"), 400, "invalidFilter",
                    "Invalid filter");
  expect_scim_error(probe.get(scim + "Users?filter=colour%20eq%20%22x%22"), 400, "invalidFilter",
                    "unknown");
}

TEST_F(IdentityTest, MembersInAllDocumentedForms) {
  const std::string group = make_group("data-eng");
  const std::string ana = make_user("ana@contoso.example");
  const std::string bob = make_user("bob@contoso.example");
  EXPECT_EQ(change("Groups/" + group, operation("add", "members", values({ana}))).status, 204);
  const json wrapped = json::object({{"members", values({bob})}});
  EXPECT_EQ(change("Groups/" + group, operation("add", "members", wrapped)).status, 204);
  EXPECT_EQ(change("Groups/" + group, operation("add", "", wrapped)).status, 204);
  ASSERT_EQ(read("Groups/" + group)["members"].size(), 2U);
  EXPECT_EQ(read("Groups/" + group)["members"][0]["$ref"].get<std::string>().substr(0, 6),
            "Users/");
  EXPECT_EQ(
      change("Groups/" + group, operation("remove", "members[value eq \"" + ana + "\"]", json()))
          .status,
      204);
  const json left = read("Groups/" + group)["members"];
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0]["value"], bob);
}

TEST_F(IdentityTest, GroupsOfAUserAreDirectAndIndirect) {
  const std::string inner = make_group("inner");
  const std::string outer = make_group("outer");
  const std::string ana = make_user("ana@contoso.example");
  change("Groups/" + outer, operation("add", "members", values({inner})));
  change("Groups/" + inner, operation("add", "members", values({ana})));
  std::map<std::string, std::string> types;
  const json user = read("Users/" + ana);
  for (const json& group : user["groups"]) types[group["display"]] = group["type"];
  EXPECT_EQ(types, (std::map<std::string, std::string>{
                       {"inner", "direct"}, {"outer", "indirect"}, {"users", "direct"}}));
  EXPECT_EQ(probe.region().get<Identity>().groups_of("ANA@contoso.example"),
            (std::set<std::string>{"inner", "outer", "users"}));
}

TEST_F(IdentityTest, WrongMembersAreRefusedAndNothingOfThePatchStays) {
  const std::string inner = make_group("inner");
  const std::string outer = make_group("outer");
  change("Groups/" + outer, operation("add", "members", values({inner})));
  expect_scim_error(change("Groups/" + inner, operation("add", "members", values({outer}))), 400,
                    "invalidValue", "contain itself");
  expect_scim_error(change("Groups/" + inner, operation("add", "members", values({inner}))), 400,
                    "invalidValue", "contain itself");
  const std::string ana = make_user("ana@contoso.example");
  expect_scim_error(change("Groups/" + inner, operation("add", "members", values({ana, "12345"}))),
                    400, "invalidValue", "12345");
  EXPECT_FALSE(read("Groups/" + inner).contains("members"));
}

TEST_F(IdentityTest, EntitlementsInAllForms) {
  const std::string item = "Users/" + make_user("ana@contoso.example");
  expect_scim_error(
      change(item, operation("remove", "entitlements", values({"allow-cluster-create"}))), 400,
      "invalidPath", "No such attribute with the name : entitlements in the current resource");
  expect_scim_error(
      change(item, operation("replace", "entitlements", values({"workspace-access"}))), 400,
      "invalidPath", "No such attribute");
  EXPECT_EQ(change(item, operation("add", "entitlements", values({"workspace-access"}))).status,
            204);
  EXPECT_EQ(
      change(item, operation("replace", "entitlements", values({"databricks-sql-access"}))).status,
      204);
  EXPECT_EQ(read(item)["entitlements"], values({"databricks-sql-access"}));
  EXPECT_EQ(
      change(item, operation("remove", "entitlements[value eq \"databricks-sql-access\"]", json()))
          .status,
      204);
  EXPECT_FALSE(read(item).contains("entitlements"));
}

TEST_F(IdentityTest, WrongEntitlementsAreRefused) {
  const std::string item = "Users/" + make_user("ana@contoso.example");
  expect_scim_error(change(item, operation("add", "entitlements", values({"all-the-things"}))), 400,
                    "invalidValue", "all-the-things");
  expect_scim_error(change(item, operation("add", "entitlements",
                                           values({"workspace-consume", "workspace-access"}))),
                    400, "invalidValue", "excludes");
  const http::Response empty =
      change(item, json::parse(R"({"op":"add","path":"entitlements","value":null})"));
  EXPECT_EQ(empty.status, 400);
  EXPECT_NE(message_of(empty).find("Error in performing the patch operation on user resource."),
            std::string::npos);
  expect_scim_error(change(item, operation("add", "colour", "x")), 400, "invalidPath", "colour");
  expect_scim_error(change(item, operation("move", "active", "x")), 400, "invalidSyntax", "move");
}

TEST_F(IdentityTest, UsersAreDeactivatedInBothForms) {
  const std::string item = "Users/" + make_user("ana@contoso.example");
  change(item, operation("replace", "active", "false"));
  EXPECT_EQ(read(item)["active"], false);
  change(item, operation("replace", "active", "true"));
  EXPECT_EQ(read(item)["active"], true);
  change(item, operation("replace", "active", values({"false"})));
  EXPECT_EQ(read(item)["active"], false);
}

TEST_F(IdentityTest, ImmutableFieldsAreIgnoredSilently) {
  const std::string item = "Users/" + make_user("ana@contoso.example");
  EXPECT_EQ(change(item, operation("replace", "userName", "eve@contoso.example")).status, 204);
  EXPECT_EQ(read(item)["userName"], "ana@contoso.example");
}

TEST_F(IdentityTest, PutForgetsWhatItDoesNotName) {
  const std::string ana = make_user("ana@contoso.example");
  const std::string group = make_group("data-eng");
  change("Groups/" + group, operation("add", "members", values({ana})));
  change("Users/" + ana, operation("add", "entitlements", values({"workspace-access"})));
  EXPECT_EQ(probe.put(scim + "Users/" + ana, user_body("ana@contoso.example")).status, 200);
  EXPECT_FALSE(read("Users/" + ana).contains("entitlements"));
  EXPECT_FALSE(read("Groups/" + group).contains("members"));
}

TEST_F(IdentityTest, PutOfAServicePrincipalNeedsItsApplicationId) {
  const std::string application = "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa";
  const std::string id =
      id_of(probe.post(scim + "ServicePrincipals", json::object({{"applicationId", application}})));
  expect_scim_error(
      probe.put(scim + "ServicePrincipals/" + id, json::object({{"displayName", "etl"}})), 400,
      "invalidValue", "applicationId");
  EXPECT_EQ(probe
                .put(scim + "ServicePrincipals/" + id,
                     json::object({{"displayName", "etl"}, {"applicationId", application}}))
                .status,
            200);
}

TEST_F(IdentityTest, AServicePrincipalWithoutApplicationIdGetsOne) {
  const json made =
      body_of(probe.post(scim + "ServicePrincipals", json::object({{"displayName", "etl"}})));
  EXPECT_EQ(made.value("applicationId", "").size(), 36U);
}

TEST_F(IdentityTest, BuiltInGroupsStay) {
  for (const std::string name : {"admins", "users"}) {
    const std::string item = "Groups/" + built_in(name);
    EXPECT_EQ(read(item)["meta"]["resourceType"], "WorkspaceGroup");
    expect_scim_error(probe.post(scim + "Groups", json::object({{"displayName", name}})), 409,
                      "uniqueness", "exists");
    expect_scim_error(change(item, operation("replace", "displayName", "x")), 403, "",
                      "cannot be renamed");
    expect_scim_error(probe.del(scim + item), 403, "", "cannot be deleted");
  }
  EXPECT_FALSE(read("Groups/" + built_in("users")).contains("members"));
  expect_scim_error(
      change("Groups/" + built_in("users"), operation("add", "members", values({"1"}))), 400,
      "mutability", "users");
  expect_scim_error(change("Groups/" + built_in("admins"),
                           operation("remove", "entitlements", values({"allow-cluster-create"}))),
                    400, "invalidValue", "admins");
}

TEST_F(IdentityTest, MembersOfAdminsAreAdmins) {
  const std::string ana = make_user("ana@contoso.example");
  auto& identity = probe.region().get<Identity>();
  EXPECT_FALSE(identity.is_admin("ana@contoso.example"));
  EXPECT_EQ(
      change("Groups/" + built_in("admins"), operation("add", "members", values({ana}))).status,
      204);
  EXPECT_TRUE(identity.is_admin("ana@contoso.example"));
}

TEST_F(IdentityTest, GroupsAreRenamedUnlessTheNameIsTaken) {
  const std::string item = "Groups/" + make_group("old");
  make_group("taken");
  expect_scim_error(change(item, operation("replace", "displayName", "taken")), 409, "uniqueness",
                    "taken");
  EXPECT_EQ(change(item, operation("replace", "displayName", "new")).status, 204);
  EXPECT_EQ(read(item)["displayName"], "new");
}

TEST_F(IdentityTest, DeletedPrincipalsLeaveTheirGroups) {
  const std::string ana = make_user("ana@contoso.example");
  const std::string group = make_group("data-eng");
  change("Groups/" + group, operation("add", "members", values({ana})));
  EXPECT_EQ(probe.del(scim + "Users/" + ana).status, 204);
  EXPECT_FALSE(read("Groups/" + group).contains("members"));
  EXPECT_EQ(probe.get(scim + "Users/" + ana).status, 404);
}

TEST_F(IdentityTest, OnlyAdminsWrite) {
  make_user("ana@contoso.example");
  probe.post("/sim/credentials",
             json::object({{"token", "dapi-ana"}, {"principal", "ana@contoso.example"}}));
  probe.use_token("dapi-ana");
  EXPECT_EQ(probe.get(scim + "Users").status, 200);
  EXPECT_EQ(probe.post(scim + "Users", user_body("eve@contoso.example")).status, 403);
  EXPECT_EQ(probe.del(scim + "Groups/" + built_in("users")).status, 403);
}

TEST_F(IdentityTest, HooksHearOfEveryPrincipal) {
  std::vector<std::string> heard;
  probe.region().get<Identity>().when_principal_created(
      [&](const std::string& name) { heard.push_back(name); });
  make_user("ana@contoso.example");
  make_group("no-home");
  EXPECT_EQ(std::count(heard.begin(), heard.end(), "replicator@twinlake.example"), 1);
  EXPECT_EQ(heard.back(), "ana@contoso.example");
}

TEST_F(IdentityTest, AssignmentsNeedAnAccount) {
  const auto response = probe.get("/api/2.0/preview/permissionassignments");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(code_of(response), "FEATURE_DISABLED");
}

}  // namespace
}  // namespace twinlake::simulator
