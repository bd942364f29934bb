// Mounts as notebooks make and see them.
#include "simulator/body.h"
#include "simulator/commands/dbutils.h"
#include "simulator/commands/mounts.h"
#include "simulator/commands/storage_accounts.h"
#include "simulator/identity/identity.h"

namespace twinlake::simulator {

namespace {
/// Every workspace lists these; nobody made them.
constexpr std::pair<const char*, const char*> built_in[] = {
    {"/", "DatabricksRoot"},
    {"/databricks-datasets", "databricks-datasets"},
    {"/databricks-results", "databricks-results"},
    {"/databricks/mlflow-registry", "databricks/mlflow-registry"},
    {"/databricks/mlflow-tracking", "databricks/mlflow-tracking"}};

json refused(const std::string& why) {
  const std::string text = "java.lang.IllegalArgumentException: requirement failed: " + why;
  return failed("java.rmi.RemoteException: " + text + "; nested exception is: \n\t" + text);
}

bool is_built_in(std::string_view point) {
  for (const auto& [name, source] : built_in)
    if (point == name) return true;
  return false;
}

bool hides_mounts(std::string_view mode) {
  return mode == "USER_ISOLATION" || mode == "DATA_SECURITY_MODE_STANDARD" ||
         mode == "LEGACY_TABLE_ACL";
}

constexpr const char* azurebfs =
    "shaded.databricks.azurebfs.org.apache.hadoop.fs.azurebfs.contracts.exceptions.";
constexpr const char* oauth2 = "shaded.databricks.azurebfs.org.apache.hadoop.fs.azurebfs.oauth2.";

/// "scheme://container@host/folder" taken apart.
struct Source {
  std::string scheme, container, host;
};
std::optional<Source> source_from(const std::string& text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string::npos) return std::nullopt;
  Source source;
  source.scheme = text.substr(0, scheme);
  const std::size_t start = scheme + 3;
  std::string host = text.substr(start, text.find('/', start) - start);
  if (const std::size_t at = host.find('@'); at != std::string::npos) {
    source.container = host.substr(0, at);
    host.erase(0, at + 1);
  }
  source.host = std::move(host);
  return source;
}

/// A setting for all accounts, or for just this one.
std::string setting(const json& configs, const std::string& name, const Source& source) {
  return text_of(configs, name + "." + source.host, text_of(configs, name));
}

std::string not_found(const std::string& property) {
  return std::string(azurebfs) + "ConfigurationPropertyNotFoundException: Configuration property " +
         property + " not found.";
}

std::string login_failed(const std::string& why) {
  return std::string(oauth2) + "AzureADAuthenticator$HttpException: HTTP Error 401; " + why;
}

std::optional<std::string> oauth_problem(const json& configs, const Source& source) {
  for (const char* name :
       {"fs.azure.account.oauth.provider.type", "fs.azure.account.oauth2.client.id",
        "fs.azure.account.oauth2.client.secret", "fs.azure.account.oauth2.client.endpoint"})
    if (setting(configs, name, source).empty())
      return not_found(std::string(name) + "." + source.host);
  const std::string provider = setting(configs, "fs.azure.account.oauth.provider.type", source);
  if (!provider.ends_with("TokenProvider"))
    return std::string(azurebfs) +
           "TokenAccessProviderException: Unable to load OAuth token provider class.";
  const std::string endpoint = setting(configs, "fs.azure.account.oauth2.client.endpoint", source);
  if (!endpoint.starts_with("https://login.") || !endpoint.ends_with("/oauth2/token"))
    return login_failed("there is no token endpoint at " + endpoint);
  // Only the configuration of a cluster replaces these; a mount takes them for the secret itself.
  if (setting(configs, "fs.azure.account.oauth2.client.secret", source).starts_with("{{"))
    return login_failed("AADSTS7000215: Invalid client secret provided.");
  return std::nullopt;
}

std::optional<std::string> lake_problem(const json& configs, const Source& source) {
  const std::string type = setting(configs, "fs.azure.account.auth.type", source);
  const bool has_key = !text_of(configs, "fs.azure.account.key." + source.host).empty();
  if (type == "OAuth") return oauth_problem(configs, source);
  if (type == "CustomAccessToken" || type == "Custom") {
    const char* name = "fs.azure.account.custom.token.provider.class";
    const char* other = "fs.azure.account.oauth.provider.type";
    if (setting(configs, name, source).empty() && setting(configs, other, source).empty())
      return not_found(name);
    return std::nullopt;
  }
  if (type == "SAS") {
    for (const char* name : {"fs.azure.sas.fixed.token", "fs.azure.sas.token.provider.type"})
      if (!setting(configs, name, source).empty()) return std::nullopt;
    return not_found("fs.azure.sas.fixed.token." + source.host);
  }
  if (!has_key) return not_found(source.host);
  return std::nullopt;
}

std::optional<std::string> blob_problem(const json& configs, const Source& source) {
  if (!text_of(configs, "fs.azure.account.key." + source.host).empty() ||
      !text_of(configs, "fs.azure.sas." + source.container + "." + source.host).empty())
    return std::nullopt;
  return "shaded.databricks.org.apache.hadoop.fs.azure.AzureException: Container " +
         source.container + " in account " + source.host +
         " not found, and we can't create it using anoynomous credentials, and no credentials "
         "found for them in the configuration.";
}

std::optional<std::string> old_lake_problem(const json& configs) {
  for (const auto& [name, unused] : configs.items())
    if (name.starts_with("fs.adl.oauth2.") || name.starts_with("dfs.adls.oauth2."))
      return std::nullopt;
  return "java.lang.IllegalArgumentException: No value for fs.adl.oauth2.access.token.provider "
         "found in conf file.";
}
}  // namespace

