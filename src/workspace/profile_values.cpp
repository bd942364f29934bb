#include "workspace/profile_values.h"

#include <array>

namespace twinlake::workspace {

namespace {

struct Attribute {
  std::string_view key;
  std::string_view variable;
  Family family;
  bool one_workspace;  ///< names or opens one workspace: never taken over into a named profile
  /// Of Azure's own tools. It counts only where nothing speaks for credentials of another kind:
  /// platforms set these variables unasked.
  std::string_view weak_variable = {};
};

constexpr std::array attributes{
    Attribute{"host", "DATABRICKS_HOST", Family::none, true},
    Attribute{"token", "DATABRICKS_TOKEN", Family::pat, true},
    Attribute{"username", "DATABRICKS_USERNAME", Family::basic, true},
    Attribute{"password", "DATABRICKS_PASSWORD", Family::basic, true},
    Attribute{"client_id", "DATABRICKS_CLIENT_ID", Family::oauth, false},
    Attribute{"client_secret", "DATABRICKS_CLIENT_SECRET", Family::oauth, false},
    Attribute{"account_id", "DATABRICKS_ACCOUNT_ID", Family::none, false},
    Attribute{"workspace_id", "DATABRICKS_WORKSPACE_ID", Family::none, true},
    Attribute{"auth_type", "DATABRICKS_AUTH_TYPE", Family::none, false},
    Attribute{"azure_workspace_resource_id", "DATABRICKS_AZURE_RESOURCE_ID", Family::azure, true},
    Attribute{"azure_use_msi", "ARM_USE_MSI", Family::azure, false},
    Attribute{"azure_client_id", "ARM_CLIENT_ID", Family::azure, false, "AZURE_CLIENT_ID"},
    Attribute{"azure_client_secret", "ARM_CLIENT_SECRET", Family::azure, false,
              "AZURE_CLIENT_SECRET"},
    Attribute{"azure_client_secret_file", "ARM_CLIENT_SECRET_FILE_PATH", Family::azure, false},
    Attribute{"azure_client_certificate_path", "ARM_CLIENT_CERTIFICATE_PATH", Family::azure, false,
              "AZURE_CLIENT_CERTIFICATE_PATH"},
    Attribute{"azure_client_certificate_password", "ARM_CLIENT_CERTIFICATE_PASSWORD", Family::azure,
              false, "AZURE_CLIENT_CERTIFICATE_PASSWORD"},
    Attribute{"azure_federated_token_file", "ARM_OIDC_TOKEN_FILE_PATH", Family::azure, false,
              "AZURE_FEDERATED_TOKEN_FILE"},
    Attribute{"actions_id_token_request_url", "ACTIONS_ID_TOKEN_REQUEST_URL", Family::none, false},
    Attribute{"azure_tenant_id", "ARM_TENANT_ID", Family::azure, false, "AZURE_TENANT_ID"},
    Attribute{"azure_login_host", "TWINLAKE_AZURE_LOGIN_HOST", Family::none, false},
    Attribute{"azure_arm_host", "TWINLAKE_AZURE_ARM_HOST", Family::none, false},
    Attribute{"azure_environment", "ARM_ENVIRONMENT", Family::none, false},
    Attribute{"scopes", "", Family::none, false},
    Attribute{"metadata_service_url", "DATABRICKS_METADATA_SERVICE_URL", Family::other, true},
};

}  // namespace

std::string_view word(Family family) {
  switch (family) {
    case Family::none: return "none";
    case Family::pat: return "pat";
    case Family::basic: return "basic";
    case Family::oauth: return "oauth";
    case Family::azure: return "azure";
    case Family::other: return "metadata-service";
  }
  return "?";
}

std::set<Family> Values::families() const {
  std::set<Family> found;
  for (const Attribute& attribute : attributes)
    if (attribute.family != Family::none && has(attribute.key)) found.insert(attribute.family);
  return found;
}

void take_section(Values& values, const IniSection& section) {
  for (const Attribute& attribute : attributes)
    if (const std::string* value = section.find(attribute.key)) values.offer(attribute.key, *value);
}

void take_weak_variables(Values& values, const Environment& environment) {
  std::set<Family> others = values.families();
  others.erase(Family::azure);
  for (const Attribute& attribute : attributes)
    if (!attribute.weak_variable.empty() && (others.empty() || attribute.family == Family::none))
      values.offer(attribute.key, environment(attribute.weak_variable).value_or(""));
}

void take_environment(Values& values, const Environment& environment) {
  for (const Attribute& attribute : attributes)
    if (!attribute.variable.empty())
      values.offer(attribute.key, environment(attribute.variable).value_or(""));
}

void complete_from_environment(Values& values, const Environment& environment) {
  const std::set<Family> own = values.families();
  for (const Attribute& attribute : attributes) {
    if (attribute.variable.empty() || attribute.one_workspace) continue;
    const bool fits =
        attribute.family == Family::none || own.empty() || own.contains(attribute.family);
    // A forced kind of the shell must not contradict what the section itself holds.
    const bool overrules = attribute.key == "auth_type" && !own.empty();
    if (fits && !overrules)
      values.offer(attribute.key, environment(attribute.variable).value_or(""));
  }
  take_weak_variables(values, environment);
}

Values azure_values(const Environment& environment) {
  Values values;
  for (const Attribute& attribute : attributes)
    if (!attribute.one_workspace && !attribute.variable.empty() &&
        (attribute.family == Family::azure || attribute.family == Family::none))
      values.offer(attribute.key, environment(attribute.variable).value_or(""));
  take_weak_variables(values, environment);
  return values;
}

}  // namespace twinlake::workspace
