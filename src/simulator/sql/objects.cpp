#include "simulator/sql/objects.h"

#include "simulator/files/tree.h"
#include "simulator/identity/identity.h"
#include "simulator/warehouse/lookups.h"

namespace twinlake::simulator {

std::string home_of(const std::string& caller) { return "/Users/" + caller; }

Refusal check_parent(Region& region, const std::string& parent_path) {
  const TreeNode* parent = region.get<Tree>().find(parent_path);
  if (parent == nullptr || parent->type != "DIRECTORY")
    return absent("Path (" + parent_path + ") doesn't exist.");
  return std::nullopt;
}

SqlObjects::SqlObjects(Region& region, Shape shape, std::string wrapper)
    : Collection(region, std::move(shape)), wrapper_(std::move(wrapper)) {
  using http::Method;
  Router& router = region.router();
  add_list_route();
  add_get_route();
  router.add(Method::post, shape_.route, [this](Call& call) { return create(call); });
  router.add(Method::patch, shape_.route + "/{id}", [this](Call& call) { return patch(call); });
  router.add(Method::del, shape_.route + "/{id}", [this](Call& call) { return trash(call); });
}

json SqlObjects::plant(const json& body, const std::string& creator) {
  json item = body.is_object() ? body : json::object();
  const std::string now = instant(region_.now_millis());
  fill(item, json::object({{"lifecycle_state", "ACTIVE"},
                           {"owner_user_name", creator},
                           {"last_modifier_user_name", creator},
                           {"parent_path", "/Workspace" + home_of(creator)},
                           {"create_time", now},
                           {"update_time", now}}));
  return shown(add(std::move(item), creator));
}

/// Two live objects of one folder cannot share a name.
Refusal SqlObjects::settle_name(json& item, bool auto_resolve, std::string_view own_id) const {
  const std::string wanted = text_of(item, "display_name");
  if (wanted.empty()) return invalid("Missing required field: display_name");
  const std::string parent = Tree::canonical(text_of(item, "parent_path"));
  const auto taken = [&](const std::string& name) {
    for (const json* other : items_.all())
      if (text_of(*other, "id") != own_id && text_of(*other, "display_name") == name &&
          text_of(*other, "lifecycle_state") == "ACTIVE" &&
          Tree::canonical(text_of(*other, "parent_path")) == parent)
        return true;
    return false;
  };
  if (!taken(wanted)) return std::nullopt;
  if (!auto_resolve)
    return error(400, "RESOURCE_ALREADY_EXISTS",
                 "An object named '" + wanted + "' already exists in " + parent + ".");
  for (int number = 1;; ++number) {
    const std::string name = wanted + " (" + std::to_string(number) + ")";
    if (taken(name)) continue;
    item["display_name"] = name;
    return std::nullopt;
  }
}

http::Response SqlObjects::create(Call& call) {
  const json* sent = field(call.body, wrapper_);
  if (sent == nullptr) return invalid("Missing required field: " + wrapper_);
  json item = *sent;
  for (const char* key : {"id", "create_time", "update_time", "lifecycle_state", "owner_user_name",
                          "last_modifier_user_name"})
    item.erase(key);
  if (text_of(item, "parent_path").empty())
    item["parent_path"] = "/Workspace" + home_of(call.caller);
  if (auto refusal = check_parent(region_, text_of(item, "parent_path"))) return *refusal;
  if (auto refusal = settle_name(item, flag_of(call.body, "auto_resolve_display_name"), ""))
    return *refusal;
  if (auto refusal = check(item)) return *refusal;
  return answer(plant(item, call.caller));
}

http::Response SqlObjects::patch(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* item = find(id);
  if (item == nullptr) return missing(id);
  const json* changes = field(call.body, wrapper_);
  const std::string mask = text_of(call.body, "update_mask");
  if (changes == nullptr || mask.empty()) return invalid("Missing required field: update_mask");
  json changed = *item;
  apply_mask(changed, *changes, mask);
  if (changed.at("parent_path") != item->at("parent_path"))
    return invalid("parent_path cannot be changed.");
  const std::string owner = text_of(changed, "owner_user_name");
  if (owner != text_of(*item, "owner_user_name") &&
      !region_.get<Identity>().principal_exists(owner))
    return invalid("The user " + owner + " does not exist.");
  if (auto refusal = settle_name(changed, flag_of(call.body, "auto_resolve_display_name"), id))
    return *refusal;
  if (auto refusal = check(changed)) return *refusal;
  changed["id"] = id;
  changed["update_time"] = instant(region_.now_millis());
  changed["last_modifier_user_name"] = call.caller;
  *item = std::move(changed);
  return answer(shown(*item));
}

/// Deleted is: in the trash, and still shown to those who ask for it.
http::Response SqlObjects::trash(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* item = find(id);
  if (item == nullptr) return missing(id);
  (*item)["lifecycle_state"] = "TRASHED";
  return done();
}

Queries::Queries(Region& region)
    : SqlObjects(region,
                 {.kind = "query",
                  .world_key = "queries",
                  .route = "/api/2.0/sql/queries",
                  .list_key = "results",
                  .id_field = "id",
                  .permission_type = "queries",
                  .not_in_list = {"parent_path"}},
                 "query") {
  region.router().add(http::Method::get, "/api/2.0/sql/queries/{id}/visualizations",
                      [this](Call& call) {
                        const std::string& id = call.arguments.at("id");
                        return exists(id) ? done() : missing(id);
                      });
}

Refusal Queries::check(const json& item) const {
  for (const json& parameter : list_of(item, "parameters")) {
    const json* backed = field(parameter, "query_backed_value");
    if (backed == nullptr) continue;
    if (const std::string id = text_of(*backed, "query_id"); !exists(id))
      return invalid("The query " + id + " of parameter '" + text_of(parameter, "name") +
                     "' does not exist.");
  }
  return std::nullopt;
}

LegacyAlerts::LegacyAlerts(Region& region)
    : SqlObjects(region,
                 {.kind = "legacy_alert",
                  .world_key = "legacy_alerts",
                  .route = "/api/2.0/sql/alerts",
                  .list_key = "results",
                  .id_field = "id",
                  .permission_type = "alerts",
                  .not_in_list = {"parent_path"}},
                 "alert") {}

Refusal LegacyAlerts::check(const json& item) const {
  const std::string id = text_of(item, "query_id");
  if (!region_.get<Lookups>().exists("query", id))
    return invalid("Query " + id + " does not exist.");
  return std::nullopt;
}

}  // namespace twinlake::simulator
