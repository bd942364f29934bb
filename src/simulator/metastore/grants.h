#pragma once
// Privileges of the legacy metastore: granted and denied, by object and principal. Who owns what is
// in the objects.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulator/metastore/objects.h"

namespace twinlake::simulator {

/// What a privilege hangs on. A view is a table here.
struct GrantKey {
  SqlSecurable::Type type = SqlSecurable::Type::catalog;
  MetaPlace place;  ///< empty, only the schema, or both
  auto operator<=>(const GrantKey&) const = default;

  [[nodiscard]] static GrantKey catalog() { return {}; }
  [[nodiscard]] static GrantKey schema(const std::string& name) {
    return {SqlSecurable::Type::schema, {name, ""}};
  }
  [[nodiscard]] static GrantKey table(const MetaPlace& place) {
    return {SqlSecurable::Type::table, place};
  }
  [[nodiscard]] static GrantKey function(const MetaPlace& place) {
    return {SqlSecurable::Type::function, place};
  }
  /// The object itself and those whose privileges it inherits, nearest first.
  [[nodiscard]] std::vector<GrantKey> chain() const;
  [[nodiscard]] std::string object_type() const;  ///< as SHOW GRANTS says it: "DATABASE"
  [[nodiscard]] std::string object_key() const;   ///< "`sales`.`orders`"
};

class MetastoreGrants {
 public:
  using Actions = std::set<std::string>;  ///< "SELECT", "DENIED_MODIFY"

  void change(ChangeGrants::Verb verb, const GrantKey& key, const std::string& principal,
              const std::vector<std::string>& privileges);
  /// Of this object only, by principal.
  [[nodiscard]] const std::map<std::string, Actions>& of(const GrantKey& key) const;
  /// What is denied anywhere up the chain stays denied, whoever grants it.
  [[nodiscard]] bool allows(const GrantKey& key, const std::set<std::string>& principals,
                            const std::string& privilege) const;
  /// Is anything granted to them here or above, and nothing denied on the object?
  [[nodiscard]] bool shows(const GrantKey& key, const std::set<std::string>& principals) const;
  void remove(const GrantKey& key) { grants_.erase(key); }

  [[nodiscard]] nlohmann::json world() const;

 private:
  std::map<GrantKey, std::map<std::string, Actions>> grants_;
};

}  // namespace twinlake::simulator
