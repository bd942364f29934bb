// PATCH of SCIM resources, and the words shared with scim.cpp.
#include "simulator/identity/scim.h"

#include <algorithm>
#include <array>

#include "simulator/identity/identity.h"
#include "simulator/region.h"

namespace twinlake::simulator {

namespace {
constexpr std::array<std::string_view, 5> known_entitlements{
    "workspace-access", "databricks-sql-access", "allow-cluster-create",
    "allow-instance-pool-create", "workspace-consume"};

/// `members[value eq "17"]` is the path "members" with the value "17".
struct Path {
  std::string base;  ///< lower case
  std::optional<std::string> selected;
};

std::optional<Path> path_from(const std::string& text) {
  Path path;
  const std::size_t open = text.find('[');
  path.base = lower(text.substr(0, open));
  if (open == std::string::npos) return path;
  const std::size_t from = text.find('"', open);
  const std::size_t to = text.rfind('"');
  if (!text.ends_with(']') || from == std::string::npos || to <= from) return std::nullopt;
  if (lower(text.substr(open + 1, from - open - 1)) != "value eq ") return std::nullopt;
  path.selected = text.substr(from + 1, to - from - 1);
  return path;
}

std::string noun(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::user: return "user";
    case PrincipalKind::service_principal: return "service principal";
    case PrincipalKind::group: return "group";
  }
  return {};
}

std::string one_text(const json& value) {
  const auto values = scim_values(value, "value");
  return values.empty() ? std::string() : values.front();
}

http::Response no_such_attribute(const std::string& name) {
  return scim_error(400, "No such attribute with the name : " + name + " in the current resource",
                    "invalidPath");
}
}  // namespace

http::Response scim_error(int status, std::string_view detail, std::string_view type) {
  json body = json::object();
  body["schemas"] = json::array({"urn:ietf:params:scim:api:messages:2.0:Error"});
  body["detail"] = detail;
  body["status"] = std::to_string(status);
  if (!type.empty()) body["scimType"] = type;
  http::Response response = answer(body);
  response.status = status;
  return response;
}

std::string_view resource_name(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::user: return "Users";
    case PrincipalKind::service_principal: return "ServicePrincipals";
    case PrincipalKind::group: return "Groups";
  }
  return {};
}

std::vector<std::string> scim_values(const json& value, const std::string& key) {
  std::vector<std::string> out;
  if (value.is_string()) {
    out.push_back(value.get<std::string>());
  } else if (value.is_boolean() || value.is_number_integer()) {
    out.push_back(value.dump());
  } else if (value.is_object()) {
    for (const std::string& name : {key, std::string("value")})
      if (const json* inner = field(value, name)) return scim_values(*inner, "value");
  } else if (value.is_array()) {
    for (const json& element : value)
      for (std::string& text : scim_values(element, "value")) out.push_back(std::move(text));
  }
  return out;
}

bool scim_flag(const json& value) { return lower(one_text(value)) == "true"; }

std::string entitlement_problem(const std::set<std::string>& entitlements) {
  for (const std::string& name : entitlements)
    if (std::find(known_entitlements.begin(), known_entitlements.end(), name) ==
        known_entitlements.end())
      return "Unknown entitlement: " + name;
  if (entitlements.contains("workspace-consume") &&
      (entitlements.contains("workspace-access") || entitlements.contains("databricks-sql-access")))
    return "workspace-consume excludes workspace-access and databricks-sql-access.";
  return {};
}

http::Response Identity::patch(Call& call, PrincipalKind kind) {
  if (!is_admin(call.caller))
    return error(403, "PERMISSION_DENIED", "Only workspace admins may do this.");
  const std::string& id = call.arguments.at("id");
  Principal* principal = find_mutable(id);
  if (principal == nullptr || principal->kind != kind)
    return scim_error(404, std::string(resource_name(kind)) + " with id " + id + " not found.",
                      "noTarget");
  const json& operations = list_of(call.body, "Operations");
  if (operations.empty()) return scim_error(400, "Request has no Operations.", "invalidSyntax");
  const Principal before = *principal;
  const Assignment assignment_before = assignments_[id];
  for (const json& operation : operations) {
    auto refusal = apply_operation(*principal, operation);
    if (!refusal) continue;
    *principal = before;  // all or nothing
    assignments_[id] = assignment_before;
    return std::move(*refusal);
  }
  return {204, ""};
}

Refusal Identity::apply_operation(Principal& principal, const json& operation) {
  const std::string op = lower(text_of(operation, "op"));
  if (op != "add" && op != "remove" && op != "replace")
    return scim_error(400, "Unknown operation: " + op, "invalidSyntax");
  const json* given = field(operation, "value");
  const json value = given == nullptr ? json() : *given;
  const std::string path = text_of(operation, "path");
  if (!path.empty() || !value.is_object()) return apply(principal, op, path, value);
  // Without a path the value names the attributes.
  for (const auto& [name, part] : value.items())
    if (auto refusal = apply(principal, op, name, part)) return refusal;
  return std::nullopt;
}

