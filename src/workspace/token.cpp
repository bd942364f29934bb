#include "workspace/token.h"

#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "http/classify.h"

namespace twinlake::workspace {

namespace {

using nlohmann::json;

// The service refuses tokens within half a minute of their end.
constexpr Micros margin = std::chrono::seconds(40);

std::optional<std::int64_t> number_at(const json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end()) return std::nullopt;
  if (found->is_number()) return found->get<std::int64_t>();
  if (!found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

/// "2026-08-19 15:04:05.000000", local time without zone: old versions of the Azure CLI.
std::optional<Time> local_time(const std::string& text) {
  std::tm parts{};
  if (strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &parts) == nullptr) return std::nullopt;
  parts.tm_isdst = -1;
  const std::time_t seconds = mktime(&parts);
  if (seconds < 0) return std::nullopt;
  return Time(std::chrono::seconds(seconds));
}

Error without_token(const http::Request& request, int status) {
  Error error(Fault::bad_answer, "the login answer holds no token");
  error.method = std::string(http::name_of(request.method));
  error.path = request.path;
  error.status = status;
  return error;
}

}  // namespace

bool TokenCache::is_fresh() const {
  return !token_.value.empty() && loop_.now() + margin < token_.expires;
}

Task<Result<std::string>> TokenCache::get() {
  if (is_fresh()) co_return std::string(token_.value.reveal());
  const int seen = fetches_;
  const auto turn = co_await one_at_a_time_.acquire();
  if (is_fresh()) co_return std::string(token_.value.reveal());
  // Somebody tried while this one waited and failed: the same try again would fail for each who
  // waits.
  if (fetches_ == seen) {
    auto fetched = co_await origin_->fetch();
    ++fetches_;
    last_error_.reset();
    if (fetched)
      token_ = std::move(*fetched);
    else
      last_error_ = std::move(fetched).error();
  }
  if (last_error_) co_return fail(*last_error_);
  co_return std::string(token_.value.reveal());
}

void TokenCache::drop(std::string_view used) {
  if (token_.value.reveal() == used) token_ = AccessToken();
}

Result<AccessToken> read_token_answer(const http::Request& request, const http::Response& response,
                                      Time now, Lifetime lifetime) {
  if (!response.ok()) {
    Error error = http::classify(request, response);
    // A login that is refused is a matter of credentials, whatever status it has.
    const bool refused = error.status == 400 || error.status == 401 || error.status == 403;
    if (refused) error.fault = Fault::unauthenticated;
    if (refused) error.hint = "Check the client id, its secret and the tenant in the profile";
    return fail(std::move(error));
  }
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_object() || !body.contains("access_token") || !body["access_token"].is_string())
    return fail(without_token(request, response.status));
  Time expires = now + std::chrono::hours(1);
  const auto seconds = number_at(body, "expires_in");
  const auto epoch = number_at(body, "expires_on");
  // What is left does not depend on this machine's clock being right.
  if (epoch && (lifetime == Lifetime::absolute || !seconds))
    expires = Time(std::chrono::seconds(*epoch));
  else if (seconds)
    expires = now + std::chrono::seconds(*seconds);
  return AccessToken(Secret(body["access_token"].get<std::string>()), expires);
}

Result<AccessToken> read_azure_cli_answer(std::string_view output) {
  const json body = json::parse(output, nullptr, false);
  if (!body.is_object() || !body.contains("accessToken") || !body["accessToken"].is_string())
    return fail(Fault::bad_answer, "the Azure CLI gave no token");
  std::optional<Time> expires;
  if (const auto epoch = number_at(body, "expires_on"))
    expires = Time(std::chrono::seconds(*epoch));
  else if (body.contains("expiresOn") && body["expiresOn"].is_string())
    expires = local_time(body["expiresOn"]);
  if (!expires) return fail(Fault::bad_answer, "the Azure CLI did not tell when its token expires");
  return AccessToken(Secret(body["accessToken"].get<std::string>()), *expires);
}

}  // namespace twinlake::workspace
