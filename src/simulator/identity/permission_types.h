#pragma once
// The types of the permissions API as a table: what they are called and which levels they know.
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace twinlake::simulator {

inline constexpr std::string_view owner_level = "IS_OWNER";
inline constexpr std::string_view manage_level = "CAN_MANAGE";

enum class CreatorGets { nothing, manage, ownership };

struct PermissionType {
  std::string_view name;                 ///< in the URL
  std::string_view object_type;          ///< in the answer
  std::string_view object_path;          ///< of `object_id`, with both slashes
  std::vector<std::string_view> levels;  ///< lowest first
  CreatorGets creator = CreatorGets::manage;
  bool keeps_list_after_removal = false;  ///< old services answer 200 for a while
  [[nodiscard]] bool owned() const { return creator == CreatorGets::ownership; }
  [[nodiscard]] bool in_tree() const;
  /// The level that admins have everywhere: the highest that a group can have.
  [[nodiscard]] std::string_view admin_level() const;
  [[nodiscard]] int rank(std::string_view level) const;  ///< -1: not a level of this type
};

/// nullptr for a type that the service does not know. Knows aliases such as "sql/warehouses".
[[nodiscard]] const PermissionType* permission_type(std::string_view name);
/// The name in the table; an unknown one stays as it is.
[[nodiscard]] std::string table_name(const std::string& type);
/// Objects at the top, which inherit from nothing: their list must name the admins.
[[nodiscard]] bool is_root(const std::string& type, const std::string& id, const std::string& path);
/// How many owners are among levels by principal.
[[nodiscard]] std::size_t owners_in(const std::map<std::string, std::string>& levels);

}  // namespace twinlake::simulator
