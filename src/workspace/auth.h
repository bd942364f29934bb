#pragma once
// Credentials of a side, and the decorator that adds them to each request.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/loop.h"
#include "http/transport.h"
#include "workspace/profile.h"

namespace twinlake::workspace {

/// How errors of signing in begin. Their hints know more than anything said about workspaces.
inline constexpr std::string_view no_token = "no access token: ";

/// Gives the headers that a request must carry, fresh ones when the old ones are about to expire.
class Credentials {
 public:
  virtual ~Credentials() = default;
  [[nodiscard]] virtual Task<Result<http::Headers>> headers() = 0;
  /// The service refused these headers. True when asking again may give better ones.
  [[nodiscard]] virtual bool refused(const http::Headers& used) = 0;
};

/// Opens a transport to a login host: `metadata` for the identity endpoint of the machine, which is
/// plain http and never behind a proxy. Injected, so that tests and the simulator stand in.
using OpenTransport = std::function<Result<std::unique_ptr<http::Transport>>(
    const std::string& base_url, bool metadata)>;

[[nodiscard]] Result<std::unique_ptr<Credentials>> make_credentials(Loop& loop,
                                                                    const Profile& profile,
                                                                    const Environment& environment,
                                                                    const OpenTransport& open);

/// For Azure itself instead of a workspace: one token for `resource`, an audience as in
/// CloudEndpoints. The profile must be one of Entra ID (see azure_sign_in).
[[nodiscard]] Result<std::unique_ptr<Credentials>> make_azure_credentials(
    Loop& loop, const Profile& profile, const Environment& environment, const OpenTransport& open,
    std::string_view resource);

/// Adds the headers; a 401 or a 403 "Invalid access token" means that no work was done, so after a
/// refresh the request is sent once more, whatever its kind.
class AuthenticatedTransport final : public http::Transport {
 public:
  AuthenticatedTransport(http::Transport& inner, Credentials& credentials)
      : inner_(inner), credentials_(credentials) {}
  [[nodiscard]] Task<Result<http::Response>> send(http::Request request) override;

 private:
  http::Transport& inner_;
  Credentials& credentials_;
};

}  // namespace twinlake::workspace
