#pragma once
// Tokens: personal access tokens, OAuth machine-to-machine, Entra ID and managed identities.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "simulator/identity/entra.h"
#include "simulator/service.h"

namespace twinlake::simulator {

class Auth : public Service {
 public:
  explicit Auth(Region& region);
  [[nodiscard]] json world() const override;

  /// May this path be called without a token?
  [[nodiscard]] static bool is_open(std::string_view path);
  /// Name of the caller (user name or application id), or the refusal.
  [[nodiscard]] std::variant<std::string, http::Response> caller_of(const http::Request& request);

  /// Did the caller sign in with Entra ID? Only with such a token the workspace reaches a vault.
  [[nodiscard]] bool carries_entra_token(const http::Request& request) const;

  /// A new token of a principal; `seconds` 0: it never expires.
  std::string issue(const std::string& principal, std::int64_t seconds,
                    std::string_view prefix = "dapi");
  /// Registers a token of a given text.
  void add_token(const std::string& text, const std::string& principal, std::int64_t seconds = 0);
  void revoke(const std::string& token) { tokens_.erase(token); }
  /// Ends the token that this request carries.
  void expire_token_of(const http::Request& request);
  void add_credential(const Credential& credential);

 private:
  struct Token {
    std::string principal;
    std::int64_t expires_at = 0;  ///< milliseconds; 0: never
  };
  void add_routes();
  /// The principal of a token of this workspace or of the tenant, or the refusal.
  [[nodiscard]] std::variant<std::string, http::Response> principal_of(const std::string& text);
  [[nodiscard]] const Credential* check(const std::string& client_id,
                                        const std::string& secret) const;
  bool provision_by_azure_role(const http::Request& request, const std::string& principal);
  http::Response oauth_token(Call& call);
  http::Response entra_token(Call& call, bool version_two);
  http::Response metadata_token(Call& call);
  http::Response app_service_token(Call& call);
  http::Response machine_token(Call& call);
  http::Response tenant_redirect(Call& call) const;
  http::Response host_description(Call& call) const;
  http::Response oauth_description(Call& call) const;

  Region& region_;
  std::shared_ptr<Entra> entra_;  ///< shared with the other workspaces of the tenant
  std::map<std::string, Token> tokens_;
  std::map<std::string, Credential> credentials_;  ///< by client id
};

}  // namespace twinlake::simulator
