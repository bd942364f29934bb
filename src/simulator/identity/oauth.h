#pragma once
// The token endpoint of Databricks itself, for service principals with an OAuth secret: workspaces
// have one, and the account console has one.
#include <cstdint>
#include <string>
#include <variant>

#include "http/message.h"

namespace twinlake::simulator {

/// Who asks for a token, and for what; the secret is not checked yet.
struct OauthLogin {
  std::string client_id;
  std::string secret;
  std::string scope;  ///< "all-apis" unless another one was asked for
};

/// The request of a client, by HTTP Basic or in its form; or the refusal of another grant.
[[nodiscard]] std::variant<OauthLogin, http::Response> read_oauth_login(
    const http::Request& request);
[[nodiscard]] http::Response oauth_refusal(int status, std::string_view code,
                                           std::string_view description);
[[nodiscard]] http::Response bad_oauth_client();
[[nodiscard]] http::Response oauth_answer(const std::string& token, const OauthLogin& login,
                                          std::int64_t seconds);

/// The token of the header Authorization; empty when there is none.
[[nodiscard]] std::string bearer_token(const http::Request& request);

}  // namespace twinlake::simulator
