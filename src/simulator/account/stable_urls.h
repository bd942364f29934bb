#pragma once
// Stable URLs of an account: addresses that follow the primary of a failover group. One can exist
// without a group, and then stays at its workspace.
// Source: facts, azure 14.1 and disaster recovery 1.1.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulator/body.h"
#include "simulator/region.h"

namespace twinlake::simulator {

/// A workspace as the account knows it.
struct AccountWorkspace {
  std::string id;
  std::string region;            ///< "westeurope"
  bool mission_critical = true;  ///< the tier that failover groups demand; no API tells it
};
using AccountWorkspaces = std::map<std::string, AccountWorkspace>;  ///< by id

/// One request to the account, taken apart: what stands behind ".../v1/accounts/{id}/".
struct AccountCall {
  const http::Request& request;
  std::string account;             ///< "accounts/{id}"
  std::vector<std::string> words;  ///< {"failover-groups", "sales", "failover"}
  json body;                       ///< null when there is none
  std::int64_t now_millis = 0;
  std::size_t page_size = 20;

  [[nodiscard]] std::string query(std::string_view name) const;
  /// Says whether it would work, and does nothing.
  [[nodiscard]] bool only_validates() const { return query("validate_only") == "true"; }
};

/// A page of a list; `member` is what the list is called.
[[nodiscard]] http::Response account_page(const AccountCall& call, std::string_view member,
                                          const json& all);

class StableUrls {
 public:
  StableUrls(const AccountWorkspaces& workspaces, Ids& ids) : workspaces_(workspaces), ids_(ids) {}

  [[nodiscard]] http::Response serve(const AccountCall& call);
  [[nodiscard]] bool exists(const std::string& name) const { return urls_.contains(name); }
  /// The group that it follows from now on.
  void attach(const std::string& name, const std::string& group, const std::string& workspace);
  /// It stays where it leads to now.
  void detach_from(const std::string& group);
  [[nodiscard]] json world() const;

 private:
  [[nodiscard]] http::Response create(const AccountCall& call);
  [[nodiscard]] http::Response list(const AccountCall& call) const;
  [[nodiscard]] http::Response remove(const std::string& name);

  const AccountWorkspaces& workspaces_;
  Ids& ids_;
  std::map<std::string, json> urls_;  ///< by name, as GET shows them
};

}  // namespace twinlake::simulator
