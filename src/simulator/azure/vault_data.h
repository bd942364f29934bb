#pragma once
// The data plane of Key Vault: secrets of the vaults in the subscription, for tokens of the
// audience https://vault.azure.net. Its host is the vault's own ("kv.vault.azure.net"); requests
// that come without one go to the only vault that has secrets.
#include <map>
#include <string>

#include "http/message.h"
#include "simulator/identity/entra.h"

namespace twinlake::simulator {

class VaultData {
 public:
  void put(const std::string& vault, const std::string& name, const std::string& value) {
    secrets_[vault][name] = value;
  }
  [[nodiscard]] static bool is_vault_path(std::string_view path) {
    return path == "/secrets" || path.starts_with("/secrets/");
  }
  /// `token`: what the request carries, or nullptr; `now_millis` decides whether it has ended.
  [[nodiscard]] http::Response serve(const http::Request& request, const EntraToken* token,
                                     std::int64_t now_millis, const std::string& tenant);

 private:
  using Secrets = std::map<std::string, std::string>;  ///< by name
  [[nodiscard]] Secrets* secrets_of(const http::Request& request, std::string& vault);
  std::map<std::string, Secrets> secrets_;  ///< by vault; nobody shows them but serve()
};

}  // namespace twinlake::simulator
