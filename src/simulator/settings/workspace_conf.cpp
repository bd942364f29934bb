#include "simulator/settings/workspace_conf.h"

#include <algorithm>

#include "simulator/collection.h"
#include "simulator/identity/identity.h"

namespace twinlake::simulator {

namespace {
enum class Takes {
  flag,    ///< "true" or "false"
  number,  ///< digits
  text,
  only_on,  ///< "true": once a workspace has such access control it keeps it
};
struct Key {
  std::string_view name;
  Takes takes = Takes::flag;
};

/// Those of Azure; enableEnforceImdsV2 and enableGp3 exist on AWS only.
constexpr Key keys[] = {
    {"enableIpAccessLists"},
    {"enableTokensConfig"},
    {"maxTokenLifetimeDays", Takes::number},
    {"maxUserInactiveDays", Takes::number},
    {"enableResultsDownloading"},
    {"enableUploadDataUis"},
    {"enableExportNotebook"},
    {"enableNotebookTableClipboard"},
    {"enableWebTerminal"},
    {"enableDbfsFileBrowser"},
    {"enableWorkspaceFilesystem"},
    {"enableProjectTypeInWorkspace"},
    {"enableProjectsAllowList"},
    {"projectsAllowList", Takes::text},
    {"projectsAllowListPermissions", Takes::text},
    {"reposIpynbResultsExportPermissions", Takes::text},
    {"storeInteractiveNotebookResultsInCustomerAccount"},
    {"enableVerboseAuditLogs"},
    {"enforceWorkspaceViewAcls", Takes::only_on},
    {"enforceClusterViewAcls", Takes::only_on},
    {"enableJobViewAcls", Takes::only_on},
    {"enforceUserIsolation"},
    {"enable-X-Frame-Options"},
    {"enable-X-Content-Type-Options"},
    {"enable-X-XSS-Protection"},
    {"enableDeprecatedClusterNamedInitScripts"},
    {"enableDeprecatedGlobalInitScripts"},
    {"enableLibraryAndInitScriptOnSharedCluster"},
    {"enableDatabricksAutologgingAdminConf"},
    {"enablePipelinesDataSample"},
    {"mlflowRunArtifactDownloadEnabled"},
    {"mlflowModelServingEndpointCreationEnabled"},
    {"mlflowModelRegistryEmailNotificationsEnabled"},
    {"rStudioUserDefaultHomeBase", Takes::text},
    {"customerApprovedWSLoginExpirationTime", Takes::text},
    {"enableLegacyNotebookVisualizations"},
};

const Key* key_named(std::string_view name) {
  for (const Key& key : keys)
    if (key.name == name) return &key;
  return nullptr;
}

bool is_allowed(const Key& key, const std::string& value) {
  switch (key.takes) {
    case Takes::flag: return value.empty() || value == "true" || value == "false";
    case Takes::only_on: return value == "true";
    case Takes::number:
      return std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
    case Takes::text: return true;
  }
  return false;
}

http::Response bad_request(std::string message) {
  return error(400, "BAD_REQUEST", std::move(message));
}

/// One unknown key spoils the whole request.
Refusal unknown_among(const std::vector<std::string>& names) {
  json unknown = json::array();
  for (const std::string& name : names)
    if (key_named(name) == nullptr) unknown.push_back(name);
  if (unknown.empty()) return std::nullopt;
  return bad_request("Invalid keys: " + unknown.dump());
}
}  // namespace

WorkspaceConf::WorkspaceConf(Region& region) {
  const char* route = "/api/2.0/workspace-conf";
  region.router().add(http::Method::get, route, [this](Call& call) { return get(call); });
  region.router().add(http::Method::patch, route, [this](Call& call) { return patch(call); });
}

std::string WorkspaceConf::value(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? std::string() : found->second;
}

http::Response WorkspaceConf::get(Call& call) const {
  if (auto refusal = admins_only(call)) return *refusal;
  std::vector<std::string> asked;
  for (const std::string& list : call.queries("keys"))
    for (std::string& name : split(list, ',')) asked.push_back(std::move(name));
  if (asked.empty()) return bad_request("Missing required parameter: keys");
  if (auto refusal = unknown_among(asked)) return *refusal;
  json body = json::object();
  for (const std::string& name : asked) {
    const auto found = values_.find(name);
    body[name] = found == values_.end() ? json() : json(found->second);
  }
  return answer(body);
}

http::Response WorkspaceConf::patch(Call& call) {
  if (auto refusal = admins_only(call)) return *refusal;
  if (!call.body.is_object() || call.body.empty())
    return bad_request("The body must have the keys to change.");
  std::vector<std::string> names;
  for (const auto& [name, value] : call.body.items()) names.push_back(name);
  if (auto refusal = unknown_among(names)) return *refusal;
  json refused = json::object();
  for (const auto& [name, value] : call.body.items()) {
    if (!value.is_string()) return bad_request("The value of " + name + " must be a string.");
    if (!is_allowed(*key_named(name), value.get<std::string>())) refused[name] = value;
  }
  if (!refused.empty()) return bad_request("Some values are not allowed: " + refused.dump());
  for (const auto& [name, value] : call.body.items()) values_[name] = value.get<std::string>();
  return {204, ""};
}

json WorkspaceConf::world() const { return json::object({{"workspace_conf", json(values_)}}); }

}  // namespace twinlake::simulator
