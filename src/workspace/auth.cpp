#include "workspace/auth.h"

#include <algorithm>

#include "http/classify.h"
#include "workspace/azure_cli.h"
#include "workspace/github_identity.h"
#include "workspace/login.h"
#include "workspace/managed_identity.h"

namespace twinlake::workspace {

namespace {

constexpr Millis azure_cli_limit{60'000};

class FixedToken final : public Credentials {
 public:
  explicit FixedToken(Secret token) : token_(std::move(token)) {}
  Task<Result<http::Headers>> headers() override {
    http::Headers headers;
    headers.emplace_back("Authorization", "Bearer " + std::string(token_.reveal()));
    co_return headers;
  }
  bool refused(const http::Headers&) override { return false; }

 private:
  Secret token_;
};

/// A personal token that is kept in a vault: looked at again now and then, and when it is refused.
class KeptToken final : public TokenOrigin {
 public:
  KeptToken(Loop& loop, std::unique_ptr<SecretSource> source)
      : loop_(loop), source_(std::move(source)) {}
  Task<Result<AccessToken>> fetch() override {
    CO_TRY(Secret token, co_await source_->get());
    co_return AccessToken(std::move(token), loop_.now() + std::chrono::hours(1));
  }

 private:
  Loop& loop_;
  std::unique_ptr<SecretSource> source_;
};

constexpr std::string_view management_header = "X-Databricks-Azure-SP-Management-Token";

enum class Need { always, if_possible };

/// One token, or the two of Azure: the second lets a principal with rights on the Azure resource in
/// that the workspace does not know yet, which is how a fresh standby is first entered.
class RenewedTokens final : public Credentials {
 public:
  RenewedTokens(Loop& loop, std::unique_ptr<TokenOrigin> origin) : main_(loop, std::move(origin)) {}

  void add_azure(Loop& loop, std::unique_ptr<TokenOrigin> origin, Need need,
                 std::string resource_id) {
    management_ = std::make_unique<TokenCache>(loop, std::move(origin));
    need_ = need;
    resource_id_ = std::move(resource_id);
  }

  Task<Result<http::Headers>> headers() override {
    http::Headers headers;
    CO_TRY(const std::string token, co_await main_.get());
    headers.emplace_back("Authorization", "Bearer " + token);
    if (management_ && !does_without_) {
      auto second = co_await management_->get();
      if (!second && need_ == Need::always) co_return fail(std::move(second).error());
      if (second) headers.emplace_back(management_header, *second);
      // A plain user of the Azure CLI has no right to it and does not need it; once is enough to
      // know. Others may be waiting in the cache just now, so it stays.
      else
        does_without_ = true;
    }
    if (!resource_id_.empty())
      headers.emplace_back("X-Databricks-Azure-Workspace-Resource-Id", resource_id_);
    co_return headers;
  }

  bool refused(const http::Headers& used) override {
    if (const std::string* value = http::find_header(used, "Authorization"))
      main_.drop(std::string_view(*value).substr(std::string_view("Bearer ").size()));
    const std::string* const second = http::find_header(used, management_header);
    if (second != nullptr && management_) management_->drop(*second);
    return true;
  }

 private:
  TokenCache main_;
  std::unique_ptr<TokenCache> management_;
  Need need_ = Need::always;
  bool does_without_ = false;
  std::string resource_id_;
};

std::string login_url(const Profile& profile, const Environment& environment) {
  std::string url = profile.login_host;
  if (url.empty()) url = environment("AZURE_AUTHORITY_HOST").value_or("");
  if (url.empty()) url = endpoints_of(profile.cloud).login;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// Makes where tokens of one audience come from.
using MakeOrigin = std::function<std::unique_ptr<TokenOrigin>(std::string_view resource)>;

Result<std::unique_ptr<EntraProof>> proof_of(Loop& loop, const Profile& profile,
                                             const Environment& environment,
                                             const OpenTransport& open) {
  if (profile.auth == AuthKind::azure_client_certificate)
    return make_certificate_proof(loop, profile, disk_reader());
  if (profile.auth == AuthKind::azure_workload_identity)
    return make_federated_proof(profile, disk_reader());
  if (profile.auth == AuthKind::azure_github_oidc) return make_github_proof(environment, open);
  TRY(auto secret, make_secret_source(loop, profile, environment, open));
  return make_secret_proof(std::move(secret));
}

Result<MakeOrigin> entra_origins(Loop& loop, const Profile& profile, const Environment& environment,
                                 const OpenTransport& open) {
  const std::string url = login_url(profile, environment);
  TRY(auto login_host, open(url, false));
  std::unique_ptr<http::Transport> workspace_host;
  if (!profile.host.empty()) {
    TRY(workspace_host, open(profile.host, false));
  }
  TRY(auto proof, proof_of(loop, profile, environment, open));
  // Shared by the origins of all audiences.
  const auto login = std::make_shared<EntraLogin>(
      loop, url, std::move(login_host), std::move(workspace_host), profile, std::move(proof));
  return
      [login](std::string_view resource) { return std::make_unique<EntraOrigin>(login, resource); };
}

Result<MakeOrigin> managed_identity_origins(Loop& loop, const Profile& profile,
                                            const Environment& environment,
                                            const OpenTransport& open) {
  TRY(const IdentityEndpoint endpoint, identity_endpoint(environment));
  TRY(std::unique_ptr<http::Transport> opened, open(endpoint.base_url, true));
  const std::shared_ptr<http::Transport> machine = std::move(opened);
  return [&loop, machine, endpoint, id = profile.client_id](std::string_view resource) {
    return std::make_unique<ManagedIdentityOrigin>(loop, machine, endpoint, id, resource);
  };
}

MakeOrigin azure_cli_origins(Loop& loop, const Profile& profile) {
  const RunProcess run = [&loop](std::vector<std::string> arguments) {
    return run_process(loop, std::move(arguments), azure_cli_limit);
  };
  return [run, id = profile.azure_resource_id,
          tenant = profile.azure_tenant_id](std::string_view resource) {
    return std::make_unique<AzureCliOrigin>(azure_cli_commands("az", resource, id, tenant), run);
  };
}

Result<MakeOrigin> origins_of(Loop& loop, const Profile& profile, const Environment& environment,
                              const OpenTransport& open) {
  switch (profile.auth) {
    case AuthKind::pat:
    case AuthKind::oauth_m2m: break;
    case AuthKind::azure_client_secret:
    case AuthKind::azure_client_certificate:
    case AuthKind::azure_workload_identity:
    case AuthKind::azure_github_oidc: return entra_origins(loop, profile, environment, open);
    case AuthKind::azure_msi: return managed_identity_origins(loop, profile, environment, open);
    case AuthKind::azure_cli: return azure_cli_origins(loop, profile);
  }
  return fail(Fault::config, std::string(name_of(profile.auth)) + " does not open Azure itself",
              "Set ARM_CLIENT_ID, ARM_CLIENT_SECRET and ARM_TENANT_ID, or run `az login`");
}

/// The login has its own retries. To those of the workspace it must not look like a request that
/// did not arrive, or each of their attempts would go through all of the login's.
Error without_token(Error error) {
  const bool unreachable = error.fault == Fault::network || error.fault == Fault::in_doubt;
  if (unreachable) error.fault = Fault::unauthenticated;
  if (unreachable && error.hint.empty())
    error.hint =
        "The place to sign in cannot be reached: check network, proxy and firewall of this machine";
  error.message = std::string(no_token) + error.message;
  return error;
}

bool is_refused(const http::Response& response) {
  if (response.status == 401) return true;
  return response.status == 403 &&
         http::read_error(response).message.find("Invalid access token") != std::string::npos;
}

}  // namespace

Result<std::unique_ptr<Credentials>> make_credentials(Loop& loop, const Profile& profile,
                                                      const Environment& environment,
                                                      const OpenTransport& open) {
  if (profile.auth == AuthKind::pat && !is_vault_place(profile.secret.reveal()))
    return std::make_unique<FixedToken>(profile.secret);
  if (!is_entra(profile.auth)) {
    TRY(auto secret, make_secret_source(loop, profile, environment, open));
    if (profile.auth == AuthKind::pat)
      return std::make_unique<RenewedTokens>(loop,
                                             std::make_unique<KeptToken>(loop, std::move(secret)));
    TRY(auto host, open(profile.host, false));
    return std::make_unique<RenewedTokens>(
        loop, std::make_unique<OauthOrigin>(loop, std::move(host), profile, std::move(secret)));
  }
  TRY(const MakeOrigin origin, origins_of(loop, profile, environment, open));
  auto tokens = std::make_unique<RenewedTokens>(loop, origin(databricks_resource));
  // A plain user of the Azure CLI has no right to the second token and does not need it.
  const Need need = profile.auth == AuthKind::azure_cli ? Need::if_possible : Need::always;
  tokens->add_azure(loop, origin(endpoints_of(profile.cloud).management_resource), need,
                    profile.azure_resource_id);
  return tokens;
}

Result<std::unique_ptr<Credentials>> make_azure_credentials(Loop& loop, const Profile& profile,
                                                            const Environment& environment,
                                                            const OpenTransport& open,
                                                            std::string_view resource) {
  TRY(const MakeOrigin origin, origins_of(loop, profile, environment, open));
  return std::make_unique<RenewedTokens>(loop, origin(resource));
}

Task<Result<http::Response>> AuthenticatedTransport::send(http::Request request) {
  // More than once: the answer may come so late that the renewed token has ended as well.
  constexpr int renewals = 3;
  for (int attempt = 0;; ++attempt) {
    auto got = co_await credentials_.headers();
    if (!got) co_return fail(without_token(std::move(got).error()));
    const http::Headers& headers = *got;
    http::Request copy = request;
    copy.headers.insert(copy.headers.end(), headers.begin(), headers.end());
    auto outcome = co_await inner_.send(std::move(copy));
    const bool refused = outcome && is_refused(*outcome);
    if (!refused || attempt == renewals || !credentials_.refused(headers)) co_return outcome;
  }
}

}  // namespace twinlake::workspace
