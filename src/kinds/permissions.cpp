#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "kinds/calls.h"
#include "model/canonical.h"
#include "workspace/tree.h"

namespace twinlake::kinds::permissions {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

constexpr std::array<const char*, 3> name_fields{"user_name", "group_name",
                                                 "service_principal_name"};

/// Some lists are fixed by the service. A home's is not: its owner may share it.
json child_item(const Kind& parent, const json& parent_item) {
  const std::string path =
      parent.key_is_path ? normal_path(text_at(parent_item, parent.key_at)) : std::string();
  if (!path.empty() && workspace::is_protected_path(path) && workspace::home_owner(path).empty())
    return nullptr;
  return json::object();
}

/// From low to high; where somebody has two levels the higher one counts.
int rank(const std::string& level) {
  static constexpr std::array<std::string_view, 16> levels{
      "CAN_VIEW_METADATA", "CAN_VIEW",         "CAN_READ",       "CAN_USE",
      "CAN_QUERY",         "CAN_MONITOR_ONLY", "CAN_ATTACH_TO",  "CAN_MONITOR",
      "CAN_RESTART",       "CAN_RUN",          "CAN_MANAGE_RUN", "CAN_EDIT",
      "CAN_EDIT_METADATA", "CAN_BIND",         "CAN_MANAGE",     "IS_OWNER"};
  const auto found = std::find(levels.begin(), levels.end(), level);
  return found == levels.end() ? 0 : static_cast<int>(found - levels.begin()) + 1;
}

/// What is granted here and not handed down from above.
std::string direct_level(const json& entry) {
  std::string best;
  const json* all = find_at(entry, "/all_permissions");
  if (all == nullptr || !all->is_array()) return best;
  for (const json& permission : *all) {
    if (permission.value("inherited", false)) continue;
    std::string level = text_at(permission, "/permission_level");
    if (!level.empty() && (best.empty() || rank(level) > rank(best))) best = std::move(level);
  }
  return best;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

json shape(const json& item) {
  json entries = json::array();
  const json* listed = find_at(item, "/access_control_list");
  if (listed != nullptr && listed->is_array()) {
    for (const json& entry : *listed) {
      json direct = json::object();
      for (const char* field : name_fields)
        if (entry.contains(field)) direct[field] = text_at(entry, std::string("/") + field);
      // The service writes user names in either case.
      if (direct.contains("user_name")) direct["user_name"] = lower(text_at(direct, "/user_name"));
      const std::string level = direct_level(entry);
      // Admins have every right anyway, and it cannot be lowered.
      if (direct.empty() || level.empty() || text_at(direct, "/group_name") == "admins") continue;
      direct["permission_level"] = level;
      entries.push_back(std::move(direct));
    }
  }
  json definition = json::object();
  definition["access_control_list"] = std::move(entries);
  return definition;
}

/// There is one answer for each object of a workspace: only what was granted here is kept of it.
json direct_only(const json& answer) {
  json entries = json::array();
  const json* listed = find_at(answer, "/access_control_list");
  if (listed != nullptr && listed->is_array()) {
    for (const json& entry : *listed) {
      const std::string level = direct_level(entry);
      if (level.empty()) continue;
      json kept = json::object();
      for (const char* field : name_fields)
        if (entry.contains(field)) kept[field] = entry.at(field);
      json permission = json::object();
      permission["permission_level"] = level;
      kept["all_permissions"] = json::array({std::move(permission)});
      entries.push_back(std::move(kept));
    }
  }
  json item = json::object();
  item["access_control_list"] = std::move(entries);
  return item;
}

std::string path_of(const Kind& parent, const std::string& id) {
  return "/api/2.0/permissions/" + std::string(parent.permission_type) + "/" +
         http::percent_encode(id);
}

Task<Result<json>> read(Workspace& side, const Kind&, const Kind* parent, std::string id, json) {
  if (parent == nullptr)
    co_return fail(Fault::bug, "permissions without the object that they belong to");
  auto answer = co_await side.call(http::Request::get(path_of(*parent, id)));
  // Without access control nobody has been granted anything.
  if (!answer && answer.error().fault == Fault::disabled) co_return json::object();
  if (!answer) co_return fail(std::move(answer).error());
  co_return direct_only(*answer);
}

json own_entry(const Workspace& side, std::string_view level) {
  json entry = json::object();
  entry[side.self().is_service_principal ? "service_principal_name" : "user_name"] =
      side.self().name;
  entry["permission_level"] = level;
  return entry;
}

bool has_owner(const json& entries) {
  return std::any_of(entries.begin(), entries.end(), [](const json& entry) {
    return text_at(entry, "/permission_level") == "IS_OWNER";
  });
}

/// What the service demands beyond the definition, which leaves our own principal out.
void add_own(const Workspace& to, std::string_view type, json& entries) {
  // Here, and only here, the admins' own right has to be said (facts, core 20.3).
  if (type == "authorization") {
    json admins = json::object();
    admins["group_name"] = "admins";
    admins["permission_level"] = "CAN_MANAGE";
    entries.push_back(std::move(admins));
    return;
  }
  // A warehouse would keep the owner that it has (facts, core 20.3).
  const bool needs_owner = type == "jobs" || type == "pipelines" || type == "warehouses";
  if (needs_owner && !has_owner(entries)) {
    entries.push_back(own_entry(to, "IS_OWNER"));
  } else if (!to.self().is_admin) {
    // Who is no admin would lock itself out.
    entries.push_back(own_entry(to, "CAN_MANAGE"));
  }
}

/// The service's message usually names whom it does not know; the hint says so in any case.
Error explain(Error error, const json& entries) {
  const bool unknown =
      error.service_code == "PRINCIPAL_DOES_NOT_EXIST" ||
      error.message.find("rincipal") != std::string::npos ||
      (error.fault == Fault::not_found && error.service_code == "RESOURCE_DOES_NOT_EXIST");
  if (!unknown) return error;
  std::string named;
  std::string everybody;
  for (const json& entry : entries) {
    for (const char* field : name_fields) {
      const std::string name = text_at(entry, std::string("/") + field);
      if (name.empty()) continue;
      everybody += (everybody.empty() ? "" : ", ") + name;
      if (error.message.find(name) != std::string::npos)
        named += (named.empty() ? "" : ", ") + name;
    }
  }
  error.hint = "Not known in that workspace: " + (named.empty() ? "one of " + everybody : named) +
               ". Assign it there, or take its grant away here";
  return error;
}

/// A warehouse takes an owner in one state and refuses it in another, with a message that says the
/// opposite (facts, core 34).
bool owner_is_refused(const Error& error) {
  return error.fault == Fault::invalid &&
         error.message.find("must provide a new owner") != std::string::npos;
}

json without_owner(json entries) {
  for (auto entry = entries.begin(); entry != entries.end();)
    entry = text_at(*entry, "/permission_level") == "IS_OWNER" ? entries.erase(entry)
                                                               : std::next(entry);
  return entries;
}

Task<Result<std::string>> write_list(Write write) {
  if (write.parent_kind == nullptr)
    co_return fail(Fault::bug, "permissions without the object that they belong to");
  std::string id = owner_id(write);
  json entries = array_at(write.definition.get(), "/access_control_list");
  add_own(*write.to, write.parent_kind->permission_type, entries);
  json body = json::object();
  body["access_control_list"] = entries;
  const std::string path = path_of(*write.parent_kind, id);
  auto done = co_await write.to->call(repeatable(http::Method::put, path, body));
  if (!done && owner_is_refused(done.error())) {
    body["access_control_list"] = without_owner(entries);
    done = co_await write.to->call(repeatable(http::Method::put, path, body));
  }
  if (!done) co_return fail(explain(std::move(done).error(), entries));
  co_return id;
}

constexpr std::string_view users[] = {"user"};
constexpr std::string_view groups[] = {"group"};
constexpr std::string_view service_principals[] = {"service_principal"};
constexpr Reference references[] = {
    {.path = "/access_control_list/*/user_name",
     .kinds = users,
     .match = Match::key,
     .missing = IfMissing::drop,
     .drop_levels = 1},
    {.path = "/access_control_list/*/group_name",
     .kinds = groups,
     .match = Match::key,
     .missing = IfMissing::drop,
     .drop_levels = 1},
    {.path = "/access_control_list/*/service_principal_name",
     .kinds = service_principals,
     .match = Match::key,
     .missing = IfMissing::drop,
     .drop_levels = 1},
};
constexpr Unordered unordered[] = {{"/access_control_list", ""}};
constexpr std::string_view leave_out_self[] = {"/access_control_list/*/user_name",
                                               "/access_control_list/*/service_principal_name"};

constexpr Kind kind{
    .name = "permissions",
    .plural = "permissions",
    .about = "who was granted what on an object itself, not what it inherits",
    .child_of = "*",
    .child_item = child_item,
    .detail = Detail::definition,
    .read = {.path = "/api/2.0/permissions/{type}/{id}"},
    .read_verb = read,
    .shape = shape,
    .unordered = unordered,
    .references = references,
    .leave_out_self = leave_out_self,
    .create = {.method = Method::put,
               .path = "/api/2.0/permissions/{type}/{id}",
               .effect = Effect::writes},
    .update = {.method = Method::put,
               .path = "/api/2.0/permissions/{type}/{id}",
               .effect = Effect::writes},
    .create_verb = write_list,
    .update_verb = write_list,
    .never_removed = true,
};

}  // namespace

const Kind& permissions_kind() { return kind; }

}  // namespace twinlake::kinds::permissions
