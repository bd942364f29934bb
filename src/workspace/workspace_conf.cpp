#include "workspace/workspace_conf.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/message.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr std::string_view route = "/api/2.0/workspace-conf";

/// Those that the documentation and the official tools name (facts, core 23), without those of
/// other clouds and without the one that makes IP access lists count, which has rules of its own.
const std::vector<std::string>& known_keys() {
  static const std::vector<std::string> keys = {"enableTokensConfig",
                                                "maxTokenLifetimeDays",
                                                "maxUserInactiveDays",
                                                "enableResultsDownloading",
                                                "enableUploadDataUis",
                                                "enableExportNotebook",
                                                "enableNotebookTableClipboard",
                                                "enableWebTerminal",
                                                "enableDbfsFileBrowser",
                                                "enableWorkspaceFilesystem",
                                                "enableProjectTypeInWorkspace",
                                                "enableProjectsAllowList",
                                                "projectsAllowList",
                                                "projectsAllowListPermissions",
                                                "reposIpynbResultsExportPermissions",
                                                "storeInteractiveNotebookResultsInCustomerAccount",
                                                "enableVerboseAuditLogs",
                                                "enforceWorkspaceViewAcls",
                                                "enforceClusterViewAcls",
                                                "enableJobViewAcls",
                                                "enforceUserIsolation",
                                                "enable-X-Frame-Options",
                                                "enable-X-Content-Type-Options",
                                                "enable-X-XSS-Protection",
                                                "enableDeprecatedClusterNamedInitScripts",
                                                "enableDeprecatedGlobalInitScripts",
                                                "enableLibraryAndInitScriptOnSharedCluster",
                                                "enableDatabricksAutologgingAdminConf",
                                                "enablePipelinesDataSample",
                                                "mlflowRunArtifactDownloadEnabled",
                                                "mlflowModelServingEndpointCreationEnabled",
                                                "mlflowModelRegistryEmailNotificationsEnabled",
                                                "rStudioUserDefaultHomeBase",
                                                "customerApprovedWSLoginExpirationTime",
                                                "enableLegacyNotebookVisualizations"};
  return keys;
}

Task<Result<json>> ask(Workspace& side, std::vector<std::string> keys) {
  std::string list;
  for (const std::string& key : keys) list += (list.empty() ? "" : ",") + key;
  http::Request request = http::Request::get(std::string(route));
  request.with_query("keys", list);
  co_return co_await side.call(std::move(request));
}

/// `Invalid keys: ["x","y"]`: takes out those that the message names. False: it names none of them.
bool take_out_named(const std::string& message, std::vector<std::string>& keys) {
  return std::erase_if(keys, [&](const std::string& key) {
           return message.find("\"" + key + "\"") != std::string::npos;
         }) > 0;
}

}  // namespace

Task<Result<json>> read_conf(Workspace& side, std::vector<std::string> keys) {
  while (!keys.empty()) {
    auto answer = co_await ask(side, keys);
    if (answer) co_return std::move(*answer);
    if (answer.error().fault != Fault::invalid) co_return fail(std::move(answer).error());
    if (!take_out_named(answer.error().message, keys)) break;
  }
  // The message does not tell which: one by one.
  json values = json::object();
  for (const std::string& key : keys) {
    std::vector<std::string> alone(1, key);
    auto answer = co_await ask(side, std::move(alone));
    if (!answer && answer.error().fault != Fault::invalid)
      co_return fail(std::move(answer).error());
    if (answer) values.update(*answer);
  }
  co_return values;
}

Task<Result<std::vector<json>>> list_conf(Workspace& side) {
  CO_TRY(const json values, co_await read_conf(side, known_keys()));
  std::vector<json> items;
  for (auto value = values.begin(); value != values.end(); ++value) {
    const std::string text = text_at(values, "/" + pointer_segment(value.key()));
    if (value->is_null() || text.empty()) continue;
    json item = json::object();
    item["name"] = value.key();
    item["value"] = text;
    items.push_back(std::move(item));
  }
  co_return items;
}

Task<Result<void>> write_conf(Workspace& side, std::string key, std::string value) {
  json body = json::object();
  body[key] = value;
  CO_CHECK(co_await side.call(http::Request::send_json(http::Method::patch, std::string(route),
                                                       to_text(body), http::Effect::writes,
                                                       http::Repeat::safe)));
  co_return Result<void>{};
}

}  // namespace twinlake::workspace
