#pragma once
// The storage accounts behind mounts and external volumes: not their content, only whether they
// answer. Accounts that nobody mentioned answer.
//
// POST /sim/storage-accounts {"account": "stprimary", "state": "alive" | "dead" | "denies"}
#include <map>
#include <string>
#include <string_view>

#include "simulator/service.h"

namespace twinlake::simulator {

enum class AccountState {
  alive,
  dead,    ///< does not answer: who asks waits, as after the loss of its region
  denies,  ///< answers that the caller may not
};

class StorageAccounts : public Service {
 public:
  explicit StorageAccounts(Region& region);
  [[nodiscard]] json world() const override {
    return json::object();
  }  // it is not in the workspace

  void set(const std::string& account, AccountState state) { states_[account] = state; }
  /// Of the account that a location names, e.g. "abfss://raw@stprimary.dfs.core.windows.net/in".
  [[nodiscard]] AccountState state_of(std::string_view location) const;

 private:
  std::map<std::string, AccountState> states_;
};

/// "stprimary"; empty when the location names none.
[[nodiscard]] std::string account_of(std::string_view location);

}  // namespace twinlake::simulator
