#include "simulator/identity/account.h"

#include "simulator/body.h"

namespace twinlake::simulator {

bool same_name(std::string_view a, std::string_view b) { return lower(a) == lower(b); }

std::string_view name_field(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::user: return "user_name";
    case PrincipalKind::service_principal: return "service_principal_name";
    case PrincipalKind::group: return "group_name";
  }
  return {};
}

std::string Account::new_id() {
  for (;;) {
    // 15 or 16 digits, as the service makes them.
    std::string id = std::to_string(100000000000000ULL + random_() % 8900000000000000ULL);
    if (!principals_.contains(id)) return id;
  }
}

Principal& Account::add(Principal principal) {
  if (principal.id.empty()) principal.id = new_id();
  names_[{principal.kind, lower(principal.name)}] = principal.id;
  const std::string id = principal.id;
  if (principal.kind == PrincipalKind::group) group_ids_.insert(id);
  return principals_.insert_or_assign(id, std::move(principal)).first->second;
}

void Account::erase(const std::string& id) {
  const auto found = principals_.find(id);
  if (found == principals_.end()) return;
  names_.erase({found->second.kind, lower(found->second.name)});
  principals_.erase(found);
  group_ids_.erase(id);
  for (const std::string& group : group_ids_) principals_.at(group).members.erase(id);
}

const Principal* Account::find(const std::string& id) const {
  const auto found = principals_.find(id);
  return found == principals_.end() ? nullptr : &found->second;
}

Principal* Account::find(const std::string& id) {
  const auto found = principals_.find(id);
  return found == principals_.end() ? nullptr : &found->second;
}

const Principal* Account::find_name(PrincipalKind kind, std::string_view name) const {
  const auto found = names_.find({kind, lower(name)});
  return found == names_.end() ? nullptr : find(found->second);
}

Principal* Account::find_name(PrincipalKind kind, std::string_view name) {
  const auto found = names_.find({kind, lower(name)});
  return found == names_.end() ? nullptr : find(found->second);
}

Principal& Account::add_user(const std::string& user_name, const std::string& display_name) {
  Principal user;
  user.kind = PrincipalKind::user;
  user.name = user_name;
  user.display_name = display_name.empty() ? user_name : display_name;
  return add(std::move(user));
}

Principal& Account::add_service_principal(const std::string& application_id,
                                          const std::string& display_name) {
  Principal principal;
  principal.kind = PrincipalKind::service_principal;
  principal.name = application_id;
  principal.display_name = display_name;
  return add(std::move(principal));
}

Principal& Account::add_group(const std::string& name, const std::vector<std::string>& member_ids) {
  Principal group;
  group.kind = PrincipalKind::group;
  group.name = name;
  group.members.insert(member_ids.begin(), member_ids.end());
  return add(std::move(group));
}

}  // namespace twinlake::simulator
