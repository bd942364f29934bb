#include "simulator/azure/vault_data.h"

#include "simulator/azure/arm.h"

namespace twinlake::simulator {

namespace {
http::Response unknown_caller(const std::string& tenant, const char* why) {
  http::Response response = arm_error(401, "Unauthorized", why);
  response.headers.emplace_back(
      "WWW-Authenticate", "Bearer authorization=\"https://login.microsoftonline.com/" + tenant +
                              "\", resource=\"https://vault.azure.net\"");
  return response;
}

json secret_row(const std::string& vault, const std::string& name) {
  return json::object({{"id", "https://" + vault + ".vault.azure.net/secrets/" + name},
                       {"attributes", json::object({{"enabled", true}})}});
}

/// "2016-10-01" and "7.0" to "7.6"; newer ones are not known here.
bool is_vault_version(const std::string& version) {
  return version == "2016-10-01" || (version.size() == 3 && version.starts_with("7.") &&
                                     version[2] >= '0' && version[2] <= '6');
}

std::string version_of(const http::Request& request) {
  for (const auto& [name, value] : request.query)
    if (same_id(name, "api-version")) return value;
  return {};
}
}  // namespace

VaultData::Secrets* VaultData::secrets_of(const http::Request& request, std::string& vault) {
  const std::string* host = http::find_header(request.headers, "Host");
  if (host != nullptr && host->find(".vault.") != std::string::npos)
    vault = lower(host->substr(0, host->find('.')));
  else if (secrets_.size() == 1)
    vault = secrets_.begin()->first;
  const auto found = secrets_.find(vault);
  return found == secrets_.end() ? nullptr : &found->second;
}

http::Response VaultData::serve(const http::Request& request, const EntraToken* token,
                                std::int64_t now_millis, const std::string& tenant) {
  if (token == nullptr || now_millis >= token->expires_at)
    return unknown_caller(tenant, "Request is missing a Bearer or PoP token.");
  if (token->audience != Audience::vault)
    return unknown_caller(tenant, "AKV10022: Invalid audience. Expected https://vault.azure.net.");
  if (!is_vault_version(version_of(request)))
    return arm_error(400, "BadParameter", "The api-version is missing or not supported.");
  std::string vault;
  Secrets* secrets = secrets_of(request, vault);
  if (secrets == nullptr) return arm_error(404, "VaultNotFound", "There is no such vault.");
  if (request.method != http::Method::get)
    return arm_error(403, "Forbidden", "The user does not have secrets set permission.");
  if (request.path == "/secrets") {
    json rows = json::array();
    for (const auto& [name, value] : *secrets) rows.push_back(secret_row(vault, name));
    return answer(json::object({{"value", std::move(rows)}, {"nextLink", nullptr}}));
  }
  std::string name = http::percent_decode(request.path.substr(9));
  name.resize(std::min(name.size(), name.find('/')));  // a version: there is one only
  const auto found = secrets->find(name);
  if (found == secrets->end())
    return arm_error(404, "SecretNotFound",
                     "A secret with (name/id) " + name + " was not found in this key vault.");
  json body = secret_row(vault, name);
  body["id"] = body["id"].get<std::string>() + "/" + uuid_from(vault + name).substr(0, 8);
  body["value"] = found->second;
  return answer(body);
}

}  // namespace twinlake::simulator
