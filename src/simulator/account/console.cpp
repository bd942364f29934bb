#include "simulator/account/console.h"

#include <algorithm>
#include <exception>

#include "simulator/identity/entra.h"
#include "simulator/identity/entra_login.h"
#include "simulator/identity/oauth.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view disaster_recovery = "/api/disaster-recovery/v1/accounts/";

bool knows(const std::vector<Credential>& credentials, const std::string& client_id) {
  return std::any_of(credentials.begin(), credentials.end(),
                     [&](const Credential& each) { return each.client_id == client_id; });
}

bool proves(const std::vector<Credential>& credentials, const OauthLogin& login) {
  return std::any_of(credentials.begin(), credentials.end(), [&](const Credential& each) {
    return each.client_id == login.client_id && !each.secret.empty() && each.secret == login.secret;
  });
}

std::vector<std::string> words_of(std::string_view path) {
  std::vector<std::string> words;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    words.push_back(http::percent_decode(std::string(path.substr(0, slash))));
    path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  }
  return words;
}

http::Response no_such_api(const http::Request& request) {
  return error(
      404, "ENDPOINT_NOT_FOUND",
      "No API found for '" + std::string(http::name_of(request.method)) + " " + request.path + "'");
}
}  // namespace

AccountConsole::AccountConsole(ConsoleOptions options)
    : options_(std::move(options)),
      ids_(options_.seed),
      request_ids_(options_.seed + 1),
      urls_(workspaces_, ids_),
      groups_(workspaces_, urls_, ids_, options_.step_time) {}

void AccountConsole::add_workspace(const AccountWorkspace& workspace) {
  workspaces_.insert_or_assign(workspace.id, workspace);
}

Outcome AccountConsole::serve(const http::Request& request, std::int64_t now_micros) {
  now_micros_ = now_micros + std::chrono::microseconds(ahead_).count();
  Outcome outcome;
  try {
    groups_.catch_up(now_micros_ / 1000);
    if (request.path.starts_with("/sim/")) {
      outcome.response = control(request);
      return outcome;
    }
    FaultManners manners;
    manners.answer = [&](const FaultRule& rule) { return faults_.answer_of(rule, request); };
    manners.expire_token = [&] { expire_token_of(request); };
    if (faults_.in_outage(now_micros_ / 1000))
      outcome.delivery = Delivery::unreachable;
    else
      outcome = faults_.serve(request, manners, [&] { return work(request); });
    outcome.response.headers.emplace_back("x-request-id", request_ids_.uuid());
  } catch (const json::exception& problem) {
    outcome.response = invalid(std::string("Could not parse request object: ") + problem.what());
  } catch (const std::exception& problem) {
    outcome.response = error(500, "INTERNAL_ERROR", problem.what());
  }
  traffic_.count(request, request.path, outcome);
  return outcome;
}

http::Response AccountConsole::work(const http::Request& request) {
  if (request.path.starts_with("/oidc/")) return give_token(request);
  if (request.path == "/.well-known/databricks-config") return describe_host(request);
  if (auto refusal = refuse_caller(request)) return *refusal;
  return work_for_admin(request);
}

http::Response AccountConsole::give_token(const http::Request& request) {
  if (request.method != http::Method::post ||
      request.path != "/oidc/accounts/" + options_.account_id + "/v1/token")
    return no_such_api(request);
  auto read = read_oauth_login(request);
  if (auto* refusal = std::get_if<http::Response>(&read)) return std::move(*refusal);
  const OauthLogin& login = std::get<OauthLogin>(read);
  if (!proves(options_.credentials, login) && !proves(options_.strangers, login))
    return bad_oauth_client();
  const std::int64_t seconds = options_.token_seconds;
  const std::string text = "eyJ" + ids_.hex(32);
  Token token;
  token.principal = login.client_id;
  token.expires_at = now_micros_ / 1000 + seconds * 1000 - token_margin_millis(seconds);
  tokens_.insert_or_assign(text, token);
  return oauth_answer(text, login, seconds);
}

http::Response AccountConsole::describe_host(const http::Request& request) const {
  json body = json::object();
  body["oidc_endpoint"] = own_address(request) + "/oidc/accounts/" + options_.account_id;
  body["account_id"] = options_.account_id;
  body["cloud"] = "azure";
  body["host_type"] = "account";  // what is written here for an account is not told by any source
  return answer(body);
}