Refusal Identity::apply(Principal& principal, const std::string& op, const std::string& path_text,
                        const json& value) {
  const auto path = path_from(path_text);
  if (!path) return scim_error(400, "Invalid path: " + path_text, "invalidPath");
  const bool is_group = principal.kind == PrincipalKind::group;
  if (op != "remove" && value.is_null())
    return scim_error(
        400, "Error in performing the patch operation on " + noun(principal.kind) + " resource.");
  const json selected = path->selected ? json(*path->selected) : value;
  const std::string& base = path->base;
  if (base == "entitlements") return apply_entitlements(principal, op, selected);
  if (base == "externalid") {
    principal.external_id = one_text(value);
    return std::nullopt;
  }
  if (base == "roles") {
    std::set<std::string>& roles = assignments_[principal.id].roles;
    if (op == "replace") roles.clear();
    for (const std::string& role : scim_values(selected, "roles"))
      if (op == "remove")
        roles.erase(role);
      else
        roles.insert(role);
    return std::nullopt;
  }
  if (is_group && base == "members") return apply_members(principal, op, selected);
  if (is_group && base == "displayname") return rename_group(principal, value);
  if (!is_group && apply_person_field(principal, op, base, value)) return std::nullopt;
  return no_such_attribute(path_text);
}

/// False when a person has no such field. Where identities are shared, the account rules names: the
/// change is ignored silently, as are those of immutable fields.
bool Identity::apply_person_field(Principal& person, const std::string& op, const std::string& base,
                                  const json& value) {
  if (base == "active") {
    person.active = op != "remove" && scim_flag(value);
    return true;
  }
  Principal ignored = person;
  Principal& target = federated_ ? ignored : person;
  if (base == "displayname") {
    target.display_name = one_text(value);
  } else if (base == "name") {
    target.given_name = text_of(value, "givenName", target.given_name);
    target.family_name = text_of(value, "familyName", target.family_name);
  } else if (base == "name.givenname") {
    target.given_name = one_text(value);
  } else if (base == "name.familyname") {
    target.family_name = one_text(value);
  } else {
    return base == "username" || base == "emails" || base == "applicationid";
  }
  return true;
}

Refusal Identity::apply_members(Principal& group, const std::string& op, const json& value) {
  if (group.id == users_id_)
    return scim_error(400, "The members of the group users cannot be changed.", "mutability");
  if (group.of_account)
    return scim_error(403, "The members of the account group " + group.name +
                               " cannot be changed in a workspace.");
  const std::vector<std::string> ids = scim_values(value, "members");
  if (op == "remove") {
    if (value.is_null()) group.members.clear();
    for (const std::string& id : ids) group.members.erase(id);
    return std::nullopt;
  }
  if (op == "replace") group.members.clear();
  for (const std::string& id : ids) {
    if (find_id(id) == nullptr)
      return scim_error(400, "Member with id " + id + " not found.", "invalidValue");
    if (would_cycle(group.id, id))
      return scim_error(400, "The group " + group.name + " would contain itself.", "invalidValue");
    group.members.insert(id);
  }
  return std::nullopt;
}

Refusal Identity::apply_entitlements(Principal& principal, const std::string& op,
                                     const json& value) {
  std::set<std::string>& held = assignments_[principal.id].entitlements;
  std::set<std::string> wanted = held;
  const std::vector<std::string> names = scim_values(value, "entitlements");
  if (op != "add" && held.empty()) return no_such_attribute("entitlements");
  if (op == "replace" || (op == "remove" && value.is_null())) wanted.clear();
  for (const std::string& name : names) {
    if (op != "remove") {
      wanted.insert(name);
    } else if (wanted.erase(name) == 0) {
      return no_such_attribute("entitlements");
    }
  }
  if (principal.id == admins_id_ &&
      !std::includes(wanted.begin(), wanted.end(), held.begin(), held.end()))
    return scim_error(400, "The group admins cannot lose entitlements.", "invalidValue");
  if (const std::string problem = entitlement_problem(wanted); !problem.empty())
    return scim_error(400, problem, "invalidValue");
  held = std::move(wanted);
  return std::nullopt;
}

Refusal Identity::rename_group(Principal& group, const json& value) {
  const std::string name = one_text(value);
  if (name.empty()) return scim_error(400, "displayName must not be empty.", "invalidValue");
  if (name == group.name) return std::nullopt;
  if (built_in(group.id))
    return scim_error(403, "The built-in group " + group.name + " cannot be renamed.");
  if (group.of_account)
    return scim_error(403,
                      "The account group " + group.name + " cannot be renamed in a workspace.");
  const Principal* other = find_group(name);
  if (other != nullptr && other->id != group.id)
    return scim_error(409, "Group with name " + name + " already exists.", "uniqueness");
  group.name = name;
  return std::nullopt;
}

}  // namespace twinlake::simulator
