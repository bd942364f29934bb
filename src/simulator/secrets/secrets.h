#pragma once
// What is in a secret scope, and who may read it. The scopes themselves are in secret_scopes.h.
//
// POST /sim/secrets {scope, key, string_value or bytes_value} puts one there unchecked: the secrets
// of a vault come so, which no client of the workspace can write.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/body.h"
#include "simulator/service.h"

namespace twinlake::simulator {

class Secrets : public Service {
 public:
  explicit Secrets(Region& region);
  /// Values are in it, as base64: the simulator is the witness of what arrived.
  [[nodiscard]] json world() const override;

  /// The bytes of a secret, in whatever backend; nothing when there is no such scope or key. It
  /// asks nobody for rights: see may_read().
  [[nodiscard]] std::optional<std::string> value(const std::string& name,
                                                 const std::string& key) const;
  [[nodiscard]] std::vector<std::string> keys(const std::string& scope) const;
  /// May this caller (a user name or an application id) read the secrets of the scope? Directly,
  /// through a group, or as an admin.
  [[nodiscard]] bool may_read(const std::string& name, const std::string& caller) const;
  [[nodiscard]] bool may_manage(const std::string& name, const std::string& caller) const;

  enum class Backend { databricks, key_vault };
  /// A scope is there from now on; `manager` may do everything with it.
  void scope_made(const std::string& scope, Backend backend, const std::string& manager);
  void scope_removed(const std::string& scope);

 private:
  enum class Right { none, read, write, manage };
  struct Secret {
    std::string bytes;
    std::int64_t updated_at = 0;
  };
  struct Scope {
    std::string name;  ///< as it was written first
    Backend backend = Backend::databricks;
    std::map<std::string, Secret> secrets;  ///< by key
    std::map<std::string, Right> grants;    ///< by principal id
    /// What the next look at a grant still shows, with eventual consistency; by principal id.
    std::map<std::string, Right> stale;
  };

  // secrets.cpp
  [[nodiscard]] const Scope* find(const std::string& name) const;
  [[nodiscard]] Right right_of(const Scope& scope, const std::string& caller) const;
  [[nodiscard]] static std::string_view name_of(Right right);
  /// The scope of a request, when the caller has this right there; else `refusal` is set.
  Scope* scope_for(const Call& call, const std::string& name, Right needed, Refusal& refusal);
  http::Response list(Call& call);
  http::Response get(Call& call);
  http::Response put(Call& call);
  http::Response remove(Call& call);
  http::Response plant(Call& call);

  // secret_grants.cpp
  void add_grant_routes();
  http::Response list_grants(Call& call);
  http::Response get_grant(Call& call);
  http::Response put_grant(Call& call);
  http::Response remove_grant(Call& call);
  void change_grant(Scope& scope, const std::string& principal_id, Right right);
  [[nodiscard]] json grants_of_world() const;

  Region& region_;
  std::map<std::string, Scope> scopes_;  ///< by name in lower case: names ignore case
};

/// The names of scopes and of keys keep the same rules.
[[nodiscard]] bool is_secret_name(std::string_view name);
[[nodiscard]] http::Response no_scope(const std::string& name);
[[nodiscard]] http::Response not_allowed(const std::string& caller, std::string_view right,
                                         const std::string& scope);

}  // namespace twinlake::simulator
