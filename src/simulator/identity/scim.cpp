// SCIM over HTTP: routes, and what changes principals.
#include "simulator/identity/scim.h"

#include <algorithm>

#include "simulator/identity/identity.h"
#include "simulator/region.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view base_path = "/api/2.0/preview/scim/v2/";
}  // namespace

void Identity::add_scim_routes() {
  Router& router = region_.router();
  const std::string base(base_path);
  using http::Method;
  router.add(Method::get, base + "Me", [this](Call& call) { return me(call); });
  for (const PrincipalKind kind :
       {PrincipalKind::user, PrincipalKind::service_principal, PrincipalKind::group}) {
    const std::string list_path = base + std::string(resource_name(kind));
    const std::string item = list_path + "/{id}";
    router.add(Method::get, list_path, [this, kind](Call& call) { return list(call, kind); });
    router.add(Method::post, list_path, [this, kind](Call& call) { return create(call, kind); });
    router.add(Method::get, item, [this, kind](Call& call) { return read(call, kind); });
    router.add(Method::put, item, [this, kind](Call& call) { return replace(call, kind); });
    router.add(Method::patch, item, [this, kind](Call& call) { return patch(call, kind); });
    router.add(Method::del, item, [this, kind](Call& call) { return remove(call, kind); });
    const std::string of_account = "/api/2.0/account/scim/v2/" + std::string(resource_name(kind));
    router.add(Method::get, of_account,
               [this, kind](Call& call) { return list_account(call, kind); });
  }
}

http::Response Identity::create(Call& call, PrincipalKind kind) {
  if (!is_admin(call.caller))
    return error(403, "PERMISSION_DENIED", "Only workspace admins may do this.");
  if (!call.body.is_object())
    return scim_error(400, "Request body is no JSON object.", "invalidSyntax");
  return kind == PrincipalKind::group ? create_group(call) : create_person(call, kind);
}

http::Response Identity::create_person(Call& call, PrincipalKind kind) {
  const bool is_user = kind == PrincipalKind::user;
  Principal wanted;
  wanted.kind = kind;
  wanted.name = text_of(call.body, is_user ? "userName" : "applicationId");
  if (wanted.name.empty() && is_user)
    return scim_error(400, "userName is required.", "invalidValue");
  if (wanted.name.empty()) wanted.name = region_.ids().uuid();  // one that the service manages
  wanted.display_name = text_of(call.body, "displayName", is_user ? wanted.name : "");
  if (wanted.display_name.empty()) wanted.display_name = wanted.name;
  if (const json* name = field(call.body, "name")) {
    wanted.given_name = text_of(*name, "givenName");
    wanted.family_name = text_of(*name, "familyName");
  }
  wanted.active = flag_of(call.body, "active", true);
  if (!is_user) wanted.external_id = text_of(call.body, "externalId");

  const auto named = scim_values(list_of(call.body, "entitlements"), "entitlements");
  const std::set<std::string> entitlements(named.begin(), named.end());
  if (const std::string problem = entitlement_problem(entitlements); !problem.empty())
    return scim_error(400, problem, "invalidValue");
  const Principal* existing = account_->find_name(kind, wanted.name);
  // Somebody of the account is taken into the workspace by "creating" him.
  if (existing != nullptr && (!federated_ || assigned(existing->id)))
    return scim_error(
        409,
        is_user ? "User with email " + wanted.name + " already exists in this account"
                : "Service principal with application ID " + wanted.name + " already exists.",
        "uniqueness");
  if (existing == nullptr) existing = &account_->add(std::move(wanted));
  assign(*existing);
  assignments_[existing->id].entitlements = entitlements;
  http::Response response = answer(render(*existing));
  response.status = 201;
  return response;
}

http::Response Identity::create_group(Call& call) {
  Principal group;
  group.kind = PrincipalKind::group;
  group.name = text_of(call.body, "displayName");
  group.external_id = text_of(call.body, "externalId");
  group.of_account = false;
  if (group.name.empty()) return scim_error(400, "displayName is required.", "invalidValue");
  if (find_group(group.name) != nullptr)
    return scim_error(409, "Group with name " + group.name + " already exists.", "uniqueness");
  if (!region_.options().local_groups)
    return scim_error(403, "Workspace-local groups cannot be created in this workspace.");
  group.id = account_->new_id();
  const std::string id = group.id;
  Principal& made = local_groups_.emplace(id, std::move(group)).first->second;
  assign(made);
  Refusal refusal = set_members(made, list_of(call.body, "members"));
  if (!refusal) refusal = set_entitlements(id, list_of(call.body, "entitlements"));
  if (refusal) {
    unassign(id);
    return std::move(*refusal);
  }
  http::Response response = answer(render(made));
  response.status = 201;
  return response;
}

