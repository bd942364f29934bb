// Microsoft.Authorization: role assignments and locks.
#include "simulator/azure/arm.h"

namespace twinlake::simulator {

namespace {
constexpr const char* assignment_type = "Microsoft.Authorization/roleAssignments";
constexpr const char* deny_type = "Microsoft.Authorization/denyAssignments";
constexpr const char* lock_type = "Microsoft.Authorization/locks";

bool is_in_use(const ArmCall& call) {
  if (call.id.scope.empty() || same_id(call.id.scope, call.cloud.subscription_id())) return true;
  return call.cloud.resources().find(call.id.scope) != nullptr;
}

/// Those that hold at a scope, its own and those of what it lies in; without the filter atScope()
/// those of what lies in it too.
http::Response list_deny_assignments(ArmCall& call) {
  const std::string filter = lower(call.query("$filter"));
  if (!filter.empty() && filter != "atscope()")
    return arm_error(400, "InvalidFilter", "The $filter '" + filter + "' is not supported.");
  const std::string at = lower(call.id.scope) + "/";
  json all = json::array();
  for (const json* each : call.cloud.resources().of_type(deny_type, call.cloud.subscription_id())) {
    const std::string scope = lower(text_of(each->at("properties"), "scope")) + "/";
    if (at.starts_with(scope) || (filter.empty() && scope.starts_with(at))) all.push_back(*each);
  }
  return page_of(call, all);
}

/// Only the system makes them, and takes them away.
http::Response protected_by_system(ArmCall& call) {
  return arm_error(405, "MethodNotAllowed",
                   "The deny assignment '" + call.id.name() + "' is protected by the system.");
}

http::Response put_assignment(ArmCall& call) {
  if (!is_in_use(call))
    return arm_error(404, "ResourceNotFound", "The scope '" + call.id.scope + "' was not found.");
  const json wanted = call.body.is_object() ? call.body.value("properties", json()) : json();
  const std::string principal = text_of(wanted, "principalId");
  const std::string role = text_of(wanted, "roleDefinitionId");
  if (principal.empty() || role.empty())
    return arm_error(400, "InvalidRoleAssignmentRequest",
                     "principalId and roleDefinitionId are required.");
  for (const json* other : call.cloud.resources().of_type(assignment_type, call.id.scope)) {
    const json& properties = other->at("properties");
    if (same_id(text_of(*other, "id"), call.id.text) ||
        !same_id(text_of(properties, "principalId"), principal) ||
        !same_id(text_of(properties, "roleDefinitionId"), role) ||
        !same_id(text_of(properties, "scope"), call.id.scope))
      continue;
    return arm_error(409, "RoleAssignmentExists", "The role assignment already exists.");
  }
  json stored = json::object({{"id", call.id.text}, {"type", assignment_type}});
  stored["properties"] = wanted;
  stored["properties"]["scope"] = call.id.scope;
  return with_status(201, call.cloud.resources().put(std::move(stored)));
}

http::Response put_lock(ArmCall& call) {
  const json wanted = call.body.is_object() ? call.body.value("properties", json()) : json();
  const std::string level = text_of(wanted, "level");
  if (!is_in_use(call))
    return arm_error(404, "ResourceNotFound", "The scope '" + call.id.scope + "' was not found.");
  if (level != "CanNotDelete" && level != "ReadOnly")
    return arm_error(400, "InvalidLockLevel", "The level must be CanNotDelete or ReadOnly.");
  json stored = json::object({{"id", call.id.text}, {"type", lock_type}, {"properties", wanted}});
  return with_status(201, call.cloud.resources().put(std::move(stored)));
}
}  // namespace

Refusal locked(const ArmCall& call) {
  using http::Method;
  const Method method = call.request.method;
  const bool deletes = method == Method::del;
  const bool changes = method == Method::put || method == Method::patch;
  if ((!deletes && !changes) || same_id(call.id.provider, "Microsoft.Authorization"))
    return std::nullopt;
  const std::string target = lower(call.id.text) + "/";
  for (const auto& [id, resource] : call.cloud.resources().all()) {
    if (!same_id(text_of(resource, "type"), lock_type)) continue;
    if (!deletes && text_of(resource.at("properties"), "level") != "ReadOnly") continue;
    // A lock protects what lies below its scope, and what would go with its scope.
    const std::string scope = lower(ResourceId::parse(id).scope) + "/";
    if (!target.starts_with(scope) && !(deletes && scope.starts_with(target))) continue;
    return arm_error(409, "ScopeLocked",
                     "The scope '" + call.id.text + "' cannot perform " +
                         (deletes ? "delete" : "write") +
                         " operation because following scope(s) are locked: '" +
                         ResourceId::parse(text_of(resource, "id")).scope +
                         "'. Please remove the lock and try again.");
  }
  return std::nullopt;
}

void add_authorization_routes(ArmRoutes& routes) {
  using http::Method;
  routes.add(Method::put, "microsoft.authorization/roleAssignments/{}", put_assignment);
  routes.add(Method::put, "microsoft.authorization/locks/{}", put_lock);
  const std::string deny = "microsoft.authorization/denyAssignments";
  routes.add(Method::get, deny, list_deny_assignments);
  for (const Method method : {Method::put, Method::patch, Method::del})
    routes.add(method, deny + "/{}", protected_by_system);
}

}  // namespace twinlake::simulator
