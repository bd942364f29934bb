#pragma once
// A secret that is given, or kept in a Key Vault and read when it is needed.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "workspace/auth.h"

namespace twinlake::workspace {

class SecretSource {
 public:
  virtual ~SecretSource() = default;
  [[nodiscard]] virtual Task<Result<Secret>> get() = 0;
};

class GivenSecret final : public SecretSource {
 public:
  explicit GivenSecret(Secret secret) : secret_(std::move(secret)) {}
  [[nodiscard]] Task<Result<Secret>> get() override { co_return secret_; }

 private:
  Secret secret_;
};

/// Where a secret is kept: "@vault:https://NAME.vault.azure.net/secrets/SECRET[/VERSION]".
struct VaultPlace {
  std::string host;  ///< "https://NAME.vault.azure.net"
  std::string path;  ///< "/secrets/SECRET"
};
[[nodiscard]] bool is_vault_place(std::string_view text);
/// Fault::config when it is none, or leads to a host that is no vault of that cloud: a token goes
/// there. This very machine is accepted, for simulators.
[[nodiscard]] Result<VaultPlace> vault_place(std::string_view text, Cloud cloud);

/// Reads it each time: it may have been rotated. Signing in there is done by the environment (see
/// azure_sign_in), because the profile has no secret yet.
/// Source: GET {vault}/secrets/{name}[/{version}]?api-version=7.5 of Key Vault's data plane.
[[nodiscard]] Result<std::unique_ptr<SecretSource>> make_secret_source(
    Loop& loop, const Profile& profile, const Environment& environment, const OpenTransport& open);

}  // namespace twinlake::workspace
