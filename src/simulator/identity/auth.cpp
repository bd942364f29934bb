#include "simulator/identity/auth.h"

#include "simulator/body.h"
#include "simulator/identity/entra_login.h"
#include "simulator/identity/identity.h"
#include "simulator/identity/oauth.h"
#include "simulator/region.h"

namespace twinlake::simulator {

namespace {
constexpr const char* app_service_path = "/msi/token";

http::Response with_status(int status, const json& body) {
  http::Response response = answer(body);
  response.status = status;
  return response;
}
}  // namespace

Auth::Auth(Region& region) : region_(region), entra_(region.options().entra) {
  if (!entra_) entra_ = std::make_shared<Entra>(region.options().tenant);
  region.get<Identity>().ensure_user(region.options().admin, true);
  add_token(region.options().token, region.options().admin);
  for (const Credential& credential : region.options().credentials) add_credential(credential);
  add_routes();
}

json Auth::world() const { return json::object(); }  // secrets and tokens are nobody's business

bool Auth::is_open(std::string_view path) {
  return path.starts_with("/.well-known/") || path.starts_with("/oidc/") ||
         path.starts_with("/aad/") || path.starts_with("/sim/") ||
         path.starts_with("/presigned/") || path.starts_with("/metadata/identity/") ||
         path == app_service_path || path.ends_with("/oauth2/token") ||
         path.ends_with("/oauth2/v2.0/token");
}

void Auth::add_routes() {
  Router& router = region_.router();
  const auto get = http::Method::get;
  const auto post = http::Method::post;
  router.add(post, "/oidc/v1/token", [this](Call& call) { return oauth_token(call); });
  router.add(get, "/oidc/.well-known/oauth-authorization-server",
             [this](Call& call) { return oauth_description(call); });
  router.add(get, "/.well-known/databricks-config",
             [this](Call& call) { return host_description(call); });
  router.add(post, "/{tenant}/oauth2/token",
             [this](Call& call) { return entra_token(call, false); });
  router.add(post, "/{tenant}/oauth2/v2.0/token",
             [this](Call& call) { return entra_token(call, true); });
  router.add(get, "/metadata/identity/oauth2/token",
             [this](Call& call) { return metadata_token(call); });
  router.add(get, app_service_path, [this](Call& call) { return app_service_token(call); });
  router.add(get, "/aad/auth", [this](Call& call) { return tenant_redirect(call); });
}

std::variant<std::string, http::Response> Auth::principal_of(const std::string& text) {
  const auto refused = [](std::string_view why) {
    return error(401, "UNAUTHENTICATED", "Invalid access token: " + std::string(why));
  };
  if (const EntraToken* token = entra_->token(text)) {
    if (region_.now_millis() >= token->expires_at) return refused("it has expired.");
    if (token->audience != Audience::databricks) return refused("wrong audience.");
    return token->principal;
  }
  const auto found = tokens_.find(text);
  if (found == tokens_.end()) {
    json body = json::object();
    body["error_code"] = 403;  // an old part of the service: a number, not a name
    body["message"] = "Invalid access token.";
    return with_status(403, body);
  }
  const std::int64_t end = found->second.expires_at;
  if (end != 0 && region_.now_millis() >= end) return refused("it has expired.");
  return found->second.principal;
}

std::variant<std::string, http::Response> Auth::caller_of(const http::Request& request) {
  const std::string text = bearer_token(request);
  if (text.empty())
    return error(401, "UNAUTHENTICATED",
                 "Credential was not sent or was of an unsupported type for this API.");
  auto who = principal_of(text);
  if (std::holds_alternative<http::Response>(who)) return who;
  const std::string& name = std::get<std::string>(who);
  const Principal* principal = region_.get<Identity>().find_any(name);
  if (principal == nullptr && provision_by_azure_role(request, name))
    principal = region_.get<Identity>().find_any(name);
  if (principal == nullptr || !principal->active)
    return error(403, "PERMISSION_DENIED",
                 "The principal " + name + " is not a member of this workspace.");
  return principal->name;
}

bool Auth::carries_entra_token(const http::Request& request) const {
  return entra_->token(bearer_token(request)) != nullptr;
}

/// An Entra principal that has a role on the workspace's Azure resource becomes an admin at its
/// first call, when it shows the resource and a token for Azure itself.
bool Auth::provision_by_azure_role(const http::Request& request, const std::string& principal) {
  if (entra_->token(bearer_token(request)) == nullptr) return false;
  const std::string* management =
      http::find_header(request.headers, "X-Databricks-Azure-SP-Management-Token");
  const std::string* resource =
      http::find_header(request.headers, "X-Databricks-Azure-Workspace-Resource-Id");
  if (management == nullptr || resource == nullptr) return false;
  const EntraToken* shown = entra_->token(*management);
  if (shown == nullptr || region_.now_millis() >= shown->expires_at ||
      shown->audience != Audience::management || shown->principal != principal)
    return false;
  if (!entra_->may_administer(principal, *resource, std::to_string(region_.options().workspace_id)))
    return false;
  region_.get<Identity>().ensure_service_principal(principal, true);
  return true;
}

std::string Auth::issue(const std::string& principal, std::int64_t seconds,
                        std::string_view prefix) {
  const std::string text = std::string(prefix) + region_.ids().hex(32);
  add_token(text, principal, seconds);
  return text;
}

void Auth::add_token(const std::string& text, const std::string& principal, std::int64_t seconds) {
  Token token;
  token.principal = principal;
  if (seconds > 0)
    token.expires_at = region_.now_millis() + seconds * 1000 - token_margin_millis(seconds);
  tokens_.insert_or_assign(text, token);
}

void Auth::expire_token_of(const http::Request& request) {
  const std::string text = bearer_token(request);
  // The first moment of all: a token that ended then has ended whatever the clock shows.
  if (EntraToken* token = entra_->token(text)) token->expires_at = 1;
  const auto found = tokens_.find(text);
  if (found != tokens_.end()) found->second.expires_at = 1;
}

void Auth::add_credential(const Credential& credential) {
  credentials_.insert_or_assign(credential.client_id, credential);
  entra_->add(credential);
  if (credential.provision)
    region_.get<Identity>().ensure_service_principal(credential.client_id, true);
}

const Credential* Auth::check(const std::string& client_id, const std::string& secret) const {
  const auto found = credentials_.find(client_id);
  if (found == credentials_.end() || found->second.secret.empty()) return nullptr;
  return found->second.secret == secret ? &found->second : nullptr;
}

http::Response Auth::oauth_token(Call& call) {
  auto read = read_oauth_login(call.request);
  if (auto* refusal = std::get_if<http::Response>(&read)) return std::move(*refusal);
  const OauthLogin& login = std::get<OauthLogin>(read);
  if (check(login.client_id, login.secret) == nullptr) return bad_oauth_client();
  const std::int64_t seconds = region_.options().token_seconds;
  return oauth_answer(issue(login.client_id, seconds, "eyJ"), login, seconds);
}

http::Response Auth::entra_token(Call& call, bool version_two) {
  LoginRequest login{call.request, call.arguments.at("tenant")};
  login.version_two = version_two;
  login.now_millis = region_.now_millis();
  login.token_seconds = region_.options().token_seconds;
  return answer_login(*entra_, login);
}

http::Response Auth::metadata_token(Call& call) {
  const std::string* metadata = http::find_header(call.request.headers, "Metadata");
  if (metadata == nullptr || !same_name(*metadata, "true"))
    return oauth_refusal(400, "invalid_request", "Required metadata header not specified");
  return machine_token(call);
}

/// The endpoint that App Service and Container Apps put into IDENTITY_ENDPOINT. The header keeps
/// requests out that somebody else lured the machine into.
http::Response Auth::app_service_token(Call& call) {
  const std::string* key = http::find_header(call.request.headers, "X-IDENTITY-HEADER");
  if (key == nullptr || key->empty())
    return oauth_refusal(400, "invalid_request", "The X-IDENTITY-HEADER header is missing");
  if (call.query("api-version") != "2019-08-01")
    return oauth_refusal(400, "invalid_request", "The api-version is not supported");
  return machine_token(call);
}

http::Response Auth::machine_token(Call& call) {
  const Credential* credential = entra_->managed_identity(call.query("client_id"));
  if (credential == nullptr) return oauth_refusal(400, "invalid_request", "Identity not found");
  const std::string resource = call.query("resource");
  const auto audience = audience_of(resource);
  if (!audience)
    return oauth_refusal(400, "invalid_resource", "AADSTS500011: The resource was not found.");
  const std::int64_t seconds = region_.options().token_seconds;
  json body = json::object();
  body["access_token"] =
      entra_->issue(credential->client_id, *audience, region_.now_millis(), seconds);
  body["client_id"] = credential->client_id;
  body["token_type"] = "Bearer";
  body["resource"] = resource;
  body["expires_in"] = std::to_string(seconds);
  body["not_before"] = std::to_string(region_.now_millis() / 1000);
  body["expires_on"] = std::to_string(region_.now_millis() / 1000 + seconds);
  return answer(body);
}

/// Clients learn the tenant from where they are sent to sign in.
http::Response Auth::tenant_redirect(Call&) const {
  http::Response response(302, "", "text/html");
  response.headers.emplace_back("Location", "https://login.microsoftonline.com/" +
                                                entra_->tenant() +
                                                "/oauth2/authorize?response_type=code");
  return response;
}

http::Response Auth::host_description(Call& call) const {
  json body = json::object();
  body["oidc_endpoint"] = own_address(call.request) + "/oidc";
  body["workspace_id"] = std::to_string(region_.options().workspace_id);
  if (region_.options().account) body["account_id"] = region_.options().account->id();
  body["cloud"] = "azure";
  body["host_type"] = "workspace";
  return answer(body);
}

http::Response Auth::oauth_description(Call& call) const {
  const std::string base = own_address(call.request) + "/oidc";
  json body = json::object();
  body["issuer"] = base;
  body["authorization_endpoint"] = base + "/v1/authorize";
  body["token_endpoint"] = base + "/v1/token";
  return answer(body);
}

}  // namespace twinlake::simulator
