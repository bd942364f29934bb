// The permissions API over HTTP: what a list may become, and how it is shown.
#include "simulator/audit/audit_log.h"
#include "simulator/identity/identity.h"
#include "simulator/identity/permission_types.h"
#include "simulator/identity/permissions.h"
#include "simulator/region.h"

namespace twinlake::simulator {

namespace {
std::string must_provide_owner(const std::string& id) {
  return "PUT requests for warehouse " + id + " with no existing owner must provide a new owner.";
}

/// Says some sources: a warehouse that has an owner keeps it, and a request that names one is told
/// that none was named.
Refusal refuse_owner(const Region& region, const Identity& identity, const std::string& id,
                     const std::map<std::string, std::string>& old,
                     const std::map<std::string, std::string>& asked) {
  if (!region.options().unsettled.warehouse_owner_refused || owners_in(asked) == 0)
    return std::nullopt;
  for (const auto& [principal, level] : old)
    if (level == owner_level && identity.find_id(principal) != nullptr)
      return invalid(must_provide_owner(id));
  return std::nullopt;
}
}  // namespace

/// The list of a request as principal ids and levels; the highest level of a principal wins.
Refusal Permissions::read_list(const std::string& type, const json& list, Levels& wanted) const {
  const PermissionType& row = *permission_type(type);
  const auto& identity = region_.get<Identity>();
  if (!list.is_array()) return invalid("access_control_list must be an array.");
  for (const json& entry : list) {
    const std::string user = text_of(entry, "user_name");
    const std::string group = text_of(entry, "group_name");
    const std::string service = text_of(entry, "service_principal_name");
    if (int{!user.empty()} + int{!group.empty()} + int{!service.empty()} != 1)
      return invalid(
          "Exactly one of user_name, group_name and service_principal_name must be given.");
    std::string level = text_of(entry, "permission_level");
    // Old SQL objects say CAN_VIEW for CAN_READ.
    if (level == "CAN_VIEW" && row.rank(level) < 0 && row.rank("CAN_RUN") >= 0) level = "CAN_READ";
    if (row.rank(level) < 0)
      return invalid("Permission level " + level + " is not valid for " +
                     std::string(row.object_type) + ".");
    const Principal* principal = !user.empty()    ? identity.find_user(user)
                                 : !group.empty() ? identity.find_group(group)
                                                  : identity.find_service_principal(service);
    if (principal == nullptr && !user.empty())
      return absent("Principal: UserName(" + user + ") does not exist");
    if (principal == nullptr)
      return error(400, "PRINCIPAL_DOES_NOT_EXIST",
                   group.empty() ? "Principal: ServicePrincipalName(" + service + ") does not exist"
                                 : "Principal: GroupName(" + group + ") does not exist");
    if (level == owner_level && !group.empty())
      return invalid("Group " + group + " can not be an owner.");
    if (principal->id == identity.admins_id() && row.rank(level) < row.rank(row.admin_level()))
      return invalid("Cannot change permissions for group 'admins' to " + level + ".");
    std::string& held = wanted[principal->id];
    if (row.rank(level) > row.rank(held)) held = level;
  }
  return std::nullopt;
}

/// Is the list allowed to become `wanted`? May add an owner that stays without being named.
Refusal Permissions::check(Call& call, const std::string& type, const std::string& id,
                           const Levels& old, Levels& wanted) const {
  const PermissionType& row = *permission_type(type);
  const auto& identity = region_.get<Identity>();
  const std::string path = path_of(type, id);
  if (path == "/Shared" && wanted != direct_of(type, id))
    return invalid("The permissions of /Shared cannot be changed.");
  const bool root = is_root(type, id, path);
  if (root && !wanted.contains(identity.admins_id()))
    return invalid("Cannot change permissions for group 'admins' to None.");
  // Elsewhere admins are inherited, and naming them directly changes nothing.
  if (!root) wanted.erase(identity.admins_id());
  if (auto refusal = check_owner(type, id, old, wanted)) return refusal;
  const Principal* caller = identity.find_any(call.caller);
  if (caller != nullptr && !identity.is_admin(call.caller) && old.contains(caller->id)) {
    const auto kept = wanted.find(caller->id);
    if (kept == wanted.end() || row.rank(kept->second) < row.rank(manage_level))
      return invalid("You cannot take the permission to manage from yourself.");
  }
  return std::nullopt;
}

Refusal Permissions::check_owner(const std::string& type, const std::string& id, const Levels& old,
                                 Levels& wanted) const {
  const PermissionType& row = *permission_type(type);
  if (!row.owned()) return std::nullopt;
  if (type == "warehouses" && owners_in(wanted) == 0) {
    for (const auto& [principal, level] : old)
      if (level == owner_level && region_.get<Identity>().find_id(principal) != nullptr)
        wanted[principal] = owner_level;
    if (owners_in(wanted) == 0) return invalid(must_provide_owner(id));
  }
  if (owners_in(wanted) == 1) return std::nullopt;
  return invalid("The " + std::string(type == "pipelines" ? "pipeline" : row.object_type) +
                 " must have exactly one owner.");
}

json Permissions::render(const std::string& type, const std::string& id) const {
  const PermissionType& row = *permission_type(type);
  std::map<std::string, json> all_permissions;  // by principal
  for (const auto& [principal, level] : direct_of(type, id)) {
    json permission = json::object();
    permission["permission_level"] = level;
    permission["inherited"] = false;
    all_permissions[principal].push_back(std::move(permission));
  }
  for (const Inherited& entry : inherited_of(type, id)) {
    json permission = json::object();
    permission["permission_level"] = entry.level;
    permission["inherited"] = true;
    permission["inherited_from_object"] = json::array({entry.from});
    all_permissions[entry.principal_id].push_back(std::move(permission));
  }
  json list = json::array();
  for (auto& [principal_id, permissions] : all_permissions) {
    const Principal* principal = region_.get<Identity>().find_id(principal_id);
    if (principal == nullptr) continue;  // gone since: its entries went with it
    json entry = json::object();
    entry[std::string(name_field(principal->kind))] = principal->name;
    if (principal->kind != PrincipalKind::group) entry["display_name"] = principal->display_name;
    entry["all_permissions"] = std::move(permissions);
    list.push_back(std::move(entry));
  }
  json body = json::object();
  body["object_id"] = std::string(row.object_path) + id;
  body["object_type"] = row.object_type;
  body["access_control_list"] = std::move(list);
  return body;
}

http::Response Permissions::levels(const std::string& type, const std::string& id) const {
  if (auto refusal = missing(type, id)) return std::move(*refusal);
  json list = json::array();
  for (const std::string_view level : permission_type(type)->levels) {
    json item = json::object();
    item["permission_level"] = level;
    item["description"] = "Level " + std::string(level);
    list.push_back(std::move(item));
  }
  json body = json::object();
  body["permission_levels"] = std::move(list);
  return answer(body);
}

http::Response Permissions::get(Call& call, const std::string& type) const {
  const std::string& id = call.arguments.at("id");
  if (auto refusal = missing(type, id)) return std::move(*refusal);
  if (level_of(type, id, call.caller).empty())
    return error(403, "PERMISSION_DENIED",
                 call.caller + " may not see the permissions of " + id + ".");
  return answer(render(type, id));
}

http::Response Permissions::change(Call& call, const std::string& type, bool replace) {
  const std::string& id = call.arguments.at("id");
  if (auto refusal = missing(type, id)) return std::move(*refusal);
  if (!can_manage(type, id, call.caller))
    return error(403, "PERMISSION_DENIED",
                 call.caller + " may not change the permissions of " + id + ".");
  const json empty = json::array();
  const json* list = field(call.body, "access_control_list");
  Levels asked;
  if (auto refusal = read_list(type, list == nullptr ? empty : *list, asked))
    return std::move(*refusal);
  const Levels old = direct_of(type, id);
  if (type == "warehouses")
    if (auto refusal = refuse_owner(region_, region_.get<Identity>(), id, old, asked))
      return std::move(*refusal);
  Levels wanted = asked;
  if (!replace) wanted.insert(old.begin(), old.end());
  if (auto refusal = check(call, type, id, old, wanted)) return std::move(*refusal);
  records_[{type, id}].direct = std::move(wanted);
  region_.get<AuditLog>().permissions_changed(type, id, call.caller, replace);
  return answer(render(type, id));
}

void Permissions::add_routes() {
  add_routes("/api/2.0/permissions/{type}/{id}", "");
  add_routes("/api/2.0/permissions/sql/{type}/{id}", "sql/");
}

void Permissions::add_routes(const std::string& route, const std::string& type_prefix) {
  using http::Method;
  const auto with_type = [type_prefix](auto handler) {
    return [type_prefix, handler](Call& call) {
      const std::string asked = type_prefix + call.arguments.at("type");
      if (permission_type(asked) == nullptr)
        return invalid("request_object_type is not recognized: " + asked);
      return handler(call, table_name(asked));
    };
  };
  Router& router = region_.router();
  router.add(Method::get, route,
             with_type([this](Call& call, const std::string& type) { return get(call, type); }));
  router.add(Method::put, route, with_type([this](Call& call, const std::string& type) {
               return change(call, type, true);
             }));
  router.add(Method::patch, route, with_type([this](Call& call, const std::string& type) {
               return change(call, type, false);
             }));
  router.add(Method::get, route + "/permissionLevels",
             with_type([this](Call& call, const std::string& type) {
               return levels(type, call.arguments.at("id"));
             }));
}

}  // namespace twinlake::simulator
