// SCIM over HTTP: what only reads, and how principals are shown.
#include <algorithm>

#include "simulator/identity/identity.h"
#include "simulator/identity/scim.h"
#include "simulator/identity/scim_filter.h"
#include "simulator/region.h"

namespace twinlake::simulator {

namespace {
/// Which attributes of a resource a request wants to see.
class Selection {
 public:
  explicit Selection(const Call& call)
      : only_(names(call.query("attributes"))), without_(names(call.query("excludedAttributes"))) {}

  void apply(json& resource) const {
    std::vector<std::string> unwanted;
    for (const auto& [name, value] : resource.items())
      if (!wants(lower(name))) unwanted.push_back(name);
    for (const std::string& name : unwanted) resource.erase(name);
  }

 private:
  [[nodiscard]] bool wants(const std::string& name) const {
    if (name == "id") return true;  // what nobody can do without
    return (only_.empty() || only_.contains(name)) && !without_.contains(name);
  }
  static std::set<std::string> names(const std::string& list) {
    std::set<std::string> found;
    std::size_t from = 0;
    while (from < list.size()) {
      const std::size_t end = std::min(list.find(',', from), list.size());
      std::string name = lower(list.substr(from, end - from));
      name.erase(0, name.find_first_not_of(' '));
      // Parts of an attribute are not told apart: members.value gives members.
      if (!name.empty()) found.insert(name.substr(0, name.find('.')));
      from = end + 1;
    }
    return found;
  }
  std::set<std::string> only_, without_;
};

std::optional<std::vector<std::string>> attribute_of(const Principal& principal,
                                                     const std::string& name) {
  using Values = std::vector<std::string>;
  const bool is_group = principal.kind == PrincipalKind::group;
  if (name == "id") return Values{principal.id};
  if (name == "externalid") return Values{principal.external_id};
  if (name == "displayname") return Values{is_group ? principal.name : principal.display_name};
  if (is_group) return std::nullopt;
  if (name == "active") return Values{principal.active ? "true" : "false"};
  if (principal.kind == PrincipalKind::service_principal)
    return name == "applicationid" ? std::optional(Values{principal.name}) : std::nullopt;
  if (name == "username" || name == "emails" || name == "emails.value")
    return Values{principal.name};
  if (name == "name.givenname") return Values{principal.given_name};
  if (name == "name.familyname") return Values{principal.family_name};
  return std::nullopt;
}

/// A text that is no number gives nothing.
std::optional<std::size_t> count_from(const std::string& text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  return static_cast<std::size_t>(std::stoul(text));
}

using Principals = std::vector<const Principal*>;

Refusal keep_matching(const Call& call, Principals& found) {
  const std::string text = call.query("filter");
  if (text.empty()) return std::nullopt;
  const auto filter = ScimFilter::parse(text);
  if (!filter) return scim_error(400, "Invalid filter: " + text, "invalidFilter");
  // An unknown attribute is refused even when there is nothing to filter.
  bool known = true;
  std::erase_if(found, [&](const Principal* principal) {
    const auto match =
        filter->matches([&](const std::string& name) { return attribute_of(*principal, name); });
    known = known && match.has_value();
    return !match.value_or(false);
  });
  if (!known) return scim_error(400, "Invalid filter, unknown attribute: " + text, "invalidFilter");
  return std::nullopt;
}

void sort_by(const Call& call, Principals& found) {
  const std::string attribute = lower(call.query("sortBy"));
  if (attribute.empty()) return;
  const auto key = [&](const Principal* principal) {
    const auto values = attribute_of(*principal, attribute);
    return values && !values->empty() ? lower(values->front()) : std::string();
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const Principal* a, const Principal* b) { return key(a) < key(b); });
  if (lower(call.query("sortOrder")) == "descending") std::reverse(found.begin(), found.end());
}

template <class Render>
http::Response page_of(const Call& call, Principals found, const Render& render) {
  if (auto refusal = keep_matching(call, found)) return std::move(*refusal);
  sort_by(call, found);
  const auto start = count_from(call.query("startIndex", "1"));
  const auto count = count_from(call.query("count", "999999999"));
  if (!start || !count)
    return scim_error(400, "startIndex and count must be numbers.", "invalidValue");
  const Selection selection(call);
  json resources = json::array();
  const std::size_t first = std::max<std::size_t>(*start, 1) - 1;
  for (std::size_t i = first; i < found.size() && i - first < *count; ++i) {
    json resource = render(*found[i]);
    selection.apply(resource);
    resources.push_back(std::move(resource));
  }
  json body = json::object();
  body["schemas"] = json::array({"urn:ietf:params:scim:api:messages:2.0:ListResponse"});
  body["totalResults"] = found.size();
  body["startIndex"] = first + 1;
  body["itemsPerPage"] = resources.size();
  if (!resources.empty()) body["Resources"] = std::move(resources);
  return answer(body);
}

json values_as_objects(const std::set<std::string>& values) {
  json list = json::array();
  for (const std::string& value : values) {
    json item = json::object();
    item["value"] = value;
    list.push_back(std::move(item));
  }
  return list;
}

std::string reference_to(const Principal& principal) {
  return std::string(resource_name(principal.kind)) + "/" + principal.id;
}

const std::string& shown_name(const Principal& principal) {
  return principal.kind == PrincipalKind::group ? principal.name : principal.display_name;
}

json render_person(const Principal& principal) {
  json out = json::object();
  out["id"] = principal.id;
  out["displayName"] = principal.display_name;
  out["active"] = principal.active;
  if (principal.kind == PrincipalKind::service_principal) {
    out["schemas"] = json::array({"urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"});
    out["applicationId"] = principal.name;
    if (!principal.external_id.empty()) out["externalId"] = principal.external_id;
    return out;
  }
  out["schemas"] = json::array({"urn:ietf:params:scim:schemas:core:2.0:User",
                                "urn:ietf:params:scim:schemas:extension:workspace:2.0:User"});
  out["userName"] = principal.name;
  json mail = json::object();
  mail["type"] = "work";
  mail["value"] = principal.name;
  mail["primary"] = true;
  out["emails"] = json::array({std::move(mail)});
  json name = json::object();
  if (!principal.given_name.empty()) name["givenName"] = principal.given_name;
  if (!principal.family_name.empty()) name["familyName"] = principal.family_name;
  if (!name.empty()) out["name"] = std::move(name);
  return out;
}

json render_group(const Principal& group) {
  json out = json::object();
  out["schemas"] = json::array({"urn:ietf:params:scim:schemas:core:2.0:Group"});
  out["id"] = group.id;
  out["displayName"] = group.name;
  if (!group.external_id.empty()) out["externalId"] = group.external_id;
  json meta = json::object();
  meta["resourceType"] = group.of_account ? "Group" : "WorkspaceGroup";
  out["meta"] = std::move(meta);
  return out;
}
}  // namespace

