#pragma once
// For tests: a region with a hand on its clock, and requests in one line.
#include <string>
#include <utility>

#include "simulator/region.h"

namespace twinlake::simulator {

// Whom tests add, and the caller whose token a probe carries.
namespace people {
inline const std::string ana = "ana@contoso.example";
inline const std::string bob = "bob@contoso.example";
inline const std::string admin = "replicator@twinlake.example";
}  // namespace people
// Addresses that tests of several services ask.
namespace routes {
inline const std::string scim = "/api/2.0/preview/scim/v2/";
inline const std::string me = scim + "Me";
inline const std::string secrets_api = "/api/2.0/secrets/";
}  // namespace routes

class Probe {
 public:
  explicit Probe(RegionOptions options = {}) : region_(std::move(options)) {}

  [[nodiscard]] Region& region() { return region_; }
  void wait_millis(std::int64_t millis) { now_micros_ += millis * 1000; }
  [[nodiscard]] std::int64_t now_micros() const { return now_micros_; }
  /// Whose token the next requests carry; empty: none.
  void use_token(std::string token) { token_ = std::move(token); }

  /// `target` may have a query; a null body is no body.
  [[nodiscard]] http::Request request(http::Method method, const std::string& target,
                                      const json& body = json()) const {
    const std::size_t question = target.find('?');
    http::Request made(method, target.substr(0, question));
    if (question != std::string::npos) made.query = http::decode_query(target.substr(question + 1));
    if (!token_.empty()) made.headers.emplace_back("Authorization", "Bearer " + token_);
    if (!body.is_null()) {
      made.body = body.dump();
      made.content_type = "application/json";
    }
    return made;
  }
  Outcome serve(const http::Request& made) { return region_.serve(made, now_micros_); }
  http::Response send(http::Method method, const std::string& target, const json& body = json()) {
    return region_.handle(request(method, target, body), now_micros_);
  }
  http::Response get(const std::string& target) { return send(http::Method::get, target); }
  http::Response post(const std::string& target, const json& body) {
    return send(http::Method::post, target, body);
  }
  http::Response put(const std::string& target, const json& body) {
    return send(http::Method::put, target, body);
  }
  http::Response patch(const std::string& target, const json& body) {
    return send(http::Method::patch, target, body);
  }
  http::Response del(const std::string& target) { return send(http::Method::del, target); }

 private:
  Region region_;
  std::string token_ = "dapi-simulated";
  std::int64_t now_micros_ = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
};

/// The JSON of an answer; null when it is none, so that a test shows the mistake instead of
/// throwing.
inline json body_of(const http::Response& response) {
  json body = json::parse(response.body, nullptr, false);
  return body.is_discarded() ? json() : body;
}
/// `error_code` as text; "" when absent.
inline std::string code_of(const http::Response& response) {
  const json body = body_of(response);
  const auto found = body.is_object() ? body.find("error_code") : body.end();
  if (!body.is_object() || found == body.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}
inline std::string message_of(const http::Response& response) {
  const json body = body_of(response);
  if (!body.is_object()) return "";
  return body.value("message", body.value("detail", std::string()));
}

}  // namespace twinlake::simulator
