#include "simulator/account/failover_groups.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace twinlake::simulator {

namespace {
bool lists(const json& array, const std::string& text) {
  return std::find(array.begin(), array.end(), json(text)) != array.end();
}

/// Status and code of an etag that is not the present one are not told by any source.
Refusal refuse_etag(const std::string& sent, const std::string& present) {
  if (sent.empty() || sent == present) return std::nullopt;
  return error(409, "ABORTED", "The etag is not the one of the failover group.");
}

/// States that pass by themselves: nothing else is begun meanwhile. Derived; only for a failover
/// without an etag a source says that it is not looked at.
Refusal refuse_busy(const std::string& state) {
  if (state != "CREATING" && state != "FAILING_OVER" && state != "DELETING") return std::nullopt;
  return invalid_state("The failover group is " + state + ".");
}
}  // namespace

http::Response FailoverGroups::serve(const AccountCall& call) {
  using http::Method;
  const Method method = call.request.method;
  const std::size_t count = call.words.size();
  if (count == 1 && method == Method::post) return create(call);
  if (count == 1 && method == Method::get) return list(call);
  const bool fails_over = count == 3 && call.words[2] == "failover" && method == Method::post;
  if (!fails_over && (count != 2 || method == Method::post))
    return error(404, "ENDPOINT_NOT_FOUND", "No API found for '" + call.request.path + "'");
  const auto found = groups_.find(call.account + "/failover-groups/" + call.words[1]);
  if (found == groups_.end()) return absent("Failover group " + call.words[1] + " does not exist.");
  if (fails_over) return fail_over(call, found->second);
  if (method == Method::patch) return update(call, found->second);
  if (method == Method::del) return remove(call, found->second);
  return answer(shown(found->second, call.now_millis));
}

http::Response FailoverGroups::create(const AccountCall& call) {
  const std::string id = call.query("failover_group_id");
  if (id.empty()) return invalid("Missing required field: failover_group_id");
  Group group;
  group.name = call.account + "/failover-groups/" + id;
  // Status and code of a name that is taken are not told by any source.
  if (groups_.contains(group.name))
    return error(409, "RESOURCE_ALREADY_EXISTS", group.name + " already exists.");
  group.given = json::object();
  for (const char* member : {"regions", "workspace_sets", "unity_catalog_assets"})
    if (const json* value = field(call.body, member)) group.given[member] = *value;
  if (auto refusal = refuse(group.given)) return *refusal;
  group.primary = text_of(call.body, "initial_primary_region");
  if (!lists(list_of(group.given, "regions"), group.primary))
    return invalid("initial_primary_region is none of the regions: " + group.primary);
  group.created = call.now_millis;
  begin(group, "CREATING", call.now_millis);
  if (call.only_validates()) return answer(shown(group, call.now_millis));
  group.fails = std::exchange(next_fails_, false);
  Group& stored = groups_[group.name] = std::move(group);
  lead_urls(stored);
  return answer(shown(stored, call.now_millis));
}

http::Response FailoverGroups::list(const AccountCall& call) const {
  json all = json::array();
  for (const auto& [name, group] : groups_) {
    json row = shown(group, call.now_millis);
    for (const char* of_one : {"state", "replication_point"}) row.erase(of_one);
    all.push_back(std::move(row));
  }
  return account_page(call, "failover_groups", all);
}

http::Response FailoverGroups::update(const AccountCall& call, Group& group) {
  if (auto refusal = refuse_etag(call.query("etag"), group.etag)) return *refusal;
  if (auto refusal = refuse_busy(group.state)) return *refusal;
  json given = group.given;
  std::string rest = call.query("update_mask");
  if (rest.empty()) return invalid("Missing required field: update_mask");
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string path = rest.substr(0, comma);
    rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
    const std::string member = path.substr(0, path.find('.'));
    if (member == "regions") return invalid("The field regions is immutable.");
    if (member != "workspace_sets" && member != "unity_catalog_assets")
      return invalid("update_mask names what cannot be updated: " + path);
    const json* value = field(call.body, member);
    given.erase(member);
    if (value != nullptr) given[member] = *value;
  }
  if (auto refusal = refuse(given)) return *refusal;
  group.given = std::move(given);
  group.etag = ids_.hex(16);
  group.updated = call.now_millis;
  urls_.detach_from(group.name);
  lead_urls(group);
  return answer(shown(group, call.now_millis));
}

http::Response FailoverGroups::remove(const AccountCall& call, Group& group) {
  if (auto refusal = refuse_etag(call.query("etag"), group.etag)) return *refusal;
  if (group.state != "DELETING") begin(group, "DELETING", call.now_millis);
  return done();
}

http::Response FailoverGroups::fail_over(const AccountCall& call, Group& group) {
  const std::string target = text_of(call.body, "target_primary_region");
  if (text_of(call.body, "failover_type") != "FORCED")
    return invalid("failover_type must be FORCED.");
  if (!lists(list_of(group.given, "regions"), target))
    return invalid("target_primary_region is none of the regions: " + target);
  if (target == group.primary)
    return invalid(
        "target_primary_region must be different from the current effective_primary_region.");
  if (const std::string etag = text_of(call.body, "etag"); !etag.empty()) {
    if (auto refusal = refuse_etag(etag, group.etag)) return *refusal;
    if (auto refusal = refuse_busy(group.state)) return *refusal;
  }
  group.target = target;
  group.point = call.now_millis;
  group.fails = std::exchange(next_fails_, false);
  begin(group, "FAILING_OVER", call.now_millis);
  return answer(shown(group, call.now_millis));
}

