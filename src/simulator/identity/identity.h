#pragma once
// Users, service principals and groups of a workspace: SCIM and workspace assignments.
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/body.h"
#include "simulator/identity/account.h"
#include "simulator/service.h"

namespace twinlake::simulator {

class Identity : public Service {
 public:
  explicit Identity(Region& region);
  [[nodiscard]] json world() const override;

  // What other services ask. A name is a user name, an application id or the name of a group.
  [[nodiscard]] const Principal* find_user(std::string_view user_name) const;
  [[nodiscard]] const Principal* find_service_principal(std::string_view application_id) const;
  [[nodiscard]] const Principal* find_group(std::string_view name) const;
  [[nodiscard]] const Principal* find_any(std::string_view name) const;  ///< in that order
  [[nodiscard]] const Principal* find_id(const std::string& id) const;
  [[nodiscard]] bool principal_exists(std::string_view name) const {
    return find_any(name) != nullptr;
  }
  /// The name as the service writes it; unchanged when unknown.
  [[nodiscard]] std::string canonical(std::string_view name) const;
  [[nodiscard]] bool is_admin(std::string_view caller) const;
  /// Names of all groups, `users` and indirect ones included.
  [[nodiscard]] std::set<std::string> groups_of(std::string_view caller) const;
  /// Ids of all groups that hold this principal, directly or not.
  [[nodiscard]] std::set<std::string> group_ids_of(const std::string& id) const;
  [[nodiscard]] const std::string& admins_id() const { return admins_id_; }
  [[nodiscard]] const std::string& users_id() const { return users_id_; }
  /// Has one of the entitlements itself or through a group; admins have all.
  [[nodiscard]] bool is_entitled(std::string_view caller, std::string_view entitlement) const;

  /// Calls `hook` with the name of each user and service principal (user name or application id)
  /// that the workspace has, now and later. Home folders are made so.
  void when_principal_created(std::function<void(const std::string&)> hook);

  // Ways in that are not HTTP.
  const Principal& ensure_user(const std::string& user_name, bool admin);
  const Principal& ensure_service_principal(const std::string& application_id, bool admin);

 private:
  /// What a workspace knows of a principal that is assigned to it.
  struct Assignment {
    std::set<std::string> entitlements;
    std::set<std::string> roles;
  };

  // identity.cpp: the content
  void make_built_in_groups();
  void assign(const Principal& principal);
  void unassign(const std::string& id);
  [[nodiscard]] bool assigned(const std::string& id) const { return assignments_.contains(id); }
  [[nodiscard]] bool built_in(const std::string& id) const {
    return id == admins_id_ || id == users_id_;
  }
  [[nodiscard]] Principal* find_mutable(const std::string& id);
  [[nodiscard]] std::vector<const Principal*> all(PrincipalKind kind) const;
  [[nodiscard]] std::set<std::string> direct_groups_of(const std::string& id) const;
  [[nodiscard]] bool would_cycle(const std::string& group, const std::string& member) const;

  // scim.cpp: SCIM over HTTP
  void add_scim_routes();
  [[nodiscard]] json render(const Principal& principal) const;
  [[nodiscard]] json render_groups(const std::string& id) const;
  http::Response list(Call& call, PrincipalKind kind);
  http::Response list_account(Call& call, PrincipalKind kind);
  http::Response create(Call& call, PrincipalKind kind);
  http::Response read(Call& call, PrincipalKind kind);
  http::Response replace(Call& call, PrincipalKind kind);
  http::Response remove(Call& call, PrincipalKind kind);
  http::Response me(Call& call);
  http::Response create_person(Call& call, PrincipalKind kind);
  http::Response create_group(Call& call);
  Refusal set_entitlements(const std::string& id, const json& values);
  Refusal set_members(Principal& group, const json& values);
  void set_groups(const std::string& id, const json& values);
  Refusal replace_person(Call& call, Principal& principal);

  // scim_patch.cpp
  http::Response patch(Call& call, PrincipalKind kind);
  Refusal apply_operation(Principal& principal, const json& operation);
  bool apply_person_field(Principal& person, const std::string& op, const std::string& base,
                          const json& value);
  Refusal apply(Principal& principal, const std::string& op, const std::string& path,
                const json& value);
  Refusal apply_members(Principal& group, const std::string& op, const json& value);
  Refusal apply_entitlements(Principal& principal, const std::string& op, const json& value);
  Refusal rename_group(Principal& group, const json& value);

  // assignments.cpp
  void add_assignment_routes();
  http::Response list_assignments() const;
  http::Response assign_by_name(Call& call);
  http::Response assign_by_id(Call& call);
  http::Response unassign_by_id(Call& call);
  [[nodiscard]] json render_assignment(const Principal& principal) const;
  std::optional<std::string> assign_one(const json& wanted, json& shown);

  Region& region_;
  std::shared_ptr<Account> account_;  ///< shared with the other workspaces of the account
  bool federated_;
  std::map<std::string, Principal> local_groups_;  ///< by id
  std::map<std::string, Assignment> assignments_;  ///< by id of the principal
  std::string admins_id_, users_id_;
  std::vector<std::function<void(const std::string&)>> hooks_;
};

/// Refuses callers who are no workspace admin.
[[nodiscard]] Refusal admins_only(const Call& call);

}  // namespace twinlake::simulator
