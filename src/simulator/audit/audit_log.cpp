#include "simulator/audit/audit_log.h"

#include <algorithm>
#include <array>
#include <map>

#include "simulator/body.h"
#include "simulator/identity/identity.h"
#include "simulator/region.h"

namespace twinlake::simulator {

namespace {

constexpr std::string_view cut_mark = "... truncated";

/// How a change of an access list is told, by type of the permissions API.
struct AclEvent {
  std::string_view type;
  std::string_view service;
  std::string_view action;      ///< "" where it depends
  std::string_view place = {};  ///< in the tree and what is shown in it: what precedes the id
};
constexpr std::array acl_events{
    AclEvent{"clusters", "clusters", "changeClusterAcl"},
    AclEvent{"cluster-policies", "clusterPolicies", "changeClusterPolicyAcl"},
    AclEvent{"instance-pools", "instancePools", "changeInstancePoolAcl"},
    AclEvent{"jobs", "jobs", ""},
    AclEvent{"pipelines", "deltaPipelines", "changePipelineAcls"},
    AclEvent{"warehouses", "databrickssql", ""},
    AclEvent{"registered-models", "modelRegistry", "changeRegisteredModelAcl"},
    AclEvent{"serving-endpoints", "serverlessRealTimeInference", "changeInferenceEndpointAcl"},
    AclEvent{"notebooks", "workspace", "changeWorkspaceAcl", "notebooks/"},
    AclEvent{"directories", "workspace", "changeWorkspaceAcl", "directories/"},
    AclEvent{"files", "workspace", "changeWorkspaceAcl", "files/"},
    AclEvent{"repos", "workspace", "changeWorkspaceAcl", "repos/"},
    AclEvent{"experiments", "workspace", "changeWorkspaceAcl", "experiments/"},
    AclEvent{"dashboards", "workspace", "changeWorkspaceAcl", "dashboardsv3/"},
    AclEvent{"alertsv2", "workspace", "changeWorkspaceAcl", "alerts/"},
    AclEvent{"genie", "workspace", "changeWorkspaceAcl", "genie/"},
    AclEvent{"authorization", "accounts", "changeDbTokenAcl"}};

SqlFailure no_privilege(std::string_view what) {
  return sql_failure("INSUFFICIENT_PERMISSIONS", "42501",
                     "Insufficient privileges: User does not have " + std::string(what) + ".");
}

}  // namespace

AuditLog::AuditLog(Region& region) : region_(region) {
  region.router().add(http::Method::post, "/sim/audit",
                      [this](Call& call) { return change_settings(call.body); });
}

json AuditLog::world() const {
  if (!settings_.enabled) return json::object();
  json rows = json::array();
  for (const Kept& each : kept_) rows.push_back(each.row);
  return json::object({{"audit_log", std::move(rows)}});
}

http::Response AuditLog::change_settings(const json& body) {
  const std::map<std::string, bool*> flags{
      {"enabled", &settings_.enabled},
      {"ids_as_paths", &settings_.ids_as_paths},
      {"tree_in_resource_id", &settings_.tree_in_resource_id},
      {"old_warehouse_events", &settings_.old_warehouse_events},
      {"workspace_id_is_number", &settings_.workspace_id_is_number}};
  const std::map<std::string, std::int64_t*> numbers{{"lag_millis", &settings_.lag_millis},
                                                     {"spread_millis", &settings_.spread_millis},
                                                     {"longest_params", &settings_.longest_params}};
  for (const auto& [key, value] : body.items()) {
    const auto flag = flags.find(key);
    const auto number = numbers.find(key);
    if (flag != flags.end())
      *flag->second = value.get<bool>();
    else if (number != numbers.end())
      *number->second = std::max<std::int64_t>(value.get<std::int64_t>(), 0);
    else if (key == "readers")
      settings_.readers = value.get<std::vector<std::string>>();
    else
      return invalid("The audit log has no setting " + key + ".");
  }
  return done();
}

/// Reproducible, and without an order.
std::int64_t AuditLog::delay_of(std::size_t number) const {
  const auto mixed = static_cast<std::uint64_t>(number + 1) * 0x9E3779B97F4A7C15ULL;
  const auto spread = static_cast<std::uint64_t>(settings_.spread_millis) + 1;
  return settings_.lag_millis + static_cast<std::int64_t>((mixed >> 20U) % spread);
}

/// What is too long is cut, the longest text first; where that does not help nothing is left.
json AuditLog::shortened(json params) const {
  constexpr std::size_t shortest = 32;
  while (static_cast<std::int64_t>(params.dump().size()) > settings_.longest_params) {
    const auto by_length = [](const json& a, const json& b) {
      return a.get_ref<const std::string&>().size() < b.get_ref<const std::string&>().size();
    };
    const auto longest = std::max_element(params.begin(), params.end(), by_length);
    std::string text = longest == params.end() ? std::string() : longest->get<std::string>();
    if (text.ends_with(cut_mark)) text.resize(text.size() - cut_mark.size());
    if (text.size() < shortest) return json::object({{"TRUNCATED", ""}});
    *longest = text.substr(0, text.size() / 2) + std::string(cut_mark);
  }
  return params;
}

json AuditLog::blank_row() const {
  json row = json::object();
  for (const char* column : {"account_id", "workspace_id", "version", "event_time", "event_date",
                             "source_ip_address", "user_agent", "session_id", "service_name",
                             "action_name", "request_id", "audit_level", "event_id"})
    row[column] = nullptr;
  row["request_params"] = json::object();
  row["user_identity"] = json::object({{"email", nullptr}, {"subject_name", nullptr}});
  row["response"] =
      json::object({{"status_code", nullptr}, {"error_message", nullptr}, {"result", nullptr}});
  row["identity_metadata"] = json::object({{"run_by", nullptr}, {"run_as", nullptr}});
  return row;
}

void AuditLog::record(Event event) {
  if (!settings_.enabled) return;
  json row = blank_row();
  const std::string time = sql_timestamp(region_.now_micros());
  const std::int64_t id = region_.options().workspace_id;
  row["workspace_id"] = settings_.workspace_id_is_number ? json(id) : json(std::to_string(id));
  row["version"] = "2.0";
  row["event_time"] = time;
  row["event_date"] = time.substr(0, 10);
  row["source_ip_address"] = region_.options().caller_address;
  row["user_identity"]["email"] = event.caller;
  row["service_name"] = event.service;
  row["action_name"] = event.action;
  row["request_params"] = shortened(std::move(event.params));
  row["response"]["status_code"] = event.status;
  row["response"]["result"] = event.result;
  row["audit_level"] = "WORKSPACE_LEVEL";
  row["event_id"] = "event-" + std::to_string(kept_.size() + 1);
  row["request_id"] = "request-" + std::to_string(kept_.size() + 1);
  kept_.push_back({std::move(row), region_.now_millis() + delay_of(kept_.size())});
}

void AuditLog::permissions_changed(const std::string& type, const std::string& id,
                                   const std::string& caller, bool replaced) {
  const auto found = std::ranges::find(acl_events, std::string_view(type), &AclEvent::type);
  Event event;
  event.caller = caller;
  if (found == acl_events.end()) {
    // Old SQL objects.
    if (type != "queries" && type != "alerts" && type != "dbsql-dashboards") return;
    event.service = "databrickssql";
    event.action = "changePermissions";
    event.params = json::object({{"objectType", type}, {"objectId", id}});
    return record(std::move(event));
  }
  event.service = std::string(found->service);
  event.action = std::string(found->action);
  if (type == "jobs") event.action = replaced ? "resetJobAcl" : "changeJobAcl";
  if (type == "warehouses")
    event.action = settings_.old_warehouse_events ? "changeEndpointAcls" : "changeWarehouseAcls";
  const bool in_tree = !found->place.empty();
  const std::string place(in_tree ? found->place : "");
  const std::string path = settings_.ids_as_paths && !in_tree ? "/" + type + "/" : place;
  event.params =
      json::object({{"shardName", region_.options().name}, {"aclPermissionSet", "changed"}});
  event.params[in_tree && !settings_.tree_in_resource_id ? "aclChangeResourceName" : "resourceId"] =
      path + id;
  record(std::move(event));
}

bool AuditLog::may_read(const std::string& caller) const {
  std::set<std::string> names = region_.get<Identity>().groups_of(caller);
  names.insert(caller);
  return std::ranges::any_of(settings_.readers,
                             [&](const std::string& reader) { return names.contains(reader); });
}

SqlAnswer AuditLog::select(const SelectFrom& wanted, const SqlName& table,
                           const std::string& caller) const {
  const bool is_there = settings_.enabled && table.size() == 3 && lower(table[1]) == "access" &&
                        lower(table[2]) == "audit";
  if (!is_there)
    return SqlFailed(sql_failure("TABLE_OR_VIEW_NOT_FOUND", "42P01",
                                 "The table or view " + in_ticks(table.front()) + "." +
                                     in_ticks(table[table.size() - 2]) + "." +
                                     in_ticks(table.back()) + " cannot be found."));
  if (!may_read(caller)) return SqlFailed(no_privilege("USE SCHEMA on Schema 'system.access'"));
  std::vector<const json*> rows;
  for (const Kept& each : kept_)
    if (each.shown_at <= region_.now_millis()) rows.push_back(&each.row);
  return select_rows(wanted, blank_row(), {"request_params"}, rows);
}

}  // namespace twinlake::simulator
