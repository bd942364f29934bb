// Users, service principals and groups. Names are roles, so that nobody real is meant.
#include "base/hash.h"
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
const std::string scim = "/api/2.0/preview/scim/v2/";
constexpr std::string_view domain = "@lakeside.example";

struct Role {
  const char* name;
  const char* title;
  const char* entitlement;  ///< beside those that everybody has through `users`; may be empty
};
constexpr Role roles[] = {
    {"platform", "Platform engineer", "allow-cluster-create"},
    {"data-eng", "Data engineer", "allow-cluster-create"},
    {"finance-analyst", "Finance analyst", ""},
    {"risk-model", "Risk modeller", "allow-cluster-create"},
    {"telemetry-eng", "Telemetry engineer", "allow-instance-pool-create"},
    {"marketing-analyst", "Marketing analyst", ""},
    {"supply-planner", "Supply planner", ""},
    {"bi-developer", "Dashboard developer", ""},
};
constexpr const char* robots[] = {"etl-runner",   "dbt-runner",    "deployment",
                                  "ml-training",  "quality-gates", "month-end-close",
                                  "log-shipping", "cost-reports"};

/// A group and what is in it; children come before their parents.
struct Family {
  const char* name;
  const char* inside;  ///< the group that holds it; empty at the top
  const char* role;    ///< users with this role are members; empty for none
};
constexpr Family families[] = {
    {"everyone-lakeside", "", ""},
    {"data-platform", "everyone-lakeside", ""},
    {"platform-engineers", "data-platform", "platform"},
    {"data-engineers", "data-platform", "data-eng"},
    {"on-call", "platform-engineers", "platform"},
    {"business", "everyone-lakeside", ""},
    {"finance", "business", "finance-analyst"},
    {"risk", "business", "risk-model"},
    {"telemetry", "everyone-lakeside", "telemetry-eng"},
    {"marketing", "business", "marketing-analyst"},
    {"supply", "business", "supply-planner"},
    {"bi-developers", "everyone-lakeside", "bi-developer"},
    {"finance-leads", "finance", ""},
    {"risk-validators", "risk", ""},
    {"Month-end close (external auditors)", "finance", ""},
    {"R&D / prototypes", "", "telemetry-eng"},
    {"automation", "", ""},
    {"Qualität & Prüfung", "data-platform", ""},
};

json values(std::initializer_list<std::string> names) {
  json list = json::array();
  for (const std::string& name : names) list.push_back(json::object({{"value", name}}));
  return list;
}

json patch_of(const char* op, const char* path, json value) {
  return json::object(
      {{"schemas", json::array({"urn:ietf:params:scim:api:messages:2.0:PatchOp"})},
       {"Operations",
        json::array({json::object({{"op", op}, {"path", path}, {"value", std::move(value)}})})}});
}

/// Ids of the principals made here, by name.
using IdsByName = std::map<std::string, std::string>;

void make_users(Estate& estate, IdsByName& ids) {
  const int count = estate.size.users;
  for (int i = 0; i < count; ++i) {
    const Role& role = roles[static_cast<std::size_t>(i) % std::size(roles)];
    const std::string number = two_digits(i / static_cast<int>(std::size(roles)) + 1);
    const std::string name = std::string(role.name) + "-" + number + std::string(domain);
    json user =
        json::object({{"schemas", json::array({"urn:ietf:params:scim:schemas:core:2.0:User"})},
                      {"userName", name},
                      {"displayName", std::string(role.title) + " " + number},
                      {"name", json::object({{"givenName", role.title}, {"familyName", number}})},
                      // The last one has left; much still bears the name.
                      {"active", i + 1 < count}});
    // What `users` gives to everybody is written at some users again, as it is in practice.
    user["entitlements"] = i % 3 == 0 ? values({"workspace-access"}) : json::array();
    if (*role.entitlement != '\0')
      user["entitlements"].push_back(json::object({{"value", role.entitlement}}));
    ids[name] = estate.primary.post(scim + "Users", user).at("id").get<std::string>();
    estate.users.push_back(name);
  }
}

