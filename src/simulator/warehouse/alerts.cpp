#include "simulator/warehouse/alerts.h"

#include "simulator/files/tree.h"
#include "simulator/identity/identity.h"
#include "simulator/sql/objects.h"
#include "simulator/warehouse/lookups.h"

namespace twinlake::simulator {

namespace {
constexpr const char* server_made[] = {"id",
                                       "create_time",
                                       "update_time",
                                       "effective_run_as",
                                       "lifecycle_state",
                                       "owner_user_name",
                                       "run_as_user_name"};
}  // namespace

Alerts::Alerts(Region& region)
    : Collection(region, {.kind = "alert",
                          .world_key = "alerts",
                          .route = "/api/2.0/alerts",
                          .list_key = "alerts",
                          .id_field = "id",
                          .permission_type = "alertsv2"}) {
  using http::Method;
  add_list_route();
  add_get_route();
  region.router().add(Method::post, shape_.route, [this](Call& call) { return create(call); });
  region.router().add(Method::patch, shape_.route + "/{id}",
                      [this](Call& call) { return patch(call); });
  region.router().add(Method::del, shape_.route + "/{id}",
                      [this](Call& call) { return remove(call); });
}

std::string Alerts::file_of(const json& alert) {
  return Tree::canonical(text_of(alert, "parent_path")) + "/" + text_of(alert, "display_name") +
         ".dbalert.json";
}

Refusal Alerts::check(const json& alert) const {
  for (const char* key : {"display_name", "query_text", "warehouse_id", "evaluation", "schedule"})
    if (field(alert, key) == nullptr) return invalid(std::string("Missing required field: ") + key);
  const json& schedule = alert.at("schedule");
  for (const char* key : {"quartz_cron_schedule", "timezone_id"})
    if (text_of(schedule, key).empty())
      return invalid(std::string("Missing required field: schedule.") + key);
  const json& evaluation = alert.at("evaluation");
  for (const char* key : {"source", "comparison_operator"})
    if (field(evaluation, key) == nullptr)
      return invalid(std::string("Missing required field: evaluation.") + key);
  const auto& lookups = region_.get<Lookups>();
  if (const std::string id = text_of(alert, "warehouse_id"); !lookups.exists("warehouse", id))
    return invalid("Warehouse " + id + " does not exist.");
  if (const json* notification = field(evaluation, "notification"))
    for (const json& each : list_of(*notification, "subscriptions"))
      if (const std::string id = text_of(each, "destination_id");
          !id.empty() && !lookups.exists("notification_destination", id))
        return invalid("Notification destination " + id + " does not exist.");
  if (const json* run_as = field(alert, "run_as"))
    for (const auto& [key, name] : run_as->items())
      if (!name.is_string() || !region_.get<Identity>().principal_exists(name.get<std::string>()))
        return invalid("The principal of run_as does not exist: " + name.dump());
  return std::nullopt;
}

json Alerts::plant(const json& body, const std::string& creator) {
  json alert = body.is_object() ? body : json::object();
  const std::string now = instant(region_.now_millis());
  fill(alert, json::object({{"lifecycle_state", "ACTIVE"},
                            {"owner_user_name", creator},
                            {"parent_path", "/Workspace" + home_of(creator)},
                            {"create_time", now},
                            {"update_time", now}}));
  if (const auto schedule = alert.find("schedule");
      schedule != alert.end() && schedule->is_object())
    fill(*schedule, json::object({{"pause_status", "UNPAUSED"}}));
  alert["effective_run_as"] =
      alert.contains("run_as") ? alert.at("run_as") : json::object({{"user_name", creator}});
  json& added = add(std::move(alert), creator);
  TreeNode node;
  node.type = "FILE";
  node.resource_id = text_of(added, "id");
  node.content = "{}";
  (void)region_.get<Tree>().plant(file_of(added),
                                  std::move(node));  // checked before, or a test's wish
  return shown(added);
}

http::Response Alerts::create(Call& call) {
  json alert = call.body;
  for (const char* key : server_made) alert.erase(key);
  if (auto refusal = check(alert)) return *refusal;
  if (text_of(alert, "parent_path").empty())
    alert["parent_path"] = "/Workspace" + home_of(call.caller);
  if (auto refusal = check_parent(region_, text_of(alert, "parent_path"))) return *refusal;
  if (region_.get<Tree>().find(file_of(alert)) != nullptr)
    return error(400, "RESOURCE_ALREADY_EXISTS",
                 "Node named '" + text_of(alert, "display_name") + ".dbalert.json' already exists");
  return answer(plant(alert, call.caller));
}

http::Response Alerts::patch(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* alert = find(id);
  if (alert == nullptr) return missing(id);
  const std::string mask = call.query("update_mask");
  if (mask.empty()) return invalid("Missing required parameter: update_mask");
  json changes = call.body;
  for (const char* key : server_made) changes.erase(key);
  json changed = *alert;
  apply_mask(changed, changes, mask);
  if (text_of(changed, "parent_path") != text_of(*alert, "parent_path"))
    return invalid("parent_path cannot be changed.");
  if (auto refusal = check(changed)) return *refusal;
  if (changed.contains("run_as")) changed["effective_run_as"] = changed.at("run_as");
  changed["id"] = id;
  changed["update_time"] = instant(region_.now_millis());
  *alert = std::move(changed);
  return answer(shown(*alert));
}

http::Response Alerts::remove(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* alert = find(id);
  if (alert == nullptr) return missing(id);
  region_.get<Tree>().uproot(file_of(*alert));
  if (call.query("purge") == "true")
    erase(id);
  else
    (*alert)["lifecycle_state"] = "DELETED";
  return done();
}

}  // namespace twinlake::simulator
