#include "simulator/identity/permission_types.h"

#include <algorithm>
#include <array>

namespace twinlake::simulator {

namespace {
using Levels = std::vector<std::string_view>;

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<PermissionType>& table() {
  static const Levels four{"CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"};
  static const Levels use{"CAN_USE", "CAN_MANAGE"};
  static const Levels model{"CAN_READ", "CAN_EDIT", "CAN_MANAGE_STAGING_VERSIONS",
                            "CAN_MANAGE_PRODUCTION_VERSIONS", "CAN_MANAGE"};
  using enum CreatorGets;
  static const std::vector<PermissionType> types{
      {"notebooks", "notebook", "/notebooks/", four, nothing},
      {"directories", "directory", "/directories/", four, nothing},
      {"files", "file", "/files/", four, nothing},
      {"repos", "repo", "/repos/", four, nothing},
      {"clusters",
       "cluster",
       "/clusters/",
       {"CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"},
       manage,
       true},
      {"cluster-policies", "cluster-policy", "/cluster-policies/", {"CAN_USE"}, nothing},
      {"instance-pools", "instance-pool", "/instance-pools/", {"CAN_ATTACH_TO", "CAN_MANAGE"}},
      {"jobs",
       "job",
       "/jobs/",
       {"CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"},
       ownership,
       true},
      {"pipelines",
       "pipelines",
       "/pipelines/",
       {"CAN_VIEW", "CAN_RUN", "CAN_MANAGE", "IS_OWNER"},
       ownership,
       true},
      {"warehouses",
       "warehouses",
       "/sql/warehouses/",
       {"CAN_USE", "CAN_MONITOR", "CAN_VIEW", "CAN_MANAGE", "IS_OWNER"},
       ownership},
      {"dashboards", "dashboard", "/dashboards/", four},
      {"genie", "genie-space", "/genie/", four},
      {"dbsql-dashboards", "dashboard", "/dbsql-dashboards/", four},
      {"queries", "query", "/sql/queries/", four},
      {"alerts", "alert", "/sql/alerts/", four},
      {"alertsv2", "alertv2", "/alertsv2/", four},
      {"experiments", "mlflowExperiment", "/experiments/", {"CAN_READ", "CAN_EDIT", "CAN_MANAGE"}},
      {"registered-models", "registered-model", "/registered-models/", model},
      {"serving-endpoints",
       "serving-endpoint",
       "/serving-endpoints/",
       {"CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"}},
      {"vector-search-endpoints", "vector-search-endpoints", "/vector-search-endpoints/", use},
      {"apps", "apps", "/apps/", use},
      {"database-instances", "database-instances", "/database-instances/", use},
      {"database-projects", "database-projects", "/database-projects/", use},
      {"knowledge-assistants",
       "knowledge-assistants",
       "/knowledge-assistants/",
       {"CAN_QUERY", "CAN_MANAGE"}},
      {"supervisor-agents",
       "supervisor-agents",
       "/supervisor-agents/",
       {"CAN_QUERY", "CAN_MANAGE"}},
      {"authorization", "tokens", "/authorization/", use, nothing},
  };
  return types;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> aliases{{
    {"sql/warehouses", "warehouses"},
    {"sql/queries", "queries"},
    {"sql/alerts", "alerts"},
    {"sql/dashboards", "dbsql-dashboards"},
    {"dbsql-dashboard", "dbsql-dashboards"},
    {"dashboard", "dbsql-dashboards"},
}};
}  // namespace

bool PermissionType::in_tree() const {
  return name == "notebooks" || name == "directories" || name == "files" || name == "repos";
}

std::string_view PermissionType::admin_level() const {
  return rank(manage_level) >= 0 ? manage_level : levels.back();
}

int PermissionType::rank(std::string_view level) const {
  for (std::size_t i = 0; i < levels.size(); ++i)
    if (levels[i] == level) return static_cast<int>(i);
  return -1;
}

const PermissionType* permission_type(std::string_view name) {
  for (const auto& [alias, real] : aliases)
    if (alias == name) name = real;
  for (const PermissionType& type : table())
    if (type.name == name) return &type;
  return nullptr;
}

std::string table_name(const std::string& type) {
  const PermissionType* found = permission_type(type);
  return found == nullptr ? type : std::string(found->name);
}

bool is_root(const std::string& type, const std::string& id, const std::string& path) {
  return type == "authorization" || (type == "registered-models" && id == "root") ||
         (type == "directories" && (id == "0" || path == "/"));
}

std::size_t owners_in(const std::map<std::string, std::string>& levels) {
  const auto owns = [](const auto& row) { return row.second == owner_level; };
  return static_cast<std::size_t>(std::count_if(levels.begin(), levels.end(), owns));
}

}  // namespace twinlake::simulator
