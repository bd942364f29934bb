#pragma once
// One Entra tenant. Workspaces of different regions trust the same one: a principal signs in once,
// at one address, and its token opens each workspace that knows the principal.
#include <cstdint>
#include <map>
#include <string>

#include "simulator/region.h"

namespace twinlake::simulator {

enum class Audience { databricks, management };

struct EntraToken {
  std::string principal;        ///< application id
  std::int64_t expires_at = 0;  ///< milliseconds
  Audience audience = Audience::databricks;
};

class Entra {
 public:
  explicit Entra(std::string tenant) : tenant_(std::move(tenant)) {}
  [[nodiscard]] const std::string& tenant() const { return tenant_; }

  void add(const Credential& credential) {
    applications_.insert_or_assign(credential.client_id, credential);
  }
  /// nullptr when the tenant has no such application.
  [[nodiscard]] const Credential* find(const std::string& client_id) const;
  /// The machine's own identity: the one that is asked for, or the only one; nullptr when there is
  /// none, or when there are several and nobody said which.
  [[nodiscard]] const Credential* managed_identity(const std::string& client_id) const;

  void keep(const std::string& text, EntraToken token) { tokens_.insert_or_assign(text, token); }
  /// nullptr when it was never issued.
  [[nodiscard]] EntraToken* token(const std::string& text);

 private:
  std::string tenant_;
  std::map<std::string, Credential> applications_;  ///< by client id
  std::map<std::string, EntraToken> tokens_;        ///< by text
};

}  // namespace twinlake::simulator
