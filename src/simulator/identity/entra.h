#pragma once
// One Entra tenant. Workspaces of different regions trust the same one: a principal signs in once,
// at one address, and its token opens each workspace that knows the principal.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/region.h"

namespace twinlake::simulator {

/// What a token is for. Each service refuses those of the others.
enum class Audience { databricks, management, storage, vault, database };

/// The audience of a v1 `resource` or a v2 scope without "/.default", in all spellings that the
/// public cloud and the sovereign ones know; nothing when the tenant knows no such service.
[[nodiscard]] std::optional<Audience> audience_of(std::string_view resource);

/// The service refuses a token so long before its end, so that it cannot end during a request.
[[nodiscard]] std::int64_t token_margin_millis(std::int64_t seconds);

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

  /// A new token that is valid from now on for `seconds`.
  std::string issue(const std::string& principal, Audience audience, std::int64_t now_millis,
                    std::int64_t seconds);
  void keep(const std::string& text, EntraToken token) { tokens_.insert_or_assign(text, token); }
  /// nullptr when it was never issued.
  [[nodiscard]] EntraToken* token(const std::string& text);

  /// Whether a role in Azure makes a principal an admin of a workspace, asked with the resource id
  /// that it shows and the id of the workspace it calls. Without a cloud beside the workspaces
  /// everybody has such a role on everything.
  using Administers = std::function<bool(const std::string& principal, const std::string& resource,
                                         const std::string& workspace_id)>;
  void decide_by(Administers decision) { administers_ = std::move(decision); }
  [[nodiscard]] bool may_administer(const std::string& principal, const std::string& resource,
                                    const std::string& workspace_id) const {
    return !administers_ || administers_(principal, resource, workspace_id);
  }

 private:
  std::string tenant_;
  std::map<std::string, Credential> applications_;  ///< by client id
  std::map<std::string, EntraToken> tokens_;        ///< by text
  Administers administers_;
  Ids ids_{20260101};  ///< of tokens
};

}  // namespace twinlake::simulator