void make_service_principals(Estate& estate, IdsByName& ids) {
  for (int i = 0; i < estate.size.service_principals; ++i) {
    const auto number = static_cast<std::size_t>(i);
    std::string name = "sp-" + std::string(robots[number % std::size(robots)]);
    if (number >= std::size(robots)) name += "-" + std::to_string(number / std::size(robots) + 1);
    // The id of an application of the directory is given, and the same in every workspace.
    const std::string application = uuid_from("lakeside.example/" + name);
    json body =
        json::object({{"applicationId", application}, {"displayName", name}, {"active", true}});
    if (i % 2 == 0) body["entitlements"] = values({"allow-cluster-create", "workspace-access"});
    ids[application] =
        estate.primary.post(scim + "ServicePrincipals", body).at("id").get<std::string>();
    estate.service_principals.push_back(application);
  }
}

json members_of(const Estate& estate, const IdsByName& ids, const Family& family) {
  json members = json::array();
  const std::string role = family.role;
  if (!role.empty())
    for (const std::string& user : estate.users)
      if (user.starts_with(role + "-")) members.push_back(json::object({{"value", ids.at(user)}}));
  if (std::string_view(family.name) == "automation")
    for (const std::string& robot : estate.service_principals)
      members.push_back(json::object({{"value", ids.at(robot)}}));
  // A user directly in a group of groups, as it grows over the years.
  if (std::string_view(family.name) == "data-platform" && estate.users.size() > 1)
    members.push_back(json::object({{"value", ids.at(estate.users[1])}}));
  return members;
}

void make_groups(Estate& estate, IdsByName& ids) {
  const auto add = [&](const std::string& name, json members, json entitlements) {
    json body = json::object({{"displayName", name}});
    if (!members.empty()) body["members"] = std::move(members);
    if (!entitlements.empty()) body["entitlements"] = std::move(entitlements);
    ids[name] = estate.primary.post(scim + "Groups", body).at("id").get<std::string>();
    estate.groups.push_back(name);
  };
  for (int i = 0; i < estate.size.groups; ++i) {
    const auto number = static_cast<std::size_t>(i);
    if (number < std::size(families)) {
      const Family& family = families[number];
      const bool may_create = std::string_view(family.name).ends_with("engineers");
      add(family.name, members_of(estate, ids, family),
          may_create ? values({"allow-cluster-create", "allow-instance-pool-create"})
                     : json::array());
      continue;
    }
    // Then projects: each with a few people of all teams.
    json members = json::array();
    for (int k = 0; k < 4; ++k)
      members.push_back(json::object({{"value", ids.at(estate.dice.pick(estate.users))}}));
    add("project-" + std::to_string(i - static_cast<int>(std::size(families)) + 1),
        std::move(members), json::array());
  }
}

/// After all groups exist, because a group may be inside one that was made later.
void nest_groups(Estate& estate, const IdsByName& ids) {
  std::map<std::string, json> inside;
  for (const Family& family : families)
    if (*family.inside != '\0' && ids.contains(family.name) && ids.contains(family.inside))
      inside[family.inside].push_back(json::object({{"value", ids.at(family.name)}}));
  for (const auto& [parent, members] : inside)
    estate.primary.patch(scim + "Groups/" + ids.at(parent), patch_of("add", "members", members));
}

void name_admins(Estate& estate, const IdsByName& ids) {
  const json found = estate.primary.get(
      scim + "Groups", {{"filter", "displayName eq \"admins\""}, {"attributes", "id"}});
  const std::string id = found.at("Resources").at(0).at("id").get<std::string>();
  json members = json::array();
  members.push_back(json::object({{"value", ids.at(estate.users.front())}}));
  members.push_back(json::object({{"value", ids.at(estate.service_principals.front())}}));
  estate.primary.patch(scim + "Groups/" + id, patch_of("add", "members", std::move(members)));
}
}  // namespace

void fill_people(Estate& estate) {
  IdsByName ids;
  make_users(estate, ids);
  make_service_principals(estate, ids);
  make_groups(estate, ids);
  nest_groups(estate, ids);
  name_admins(estate, ids);
  // From here on the company's own people work, not whoever replicates.
  estate.primary.act_as(estate.users.front());
}

}  // namespace twinlake::simulator
