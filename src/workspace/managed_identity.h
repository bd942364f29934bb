#pragma once
// The identity of the Azure machine this runs on: the metadata service of a virtual machine, or the
// endpoint that App Service and Container Apps put into the environment.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workspace/auth.h"
#include "workspace/token.h"

namespace twinlake::workspace {

/// Where to ask, decided from the environment.
struct IdentityEndpoint {
  std::string base_url;
  std::string path;
  std::string api_version;
  http::Headers headers;
};
[[nodiscard]] Result<IdentityEndpoint> identity_endpoint(const Environment& environment);

class ManagedIdentityOrigin final : public TokenOrigin {
 public:
  ManagedIdentityOrigin(Loop& loop, std::shared_ptr<http::Transport> machine,
                        IdentityEndpoint endpoint, std::string client_id, std::string_view resource)
      : loop_(loop),
        machine_(std::move(machine)),
        endpoint_(std::move(endpoint)),
        client_id_(std::move(client_id)),
        resource_(resource) {}
  [[nodiscard]] Task<Result<AccessToken>> fetch() override;

 private:
  Loop& loop_;
  std::shared_ptr<http::Transport> machine_;  // shared by the origins of both tokens
  IdentityEndpoint endpoint_;
  std::string client_id_;
  std::string resource_;
};

}  // namespace twinlake::workspace
