#include "simulator/identity/entra.h"

namespace twinlake::simulator {

const Credential* Entra::find(const std::string& client_id) const {
  const auto found = applications_.find(client_id);
  return found == applications_.end() ? nullptr : &found->second;
}

const Credential* Entra::managed_identity(const std::string& client_id) const {
  const Credential* chosen = nullptr;
  for (const auto& [id, candidate] : applications_) {
    if (!candidate.managed_identity || (!client_id.empty() && client_id != id)) continue;
    if (chosen != nullptr) return nullptr;
    chosen = &candidate;
  }
  return chosen;
}

EntraToken* Entra::token(const std::string& text) {
  const auto found = tokens_.find(text);
  return found == tokens_.end() ? nullptr : &found->second;
}

}  // namespace twinlake::simulator
