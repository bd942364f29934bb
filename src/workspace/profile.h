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

enum class AuthKind { pat, oauth_m2m, azure_client_secret, azure_msi, azure_cli };
[[nodiscard]] std::string_view name_of(AuthKind kind);

enum class Cloud { public_cloud, us_government, china };

/// Fixed addresses of a cloud.
struct CloudEndpoints {
  std::string_view login;                ///< Entra ID
  std::string_view arm;                  ///< Resource Manager
  std::string_view management_resource;  ///< audience of the second token, with its trailing slash
};
[[nodiscard]] const CloudEndpoints& endpoints_of(Cloud cloud);

struct Profile {
  std::string name;    ///< the section; empty when all came from the environment
  std::string source;  ///< where it was read, for messages
  std::string host;    ///< "https://name", normalised
  AuthKind auth = AuthKind::pat;
  Cloud cloud = Cloud::public_cloud;
  std::string account_id;
  std::string workspace_id;
  std::string azure_resource_id;
  std::string azure_tenant_id;  ///< empty: asked from the workspace
  std::string client_id;        ///< of OAuth, or of the Entra principal or managed identity
  std::string scopes;           ///< of OAuth
  Secret secret;                ///< the token or the client secret
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

}  // namespace twinlake::workspace
