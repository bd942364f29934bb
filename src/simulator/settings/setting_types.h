#pragma once
// The known settings of a workspace as a table.
#include <span>
#include <string_view>

namespace twinlake::simulator {

struct SettingType {
  std::string_view name;
  std::string_view payload;        ///< the field that holds the value
  std::string_view effective;      ///< what applies while nobody has set it, as JSON
  bool guarded = true;             ///< by an etag
  bool removable = true;           ///< may be unset again
  std::string_view stays_on = {};  ///< a field of the payload that can be switched on, never off
};

[[nodiscard]] std::span<const SettingType> setting_types();
/// nullptr when there is no such type.
[[nodiscard]] const SettingType* setting_type(std::string_view name);

}  // namespace twinlake::simulator
