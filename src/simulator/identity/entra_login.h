#pragma once
// The token endpoints of a tenant, versions 1 and 2: secrets, certificates, federated tokens.
#include <cstdint>
#include <string>

#include "http/message.h"
#include "simulator/identity/entra.h"

namespace twinlake::simulator {

struct LoginRequest {
  const http::Request& request;
  std::string tenant;  ///< of the path
  bool version_two = true;
  std::int64_t now_millis = 0;
  std::int64_t token_seconds = 3600;
};

/// POST /{tenant}/oauth2/token and /{tenant}/oauth2/v2.0/token.
[[nodiscard]] http::Response answer_login(Entra& entra, const LoginRequest& login);
/// GET /{tenant}/v2.0/.well-known/openid-configuration: where clients find those endpoints.
[[nodiscard]] http::Response openid_configuration(const Entra& entra, const http::Request& request);
/// GET /common/discovery/instance: which authorities are the same.
[[nodiscard]] http::Response instance_discovery(const Entra& entra, const http::Request& request);

/// The address that the client used for us, so that it comes back to us.
[[nodiscard]] std::string own_address(const http::Request& request);

}  // namespace twinlake::simulator