json Identity::render_groups(const std::string& id) const {
  const std::set<std::string> direct = direct_groups_of(id);
  json list = json::array();
  for (const std::string& group_id : group_ids_of(id)) {
    json item = json::object();
    item["display"] = find_id(group_id)->name;
    item["type"] = direct.contains(group_id) ? "direct" : "indirect";
    item["value"] = group_id;
    item["$ref"] = "Groups/" + group_id;
    list.push_back(std::move(item));
  }
  return list;
}

json Identity::render(const Principal& principal) const {
  const bool is_group = principal.kind == PrincipalKind::group;
  json out = is_group ? render_group(principal) : render_person(principal);
  json members = json::array();
  for (const std::string& id : principal.members) {
    const Principal* member = find_id(id);
    if (member == nullptr) member = account_->find(id);
    if (member == nullptr) continue;
    json item = json::object();
    item["value"] = id;
    item["display"] = shown_name(*member);
    item["$ref"] = reference_to(*member);
    members.push_back(std::move(item));
  }
  if (!members.empty()) out["members"] = std::move(members);
  json groups = render_groups(principal.id);
  if (!groups.empty()) out["groups"] = std::move(groups);
  const auto assignment = assignments_.find(principal.id);
  if (assignment == assignments_.end()) return out;
  if (!assignment->second.entitlements.empty())
    out["entitlements"] = values_as_objects(assignment->second.entitlements);
  if (!assignment->second.roles.empty()) out["roles"] = values_as_objects(assignment->second.roles);
  return out;
}

http::Response Identity::me(Call& call) {
  const Principal* caller = find_any(call.caller);
  if (caller == nullptr) return scim_error(404, "The caller is not in this workspace.", "noTarget");
  json body = render(*caller);
  body["userName"] = caller->name;  // of a service principal too: its application id
  Selection(call).apply(body);
  http::Response response = answer(body);
  response.headers.emplace_back("X-Databricks-Org-Id",
                                std::to_string(region_.options().workspace_id));
  return response;
}

http::Response Identity::list(Call& call, PrincipalKind kind) {
  return page_of(call, all(kind), [this](const Principal& principal) { return render(principal); });
}

/// What the account has, assigned to this workspace or not; without the workspace's entitlements.
http::Response Identity::list_account(Call& call, PrincipalKind kind) {
  if (!federated_) return error(400, "FEATURE_DISABLED", "Identity federation is not enabled.");
  Principals found;
  for (const auto& [id, principal] : account_->all())
    if (principal.kind == kind) found.push_back(&principal);
  return page_of(call, std::move(found), [this](const Principal& principal) {
    json out = render(principal);
    out.erase("entitlements");
    out.erase("groups");
    return out;
  });
}

http::Response Identity::read(Call& call, PrincipalKind kind) {
  const std::string& id = call.arguments.at("id");
  const Principal* principal = find_id(id);
  if (principal == nullptr || principal->kind != kind)
    return scim_error(404, std::string(resource_name(kind)) + " with id " + id + " not found.",
                      "noTarget");
  json body = render(*principal);
  Selection(call).apply(body);
  return answer(body);
}

}  // namespace twinlake::simulator