/// A PUT says everything: what it leaves out is gone.
http::Response Identity::replace(Call& call, PrincipalKind kind) {
  if (!is_admin(call.caller))
    return error(403, "PERMISSION_DENIED", "Only workspace admins may do this.");
  const std::string& id = call.arguments.at("id");
  Principal* principal = find_mutable(id);
  if (principal == nullptr || principal->kind != kind)
    return scim_error(404, std::string(resource_name(kind)) + " with id " + id + " not found.",
                      "noTarget");
  const Principal before = *principal;
  const Assignment assignment_before = assignments_[id];
  Refusal refusal;
  if (kind == PrincipalKind::group) {
    if (field(call.body, "displayName") != nullptr)
      refusal = rename_group(*principal, call.body.at("displayName"));
    if (!refusal && id != users_id_ && !principal->of_account)
      refusal = set_members(*principal, list_of(call.body, "members"));
    principal->external_id = text_of(call.body, "externalId");
  } else {
    refusal = replace_person(call, *principal);
  }
  if (!refusal) refusal = set_entitlements(id, list_of(call.body, "entitlements"));
  if (refusal) {
    *principal = before;
    assignments_[id] = assignment_before;
    return std::move(*refusal);
  }
  const auto roles = scim_values(list_of(call.body, "roles"), "roles");
  assignments_[id].roles = std::set<std::string>(roles.begin(), roles.end());
  if (kind != PrincipalKind::group) set_groups(id, list_of(call.body, "groups"));
  return answer(render(*principal));
}

Refusal Identity::replace_person(Call& call, Principal& principal) {
  if (principal.kind == PrincipalKind::service_principal) {
    const std::string application = text_of(call.body, "applicationId");
    if (!same_name(application, principal.name))
      return scim_error(400, "applicationId is required and cannot be changed.", "invalidValue");
    principal.external_id = text_of(call.body, "externalId");
  }
  principal.active = flag_of(call.body, "active", true);
  if (federated_) return std::nullopt;  // names belong to the account
  principal.display_name = text_of(call.body, "displayName", principal.name);
  const json* name = field(call.body, "name");
  principal.given_name = name == nullptr ? "" : text_of(*name, "givenName");
  principal.family_name = name == nullptr ? "" : text_of(*name, "familyName");
  return std::nullopt;
}

Refusal Identity::set_entitlements(const std::string& id, const json& values) {
  const auto named = scim_values(values, "entitlements");
  std::set<std::string> wanted(named.begin(), named.end());
  if (const std::string problem = entitlement_problem(wanted); !problem.empty())
    return scim_error(400, problem, "invalidValue");
  if (id == admins_id_) wanted.merge(std::set<std::string>(assignments_[id].entitlements));
  assignments_[id].entitlements = std::move(wanted);
  return std::nullopt;
}

Refusal Identity::set_members(Principal& group, const json& values) {
  return apply_members(group, "replace", values);
}

void Identity::set_groups(const std::string& id, const json& values) {
  const auto wanted = scim_values(values, "groups");
  for (auto& [group_id, group] : local_groups_) {
    if (group_id == users_id_) continue;
    if (std::find(wanted.begin(), wanted.end(), group_id) == wanted.end())
      group.members.erase(id);
    else if (!would_cycle(group_id, id))
      group.members.insert(id);
  }
}

http::Response Identity::remove(Call& call, PrincipalKind kind) {
  if (!is_admin(call.caller))
    return error(403, "PERMISSION_DENIED", "Only workspace admins may do this.");
  const std::string& id = call.arguments.at("id");
  const Principal* principal = find_id(id);
  if (principal == nullptr || principal->kind != kind)
    return scim_error(404, std::string(resource_name(kind)) + " with id " + id + " not found.",
                      "noTarget");
  if (built_in(id))
    return scim_error(403, "The built-in group " + principal->name + " cannot be deleted.");
  if (kind == PrincipalKind::group && principal->of_account)
    return scim_error(
        403, "The account group " + principal->name + " cannot be deleted in a workspace.");
  unassign(id);
  return {204, ""};
}

}  // namespace twinlake::simulator
