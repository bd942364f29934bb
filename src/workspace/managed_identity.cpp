#include "workspace/managed_identity.h"

namespace twinlake::workspace {

namespace {
// The service answers 404 and 410 while it starts or is upgraded, which takes up to 70 seconds.
constexpr int most_attempts = 6;
constexpr Micros first_wait = std::chrono::seconds(3);

bool is_starting(int status) { return status == 404 || status == 410; }
}  // namespace

Result<IdentityEndpoint> identity_endpoint(const Environment& environment) {
  IdentityEndpoint endpoint;
  const std::string url = environment("IDENTITY_ENDPOINT").value_or("");
  const std::string key = environment("IDENTITY_HEADER").value_or("");
  if (!url.empty() && !key.empty()) {
    const std::size_t scheme = url.find("://");
    const std::size_t path =
        scheme == std::string::npos ? std::string::npos : url.find('/', scheme + 3);
    if (path == std::string::npos)
      return fail(Fault::config, "IDENTITY_ENDPOINT is not a URL with a path");
    endpoint.base_url = url.substr(0, path);
    endpoint.path = url.substr(path, url.find('?', path) - path);
    endpoint.api_version = "2019-08-01";
    endpoint.headers.emplace_back("X-IDENTITY-HEADER", key);
    return endpoint;
  }
  endpoint.base_url =
      environment("AZURE_POD_IDENTITY_AUTHORITY_HOST").value_or("http://169.254.169.254");
  if (endpoint.base_url.ends_with('/')) endpoint.base_url.pop_back();
  endpoint.path = "/metadata/identity/oauth2/token";
  endpoint.api_version = "2018-02-01";
  endpoint.headers.emplace_back("Metadata", "true");
  return endpoint;
}

Task<Result<AccessToken>> ManagedIdentityOrigin::fetch() {
  http::Request request = http::Request::get(endpoint_.path);
  request.headers = endpoint_.headers;
  request.with_query("api-version", endpoint_.api_version).with_query("resource", resource_);
  if (!client_id_.empty()) request.with_query("client_id", client_id_);
  const http::Request about(request.method, request.path);
  Micros wait = first_wait;
  for (int attempt = 1;; ++attempt) {
    http::Request copy = request;
    auto response = co_await machine_->send(std::move(copy));
    if (!response) {
      Error error = std::move(response).error();
      error.hint =
          "A managed identity exists only on an Azure machine; check azure_use_msi of the profile";
      co_return fail(std::move(error));
    }
    if (!is_starting(response->status) || attempt == most_attempts)
      co_return read_token_answer(about, *response, loop_.now(), Lifetime::absolute);
    co_await loop_.sleep(wait);
    wait *= 2;
  }
}

}  // namespace twinlake::workspace