Refusal AccountConsole::refuse_caller(const http::Request& request) {
  const std::string text = bearer_token(request);
  // Tokens of a workspace are nothing here, which was observed as a 404.
  if (text.starts_with("dapi")) return no_such_api(request);
  std::string principal;
  std::int64_t expires_at = 0;
  const EntraToken* entra = options_.entra ? options_.entra->token(text) : nullptr;
  if (const auto found = tokens_.find(text); found != tokens_.end()) {
    principal = found->second.principal;
    expires_at = found->second.expires_at;
  } else if (entra != nullptr && entra->audience == Audience::databricks) {
    principal = entra->principal;
    expires_at = entra->expires_at;
  }
  if (principal.empty() || now_micros_ / 1000 >= expires_at)
    return error(401, "UNAUTHENTICATED",
                 text.empty()
                     ? "Credential was not sent or was of an unsupported type for this API."
                     : "Invalid access token.");
  if (!knows(options_.credentials, principal))
    return error(403, "PERMISSION_DENIED", principal + " is not an account admin.");
  return std::nullopt;
}

http::Response AccountConsole::work_for_admin(const http::Request& request) {
  if (!request.path.starts_with(disaster_recovery)) return no_such_api(request);
  AccountCall call{.request = request,
                   .account = {},
                   .words = words_of(request.path.substr(disaster_recovery.size())),
                   .body = json(),
                   .now_millis = now_micros_ / 1000,
                   .page_size = options_.page_size};
  // How an account is refused that is not one's own is not told by any source.
  if (call.words.empty() || call.words[0] != options_.account_id)
    return absent("The account does not exist.");
  call.account = "accounts/" + call.words[0];
  call.words.erase(call.words.begin());
  if (!request.body.empty()) {
    call.body = json::parse(request.body, nullptr, false);
    if (!call.body.is_object())
      return error(400, "MALFORMED_REQUEST", "Invalid JSON given in the body of the request");
  }
  const std::string what = call.words.empty() ? "" : call.words[0];
  if (what == "failover-groups") return groups_.serve(call);
  if (what == "stable-urls") return urls_.serve(call);
  return no_such_api(request);
}

void AccountConsole::expire_token_of(const http::Request& request) {
  const std::string text = bearer_token(request);
  if (options_.entra)
    if (EntraToken* token = options_.entra->token(text)) token->expires_at = 1;
  if (const auto found = tokens_.find(text); found != tokens_.end()) found->second.expires_at = 1;
}

json AccountConsole::world() const {
  return json::object({{"failover_groups", groups_.world()}, {"stable_urls", urls_.world()}});
}

http::Response AccountConsole::control(const http::Request& request) {
  const std::string_view what = std::string_view(request.path).substr(5);
  json body = json::object();
  if (!request.body.empty()) body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return invalid("the body is no JSON object");
  if (what == "world") return answer(world());
  if (what == "faults" && request.method == http::Method::del) {
    faults_.clear();
    return done();
  }
  return control_change(what, body);
}

http::Response AccountConsole::control_change(std::string_view what, const json& body) {
  if (what == "faults") {
    std::string problem;
    auto rule = fault_rule_from(body, problem);
    if (!rule) return invalid(problem);
    return answer(json::object({{"ids", json::array({faults_.add(std::move(*rule))})}}));
  }
  if (what == "outage") {
    faults_.start_outage();
  } else if (what == "restore") {
    faults_.end_outage();
  } else if (what == "groups") {
    groups_.next_one_fails();  // nothing else can be asked for
  } else if (what == "workspaces") {
    add_workspace({.id = text_of(body, "id"),
                   .region = text_of(body, "region"),
                   .mission_critical = flag_of(body, "mission_critical", true)});
  } else if (what == "options") {
    if (const auto seconds = integer_of(body, "advance_seconds"))
      advance(std::chrono::seconds(*seconds));
    if (const auto seconds = integer_of(body, "step_seconds"))
      groups_.set_step_time(std::chrono::seconds(*seconds));
  } else {
    return invalid("there is no /sim/" + std::string(what));
  }
  return done();
}

}  // namespace twinlake::simulator
