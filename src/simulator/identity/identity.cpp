#include "simulator/identity/identity.h"

#include <algorithm>

#include "simulator/region.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view account_users = "account users";
}

Identity::Identity(Region& region)
    : region_(region), federated_(region.options().account != nullptr) {
  account_ = federated_ ? region.options().account
                        : std::make_shared<Account>(region.ids().uuid(), region.options().seed);
  if (federated_ && account_->find_name(PrincipalKind::group, account_users) == nullptr)
    account_->add_group(std::string(account_users));
  make_built_in_groups();
  add_scim_routes();
  add_assignment_routes();
}

void Identity::make_built_in_groups() {
  const auto make = [this](const char* name, std::set<std::string> entitlements) {
    Principal group;
    group.kind = PrincipalKind::group;
    group.id = account_->new_id();
    group.name = name;
    group.of_account = false;
    const std::string id = group.id;
    local_groups_.emplace(id, std::move(group));
    assignments_[id].entitlements = std::move(entitlements);
    return id;
  };
  admins_id_ = make("admins", {"allow-cluster-create", "allow-instance-pool-create",
                               "databricks-sql-access", "workspace-access"});
  users_id_ = make("users", {"databricks-sql-access", "workspace-access"});
}

json Identity::world() const {
  json body = json::object();
  const auto list_of_kind = [this](PrincipalKind kind) {
    json items = json::array();
    for (const Principal* principal : all(kind)) items.push_back(render(*principal));
    return items;
  };
  body["users"] = list_of_kind(PrincipalKind::user);
  body["service_principals"] = list_of_kind(PrincipalKind::service_principal);
  body["groups"] = list_of_kind(PrincipalKind::group);
  return body;
}

const Principal* Identity::find_id(const std::string& id) const {
  if (const auto local = local_groups_.find(id); local != local_groups_.end())
    return &local->second;
  const Principal* found = account_->find(id);
  // Everybody of the account is in `account users`; it needs no assignment to be named in a list.
  return found != nullptr && (assigned(id) || found->name == account_users) ? found : nullptr;
}

Principal* Identity::find_mutable(const std::string& id) {
  if (const auto local = local_groups_.find(id); local != local_groups_.end())
    return &local->second;
  return assigned(id) ? account_->find(id) : nullptr;
}

const Principal* Identity::find_user(std::string_view user_name) const {
  const Principal* found = account_->find_name(PrincipalKind::user, user_name);
  return found != nullptr && assigned(found->id) ? found : nullptr;
}

const Principal* Identity::find_service_principal(std::string_view application_id) const {
  const Principal* found = account_->find_name(PrincipalKind::service_principal, application_id);
  return found != nullptr && assigned(found->id) ? found : nullptr;
}

const Principal* Identity::find_group(std::string_view name) const {
  for (const auto& [id, group] : local_groups_)
    if (same_name(group.name, name)) return &group;
  const Principal* found = account_->find_name(PrincipalKind::group, name);
  return found == nullptr ? nullptr : find_id(found->id);
}

const Principal* Identity::find_any(std::string_view name) const {
  if (const Principal* user = find_user(name)) return user;
  if (const Principal* principal = find_service_principal(name)) return principal;
  return find_group(name);
}

std::string Identity::canonical(std::string_view name) const {
  const Principal* found = find_any(name);
  return found == nullptr ? std::string(name) : found->name;
}

std::vector<const Principal*> Identity::all(PrincipalKind kind) const {
  std::vector<const Principal*> found;
  for (const auto& [id, assignment] : assignments_) {
    const Principal* principal = find_id(id);
    if (principal != nullptr && principal->kind == kind) found.push_back(principal);
  }
  return found;
}

std::set<std::string> Identity::direct_groups_of(const std::string& id) const {
  std::set<std::string> found;
  for (const auto& [group_id, group] : local_groups_)
    if (group.members.contains(id)) found.insert(group_id);
  for (const std::string& group_id : account_->group_ids())
    if (assigned(group_id) && account_->find(group_id)->members.contains(id))
      found.insert(group_id);
  const Principal* principal = find_id(id);
  if (principal != nullptr && principal->kind != PrincipalKind::group) found.insert(users_id_);
  return found;
}

std::set<std::string> Identity::group_ids_of(const std::string& id) const {
  std::set<std::string> found;
  std::vector<std::string> waiting{id};
  while (!waiting.empty()) {
    const std::string next = std::move(waiting.back());
    waiting.pop_back();
    for (const std::string& group : direct_groups_of(next))
      if (found.insert(group).second) waiting.push_back(group);
  }
  return found;
}

std::set<std::string> Identity::groups_of(std::string_view caller) const {
  std::set<std::string> names;
  if (const Principal* principal = find_any(caller))
    for (const std::string& id : group_ids_of(principal->id)) names.insert(find_id(id)->name);
  return names;
}

bool Identity::is_admin(std::string_view caller) const {
  const Principal* principal = find_any(caller);
  return principal != nullptr && group_ids_of(principal->id).contains(admins_id_);
}

bool Identity::is_entitled(std::string_view caller, std::string_view entitlement) const {
  const Principal* principal = find_any(caller);
  if (principal == nullptr) return false;
  std::set<std::string> holders = group_ids_of(principal->id);
  if (holders.contains(admins_id_)) return true;
  holders.insert(principal->id);
  return std::any_of(holders.begin(), holders.end(), [&](const std::string& id) {
    const auto found = assignments_.find(id);
    return found != assignments_.end() &&
           found->second.entitlements.contains(std::string(entitlement));
  });
}

bool Identity::would_cycle(const std::string& group, const std::string& member) const {
  return group == member || group_ids_of(group).contains(member);
}

void Identity::when_principal_created(std::function<void(const std::string&)> hook) {
  for (const PrincipalKind kind : {PrincipalKind::user, PrincipalKind::service_principal})
    for (const Principal* principal : all(kind)) hook(principal->name);
  hooks_.push_back(std::move(hook));
}

void Identity::assign(const Principal& principal) {
  const bool is_new = assignments_.try_emplace(principal.id).second;
  if (!is_new || principal.kind == PrincipalKind::group) return;
  for (const auto& hook : hooks_) hook(principal.name);
}

void Identity::unassign(const std::string& id) {
  assignments_.erase(id);
  for (auto& [group_id, group] : local_groups_) group.members.erase(id);
  if (local_groups_.erase(id) > 0) return;
  if (!federated_) account_->erase(id);  // an account of our own: nobody else can miss it
}

const Principal& Identity::ensure_user(const std::string& user_name, bool admin) {
  const Principal* user = account_->find_name(PrincipalKind::user, user_name);
  if (user == nullptr) user = &account_->add_user(user_name);
  assign(*user);
  if (admin) local_groups_.at(admins_id_).members.insert(user->id);
  return *user;
}

const Principal& Identity::ensure_service_principal(const std::string& application_id, bool admin) {
  const Principal* principal =
      account_->find_name(PrincipalKind::service_principal, application_id);
  if (principal == nullptr)
    principal = &account_->add_service_principal(application_id, application_id);
  assign(*principal);
  if (admin) local_groups_.at(admins_id_).members.insert(principal->id);
  return *principal;
}

Refusal admins_only(const Call& call) {
  if (call.region.get<Identity>().is_admin(call.caller)) return std::nullopt;
  return error(403, "PERMISSION_DENIED", "Only workspace admins can do this.");
}

}  // namespace twinlake::simulator