Refusal FailoverGroups::refuse(const json& given) const {
  const json& regions = list_of(given, "regions");
  std::set<std::string> distinct;
  for (const json& region : regions) distinct.insert(region.get<std::string>());
  if (distinct.size() < 2 || distinct.size() != regions.size())
    return invalid("regions must be at least two different ones.");
  std::set<std::string> names;
  for (const json& set : list_of(given, "workspace_sets")) {
    if (auto refusal = refuse_set(set, regions)) return refusal;
    if (!names.insert(text_of(set, "name")).second)
      return invalid("Two workspace sets are called " + text_of(set, "name") + ".");
  }
  if (names.empty()) return invalid("Missing required field: workspace_sets");
  return refuse_catalogs(given);
}

Refusal FailoverGroups::refuse_set(const json& set, const json& regions) const {
  if (text_of(set, "name").empty()) return invalid("Missing required field: workspace_sets.name");
  std::set<std::string> taken;
  for (const json& each : list_of(set, "workspace_ids")) {
    const std::string id = each.is_string() ? each.get<std::string>() : each.dump();
    const auto found = workspaces_.find(id);
    if (found == workspaces_.end()) return invalid("Workspace " + id + " is not of this account.");
    const AccountWorkspace& workspace = found->second;
    if (!lists(regions, workspace.region))
      return invalid("Workspace " + id + " is in " + workspace.region + ", none of the regions.");
    if (!taken.insert(workspace.region).second)
      return invalid("Two workspaces of a set are in " + workspace.region + ".");
    // No API tells the tier: a creation that fails is how one learns of it. In which words, and
    // under which code, no source says.
    if (!workspace.mission_critical)
      return invalid("Workspace " + id + " is not in the Mission Critical tier.");
  }
  if (taken.size() != regions.size()) return invalid("A set has one workspace in each region.");
  for (const json& url : list_of(set, "stable_url_names"))
    if (!urls_.exists(url.get<std::string>()))
      return invalid("Stable URL " + url.get<std::string>() + " does not exist.");
  return std::nullopt;
}

Refusal FailoverGroups::refuse_catalogs(const json& given) const {
  const json* assets = field(given, "unity_catalog_assets");
  if (assets == nullptr) return std::nullopt;
  const json& sets = list_of(given, "workspace_sets");
  const std::string copies = text_of(*assets, "data_replication_workspace_set");
  const bool is_set = std::any_of(sets.begin(), sets.end(),
                                  [&](const json& set) { return text_of(set, "name") == copies; });
  if (!is_set) return invalid("data_replication_workspace_set is no set: " + copies);
  for (const json& mapping : list_of(*assets, "location_mappings"))
    for (const json& place : list_of(mapping, "uri_by_region"))
      if (!lists(list_of(given, "regions"), text_of(place, "region")))
        return invalid("A location mapping names " + text_of(place, "region") +
                       ", none of the regions.");
  return std::nullopt;
}

void FailoverGroups::begin(Group& group, const char* state, std::int64_t now_millis) {
  group.state = state;
  group.due = now_millis + std::chrono::milliseconds(step_time_).count();
  group.etag = ids_.hex(16);
  group.updated = now_millis;
}

void FailoverGroups::catch_up(std::int64_t now_millis) {
  for (auto place = groups_.begin(); place != groups_.end();) {
    Group& group = place->second;
    while (group.due && *group.due <= now_millis && group.state != "DELETING") pass(group);
    if (group.due && *group.due <= now_millis) {
      urls_.detach_from(group.name);
      place = groups_.erase(place);
    } else {
      ++place;
    }
  }
}

void FailoverGroups::pass(Group& group) {
  const std::int64_t at = *group.due;
  group.due.reset();
  if (group.state == "CREATING" && !group.fails) return begin(group, "INITIAL_REPLICATION", at);
  const bool fails = std::exchange(group.fails, false);
  group.updated = at;
  group.etag = ids_.hex(16);
  if (group.state == "CREATING") {
    group.state = "CREATION_FAILED";
  } else if (group.state == "FAILING_OVER" && fails) {
    group.state = "FAILOVER_FAILED";
  } else {
    if (group.state == "FAILING_OVER") group.primary = group.target;
    group.state = "ACTIVE";
    group.point.reset();
    lead_urls(group);
  }
}

void FailoverGroups::lead_urls(const Group& group) {
  for (const json& set : list_of(group.given, "workspace_sets"))
    for (const json& id : list_of(set, "workspace_ids")) {
      const std::string workspace = id.is_string() ? id.get<std::string>() : id.dump();
      if (workspaces_.at(workspace).region != group.primary) continue;
      for (const json& url : list_of(set, "stable_url_names"))
        urls_.attach(url.get<std::string>(), group.name, workspace);
    }
}

json FailoverGroups::shown(const Group& group, std::int64_t now_millis) const {
  json body = group.given;
  body["name"] = group.name;
  body["state"] = group.state;
  body["effective_primary_region"] = group.primary;
  body["etag"] = group.etag;
  body["create_time"] = instant(group.created);
  body["update_time"] = instant(group.updated);
  const bool copied = group.state != "CREATING" && group.state != "CREATION_FAILED" &&
                      group.state != "INITIAL_REPLICATION";
  if (copied) body["replication_point"] = instant(group.point.value_or(now_millis));
  return body;
}

json FailoverGroups::world() const {
  json all = json::array();
  for (const auto& [name, group] : groups_) all.push_back(shown(group, group.updated));
  return all;
}

}  // namespace twinlake::simulator
