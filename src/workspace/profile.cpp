#include "workspace/profile.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "workspace/ini.h"

namespace twinlake::workspace {

namespace {

/// Whose credentials an attribute belongs to.
enum class Family { none, pat, basic, oauth, azure, other };

struct Attribute {
  std::string_view key;
  std::string_view variable;
  Family family;
  bool one_workspace;  ///< names or opens one workspace: never taken over into a named profile
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
    Attribute{"azure_client_id", "ARM_CLIENT_ID", Family::azure, false},
    Attribute{"azure_client_secret", "ARM_CLIENT_SECRET", Family::azure, false},
    Attribute{"azure_tenant_id", "ARM_TENANT_ID", Family::azure, false},
    Attribute{"azure_environment", "ARM_ENVIRONMENT", Family::none, false},
    Attribute{"scopes", "", Family::none, false},
    Attribute{"metadata_service_url", "DATABRICKS_METADATA_SERVICE_URL", Family::other, true},
};

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

/// The attributes gathered so far. Wiped at the end: there are secrets among them.
class Values {
 public:
  Values() = default;
  Values(Values&&) = default;
  Values& operator=(Values&&) = default;
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  ~Values() {
    for (auto& [key, value] : values_) wipe(value);
  }
  [[nodiscard]] bool has(std::string_view key) const { return values_.contains(key); }
  [[nodiscard]] std::string get(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::string() : found->second;
  }
  /// A value already set is never overwritten.
  void offer(std::string_view key, std::string value) {
    if (!value.empty()) values_.try_emplace(std::string(key), std::move(value));
  }
  [[nodiscard]] std::set<Family> families() const {
    std::set<Family> found;
    for (const Attribute& attribute : attributes)
      if (attribute.family != Family::none && has(attribute.key)) found.insert(attribute.family);
    return found;
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

void take_section(Values& values, const IniSection& section) {
  for (const Attribute& attribute : attributes)
    if (const std::string* value = section.find(attribute.key)) values.offer(attribute.key, *value);
}

void take_environment(Values& values, const Environment& environment) {
  for (const Attribute& attribute : attributes)
    if (!attribute.variable.empty())
      values.offer(attribute.key, environment(attribute.variable).value_or(""));
}

/// Completes a named section: its kind of credentials may have its secret in the environment, but
/// nothing that belongs to one workspace, and nothing of another kind, comes in.
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
}

std::string config_path(const Environment& environment) {
  std::string path = environment("DATABRICKS_CONFIG_FILE").value_or("");
  if (path.empty()) path = "~/.databrickscfg";
  if (path == "~" || path.starts_with("~/"))
    path = environment("HOME").value_or("") + path.substr(1);
  return path;
}

std::string names_in(const IniFile& file) {
  std::string names;
  for (const IniSection& section : file.sections)
    if (section.name != "__settings__") names += (names.empty() ? "" : ", ") + section.name;
  return names.empty() ? "it holds no profile" : "it holds: " + names;
}

Result<IniFile> read_config(const std::string& path, const FileReader& read_file, bool must_exist) {
  TRY(std::optional<std::string> text, read_file(path));
  if (!text) {
    if (must_exist)
      return fail(Fault::config, "there is no " + path,
                  "`databricks configure` writes it, or set DATABRICKS_CONFIG_FILE");
    return IniFile{};
  }
  auto file = parse_ini(*text);
  wipe(*text);
  if (!file) file.error().message = path + ", " + file.error().message;
  return file;
}

Result<Values> gather_named(const std::string& name, Profile& profile,
                            const Environment& environment, const FileReader& read_file) {
  if (name == "__settings__") return fail(Fault::config, "__settings__ is not a profile");
  TRY(const IniFile file, read_config(profile.source, read_file, true));
  const IniSection* const section = file.find(name);
  if (section == nullptr)
    return fail(Fault::config, "there is no profile " + name + " in " + profile.source,
                names_in(file));
  profile.name = name;
  Values values;
  take_section(values, *section);
  complete_from_environment(values, environment);
  return values;
}

Result<Values> gather_unnamed(Profile& profile, const Environment& environment,
                              const FileReader& read_file) {
  Values values;
  take_environment(values, environment);
  // The file is only asked when nothing else says where to go or as whom.
  if (!values.families().empty() || values.has("host")) {
    profile.source = "the environment";
    return values;
  }
  TRY(const IniFile file, read_config(profile.source, read_file, false));
  std::string name = "DEFAULT";
  const IniSection* const settings = file.find("__settings__");
  const std::string* const chosen =
      settings != nullptr ? settings->find("default_profile") : nullptr;
  if (chosen != nullptr && !chosen->empty()) name = *chosen;
  const IniSection* const section = file.find(name);
  if (section == nullptr && name != "DEFAULT")
    return fail(Fault::config, "the default profile " + name + " is not in " + profile.source,
                names_in(file));
  if (section != nullptr) take_section(values, *section);
  profile.name = name;
  return values;
}

bool is_true(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "1";
}

Result<AuthKind> forced_kind(const std::string& type) {
  constexpr std::array kinds{AuthKind::pat, AuthKind::oauth_m2m, AuthKind::azure_client_secret,
                             AuthKind::azure_msi, AuthKind::azure_cli};
  for (const AuthKind kind : kinds)
    if (name_of(kind) == type) return kind;
  return fail(Fault::config, "auth_type " + type + " is not supported",
              "use pat, oauth-m2m, azure-client-secret, azure-msi or azure-cli");
}

Result<AuthKind> kind_of(const Values& values) {
  if (values.has("auth_type")) return forced_kind(values.get("auth_type"));
  const std::set<Family> families = values.families();
  if (families.size() > 1) {
    std::string list;
    for (const Family family : families)
      list += (list.empty() ? "" : " and ") + std::string(word(family));
    return fail(Fault::config, "more than one authorization method configured: " + list,
                "keep one, or say which by auth_type");
  }
  // The order of the official chain.
  if (values.has("token")) return AuthKind::pat;
  if (families.contains(Family::basic))
    return fail(Fault::config, "user name and password are no longer accepted by Azure Databricks",
                "use a token or OAuth");
  if (values.has("client_id") && values.has("client_secret")) return AuthKind::oauth_m2m;
  if (is_true(values.get("azure_use_msi"))) return AuthKind::azure_msi;
  if (values.has("azure_client_id") && values.has("azure_client_secret"))
    return AuthKind::azure_client_secret;
  if (families.empty() || families.contains(Family::azure)) return AuthKind::azure_cli;
  return fail(Fault::config, "the credentials are incomplete or of a kind that is not supported: " +
                                 std::string(word(*families.begin())));
}

Result<void> take_credentials(Profile& profile, const Values& values) {
  std::string_view id_key;
  std::string_view secret_key;
  switch (profile.auth) {
    case AuthKind::pat: secret_key = "token"; break;
    case AuthKind::oauth_m2m:
      id_key = "client_id";
      secret_key = "client_secret";
      break;
    case AuthKind::azure_client_secret:
      id_key = "azure_client_id";
      secret_key = "azure_client_secret";
      break;
    case AuthKind::azure_msi: profile.client_id = values.get("azure_client_id"); break;
    case AuthKind::azure_cli: break;
  }
  for (const std::string_view key : {id_key, secret_key})
    if (!key.empty() && !values.has(key))
      return fail(Fault::config, std::string(name_of(profile.auth)) + " needs " + std::string(key));
  if (!id_key.empty()) profile.client_id = values.get(id_key);
  if (!secret_key.empty()) profile.secret = Secret(values.get(secret_key));
  return {};
}

Result<Cloud> cloud_of(const Values& values, std::string_view host) {
  std::string name = values.get("azure_environment");
  for (char& c : name)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (name.empty()) return cloud_of_host(host);
  if (name == "PUBLIC") return Cloud::public_cloud;
  if (name == "USGOVERNMENT") return Cloud::us_government;
  if (name == "CHINA") return Cloud::china;
  return fail(Fault::config, "azure_environment must be PUBLIC, USGOVERNMENT or CHINA");
}

Result<Profile> profile_from(Profile profile, const Values& values) {
  if (!values.has("host"))
    return fail(Fault::config, "no host is given",
                "add `host = https://adb-...azuredatabricks.net`");
  TRY(HostParts parts, normalise_host(values.get("host")));
  profile.host = std::move(parts.host);
  profile.workspace_id =
      values.has("workspace_id") ? values.get("workspace_id") : parts.workspace_id;
  profile.account_id = values.has("account_id") ? values.get("account_id") : parts.account_id;
  profile.azure_resource_id = values.get("azure_workspace_resource_id");
  profile.azure_tenant_id = values.get("azure_tenant_id");
  profile.scopes = values.has("scopes") ? values.get("scopes") : "all-apis";
  std::replace(profile.scopes.begin(), profile.scopes.end(), ',', ' ');
  TRY(profile.cloud, cloud_of(values, profile.host));
  TRY(profile.auth, kind_of(values));
  CHECK(take_credentials(profile, values));
  return profile;
}

}  // namespace

std::string_view name_of(AuthKind kind) {
  switch (kind) {
    case AuthKind::pat: return "pat";
    case AuthKind::oauth_m2m: return "oauth-m2m";
    case AuthKind::azure_client_secret: return "azure-client-secret";
    case AuthKind::azure_msi: return "azure-msi";
    case AuthKind::azure_cli: return "azure-cli";
  }
  return "?";
}

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* const value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

FileReader disk_reader() {
  return [](const std::string& path) -> Result<std::optional<std::string>> {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      return fail(Fault::io, "cannot read " + path + ": " + std::strerror(errno));
    }
    std::ostringstream content;
    content << file.rdbuf();
    if (file.bad()) return fail(Fault::io, "cannot read " + path);
    return std::optional<std::string>(std::move(content).str());
  };
}

Result<Profile> resolve_profile(const std::string& requested, const Environment& environment,
                                const FileReader& read_file) {
  Profile profile;
  profile.source = config_path(environment);
  std::string name = requested;
  const bool ours = !name.empty();
  if (!ours) name = environment("DATABRICKS_CONFIG_PROFILE").value_or("");
  auto values = name.empty() ? gather_unnamed(profile, environment, read_file)
                             : gather_named(name, profile, environment, read_file);
  if (!values) return fail(std::move(values).error());
  const std::string place = profile.name.empty()
                                ? profile.source
                                : "profile " + profile.name + " (" + profile.source + ")";
  auto result = profile_from(std::move(profile), *values);
  if (!result) result.error().message = place + ": " + result.error().message;
  return result;
}

}  // namespace twinlake::workspace
