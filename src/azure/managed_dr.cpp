#include "azure/managed_dr.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/classify.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

constexpr const char* base = "/api/disaster-recovery/v1/";

Task<Result<json>> ask(http::Transport* account, http::Request request) {
  const http::Request sent = request;
  CO_TRY(http::Response answer, co_await account->send(std::move(request)));
  CO_TRY(const http::Response good, http::expect_ok(sent, std::move(answer)));
  json body = json::parse(good.body, nullptr, false);
  if (!body.is_object())
    co_return fail(Fault::bad_answer, "the account did not answer with a JSON object",
                   "Check that the `account` profile leads to the account console");
  co_return body;
}

/// No source names the member; an empty answer has none.
const json* groups_in(const json& answer) {
  if (const json* groups = find_at(answer, "/failover_groups")) return groups;
  for (const json& member : answer)
    if (member.is_array()) return &member;
  return nullptr;
}

bool truth(const json& value, const char* member) {
  const auto found = value.find(member);
  return found != value.end() && found->is_boolean() && found->get<bool>();
}

ManagedSet set_of(const json& answer) {
  ManagedSet set;
  set.name = text_at(answer, "/name");
  set.replicates_assets = truth(answer, "replicate_workspace_assets");
  if (const json* ids = find_at(answer, "/workspace_ids"); ids != nullptr && ids->is_array())
    for (std::size_t i = 0; i < ids->size(); ++i)
      set.workspace_ids.push_back(text_at(*ids, "/" + std::to_string(i)));
  return set;
}

}  // namespace

std::string ManagedGroup::short_name() const { return name.substr(name.rfind('/') + 1); }

ManagedGroup managed_group_of(const json& answer) {
  ManagedGroup group;
  group.name = text_at(answer, "/name");
  group.state = text_at(answer, "/state");
  group.primary_region = text_at(answer, "/effective_primary_region");
  if (const Time point = time_from_rfc3339(text_at(answer, "/replication_point")); point != Time{})
    group.replication_point = point;
  if (const json* sets = find_at(answer, "/workspace_sets"); sets != nullptr && sets->is_array())
    for (const json& set : *sets) group.sets.push_back(set_of(set));
  const json* catalogs = find_at(answer, "/unity_catalog_assets/catalogs");
  if (catalogs != nullptr && catalogs->is_array())
    for (const json& catalog : *catalogs) group.catalogs.push_back(text_at(catalog, "/name"));
  return group;
}

Task<Result<std::vector<ManagedGroup>>> read_managed_groups(http::Transport& account,
                                                            std::string account_id) {
  std::vector<ManagedGroup> groups;
  std::string token;
  do {
    http::Request request =
        http::Request::get(base + ("accounts/" + account_id) + "/failover-groups");
    if (!token.empty()) request.with_query("page_token", token);
    CO_TRY(const json page, co_await ask(&account, std::move(request)));
    if (const json* listed = groups_in(page))
      for (const json& group : *listed) groups.push_back(managed_group_of(group));
    std::string next = text_at(page, "/next_page_token");
    if (!next.empty() && next == token)
      co_return fail(Fault::bad_answer, "the pages of failover groups do not come to an end");
    token = std::move(next);
  } while (!token.empty());
  // The list shows neither state nor replication point.
  for (ManagedGroup& group : groups) {
    auto whole = co_await ask(&account, http::Request::get(base + group.name));
    if (whole) group = managed_group_of(*whole);
  }
  co_return groups;
}

namespace {

bool has_workspace(const ManagedSet& set, std::string_view workspace_id) {
  return std::ranges::find(set.workspace_ids, workspace_id) != set.workspace_ids.end();
}

bool never_came_to_be(const ManagedGroup& group) { return group.state == "CREATION_FAILED"; }

}  // namespace

const ManagedGroup* governor_of(const std::vector<ManagedGroup>& groups,
                                std::string_view workspace_id) {
  const auto keeps = [&](const ManagedSet& set) {
    return set.replicates_assets && has_workspace(set, workspace_id);
  };
  const auto found = std::ranges::find_if(groups, [&](const ManagedGroup& group) {
    return !never_came_to_be(group) && std::ranges::any_of(group.sets, keeps);
  });
  return found == groups.end() ? nullptr : &*found;
}

std::vector<const ManagedGroup*> catalog_governors_of(const std::vector<ManagedGroup>& groups,
                                                      std::string_view workspace_id) {
  std::vector<const ManagedGroup*> found;
  for (const ManagedGroup& group : groups) {
    const bool sees = std::ranges::any_of(
        group.sets, [&](const ManagedSet& set) { return has_workspace(set, workspace_id); });
    if (sees && !group.catalogs.empty() && !never_came_to_be(group)) found.push_back(&group);
  }
  return found;
}

Error refusal_by(const ManagedGroup& group, const std::string& host) {
  return Error(
      Fault::refused,
      host + " is kept by Managed Disaster Recovery of Databricks (failover group `" +
          group.short_name() + "`" + (group.state.empty() ? "" : ", " + group.state) +
          "), which replaces what others write there",
      "Fail over with that service; `reconcile`, `readiness` and `drill` go on working. Let `sync` "
      "write what it leaves out with `managed_dr: {cover: [...]}`; to let Twinlake write all, take "
      "the workspace out of the group's workspace sets first");
}

std::vector<model::Finding> left_out_by_managed_dr() {
  return {
      {"schedules", "arrive paused, and stay so after its failover",
       "Resume the jobs by hand; `reconcile` names them"},
      {"published dashboards", "arrive as drafts", "Publish them after a failover"},
      {"streaming tables, materialized views, models, serving endpoints, vector search, shares",
       "are not replicated", "Make them on the standby from their sources"},
      {"storage credentials, external locations", "are expected to be there",
       "Make them in the metastore of the standby"},
      {"mounts, the Hive metastore", "are not said to be replicated, and nothing is run to look",
       "Look on the standby in a drill; what is missing can be made there by hand"},
  };
}

}  // namespace twinlake::azure
