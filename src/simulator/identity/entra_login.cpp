#include "simulator/identity/entra_login.h"

#include <optional>

#include "simulator/body.h"
#include "simulator/identity/assertion.h"

namespace twinlake::simulator {

namespace {
using Form = std::map<std::string, std::string>;
constexpr std::string_view jwt_bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Clocks differ a little.
constexpr std::int64_t tolerated_seconds = 300;

Form login_form(const http::Request& request) {
  Form form;
  for (auto& [name, value] : http::decode_query(request.body)) form[name] = value;
  return form;
}

std::string form_value(const Form& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

std::string entra_time(std::int64_t now_millis) {  // "2026-01-01 00:00:00Z"
  std::string text = instant(now_millis);
  text[10] = ' ';
  return text.substr(0, 19) + "Z";
}

struct LoginProblem {
  int status;
  std::string code;
  int number;
  std::string text;
};

http::Response to_answer(const LoginProblem& problem, std::int64_t now_millis) {
  const std::string id = "00000000-0000-0000-0000-000000000000";
  const std::string time = entra_time(now_millis);
  const std::string number = std::to_string(problem.number);
  json body = json::object();
  body["error"] = problem.code;
  body["error_description"] = "AADSTS" + number + ": " + problem.text + " Trace ID: " + id +
                              " Correlation ID: " + id + " Timestamp: " + time;
  body["error_codes"] = json::array({problem.number});
  body["timestamp"] = time;
  body["trace_id"] = id;
  body["correlation_id"] = id;
  body["error_uri"] = "https://login.microsoftonline.com/error?code=" + number;
  http::Response response = answer(body);
  response.status = problem.status;
  return response;
}

LoginProblem bad_client(int number, std::string text) {
  return {401, "invalid_client", number, std::move(text)};
}

/// A v1 resource, or a v2 scope without its end. The problem when the scope has none.
std::optional<LoginProblem> read_target(const Form& form, bool version_two, std::string& target) {
  target = form_value(form, version_two ? "scope" : "resource");
  if (target.empty())
    return LoginProblem{400, "invalid_request", 900144,
                        std::string("The request body must contain the following parameter: '") +
                            (version_two ? "scope" : "resource") + "'."};
  if (!version_two) return std::nullopt;
  target = target.substr(0, target.find(' '));  // some clients add openid and others
  constexpr std::string_view ending = "/.default";
  if (!target.ends_with(ending))
    return LoginProblem{400, "invalid_scope", 1002012,
                        "The provided value for scope " + target +
                            " is not valid. Client credential flows must have a scope value with "
                            "/.default suffixed to the resource identifier (application ID URI)."};
  target.resize(target.size() - ending.size());
  return std::nullopt;
}

std::optional<LoginProblem> check_times(const Assertion& assertion, std::int64_t now_millis) {
  const std::int64_t now = now_millis / 1000;
  const auto ends = integer_of(assertion.claims, "exp");
  const auto begins = integer_of(assertion.claims, "nbf");
  if (!ends || *ends + tolerated_seconds < now || (begins && *begins - tolerated_seconds > now))
    return bad_client(700024,
                      "Client assertion is not within its valid time range. Current time: " +
                          entra_time(now_millis) + ".");
  return std::nullopt;
}

/// The token endpoint itself, on our address or on one of the addresses of the clouds.
bool is_token_endpoint(const std::string& audience, const LoginRequest& login) {
  const std::size_t slashes = audience.find("://");
  const std::size_t path = slashes == std::string::npos ? slashes : audience.find('/', slashes + 3);
  if (path == std::string::npos) return false;
  const std::string base = "/" + login.tenant;
  const std::string rest = audience.substr(path);
  if (rest != base + "/oauth2/v2.0/token" && rest != base + "/oauth2/token" &&
      rest != base + "/v2.0" && rest != base + "/")
    return false;
  const std::string address = audience.substr(0, path);
  return http::find_header(login.request.headers, "Host") == nullptr ||
         address == own_address(login.request) || address == "https://login.microsoftonline.com" ||
         address == "https://login.microsoftonline.us" ||
         address == "https://login.chinacloudapi.cn";
}

std::optional<LoginProblem> check_certificate(const Credential& application,
                                              const Assertion& assertion,
                                              const LoginRequest& login) {
  if (text_of(assertion.claims, "sub") != application.client_id)
    return bad_client(
        700021, "Client assertion application identifier doesn't match 'client_id' parameter.");
  if (!is_token_endpoint(text_of(assertion.claims, "aud"), login))
    return bad_client(700023, "Client assertion audience claim does not match Realm issuer.");
  if (auto problem = check_times(assertion, login.now_millis)) return problem;
  for (const std::string& certificate : application.certificates) {
    if (!names_certificate(assertion, certificate)) continue;
    if (signed_by(assertion, certificate)) return std::nullopt;
    return bad_client(
        700027,
        "Client assertion contains an invalid signature. [Reason - The key was found, "
        "but the signature does not fit.]");
  }
  return bad_client(700027,
                    "The certificate with identifier used to sign the client assertion is not "
                    "registered on application. [Reason - The key was not found.]");
}

std::optional<LoginProblem> check_federation(const Credential& application,
                                             const Assertion& assertion,
                                             const LoginRequest& login) {
  const std::string issuer = text_of(assertion.claims, "iss");
  const std::string subject = text_of(assertion.claims, "sub");
  const std::string audience = text_of(assertion.claims, "aud");
  for (const Federation& trusted : application.federations) {
    if (trusted.issuer != issuer || trusted.subject != subject || trusted.audience != audience)
      continue;
    if (auto problem = check_times(assertion, login.now_millis)) return problem;
    if (trusted.public_key.empty() || signed_by(assertion, trusted.public_key)) return std::nullopt;
    return bad_client(700212, "Client assertion contains an invalid signature.");
  }
  return bad_client(700213,
                    "No matching federated identity record found for presented assertion "
                    "subject '" +
                        subject +
                        "'. Check your federated identity credential "
                        "Subject, Audience and Issuer against the presented assertion.");
}

/// `iss` tells the two sorts apart: an application names itself.
std::optional<LoginProblem> check_assertion(const Credential& application, const Form& form,
                                            const LoginRequest& login) {
  if (form_value(form, "client_assertion_type") != jwt_bearer)
    return LoginProblem{400, "invalid_request", 900144,
                        "The request body must contain the following parameter: "
                        "'client_assertion_type'."};
  const auto assertion = parse_assertion(form_value(form, "client_assertion"));
  if (!assertion) return bad_client(50027, "JWT token is invalid or malformed.");
  if (text_of(assertion->claims, "iss") == application.client_id)
    return check_certificate(application, *assertion, login);
  return check_federation(application, *assertion, login);
}

std::optional<LoginProblem> check_client(const Entra& entra, const Form& form,
                                         const LoginRequest& login, const std::string& client) {
  const Credential* application = entra.find(client);
  if (application == nullptr)
    return LoginProblem{400, "unauthorized_client", 700016,
                        "Application with identifier '" + client +
                            "' was not found in the directory '" + entra.tenant() + "'."};
  if (!form_value(form, "client_assertion").empty())
    return check_assertion(*application, form, login);
  const std::string secret = form_value(form, "client_secret");
  if (secret.empty())
    return bad_client(7000216,
                      "'client_assertion', 'client_secret' or 'request' is required for the "
                      "'client_credentials' grant type.");
  if (application->secret.empty() || application->secret != secret)
    return bad_client(7000215,
                      "Invalid client secret provided. Ensure the secret being sent in the "
                      "request is the client secret value, not the client secret ID, for a "
                      "secret added to app '" +
                          client + "'.");
  return std::nullopt;
}

std::optional<LoginProblem> check_grant(const Entra& entra, const Form& form,
                                        const LoginRequest& login) {
  if (lower(login.tenant) != lower(entra.tenant()))
    return LoginProblem{400, "invalid_request", 90002,
                        "Tenant '" + login.tenant +
                            "' not found. Check to make sure you have the "
                            "correct tenant ID and are signing into the correct cloud."};
  const std::string grant = form_value(form, "grant_type");
  if (grant.empty())
    return LoginProblem{400, "invalid_request", 900144,
                        "The request body must contain the following parameter: 'grant_type'."};
  if (grant != "client_credentials")
    return LoginProblem{400, "unsupported_grant_type", 70003,
                        "The app requested an unsupported grant type '" + grant + "'."};
  return std::nullopt;
}
}  // namespace

http::Response answer_login(Entra& entra, const LoginRequest& login) {
  const Form form = login_form(login.request);
  if (const auto problem = check_grant(entra, form, login))
    return to_answer(*problem, login.now_millis);
  std::string target;
  if (const auto problem = read_target(form, login.version_two, target))
    return to_answer(*problem, login.now_millis);
  const auto audience = audience_of(target);
  if (!audience)
    return to_answer({400, "invalid_resource", 500011,
                      "The resource principal named " + target + " was not found in the tenant."},
                     login.now_millis);
  const std::string client = form_value(form, "client_id");
  if (const auto problem = check_client(entra, form, login, client))
    return to_answer(*problem, login.now_millis);
  const std::int64_t seconds = login.token_seconds;
  json body = json::object();
  body["token_type"] = "Bearer";
  body["access_token"] = entra.issue(client, *audience, login.now_millis, seconds);
  if (login.version_two) {
    body["expires_in"] = seconds;
    body["ext_expires_in"] = seconds;
  } else {  // version one writes its numbers as text
    body["expires_in"] = std::to_string(seconds);
    body["ext_expires_in"] = std::to_string(seconds);
    body["not_before"] = std::to_string(login.now_millis / 1000);
    body["expires_on"] = std::to_string(login.now_millis / 1000 + seconds);
    body["resource"] = form_value(form, "resource");
  }
  return answer(body);
}

http::Response openid_configuration(const Entra& entra, const http::Request& request) {
  const std::string base = own_address(request) + "/" + entra.tenant();
  json body = json::object();
  body["issuer"] = base + "/v2.0";
  body["authorization_endpoint"] = base + "/oauth2/v2.0/authorize";
  body["token_endpoint"] = base + "/oauth2/v2.0/token";
  body["end_session_endpoint"] = base + "/oauth2/v2.0/logout";
  body["jwks_uri"] = base + "/discovery/v2.0/keys";
  body["response_types_supported"] = json::array({"code", "id_token", "token"});
  body["subject_types_supported"] = json::array({"pairwise"});
  body["id_token_signing_alg_values_supported"] = json::array({"RS256"});
  body["token_endpoint_auth_methods_supported"] =
      json::array({"client_secret_post", "private_key_jwt"});
  return answer(body);
}

http::Response instance_discovery(const Entra& entra, const http::Request& request) {
  const std::string address = own_address(request);
  const std::string host = address.substr(address.find("://") + 3);
  json body = json::object();
  body["tenant_discovery_endpoint"] =
      address + "/" + entra.tenant() + "/v2.0/.well-known/openid-configuration";
  body["api-version"] = "1.1";
  body["metadata"] = json::array({json::object(
      {{"preferred_network", host}, {"preferred_cache", host}, {"aliases", json::array({host})}})});
  return answer(body);
}

std::string own_address(const http::Request& request) {
  const std::string* host = http::find_header(request.headers, "Host");
  const std::string* scheme = http::find_header(request.headers, "X-Forwarded-Proto");
  return (scheme == nullptr ? "http" : *scheme) + "://" + (host == nullptr ? "localhost" : *host);
}

}  // namespace twinlake::simulator
