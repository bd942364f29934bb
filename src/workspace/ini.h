#pragma once
// The dialect of .databrickscfg: "=" and ":", byte order mark, values of any length, section names
// with dots. A reader of our own because the packaged ones cut long values or split dotted names.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace twinlake::workspace {

struct IniSection {
  std::string name;  ///< case-sensitive; keys before any header belong to DEFAULT
  std::vector<std::pair<std::string, std::string>> values;
  [[nodiscard]] const std::string* find(std::string_view key) const;
};

struct IniFile {
  std::vector<IniSection> sections;  ///< in the order of the file, each name once
  [[nodiscard]] const IniSection* find(std::string_view name) const;
};

/// Pure. Errors name the line and never quote it: it may hold a token.
[[nodiscard]] Result<IniFile> parse_ini(std::string_view text);

}  // namespace twinlake::workspace
