#pragma once
// For tests: a cloud with a hand on its clock, and requests in one line.
#include <string>

#include "simulator/azure/cloud.h"
#include "simulator/body.h"

namespace twinlake::simulator {

class AzureProbe {
 public:
  explicit AzureProbe(CloudOptions options = {}) : cloud_(with_application(std::move(options))) {
    token_ = cloud_.token_for("app");
  }

  [[nodiscard]] Cloud& cloud() { return cloud_; }
  void wait(std::int64_t seconds) { now_micros_ += seconds * 1'000'000; }
  [[nodiscard]] std::int64_t now_micros() const { return now_micros_; }
  void use_token(std::string token) { token_ = std::move(token); }

  /// `target` with its query; a null body is no body.
  http::Response send(http::Method method, const std::string& target, const json& body = json()) {
    return cloud_.handle(request(method, target, body), now_micros_);
  }
  [[nodiscard]] http::Request request(http::Method method, const std::string& target,
                                      const json& body = json()) const {
    std::string path = target;
    if (const std::size_t host = path.find("://"); host != std::string::npos)
      path = path.substr(path.find('/', host + 3));  // an absolute link of an answer
    const std::size_t question = path.find('?');
    http::Request made(method, path.substr(0, question));
    if (question != std::string::npos) made.query = http::decode_query(path.substr(question + 1));
    made.headers.emplace_back("Authorization", "Bearer " + token_);
    if (!body.is_null()) {
      made.body = body.dump();
      made.content_type = "application/json";
    }
    return made;
  }
  http::Response get(const std::string& target) { return send(http::Method::get, target); }
  http::Response put(const std::string& target, const json& body) {
    return send(http::Method::put, target, body);
  }
  http::Response post(const std::string& target, const json& body = json()) {
    return send(http::Method::post, target, body);
  }
  http::Response patch(const std::string& target, const json& body) {
    return send(http::Method::patch, target, body);
  }
  http::Response del(const std::string& target) { return send(http::Method::del, target); }
  /// The form of a login; the answer.
  http::Response log_in(const std::string& form, const std::string& path) {
    http::Request made(http::Method::post, path);
    made.content_type = "application/x-www-form-urlencoded";
    made.body = form;
    return cloud_.handle(made, now_micros_);
  }

 private:
  static CloudOptions with_application(CloudOptions options) {
    Credential application;
    application.client_id = "app";
    application.secret = "a secret";
    options.credentials.push_back(std::move(application));
    return options;
  }

  Cloud cloud_;
  std::string token_;
  std::int64_t now_micros_ = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
};

namespace azure {
inline const std::string subscription = "/subscriptions/5a7be0f1-0000-4000-8000-000000000001";
inline const std::string tenant = "/0c0ffee0-7e11-4a11-9a11-000000000001";
inline const std::string group = subscription + "/resourceGroups/rg-lake";
inline const std::string workspace = group + "/providers/Microsoft.Databricks/workspaces/adb-lake";
inline const std::string version = "?api-version=2026-01-01";
inline const std::string storage_version = "?api-version=2025-08-01";
}  // namespace azure

/// The JSON of an answer; null when it is none.
inline json azure_body(const http::Response& response) {
  json body = json::parse(response.body, nullptr, false);
  return body.is_discarded() ? json() : body;
}
/// "ResourceNotFound"; "" when the answer is no error of ARM.
inline std::string azure_code(const http::Response& response) {
  const json body = azure_body(response);
  return body.is_object() ? text_of(body.value("error", json::object()), "code") : "";
}
inline std::string azure_header(const http::Response& response, std::string_view name) {
  const std::string* found = http::find_header(response.headers, name);
  return found == nullptr ? "" : *found;
}

/// A body that the service takes for a new workspace.
inline json workspace_body(const std::string& location, const std::string& letters) {
  json body = json::object({{"location", location}});
  body["sku"]["name"] = "premium";
  json& properties = body["properties"];
  properties["computeMode"] = "Hybrid";
  properties["managedResourceGroupId"] = azure::subscription + "/resourceGroups/managed-" + letters;
  json& parameters = properties["parameters"];
  parameters["enableNoPublicIp"]["value"] = true;
  parameters["storageAccountName"]["value"] = "root" + letters;
  parameters["storageAccountSkuName"]["value"] = "Standard_LRS";
  return body;
}

}  // namespace twinlake::simulator
