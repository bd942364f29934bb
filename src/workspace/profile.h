#pragma once
// How to reach a workspace and as whom: the attributes of .databrickscfg and of the environment, by
// the rules of the official tools (one deliberate difference: see resolve_profile).
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace twinlake::workspace {

/// The value of an environment variable; nothing when it is unset.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
/// The content of a file; nothing when there is no such file.
using FileReader = std::function<Result<std::optional<std::string>>(const std::string& path)>;

[[nodiscard]] Environment process_environment();
[[nodiscard]] FileReader disk_reader();

enum class AuthKind {
  pat,
  oauth_m2m,
  azure_client_secret,
  azure_client_certificate,  ///< a certificate with its key in place of the secret
  azure_workload_identity,   ///< a token of another issuer, such as a Kubernetes cluster
  azure_github_oidc,         ///< the same for a job of GitHub Actions, which asks for its token
  azure_msi,
  azure_cli
};
[[nodiscard]] std::string_view name_of(AuthKind kind);
/// Signs in with Entra ID, so that the same login opens Azure itself.
[[nodiscard]] bool is_entra(AuthKind kind);

/// What answers at the host. They give their tokens at different places.
enum class HostKind {
  workspace,
  account,  ///< the account console; `account_id` says which account
};

enum class Cloud { public_cloud, us_government, china };

/// Fixed addresses of a cloud.
struct CloudEndpoints {
  std::string_view login;                ///< Entra ID
  std::string_view arm;                  ///< Resource Manager
  std::string_view management_resource;  ///< audience of ARM, with its trailing slash
  std::string_view storage_resource;     ///< audience of blobs and files, the same in all clouds
  std::string_view storage_suffix;       ///< "core.windows.net"
  std::string_view vault_resource;       ///< audience of Key Vault
  std::string_view vault_suffix;         ///< "vault.azure.net"
};
[[nodiscard]] const CloudEndpoints& endpoints_of(Cloud cloud);

struct Profile {
  std::string name;    ///< the section; empty when all came from the environment
  std::string source;  ///< where it was read, for messages
  std::string host;    ///< "https://name", normalised; empty: ARM tells it for azure_resource_id
  HostKind host_kind = HostKind::workspace;
  AuthKind auth = AuthKind::pat;
  Cloud cloud = Cloud::public_cloud;
  std::string account_id;
  std::string workspace_id;
  std::string azure_resource_id;
  std::string azure_tenant_id;  ///< empty: asked from the workspace
  std::string client_id;        ///< of OAuth, or of the Entra principal or managed identity
  std::string scopes;           ///< of OAuth
  Secret secret;  ///< the token or the client secret; or where it is kept, see secret_source.h
  std::string certificate_file;      ///< PEM: the certificate and its private key
  Secret certificate_password;       ///< of an encrypted key
  std::string federated_token_file;  ///< read again for each sign-in, because it rotates
  std::string login_host;            ///< of Entra ID, "https://name"; empty: that of the cloud
  std::string arm_host;              ///< of Resource Manager; empty: that of the cloud
};

/// The parts of a host as people write it.
struct HostParts {
  std::string host;  ///< scheme and name, in lower case, without path
  std::string workspace_id;
  std::string account_id;
};
[[nodiscard]] Result<HostParts> normalise_host(std::string_view text);
[[nodiscard]] Cloud cloud_of_host(std::string_view host);

/// With a name, the section of that name decides and the environment only completes it: with two
/// workspaces at work a DATABRICKS_HOST or DATABRICKS_TOKEN of the shell must not override both
/// (the official tools let it). Without a name the official order holds: environment, then the
/// file.
[[nodiscard]] Result<Profile> resolve_profile(const std::string& requested,
                                              const Environment& environment,
                                              const FileReader& read_file);

/// As whom to sign in to Azure itself: by the profile when it is one of Entra ID, else by the
/// ARM_* or AZURE_* variables (ARM_* first), else by the Azure CLI. Cloud, tenant and hosts stay
/// those of the profile.
[[nodiscard]] Result<Profile> azure_sign_in(const Profile& profile, const Environment& environment,
                                            const FileReader& read_file);

}  // namespace twinlake::workspace
