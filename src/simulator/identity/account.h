#pragma once
// The principals behind one or more workspaces: users, service principals and account groups.
// A workspace without identity federation has an account of its own, shared with nobody.
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace twinlake::simulator {

enum class PrincipalKind { user, service_principal, group };

struct Principal {
  PrincipalKind kind = PrincipalKind::user;
  std::string id;    ///< numeric string
  std::string name;  ///< userName, applicationId or displayName of a group, as first written
  std::string display_name;  ///< of users and service principals
  std::string given_name, family_name;
  std::string external_id;
  bool active = true;
  bool of_account = true;         ///< false: a workspace-local group
  std::set<std::string> members;  ///< ids, for groups; direct ones
};

/// How other APIs call the name of a principal: "user_name", "service_principal_name",
/// "group_name".
[[nodiscard]] std::string_view name_field(PrincipalKind kind);
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);  ///< names ignore case

class Account {
 public:
  explicit Account(std::string id, std::uint64_t seed = 7) : id_(std::move(id)), random_(seed) {}

  [[nodiscard]] const std::string& id() const { return id_; }
  /// Adds a principal; an empty id gets a new one. The name must be free (see find_name).
  Principal& add(Principal principal);
  void erase(const std::string& id);
  [[nodiscard]] Principal* find(const std::string& id);
  [[nodiscard]] const Principal* find(const std::string& id) const;
  [[nodiscard]] Principal* find_name(PrincipalKind kind, std::string_view name);
  [[nodiscard]] const Principal* find_name(PrincipalKind kind, std::string_view name) const;
  [[nodiscard]] const std::map<std::string, Principal>& all() const { return principals_; }
  [[nodiscard]] const std::set<std::string>& group_ids() const { return group_ids_; }
  /// Numeric string, never used before in this account.
  [[nodiscard]] std::string new_id();

  /// Short forms for tests and demos.
  Principal& add_user(const std::string& user_name, const std::string& display_name = "");
  Principal& add_service_principal(const std::string& application_id,
                                   const std::string& display_name);
  Principal& add_group(const std::string& name, const std::vector<std::string>& member_ids = {});

 private:
  using Key = std::pair<PrincipalKind, std::string>;
  std::string id_;
  std::mt19937_64 random_;
  std::map<std::string, Principal> principals_;  ///< by id
  std::map<Key, std::string> names_;             ///< lower-case name to id
  std::set<std::string> group_ids_;  ///< few among many: every request asks for a caller's groups
};

}  // namespace twinlake::simulator
