#include "simulator/identity/oauth.h"

#include "simulator/body.h"

namespace twinlake::simulator {

std::variant<OauthLogin, http::Response> read_oauth_login(const http::Request& request) {
  OauthLogin login;
  std::string grant;
  for (const auto& [name, value] : http::decode_query(request.body)) {
    if (name == "client_id") login.client_id = value;
    if (name == "client_secret") login.secret = value;
    if (name == "scope") login.scope = value;
    if (name == "grant_type") grant = value;
  }
  if (login.scope.empty()) login.scope = "all-apis";
  const std::string* header = http::find_header(request.headers, "Authorization");
  if (header != nullptr && header->starts_with("Basic ")) {
    const std::string pair = base64_decode(header->substr(6)).value_or("");
    const std::size_t colon = pair.find(':');
    login.client_id = http::percent_decode(pair.substr(0, colon));
    if (colon != std::string::npos) login.secret = http::percent_decode(pair.substr(colon + 1));
  }
  if (grant != "client_credentials")
    return oauth_refusal(400, "unsupported_grant_type", "Only client_credentials is supported.");
  return login;
}

http::Response oauth_refusal(int status, std::string_view code, std::string_view description) {
  json body = json::object();
  body["error"] = code;
  body["error_description"] = description;
  http::Response response = answer(body);
  response.status = status;
  return response;
}

http::Response bad_oauth_client() {
  return oauth_refusal(401, "invalid_client", "Client authentication failed");
}

http::Response oauth_answer(const std::string& token, const OauthLogin& login,
                            std::int64_t seconds) {
  json body = json::object();
  body["access_token"] = token;
  body["token_type"] = "Bearer";
  body["scope"] = login.scope;
  body["expires_in"] = seconds;
  return answer(body);
}

std::string bearer_token(const http::Request& request) {
  constexpr std::string_view bearer = "Bearer ";
  const std::string* header = http::find_header(request.headers, "Authorization");
  if (header == nullptr || !header->starts_with(bearer)) return {};
  return header->substr(bearer.size());
}

}  // namespace twinlake::simulator
