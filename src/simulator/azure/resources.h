#pragma once
// Everything that lies in the subscription, by id. Only a store: what may be done is decided by
// whoever serves the type.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/azure/resource_id.h"

namespace twinlake::simulator {

using nlohmann::json;

class Resources {
 public:
  /// nullptr when there is none.
  [[nodiscard]] json* find(std::string_view id);
  [[nodiscard]] const json* find(std::string_view id) const;
  /// Stores a resource under its member `id`; name and type come from the id when they are absent.
  json& put(json resource);
  /// Removes it with everything below it; false when it was not there.
  bool remove(std::string_view id);
  /// Those of a type ("Microsoft.Storage/storageAccounts", any case) below an id; by id.
  [[nodiscard]] std::vector<const json*> of_type(std::string_view type,
                                                 std::string_view below = "") const;
  /// All below an id, of any type, without itself.
  [[nodiscard]] std::vector<const json*> below(std::string_view id) const;
  [[nodiscard]] const std::map<std::string, json>& all() const { return by_id_; }

 private:
  std::map<std::string, json> by_id_;  ///< by lower case id
};

/// Two ids, types or names that Azure takes for the same.
[[nodiscard]] bool same_id(std::string_view left, std::string_view right);

}  // namespace twinlake::simulator