std::optional<std::string> mount_problem(const std::string& source, const json& configs) {
  const auto parts = source_from(source);
  const bool has_container = parts && !parts->container.empty() && !parts->host.empty();
  if (parts && parts->scheme == "adl" && !parts->host.empty()) return old_lake_problem(configs);
  if (has_container && (parts->scheme == "abfss" || parts->scheme == "abfs") &&
      parts->host.find(".dfs.") != std::string::npos)
    return lake_problem(configs, *parts);
  if (has_container && (parts->scheme == "wasbs" || parts->scheme == "wasb") &&
      parts->host.find(".blob.") != std::string::npos)
    return blob_problem(configs, *parts);
  return "java.lang.IllegalArgumentException: " + source + " has invalid authority or scheme.";
}

std::optional<std::string> Dbutils::refuse_mounts(std::string_view function,
                                                  const Notebook& notebook) const {
  if (hides_mounts(notebook.security_mode))
    return "py4j.security.Py4JSecurityException: Method public "
           "com.databricks.backend.daemon.dbutils.DBUtilsCore." +
           std::string(function) +
           " is not whitelisted on class class com.databricks.backend.daemon.dbutils.DBUtilsCore";
  if (region_.options().legacy_dbfs_disabled)
    return "java.lang.UnsupportedOperationException: Public DBFS root is disabled. Access is "
           "denied on path: /";
  return std::nullopt;
}

std::optional<std::string> Dbutils::refuse_change(std::string_view function,
                                                  const Notebook& notebook) const {
  if (auto problem = refuse_mounts(function, notebook)) return problem;
  if (!region_.get<Identity>().is_admin(notebook.caller))
    return "java.lang.SecurityException: User does not have permission MODIFY on any file.";
  return std::nullopt;
}

Dbutils::Answer Dbutils::list_mounts(const json&, Notebook& notebook) {
  if (auto problem = refuse_mounts("mounts", notebook)) return failed(*problem);
  std::map<std::string, json> rows;
  for (const auto& [point, source] : built_in) rows[point] = json::array({point, source, ""});
  for (const auto& [point, mount] : region_.get<Mounts>().all())
    rows[point] = json::array({point, mount.source, mount.encryption_type});
  json all = json::array();
  for (auto& [point, row] : rows) all.push_back(std::move(row));
  return value(std::move(all));
}

Dbutils::Answer Dbutils::place_mount(Mount mount, const json& configs, const Notebook& notebook) {
  if (auto problem = mount_problem(mount.source, configs)) return failed(*problem);
  auto& accounts = region_.get<StorageAccounts>();
  switch (accounts.state_of(mount.source)) {
    case AccountState::alive: break;
    case AccountState::dead: return std::nullopt;
    case AccountState::denies:
      return failed(std::string(azurebfs) +
                    "AbfsRestOperationException: Operation failed: \"This request is not "
                    "authorized to perform this operation using this permission.\", 403, HEAD");
  }
  for (const auto& [name, given] : configs.items())
    mount.configs.push_back(
        {name, given.is_string() && notebook.revealed.contains(given.get<std::string>())});
  region_.get<Mounts>().plant(std::move(mount));
  return value(true);
}

namespace {
Mount mount_from(const json& arguments) {
  Mount mount;
  mount.point = Mounts::canonical(text_of(arguments, "mount_point"));
  mount.source = text_of(arguments, "source");
  mount.encryption_type = text_of(arguments, "encryption_type");
  return mount;
}

json configs_from(const json& arguments) {
  const json* configs = field(arguments, "extra_configs");
  return configs != nullptr && configs->is_object() ? *configs : json::object();
}
}  // namespace

Dbutils::Answer Dbutils::mount(const json& arguments, Notebook& notebook) {
  if (auto problem = refuse_change("mount", notebook)) return failed(*problem);
  Mount mount = mount_from(arguments);
  if (mount.point.empty())
    return refused("Mount point must be absolute: " + text_of(arguments, "mount_point"));
  const Mounts& mounts = region_.get<Mounts>();
  if (is_built_in(mount.point) || mounts.find(mount.point) != nullptr)
    return refused("Directory already mounted: " + mount.point);
  if (mounts.covering(mount.point) != nullptr || mounts.leads_to_a_mount(mount.point))
    return refused("Mount point " + mount.point + " overlaps with another mount point.");
  return place_mount(std::move(mount), configs_from(arguments), notebook);
}

Dbutils::Answer Dbutils::update_mount(const json& arguments, Notebook& notebook) {
  if (auto problem = refuse_change("updateMount", notebook)) return failed(*problem);
  Mount mount = mount_from(arguments);
  if (region_.get<Mounts>().find(mount.point) == nullptr)
    return refused("Directory not mounted: " + text_of(arguments, "mount_point"));
  return place_mount(std::move(mount), configs_from(arguments), notebook);
}

Dbutils::Answer Dbutils::unmount(const json& arguments, Notebook& notebook) {
  if (auto problem = refuse_change("unmount", notebook)) return failed(*problem);
  const std::string asked = text_of(arguments, "mount_point");
  if (region_.get<Mounts>().find(asked) == nullptr)
    return refused("Directory not mounted: " + asked);
  region_.get<Mounts>().remove(asked);  // also when its storage is dead
  return value(true);
}

Dbutils::Answer Dbutils::refresh_mounts(const json&, Notebook& notebook) {
  if (auto problem = refuse_mounts("refreshMounts", notebook)) return failed(*problem);
  return value(true);
}

}  // namespace twinlake::simulator
