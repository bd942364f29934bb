#pragma once
// Tokens from login services: Databricks OAuth for service principals, and Entra ID.
#include <memory>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "workspace/auth.h"
#include "workspace/entra_proof.h"
#include "workspace/secret_source.h"
#include "workspace/token.h"

namespace twinlake::workspace {

/// The audience of Azure Databricks, the same in all clouds.
inline constexpr std::string_view databricks_resource = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";

/// A form body that is safe to send again.
[[nodiscard]] http::Request form_post(
    std::string path, const std::vector<std::pair<std::string, std::string>>& fields);

/// The tenant in the Location of `GET {host}/aad/auth`; empty when there is none.
[[nodiscard]] std::string tenant_in_location(std::string_view location);

/// Where a host gives tokens for the OAuth secret of a service principal.
[[nodiscard]] std::string oauth_path(const Profile& profile);

/// OAuth machine-to-machine: an OAuth secret of a service principal, at the workspace or the
/// account itself.
class OauthOrigin final : public TokenOrigin {
 public:
  OauthOrigin(Loop& loop, std::unique_ptr<http::Transport> host, const Profile& profile,
              std::unique_ptr<SecretSource> secret)
      : loop_(loop),
        host_(std::move(host)),
        path_(oauth_path(profile)),
        client_id_(profile.client_id),
        secret_(std::move(secret)),
        scopes_(profile.scopes) {}
  [[nodiscard]] Task<Result<AccessToken>> fetch() override;

 private:
  Loop& loop_;
  std::unique_ptr<http::Transport> host_;
  std::string path_;
  std::string client_id_;
  std::unique_ptr<SecretSource> secret_;
  std::string scopes_;
};

/// An application of Entra ID: one login for any number of audiences.
class EntraLogin {
 public:
  /// `login_url`: "https://login.microsoftonline.com", where `login` leads. `host`: the workspace,
  /// which tells the tenant when the profile does not; nullptr when it is not known yet.
  EntraLogin(Loop& loop, std::string login_url, std::unique_ptr<http::Transport> login,
             std::unique_ptr<http::Transport> host, const Profile& profile,
             std::unique_ptr<EntraProof> proof)
      : loop_(loop),
        login_url_(std::move(login_url)),
        login_(std::move(login)),
        host_(std::move(host)),
        tenant_(profile.azure_tenant_id),
        client_id_(profile.client_id),
        proof_(std::move(proof)) {}
  [[nodiscard]] Task<Result<AccessToken>> fetch(std::string resource);

 private:
  [[nodiscard]] Task<Result<std::string>> tenant();

  Loop& loop_;
  std::string login_url_;
  std::unique_ptr<http::Transport> login_;
  std::unique_ptr<http::Transport> host_;
  std::string tenant_;
  std::string client_id_;
  std::unique_ptr<EntraProof> proof_;
};

class EntraOrigin final : public TokenOrigin {
 public:
  EntraOrigin(std::shared_ptr<EntraLogin> login, std::string_view resource)
      : login_(std::move(login)), resource_(resource) {}
  [[nodiscard]] Task<Result<AccessToken>> fetch() override { return login_->fetch(resource_); }

 private:
  std::shared_ptr<EntraLogin> login_;  // shared by the origins of both tokens
  std::string resource_;
};

}  // namespace twinlake::workspace
