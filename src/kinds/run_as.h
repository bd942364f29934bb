#pragma once
// Who a job or a pipeline runs as, said explicitly.
#include <cctype>
#include <string>

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::kinds {

/// Application ids are uuids, and user names are mail addresses.
inline bool is_uuid(const std::string& text) {
  constexpr std::size_t length = 36;
  if (text.size() != length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0)
      return false;
  }
  return true;
}

/// Left to default, everything would run as the replicator.
inline void say_run_as(const nlohmann::json& item, nlohmann::json& settings) {
  if (const nlohmann::json* said = find_at(settings, "/run_as");
      said != nullptr && said->is_object() && !said->empty())
    return;
  const std::string name = text_at(item, "/run_as_user_name");
  if (name.empty()) return;
  settings["run_as"] = nlohmann::json::object();
  settings["run_as"][is_uuid(name) ? "service_principal_name" : "user_name"] = name;
}

}  // namespace twinlake::kinds
