#include "workspace/secrets.h"

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "http/pager.h"
#include "workspace/commands.h"
#include "workspace/given.h"
#include "workspace/helper_cluster.h"
#include "workspace/inventory.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

/// Internal scopes of the service's own features come and go with them.
bool is_managed(const json& scope) { return scope.value("is_databricks_managed", false); }

bool is_vault(const json& scope) { return text_at(scope, "/backend_type") == "AZURE_KEYVAULT"; }

json hole_of(const std::string& scope, const Error& error) {
  json hole = json::object();
  hole["object"] = "SECRET";
  hole["name"] = scope + "/";  // no id: it stands for all of the scope
  hole["not_listed"] = not_listed(error);
  return hole;
}

Task<void> list_scope(Workspace* side, std::string scope, std::vector<json>* into) {
  http::Request request = http::Request::get("/api/2.0/secrets/list");
  request.with_query("scope", scope);
  const auto secrets = co_await http::list_all(side->transport(), std::move(request),
                                               http::PageStyle::none, "/secrets");
  if (!secrets) {
    into->push_back(hole_of(scope, secrets.error()));
    co_return;
  }
  for (const json& listed : *secrets) {
    json secret = json::object();
    secret["object"] = "SECRET";
    secret["scope"] = scope;
    secret["key"] = text_at(listed, "/key");
    secret["name"] = scope + "/" + text_at(listed, "/key");
    secret["id"] = secret_id(scope, text_at(listed, "/key"));
    secret["last_updated_timestamp"] = text_at(listed, "/last_updated_timestamp");
    into->push_back(std::move(secret));
  }
}

}  // namespace

Task<Result<std::vector<json>>> list_secrets(Workspace& side) {
  CO_TRY(
      std::vector<json> scopes,
      co_await http::list_all(side.transport(), http::Request::get("/api/2.0/secrets/scopes/list"),
                              http::PageStyle::none, "/scopes"));
  std::vector<json> items;
  std::vector<std::string> readable;
  for (json& scope : scopes) {
    if (is_managed(scope)) continue;
    if (!is_vault(scope)) readable.push_back(text_at(scope, "/name"));
    scope["object"] = "SCOPE";
    items.push_back(std::move(scope));
  }
  std::vector<std::vector<json>> found(readable.size());
  const auto list = [&](std::size_t index) {
    return list_scope(&side, readable[index], &found[index]);
  };
  co_await for_each_index(side.loop(), readable.size(), 16, list);
  for (std::vector<json>& secrets : found)
    std::move(secrets.begin(), secrets.end(), std::back_inserter(items));
  co_return items;
}

namespace {

/// Some workspaces give values to notebooks only (facts, core 19.2). In base64, because the service
/// replaces a value that a command prints.
Task<Result<Secret>> value_by_command(Workspace& side, std::string scope, std::string key) {
  const std::string code = "import base64\nvalue = dbutils.secrets.getBytes(" + python_text(scope) +
                           ", " + python_text(key) +
                           ")\nprint('twinlake:' + base64.b64encode(value).decode())\n";
  CO_TRY(std::string output, co_await side.helper()->run(code, std::chrono::minutes(2)));
  constexpr std::string_view mark = "twinlake:";
  const std::size_t at = output.rfind(mark);
  if (at == std::string::npos)
    co_return fail(Fault::bad_answer, "the cluster did not say the value of the secret",
                   "Put the value into the file of `values`");
  const std::size_t start = at + mark.size();
  Secret value(base64_decode(output.substr(start, output.find_last_not_of(" \r\n") + 1 - start)));
  wipe(output);
  co_return value;
}

}  // namespace

Task<Result<Secret>> secret_value(Workspace& side, std::string scope, std::string key) {
  if (const auto given = side.given().secrets.find(scope + "/" + key);
      given != side.given().secrets.end())
    co_return given->second;
  http::Request request = http::Request::get("/api/2.0/secrets/get");
  request.with_query("scope", scope).with_query("key", key);
  auto answer = co_await side.call(std::move(request));
  if (!answer) {
    Error error = std::move(answer).error();
    const bool is_refused = error.fault == Fault::invalid || error.fault == Fault::forbidden;
    if (is_refused && side.helper() != nullptr)
      co_return co_await value_by_command(side, std::move(scope), std::move(key));
    if (is_refused)
      error.hint =
          "Give the principal READ on the scope, put the value into the file of `values`, or "
          "let a command read it: `helper_clusters` in twinlake.yml";
    co_return fail(std::move(error));
  }
  std::string encoded = text_at(*answer, "/value");
  Secret value(base64_decode(encoded));
  wipe(encoded);
  co_return value;
}

std::string secret_id(const std::string& scope, const std::string& key) {
  return to_text(json::array({scope, key}));
}

SecretName secret_name(std::string_view id) {
  const json parts = json::parse(id, nullptr, false);
  return {text_at(parts, "/0"), text_at(parts, "/1")};
}

}  // namespace twinlake::workspace
