#include "workspace/login.h"

#include "base/hash.h"
#include "http/classify.h"

namespace twinlake::workspace {

http::Request form_post(std::string path,
                        const std::vector<std::pair<std::string, std::string>>& fields) {
  http::Request request =
      http::Request::send_json(http::Method::post, std::move(path), http::encode_query(fields),
                               http::Effect::reads, http::Repeat::safe);
  request.content_type = "application/x-www-form-urlencoded";
  return request;
}

std::string tenant_in_location(std::string_view location) {
  const std::size_t scheme = location.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::size_t path = location.find('/', scheme + 3);
  if (path == std::string_view::npos) return {};
  const std::string_view rest = location.substr(path + 1);
  const std::string_view tenant = rest.substr(0, rest.find_first_of("/?#"));
  // It becomes part of a path: nothing but an id or a domain name will do.
  const bool fits = tenant.find_first_not_of(
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
                    std::string_view::npos;
  return fits && rest.find("/oauth2/") != std::string_view::npos ? std::string(tenant)
                                                                 : std::string();
}

std::string oauth_path(const Profile& profile) {
  if (profile.host_kind == HostKind::workspace) return "/oidc/v1/token";
  return "/oidc/accounts/" + http::percent_encode(profile.account_id) + "/v1/token";
}

Task<Result<AccessToken>> OauthOrigin::fetch() {
  http::Request request =
      form_post(path_, {{"grant_type", "client_credentials"}, {"scope", scopes_}});
  CO_TRY(const Secret secret, co_await secret_->get());
  std::string pair = client_id_ + ":" + std::string(secret.reveal());
  request.headers.emplace_back("Authorization", "Basic " + base64_encode(pair));
  wipe(pair);
  http::Request about(request.method, request.path);  // for errors: without the secret
  CO_TRY(const http::Response response, co_await host_->send(std::move(request)));
  co_return read_token_answer(about, response, loop_.now());
}

Task<Result<std::string>> EntraLogin::tenant() {
  if (!tenant_.empty()) co_return tenant_;
  if (!host_)
    co_return fail(Fault::config, "the Entra tenant is not known",
                   "Add azure_tenant_id to the profile, or set ARM_TENANT_ID or AZURE_TENANT_ID");
  CO_TRY(const http::Response response, co_await host_->send(http::Request::get("/aad/auth")));
  const std::string* const location = http::find_header(response.headers, "Location");
  if (location != nullptr) tenant_ = tenant_in_location(*location);
  if (tenant_.empty())
    co_return fail(Fault::config, "the workspace did not tell its Entra tenant",
                   "Add azure_tenant_id to the profile");
  co_return tenant_;
}

Task<Result<AccessToken>> EntraLogin::fetch(std::string resource) {
  CO_TRY(const std::string directory, co_await tenant());
  // Version 1 of the endpoint, as the official tools use: it takes the audience as it is, while
  // version 2 derives it from a scope and treats trailing slashes in its own way.
  const std::string path = "/" + http::percent_encode(directory) + "/oauth2/token";
  CO_TRY(FormFields fields, co_await proof_->fields(login_url_ + path));
  FormFields form;
  form.emplace_back("grant_type", "client_credentials");
  form.emplace_back("client_id", client_id_);
  for (auto& field : fields) form.push_back(std::move(field));
  form.emplace_back("resource", std::move(resource));
  http::Request request = form_post(path, form);
  for (auto& [name, value] : form) wipe(value);
  http::Request about(request.method, request.path);
  CO_TRY(const http::Response response, co_await login_->send(std::move(request)));
  co_return read_token_answer(about, response, loop_.now());
}

}  // namespace twinlake::workspace
