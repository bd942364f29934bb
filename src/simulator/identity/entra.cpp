#include "simulator/identity/entra.h"

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
constexpr std::pair<std::string_view, Audience> audiences[] = {
    {"2ff814a6-3304-4ab8-85cb-cd0e6f879c1d", Audience::databricks},
    {"https://management.azure.com", Audience::management},
    {"https://management.core.windows.net", Audience::management},
    {"https://management.usgovcloudapi.net", Audience::management},
    {"https://management.core.usgovcloudapi.net", Audience::management},
    {"https://management.chinacloudapi.cn", Audience::management},
    {"https://management.core.chinacloudapi.cn", Audience::management},
    {"https://storage.azure.com", Audience::storage},
    {"https://vault.azure.net", Audience::vault},
    {"https://vault.usgovcloudapi.net", Audience::vault},
    {"https://vault.azure.cn", Audience::vault},
    {"https://database.windows.net", Audience::database},
    {"https://database.usgovcloudapi.net", Audience::database},
    {"https://database.chinacloudapi.cn", Audience::database},
};
}  // namespace

std::optional<Audience> audience_of(std::string_view resource) {
  while (resource.ends_with('/')) resource.remove_suffix(1);
  for (const auto& [name, audience] : audiences)
    if (lower(resource) == name) return audience;
  return std::nullopt;
}

std::int64_t token_margin_millis(std::int64_t seconds) { return seconds > 60 ? 30'000 : 0; }

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

std::string Entra::issue(const std::string& principal, Audience audience, std::int64_t now_millis,
                         std::int64_t seconds) {
  EntraToken token;
  token.principal = principal;
  token.expires_at = now_millis + seconds * 1000 - token_margin_millis(seconds);
  token.audience = audience;
  const std::string text = "eyJ0" + ids_.hex(32);
  keep(text, std::move(token));
  return text;
}

EntraToken* Entra::token(const std::string& text) {
  const auto found = tokens_.find(text);
  return found == tokens_.end() ? nullptr : &found->second;
}

}  // namespace twinlake::simulator
