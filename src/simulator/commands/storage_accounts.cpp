#include "simulator/commands/storage_accounts.h"

#include "simulator/body.h"

namespace twinlake::simulator {

std::string account_of(std::string_view location) {
  const std::size_t scheme = location.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string_view host = location.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  if (const std::size_t at = host.find('@'); at != std::string_view::npos)
    host.remove_prefix(at + 1);
  return std::string(host.substr(0, host.find('.')));
}

StorageAccounts::StorageAccounts(Region& region) {
  region.router().add(http::Method::post, "/sim/storage-accounts", [this](Call& call) {
    const std::string account = text_of(call.body, "account");
    const std::string state = text_of(call.body, "state");
    if (account.empty()) return invalid("Missing required field: account");
    if (state == "alive")
      set(account, AccountState::alive);
    else if (state == "dead")
      set(account, AccountState::dead);
    else if (state == "denies")
      set(account, AccountState::denies);
    else
      return invalid("An account is alive, dead or denies, not \"" + state + "\".");
    return done();
  });
}

AccountState StorageAccounts::state_of(std::string_view location) const {
  const auto found = states_.find(account_of(location));
  return found == states_.end() ? AccountState::alive : found->second;
}

}  // namespace twinlake::simulator
