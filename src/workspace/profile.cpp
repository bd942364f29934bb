#include "workspace/profile.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "workspace/ini.h"
#include "workspace/profile_values.h"

namespace twinlake::workspace {

namespace {

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
    take_weak_variables(values, environment);
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
  take_weak_variables(values, environment);
  return values;
}

bool is_true(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "1";
}

Result<AuthKind> forced_kind(const std::string& type) {
  constexpr std::array kinds{AuthKind::pat,
                             AuthKind::oauth_m2m,
                             AuthKind::azure_client_secret,
                             AuthKind::azure_client_certificate,
                             AuthKind::azure_workload_identity,
                             AuthKind::azure_github_oidc,
                             AuthKind::azure_msi,
                             AuthKind::azure_cli};
  for (const AuthKind kind : kinds)
    if (name_of(kind) == type) return kind;
  return fail(Fault::config, "auth_type " + type + " is not supported",
              "use pat, oauth-m2m, azure-client-secret, azure-client-certificate, "
              "azure-workload-identity, github-oidc-azure, azure-msi or azure-cli");
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
  if (values.has("azure_client_id") && values.has("azure_client_certificate_path"))
    return AuthKind::azure_client_certificate;
  if (values.has("azure_client_id") && values.has("azure_federated_token_file"))
    return AuthKind::azure_workload_identity;
  if (values.has("azure_client_id") && values.has("actions_id_token_request_url"))
    return AuthKind::azure_github_oidc;
  if (families.empty() || families.contains(Family::azure)) return AuthKind::azure_cli;
  return fail(Fault::config, "the credentials are incomplete or of a kind that is not supported: " +
                                 std::string(word(*families.begin())));
}

Result<void> take_credentials(Profile& profile, const Values& values) {
  std::string_view id_key;
  std::string_view secret_key;
  std::string_view file_key;
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
    case AuthKind::azure_client_certificate:
      id_key = "azure_client_id";
      file_key = "azure_client_certificate_path";
      profile.certificate_file = values.get(file_key);
      profile.certificate_password = Secret(values.get("azure_client_certificate_password"));
      break;
    case AuthKind::azure_workload_identity:
      id_key = "azure_client_id";
      file_key = "azure_federated_token_file";
      profile.federated_token_file = values.get(file_key);
      break;
    case AuthKind::azure_github_oidc: id_key = "azure_client_id"; break;
    case AuthKind::azure_msi: profile.client_id = values.get("azure_client_id"); break;
    case AuthKind::azure_cli: break;
  }
  for (const std::string_view key : {id_key, secret_key, file_key})
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

/// A secret may lie in a file of its own, which a vault agent or an orchestrator writes.
Result<void> read_secret_file(Values& values, const FileReader& read_file) {
  const std::string path = values.get("azure_client_secret_file");
  if (path.empty() || values.has("azure_client_secret")) return {};
  TRY(std::optional<std::string> text, read_file(path));
  if (!text)
    return fail(Fault::config, "there is no " + path, "azure_client_secret_file names that file");
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  if (text->empty())
    return fail(Fault::config, path + " is empty", "Put the client secret into it");
  values.offer("azure_client_secret", std::move(*text));
  return {};
}

/// Where to sign in and where ARM is, when it is not where the cloud has it.
Result<void> take_azure_hosts(Profile& profile, const Values& values) {
  for (const auto& [key, host] : {std::pair("azure_login_host", &profile.login_host),
                                  std::pair("azure_arm_host", &profile.arm_host)}) {
    if (!values.has(key)) continue;
    auto parts = normalise_host(values.get(key));
    if (!parts) {
      parts.error().message = std::string(key) + ": " + parts.error().message;
      return fail(std::move(parts).error());
    }
    *host = std::move(parts->host);
  }
  return {};
}

Result<void> take_host(Profile& profile, const Values& values) {
  HostParts parts;
  if (values.has("host")) {
    TRY(parts, normalise_host(values.get("host")));
  } else if (!values.has("azure_workspace_resource_id") || !is_entra(profile.auth)) {
    return fail(Fault::config, "no host is given",
                "add `host = https://adb-...azuredatabricks.net`, or azure_workspace_resource_id "
                "with a login of Entra ID");
  }
  profile.host = std::move(parts.host);
  profile.workspace_id =
      values.has("workspace_id") ? values.get("workspace_id") : parts.workspace_id;
  profile.account_id = values.has("account_id") ? values.get("account_id") : parts.account_id;
  return {};
}

Result<Profile> profile_from(Profile profile, const Values& values) {
  TRY(profile.auth, kind_of(values));
  CHECK(take_host(profile, values));
  CHECK(take_azure_hosts(profile, values));
  profile.azure_resource_id = values.get("azure_workspace_resource_id");
  profile.azure_tenant_id = values.get("azure_tenant_id");
  profile.scopes = values.has("scopes") ? values.get("scopes") : "all-apis";
  std::replace(profile.scopes.begin(), profile.scopes.end(), ',', ' ');
  TRY(profile.cloud, cloud_of(values, profile.host));
  CHECK(take_credentials(profile, values));
  return profile;
}

}  // namespace

std::string_view name_of(AuthKind kind) {
  switch (kind) {
    case AuthKind::pat: return "pat";
    case AuthKind::oauth_m2m: return "oauth-m2m";
    case AuthKind::azure_client_secret: return "azure-client-secret";
    case AuthKind::azure_client_certificate: return "azure-client-certificate";
    case AuthKind::azure_workload_identity: return "azure-workload-identity";
    case AuthKind::azure_github_oidc: return "github-oidc-azure";
    case AuthKind::azure_msi: return "azure-msi";
    case AuthKind::azure_cli: return "azure-cli";
  }
  return "?";
}

bool is_entra(AuthKind kind) { return kind != AuthKind::pat && kind != AuthKind::oauth_m2m; }

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
  auto secret = read_secret_file(*values, read_file);
  auto result = secret ? profile_from(std::move(profile), *values)
                       : Result<Profile>(fail(std::move(secret).error()));
  if (!result) result.error().message = place + ": " + result.error().message;
  return result;
}

Result<Profile> azure_sign_in(const Profile& profile, const Environment& environment,
                              const FileReader& read_file) {
  if (is_entra(profile.auth)) return profile;
  Values values = azure_values(environment);
  CHECK(read_secret_file(values, read_file));
  Profile made;
  made.source = "the environment";
  made.host = profile.host;
  made.cloud = profile.cloud;
  made.login_host =
      profile.login_host.empty() ? values.get("azure_login_host") : profile.login_host;
  made.arm_host = profile.arm_host.empty() ? values.get("azure_arm_host") : profile.arm_host;
  made.azure_resource_id = profile.azure_resource_id;
  made.azure_tenant_id =
      profile.azure_tenant_id.empty() ? values.get("azure_tenant_id") : profile.azure_tenant_id;
  TRY(made.auth, kind_of(values));
  CHECK(take_credentials(made, values));
  return made;
}

}  // namespace twinlake::workspace
