#include "workspace/secret_source.h"

#include <nlohmann/json.hpp>

#include "http/classify.h"
#include "http/curl_transport.h"

namespace twinlake::workspace {

namespace {

constexpr std::string_view mark = "@vault:";

class VaultSecret final : public SecretSource {
 public:
  VaultSecret(std::unique_ptr<http::Transport> vault, std::unique_ptr<Credentials> credentials,
              VaultPlace place)
      : vault_(std::move(vault)),
        credentials_(std::move(credentials)),
        signed_in_(*vault_, *credentials_),
        place_(std::move(place)) {}

  Task<Result<Secret>> get() override {
    http::Request request = http::Request::get(place_.path);
    request.with_query("api-version", "7.5");
    const http::Request about(request.method, request.path);
    CO_TRY(http::Response response, co_await signed_in_.send(std::move(request)));
    if (!response.ok()) {
      Error error = http::classify(about, response);
      error.message = "the secret at " + place_.host + ": " + error.message;
      error.hint = response.status == 404
                       ? "Put it into the vault, or correct its name in the profile"
                       : "Give the principal of the environment the role Key Vault Secrets User "
                         "there, and let this network in";
      co_return fail(std::move(error));
    }
    nlohmann::json body = nlohmann::json::parse(response.body, nullptr, false);
    wipe(response.body);
    if (!body.is_object() || !body.contains("value") || !body["value"].is_string())
      co_return fail(Fault::bad_answer, "the vault " + place_.host + " gave no secret");
    co_return Secret(std::move(body["value"].get_ref<std::string&>()));
  }

 private:
  std::unique_ptr<http::Transport> vault_;
  std::unique_ptr<Credentials> credentials_;
  AuthenticatedTransport signed_in_;
  VaultPlace place_;
};

bool is_this_machine(std::string_view host) {
  return host.starts_with("http://127.0.0.1:") || host.starts_with("http://localhost:");
}

}  // namespace

bool is_vault_place(std::string_view text) { return text.starts_with(mark); }

Result<VaultPlace> vault_place(std::string_view text, Cloud cloud) {
  text.remove_prefix(std::min(mark.size(), text.size()));
  const std::size_t scheme = text.find("://");
  const std::size_t path =
      scheme == std::string_view::npos ? std::string_view::npos : text.find('/', scheme + 3);
  const std::string_view rest = path == std::string_view::npos ? "" : text.substr(path);
  const bool is_secret = rest.starts_with("/secrets/") && rest.size() > 9 &&
                         rest.find_first_of("?#") == std::string_view::npos;
  if (!is_secret)
    return fail(Fault::config, "a secret in a vault is written @vault:https://NAME." +
                                   std::string(endpoints_of(cloud).vault_suffix) +
                                   "/secrets/SECRET");
  VaultPlace place;
  place.host = text.substr(0, path);
  place.path = rest;
  CHECK(http::check_host(place.host));
  const std::string suffix = "." + std::string(endpoints_of(cloud).vault_suffix);
  const bool is_vault = place.host.starts_with("https://") && place.host.ends_with(suffix);
  if (!is_vault && !is_this_machine(place.host))
    return fail(Fault::config, place.host + " is no Key Vault of this cloud",
                "Its address ends with " + suffix);
  return place;
}

Result<std::unique_ptr<SecretSource>> make_secret_source(Loop& loop, const Profile& profile,
                                                         const Environment& environment,
                                                         const OpenTransport& open) {
  if (!is_vault_place(profile.secret.reveal()))
    return std::make_unique<GivenSecret>(profile.secret);
  TRY(VaultPlace place, vault_place(profile.secret.reveal(), profile.cloud));
  Profile outside = profile;
  outside.auth = AuthKind::pat;  // not by this profile, whose secret is what is looked for
  outside.secret = Secret();
  TRY(const Profile who, azure_sign_in(outside, environment, disk_reader()));
  if (is_vault_place(who.secret.reveal()))
    return fail(Fault::config, "the secret that opens the vault cannot be kept in a vault itself",
                "Use a managed identity, a certificate or a workload identity in the environment");
  TRY(auto credentials, make_azure_credentials(loop, who, environment, open,
                                               endpoints_of(profile.cloud).vault_resource));
  TRY(auto vault, open(place.host, false));
  return std::make_unique<VaultSecret>(std::move(vault), std::move(credentials), std::move(place));
}

}  // namespace twinlake::workspace
