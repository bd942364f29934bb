#pragma once
// Who a job or a pipeline runs as, said explicitly.
#include <string>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "base/uuid.h"

namespace twinlake::kinds {

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
