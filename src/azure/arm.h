#pragma once
// Azure Resource Manager: the one client for everything around the workspace. Paths are those of
// resource ids ("/subscriptions/..."), bodies are JSON, every call names its api-version.
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "azure/operation.h"
#include "azure/resource_id.h"
#include "base/loop.h"
#include "http/transport.h"

namespace twinlake::azure {

/// The meaning of an answer of ARM that is no success: its code in service_code; message, target
/// and details in the message. What is absent is Fault::not_found; a subscription that one does not
/// see is Fault::forbidden, because that says nothing about what is in it; a provider that is not
/// registered is Fault::disabled.
[[nodiscard]] Error arm_error(const http::Request& request, const http::Response& response);

/// "code: message (target), detail; detail" of an `error` object as ARM answers and operations
/// carry it. `code` is set to its code.
[[nodiscard]] std::string arm_message(const nlohmann::json& error, std::string& code);

/// The path with its query of a URL on that host ("https://name[:port]"); nothing when it leads
/// elsewhere.
[[nodiscard]] std::optional<std::string> target_on(std::string_view host, std::string_view url);

class Arm {
 public:
  /// `transport` signs in by itself (see ArmConnection); `host`: "https://management.azure.com".
  Arm(Loop& loop, http::Transport& transport, std::string host)
      : loop_(loop), transport_(transport), host_(std::move(host)) {}

  /// A resource. Absent: Fault::not_found.
  [[nodiscard]] Task<Result<nlohmann::json>> get(std::string path, std::string api_version);
  /// The same with more of the query, as {"$expand", "geoReplicationStats"}.
  [[nodiscard]] Task<Result<nlohmann::json>> get(
      std::string path, std::string api_version,
      std::vector<std::pair<std::string, std::string>> query);
  /// A resource that may be absent: then nothing. Whatever else cannot be told is an error: a 403
  /// is not an absence.
  [[nodiscard]] Task<Result<std::optional<nlohmann::json>>> find(std::string path,
                                                                 std::string api_version);
  /// All pages of a list, or an error: never a part. Also lists that are a bare array.
  [[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list(
      std::string path, std::string api_version,
      std::vector<std::pair<std::string, std::string>> query = {});
  /// A POST that only asks, such as checkNameAvailability; it may be repeated.
  [[nodiscard]] Task<Result<nlohmann::json>> ask(std::string path, std::string api_version,
                                                 nlohmann::json body);

  /// Writes. Follow what they begin with complete(). A PUT, PATCH or DELETE says the whole, so it
  /// may be repeated; a POST is not: with Fault::in_doubt look at what it should have changed.
  [[nodiscard]] Task<Result<Operation>> put(std::string path, std::string api_version,
                                            nlohmann::json body);
  [[nodiscard]] Task<Result<Operation>> patch(std::string path, std::string api_version,
                                              nlohmann::json body);
  /// `body`: null for none. `query`: as {"failoverType", "Planned"}.
  [[nodiscard]] Task<Result<Operation>> post(
      std::string path, std::string api_version, nlohmann::json body,
      std::vector<std::pair<std::string, std::string>> query = {});
  /// What is absent already is removed.
  [[nodiscard]] Task<Result<Operation>> remove(std::string path, std::string api_version);

  /// The raw answer to a GET of an absolute URL of this host, its query untouched.
  [[nodiscard]] Task<Result<http::Response>> fetch(std::string url);

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  [[nodiscard]] Task<Result<http::Response>> send(http::Request request);
  [[nodiscard]] Task<Result<Operation>> begin(http::Request request, std::string api_version);
  Loop& loop_;
  http::Transport& transport_;
  std::string host_;
};

}  // namespace twinlake::azure
