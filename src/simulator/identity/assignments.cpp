// Workspace assignments: who of the account may enter this workspace. Only with identity
// federation.
#include "simulator/identity/identity.h"
#include "simulator/region.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view base_path = "/api/2.0/preview/permissionassignments";

http::Response disabled() {
  return error(400, "FEATURE_DISABLED",
               "Permission assignment APIs are not available for this workspace.");
}

bool known_permission(const std::string& permission) {
  return permission == "USER" || permission == "ADMIN";
}
}  // namespace

void Identity::add_assignment_routes() {
  Router& router = region_.router();
  const std::string base(base_path);
  using http::Method;
  const auto guarded = [this](auto handler) {
    return [this, handler](Call& call) {
      if (!federated_) return disabled();
      if (!is_admin(call.caller))
        return error(403, "PERMISSION_DENIED", "Only workspace admins may do this.");
      return handler(call);
    };
  };
  router.add(Method::get, base, guarded([this](Call&) { return list_assignments(); }));
  router.add(Method::post, base, guarded([this](Call& call) { return assign_by_name(call); }));
  const std::string one = base + "/principals/{id}";
  router.add(Method::put, one, guarded([this](Call& call) { return assign_by_id(call); }));
  router.add(Method::del, one, guarded([this](Call& call) { return unassign_by_id(call); }));
}

json Identity::render_assignment(const Principal& principal) const {
  json shown = json::object();
  shown["principal_id"] = std::stoll(principal.id);
  shown[std::string(name_field(principal.kind))] = principal.name;
  shown["display_name"] =
      principal.kind == PrincipalKind::group ? principal.name : principal.display_name;
  json out = json::object();
  out["principal"] = std::move(shown);
  const bool admin = local_groups_.at(admins_id_).members.contains(principal.id);
  out["permissions"] = json::array({admin ? "ADMIN" : "USER"});
  return out;
}

http::Response Identity::list_assignments() const {
  json items = json::array();
  for (const auto& [id, assignment] : assignments_) {
    const Principal* principal = account_->find(id);  // workspace-local groups are not assigned
    if (principal != nullptr) items.push_back(render_assignment(*principal));
  }
  json body = json::object();
  body["permission_assignments"] = std::move(items);
  return answer(body);
}

/// Gives what was wrong with this one item. ADMIN by name is not applied: it becomes USER.
std::optional<std::string> Identity::assign_one(const json& wanted, json& shown) {
  for (const PrincipalKind kind :
       {PrincipalKind::user, PrincipalKind::service_principal, PrincipalKind::group}) {
    const std::string name = text_of(wanted, name_field(kind));
    if (name.empty()) continue;
    json principal_shown = json::object();
    principal_shown[std::string(name_field(kind))] = name;
    shown["principal"] = std::move(principal_shown);
    const Principal* principal = account_->find_name(kind, name);
    if (principal == nullptr) return "Principal " + name + " does not exist in the account.";
    for (const json& permission : list_of(wanted, "permissions"))
      if (!permission.is_string() || !known_permission(permission.get<std::string>()))
        return "Unknown permission: " + permission.dump();
    assign(*principal);
    shown = render_assignment(*principal);
    return std::nullopt;
  }
  return "No principal was named.";
}

http::Response Identity::assign_by_name(Call& call) {
  json items = json::array();
  for (const json& wanted : call.body.at("permission_assignments")) {
    json shown = json::object();
    // One bad item does not stop the others, and the answer is 200 all the same.
    if (const auto problem = assign_one(wanted, shown)) {
      shown["permissions"] = json::array();
      shown["error"] = *problem;
    }
    items.push_back(std::move(shown));
  }
  json body = json::object();
  body["permission_assignments"] = std::move(items);
  return answer(body);
}

http::Response Identity::assign_by_id(Call& call) {
  const std::string& id = call.arguments.at("id");
  const Principal* principal = account_->find(id);
  if (principal == nullptr) return absent("Principal " + id + " does not exist.");
  const auto permissions = call.body.at("permissions").get<std::vector<std::string>>();
  for (const std::string& permission : permissions)
    if (!known_permission(permission)) return invalid("Unknown permission: " + permission);
  if (permissions.empty()) {
    unassign(id);
    return done();
  }
  assign(*principal);
  std::set<std::string>& admins = local_groups_.at(admins_id_).members;
  bool admin = false;
  for (const std::string& permission : permissions) admin = admin || permission == "ADMIN";
  if (admin)
    admins.insert(id);
  else
    admins.erase(id);
  return answer(render_assignment(*principal));
}

http::Response Identity::unassign_by_id(Call& call) {
  const std::string& id = call.arguments.at("id");
  if (account_->find(id) == nullptr || !assigned(id))
    return absent("Principal " + id + " is not assigned to this workspace.");
  unassign(id);
  return done();
}

}  // namespace twinlake::simulator
