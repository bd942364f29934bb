#include "simulator/azure/cloud.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <stdexcept>
#include <utility>

#include "simulator/azure/arm.h"
#include "simulator/azure/arm_limits.h"
#include "simulator/azure/cloud_control.h"
#include "simulator/azure/deployments.h"
#include "simulator/identity/entra.h"
#include "simulator/identity/entra_login.h"
#include "simulator/identity/oauth.h"

namespace twinlake::simulator {

namespace {
bool is_login(std::string_view path) {
  return path.ends_with("/oauth2/token") || path.ends_with("/oauth2/v2.0/token") ||
         path.ends_with("/.well-known/openid-configuration") ||
         path.ends_with("/discovery/instance");
}

http::Response arm_unauthorized(std::string_view code, std::string_view why) {
  http::Response response = arm_error(401, code, why);
  response.headers.emplace_back("WWW-Authenticate",
                                "Bearer authorization_uri=\"https://login.microsoftonline.com/\", "
                                "error=\"invalid_token\"");
  return response;
}

std::string usual_arm_code(int status) {
  switch (status) {
    case 401: return "InvalidAuthenticationToken";
    case 403: return "AuthorizationFailed";
    case 404: return "ResourceNotFound";
    case 409: return "Conflict";
    case 429: return "TooManyRequests";
    case 500: return "InternalServerError";
    case 503: return "ServiceUnavailable";
    case 504: return "GatewayTimeout";
    default: return "BadRequest";
  }
}

/// What a rule puts in place of an answer, in the words of this service.
http::Response arm_fault(const FaultRule& rule, const http::Request& request,
                         const std::string& address) {
  if (rule.action == FaultAction::html)
    return {rule.status, "<html><body>Service unavailable</body></html>", "text/html"};
  if (rule.action == FaultAction::empty_page) {
    // The rule has fired: what the link leads to is the real page.
    const std::string link = address + request.path + "?" + http::encode_query(request.query);
    return answer(json::object({{"value", json::array()}, {"nextLink", link}}));
  }
  const std::string code = rule.error_code.empty() ? usual_arm_code(rule.status) : rule.error_code;
  http::Response response =
      arm_error(rule.status, code, rule.message.empty() ? "A fault was asked for." : rule.message);
  if (rule.retry_after >= 0)
    response.headers.emplace_back("Retry-After", std::to_string(rule.retry_after));
  return response;
}
}  // namespace

Cloud::Cloud(CloudOptions options)
    : options_(std::move(options)),
      ids_(options_.seed),
      request_ids_(options_.seed + 1),
      routes_(std::make_unique<ArmRoutes>()),
      limits_(std::make_unique<ArmLimits>()),
      deployments_(std::make_unique<Deployments>()) {
  if (!options_.entra) options_.entra = std::make_shared<Entra>(options_.tenant);
  options_.tenant = options_.entra->tenant();
  for (const Credential& credential : options_.credentials) options_.entra->add(credential);
  options_.entra->decide_by([this](const std::string& principal, const std::string& resource,
                                   const std::string& workspace_id) {
    return may_administer(principal, resource, workspace_id);
  });
  add_subscription_routes(*routes_);
  add_operation_routes(*routes_);
  add_workspace_routes(*routes_);
  add_storage_routes(*routes_);
  add_compute_routes(*routes_);
  add_database_routes(*routes_);
  add_network_routes(*routes_);
  add_health_routes(*routes_);
  add_authorization_routes(*routes_);
  add_connector_routes(*routes_);
  const std::string deployment = "microsoft.resources/deployments/{}";
  routes_->add(http::Method::put, deployment,
               [this](ArmCall& call) { return deployments_->put(call); });
  routes_->add(http::Method::post, deployment + "/validate", Deployments::validate);
}

// The tenant may live longer.
Cloud::~Cloud() { options_.entra->decide_by(nullptr); }

Outcome Cloud::serve(const http::Request& request, std::int64_t now_micros) {
  now_micros_ = now_micros + std::chrono::microseconds(ahead_).count();
  Outcome outcome;
  try {
    operations_.catch_up(now_millis());
    deployments_->catch_up(*this);
    if (request.path.starts_with("/sim/")) {
      outcome.response = serve_control(*this, request);
      return outcome;
    }
    outcome = serve_checked(request);
    outcome.response.headers.emplace_back("x-ms-request-id", request_ids_.uuid());
    outcome.response.headers.emplace_back("x-ms-correlation-request-id", request_ids_.uuid());
    const std::string* own = http::find_header(request.headers, "x-ms-client-request-id");
    const std::string* wanted = http::find_header(request.headers, "x-ms-return-client-request-id");
    if (own != nullptr && wanted != nullptr && lower(*wanted) == "true")
      outcome.response.headers.emplace_back("x-ms-client-request-id", *own);
  } catch (const json::exception& problem) {
    outcome.response = arm_error(400, "InvalidRequestContent", problem.what());
  } catch (const std::exception& problem) {
    outcome.response = arm_error(500, "InternalServerError", problem.what());
  }
  return outcome;
}

Outcome Cloud::serve_checked(const http::Request& request) {
  Outcome outcome;
  FaultManners manners;
  manners.answer = [&](const FaultRule& rule) {
    return arm_fault(rule, request, address_for(request));
  };
  manners.expire_token = [&] {
    if (EntraToken* token = entra().token(bearer_token(request))) token->expires_at = 1;
  };
  if (faults_.in_outage(now_millis()))
    outcome.delivery = Delivery::unreachable;
  else
    outcome = faults_.serve(request, manners, [&] { return work(request); });
  const ResourceId id = ResourceId::parse(request.path);
  traffic_.count(request, is_login(request.path) ? "(login)" : id.route(), outcome);
  return outcome;
}

http::Response Cloud::work(const http::Request& request) {
  if (is_login(request.path)) {
    if (request.path.ends_with("/discovery/instance")) return instance_discovery(entra(), request);
    if (request.path.ends_with("/openid-configuration"))
      return openid_configuration(entra(), request);
    LoginRequest login{request, http::percent_decode(request.path.substr(1))};
    login.tenant.resize(std::min(login.tenant.size(), login.tenant.find('/')));
    login.version_two = request.path.ends_with("/oauth2/v2.0/token");
    login.now_millis = now_millis();
    login.token_seconds = options_.token_seconds;
    return answer_login(entra(), login);
  }
  const std::string text = bearer_token(request);
  if (VaultData::is_vault_path(request.path))
    return vault_data_.serve(request, entra().token(text), now_millis(), options_.tenant);
  if (text.empty())
    return arm_unauthorized("AuthenticationFailed",
                            "Authentication failed. The 'Authorization' header is missing.");
  const EntraToken* token = entra().token(text);
  if (token == nullptr)
    return arm_unauthorized("InvalidAuthenticationToken", "The access token is invalid.");
  if (token->audience != Audience::management)
    return arm_unauthorized("InvalidAuthenticationTokenAudience",
                            "The access token has been obtained for wrong audience or resource.");
  if (now_millis() >= token->expires_at)
    return arm_unauthorized("ExpiredAuthenticationToken", "The access token expiry time is past.");
  return work_for(request, token->principal);
}

http::Response Cloud::work_for(const http::Request& request, const std::string& caller) {
  ArmCall call{*this, request, caller, ResourceId::parse(http::percent_decode(request.path)),
               {},    {}};
  const std::string scope = call.id.subscription.empty() ? "tenant" : "subscription";
  const auto verdict = limits_->take(caller, request.method, scope, call.id.provider, now_micros_);
  http::Response response;
  if (verdict.wait_seconds && options_.enforce_limits) {
    response =
        arm_error(429, "TooManyRequests",
                  "The request is being throttled as the limit has been reached for operation "
                  "type '" +
                      verdict.sort + "'.");
    response.headers.emplace_back("Retry-After", std::to_string(*verdict.wait_seconds));
  } else {
    response = serve_arm(call, role_of(caller), *routes_);
  }
  response.headers.emplace_back("x-ms-ratelimit-remaining-" + scope + "-" + verdict.sort,
                                std::to_string(verdict.remaining));
  // Compute counts for itself as well; how much it lets through is not told by any source.
  if (same_id(call.id.provider, "Microsoft.Compute"))
    response.headers.emplace_back(
        "x-ms-ratelimit-remaining-resource",
        "Microsoft.Compute/HighCostGet3Min;" + std::to_string(verdict.remaining));
  return response;
}

http::Response Cloud::act_for(const std::string& principal, const http::Request& request) {
  ArmCall call{*this, request, principal, ResourceId::parse(http::percent_decode(request.path)),
               {},    {}};
  return serve_arm(call, role_of(principal), *routes_);
}

AzureRole Cloud::role_of(const std::string& principal) const {
  const auto found = roles_.find(principal);
  return found == roles_.end() ? AzureRole::contributor : found->second;
}

bool Cloud::may_administer(const std::string& principal, const std::string& resource,
                           const std::string& workspace_id) const {
  const json* found = resources_.find(resource);
  return found != nullptr && role_of(principal) >= AzureRole::contributor &&
         text_of(found->at("properties"), "workspaceId") == workspace_id;
}

std::string Cloud::token_for(const std::string& principal) {
  const std::string text = "eyJ0test-" + ids_.hex(32);
  EntraToken token;
  token.principal = principal;
  token.audience = Audience::management;
  // The first request tells the time, and this may be asked for before: so it never ends.
  token.expires_at = std::numeric_limits<std::int64_t>::max();
  entra().keep(text, token);
  return text;
}

std::string Cloud::address_for(const http::Request& request) const {
  return http::find_header(request.headers, "Host") == nullptr ? options_.address
                                                               : own_address(request);
}

std::string Cloud::registration(const std::string& provider) const {
  for (const auto& [name, state] : unregistered_)
    if (same_id(name, provider)) return state;
  return "Registered";
}

void Cloud::register_provider(const std::string& provider) {
  std::erase_if(unregistered_, [&](const auto& entry) { return same_id(entry.first, provider); });
}

}  // namespace twinlake::simulator
