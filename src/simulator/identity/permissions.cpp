#include "simulator/identity/permissions.h"

#include <algorithm>

#include "simulator/identity/identity.h"
#include "simulator/identity/permission_types.h"
#include "simulator/region.h"

namespace twinlake::simulator {

namespace {
/// How long old services still show the list of an object that is gone.
constexpr std::int64_t afterlife_millis = 60'000;

bool is_home(const std::string& path) {
  return path.starts_with("/Users/") && path.find('/', 7) == std::string::npos;
}
}  // namespace

Permissions::Permissions(Region& region) : region_(region) { add_routes(); }

json Permissions::world() const {
  const auto& identity = region_.get<Identity>();
  json all = json::object();
  for (const auto& [key, record] : records_) {
    json entries = json::array();
    for (const auto& [principal_id, level] : record.direct) {
      const Principal* principal = identity.find_id(principal_id);
      if (principal == nullptr || record.removed_at != 0) continue;
      json entry = json::object();
      entry[std::string(name_field(principal->kind))] = principal->name;
      entry["permission_level"] = level;
      entries.push_back(std::move(entry));
    }
    if (!entries.empty()) all[key.first + "/" + key.second] = std::move(entries);
  }
  json body = json::object();
  body["permissions"] = std::move(all);
  return body;
}

void Permissions::register_type(const std::string& type, TypeHooks hooks) {
  hooks_.insert_or_assign(table_name(type), std::move(hooks));
}

void Permissions::register_type(
    const std::string& type, std::function<bool(const std::string&)> exists,
    std::function<std::vector<Ancestor>(const std::string&)> ancestors) {
  TypeHooks hooks;
  hooks.exists = std::move(exists);
  hooks.ancestors = std::move(ancestors);
  register_type(type, std::move(hooks));
}

void Permissions::created(const std::string& type_name, const std::string& id,
                          const std::string& creator) {
  const PermissionType* type = permission_type(type_name);
  if (type == nullptr) throw std::logic_error("unknown permission type " + type_name + " [bug]");
  Record& record = records_[{std::string(type->name), id}];
  record = Record{};
  const Principal* principal = region_.get<Identity>().find_any(creator);
  if (principal == nullptr) return;
  switch (type->creator) {
    case CreatorGets::nothing: return;
    case CreatorGets::manage: record.direct[principal->id] = manage_level; return;
    case CreatorGets::ownership: record.direct[principal->id] = owner_level; return;
  }
}

Refusal Permissions::set_initial(const std::string& type_name, const std::string& id,
                                 const json& list) {
  const std::string type = table_name(type_name);
  Levels wanted;
  if (auto refusal = read_list(type, list, wanted)) return refusal;
  Levels& direct = records_[{type, id}].direct;
  // Whoever is named as owner takes the place of the creator.
  if (owners_in(wanted) > 0)
    std::erase_if(direct, [](const auto& row) { return row.second == owner_level; });
  for (const auto& [principal, level] : wanted)
    if (!direct.contains(principal)) direct[principal] = level;
  if (owners_in(direct) > 1)
    return invalid("The " + std::string(permission_type(type)->object_type) +
                   " must have exactly one owner.");
  return std::nullopt;
}

void Permissions::removed(const std::string& type_name, const std::string& id) {
  const PermissionType* type = permission_type(type_name);
  const auto found = records_.find({table_name(type_name), id});
  if (found == records_.end()) return;
  if (type != nullptr && type->keeps_list_after_removal)
    found->second.removed_at = std::max<std::int64_t>(1, region_.now_millis());
  else
    records_.erase(found);
}

std::string Permissions::path_of(const std::string& type, const std::string& id) const {
  const auto hooks = hooks_.find(type);
  if (hooks == hooks_.end() || !hooks->second.path) return {};
  return hooks->second.path(id);
}

Permissions::Levels Permissions::direct_of(const std::string& type, const std::string& id) const {
  if (const auto found = records_.find({type, id});
      found != records_.end() && !found->second.direct.empty())
    return found->second.direct;
  const auto& identity = region_.get<Identity>();
  const std::string path = path_of(type, id);
  if (is_root(type, id, path)) return {{identity.admins_id(), std::string(manage_level)}};
  if (path == "/Shared") return {{identity.users_id(), std::string(manage_level)}};
  return {};
}

std::vector<Permissions::Inherited> Permissions::inherited_of(const std::string& type,
                                                              const std::string& id) const {
  std::vector<Inherited> found;
  const auto& identity = region_.get<Identity>();
  const std::string own_path = path_of(type, id);
  if (is_root(type, id, own_path)) return found;
  const auto hooks = hooks_.find(type);
  std::vector<Ancestor> ancestors;
  if (hooks != hooks_.end() && hooks->second.ancestors) ancestors = hooks->second.ancestors(id);
  const PermissionType& row = *permission_type(type);
  if (ancestors.empty()) {
    const std::string_view from = row.in_tree() ? "/directories/" : row.object_path;
    found.push_back({identity.admins_id(), std::string(row.admin_level()), std::string(from)});
    return found;
  }
  const auto owner_of_home = [&](const std::string& path, const std::string& from) {
    if (!is_home(path)) return;
    if (const Principal* owner = identity.find_any(path.substr(7)))
      found.push_back({owner->id, std::string(manage_level), from});
  };
  const auto label = [](const Ancestor& place) {
    return "/" + place.type + "/" + (place.path == "/" ? "" : place.id);
  };
  owner_of_home(own_path, label(ancestors.front()));
  for (const Ancestor& place : ancestors) {
    owner_of_home(place.path, label(place));
    for (const auto& [principal, level] : direct_of(place.type, place.id))
      found.push_back({principal, level, label(place)});
  }
  return found;
}

std::string Permissions::level_of(const std::string& type_name, const std::string& id,
                                  const std::string& caller) const {
  const std::string type = table_name(type_name);
  const PermissionType* row = permission_type(type);
  const auto& identity = region_.get<Identity>();
  const Principal* principal = identity.find_any(caller);
  if (principal == nullptr || row == nullptr) return {};
  std::set<std::string> holders = identity.group_ids_of(principal->id);
  holders.insert(principal->id);
  std::string best;
  const auto offer = [&](const std::string& holder, const std::string& level) {
    if (holders.contains(holder) && row->rank(level) > row->rank(best)) best = level;
  };
  for (const auto& [holder, level] : direct_of(type, id)) offer(holder, level);
  for (const Inherited& entry : inherited_of(type, id)) offer(entry.principal_id, entry.level);
  return best;
}

bool Permissions::can_manage(const std::string& type_name, const std::string& id,
                             const std::string& caller) const {
  const PermissionType* row = permission_type(type_name);
  if (region_.get<Identity>().is_admin(caller)) return true;
  if (row == nullptr || row->rank(manage_level) < 0) return false;
  return row->rank(level_of(type_name, id, caller)) >= row->rank(manage_level);
}

std::string Permissions::owner_of(const std::string& type, const std::string& id) const {
  for (const auto& [principal_id, level] : direct_of(table_name(type), id)) {
    const Principal* principal = region_.get<Identity>().find_id(principal_id);
    if (level == owner_level && principal != nullptr) return principal->name;
  }
  return {};
}

Refusal Permissions::missing(const std::string& type, const std::string& id) const {
  const PermissionType& row = *permission_type(type);
  const auto not_there = [&]() -> Refusal {
    return absent(std::string(row.object_type) + " " + id + " does not exist.");
  };
  if (type == "authorization") return id == "tokens" ? std::nullopt : not_there();
  if (is_root(type, id, "")) return std::nullopt;
  const auto record = records_.find({type, id});
  if (record != records_.end() && record->second.removed_at != 0)
    return region_.now_millis() - record->second.removed_at < afterlife_millis ? std::nullopt
                                                                               : not_there();
  const auto hooks = hooks_.find(type);
  if (hooks == hooks_.end()) return not_there();
  if (hooks->second.refuse)
    if (auto refusal = hooks->second.refuse(id)) return refusal;
  return hooks->second.exists(id) ? std::nullopt : not_there();
}

}  // namespace twinlake::simulator
