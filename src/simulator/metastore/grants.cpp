#include "simulator/metastore/grants.h"

#include <algorithm>

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
using Type = SqlSecurable::Type;
const std::string denied = "DENIED_";

json row_of(const GrantKey& key, const std::string& principal, const std::string& action) {
  return json::object({{"principal", principal},
                       {"action_type", action},
                       {"object_type", key.object_type()},
                       {"object_key", key.object_key()}});
}
}  // namespace

std::vector<GrantKey> GrantKey::chain() const {
  std::vector<GrantKey> keys{*this};
  if (type == Type::table || type == Type::view || type == Type::function)
    keys.push_back(schema(place.schema));
  if (!place.schema.empty()) keys.push_back(catalog());
  return keys;
}

std::string GrantKey::object_type() const {
  switch (type) {
    case Type::catalog: return "CATALOG$";
    case Type::schema: return "DATABASE";
    case Type::table:
    case Type::view: return "TABLE";
    case Type::function: return "FUNCTION";
    case Type::any_file: return "ANY_FILE";
    case Type::anonymous_function: return "ANONYMOUS_FUNCTION";
  }
  return "";
}

std::string GrantKey::object_key() const {
  if (place.schema.empty()) return "";
  return place.name.empty() ? in_ticks(place.schema)
                            : in_ticks(place.schema) + "." + in_ticks(place.name);
}

void MetastoreGrants::change(ChangeGrants::Verb verb, const GrantKey& key,
                             const std::string& principal,
                             const std::vector<std::string>& privileges) {
  Actions& actions = grants_[key][principal];
  for (const std::string& privilege : privileges) switch (verb) {
      case ChangeGrants::Verb::grant: actions.insert(privilege); break;
      case ChangeGrants::Verb::deny: actions.insert(denied + privilege); break;
      case ChangeGrants::Verb::revoke:  // takes back both
        actions.erase(privilege);
        actions.erase(denied + privilege);
        if (privilege == "ALL_PRIVILEGES") actions.clear();
        break;
    }
  if (actions.empty()) grants_[key].erase(principal);
  if (grants_[key].empty()) grants_.erase(key);
}

const std::map<std::string, MetastoreGrants::Actions>& MetastoreGrants::of(
    const GrantKey& key) const {
  static const std::map<std::string, Actions> nothing;
  const auto found = grants_.find(key);
  return found == grants_.end() ? nothing : found->second;
}

bool MetastoreGrants::allows(const GrantKey& key, const std::set<std::string>& principals,
                             const std::string& privilege) const {
  bool granted = false;
  for (const GrantKey& each : key.chain())
    for (const auto& [principal, actions] : of(each)) {
      if (!principals.contains(principal)) continue;
      if (actions.contains(denied + privilege) || actions.contains(denied + "ALL_PRIVILEGES"))
        return false;
      granted = granted || actions.contains(privilege) || actions.contains("ALL_PRIVILEGES");
    }
  return granted;
}

bool MetastoreGrants::shows(const GrantKey& key, const std::set<std::string>& principals) const {
  bool granted = false;
  for (const GrantKey& each : key.chain())
    for (const auto& [principal, actions] : of(each)) {
      if (!principals.contains(principal)) continue;
      for (const std::string& action : actions) {
        if (action.starts_with(denied) && each == key) return false;
        granted = granted || !action.starts_with(denied);
      }
    }
  return granted;
}

nlohmann::json MetastoreGrants::world() const {
  json all = json::array();
  for (const auto& [key, by_principal] : grants_)
    for (const auto& [principal, actions] : by_principal)
      for (const std::string& action : actions) all.push_back(row_of(key, principal, action));
  return all;
}

}  // namespace twinlake::simulator
