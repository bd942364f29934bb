#include "simulator/region.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "http/limits.h"
#include "simulator/audit/audit_log.h"
#include "simulator/commands/commands.h"
#include "simulator/commands/mounts.h"
#include "simulator/commands/storage_accounts.h"
#include "simulator/compute/compute.h"
#include "simulator/compute/init_scripts.h"
#include "simulator/control.h"
#include "simulator/faults.h"
#include "simulator/files/dbfs.h"
#include "simulator/files/git_folders.h"
#include "simulator/files/tree.h"
#include "simulator/files/unity_catalog.h"
#include "simulator/files/volume_files.h"
#include "simulator/freshness.h"
#include "simulator/identity/auth.h"
#include "simulator/identity/identity.h"
#include "simulator/identity/permissions.h"
#include "simulator/identity/tokens.h"
#include "simulator/jobs/jobs.h"
#include "simulator/limiter.h"
#include "simulator/metastore/metastore.h"
#include "simulator/secrets/secrets.h"
#include "simulator/service.h"
#include "simulator/settings/ip_access_lists.h"
#include "simulator/settings/settings.h"
#include "simulator/settings/workspace_conf.h"
#include "simulator/warehouse/lookups.h"
#include "simulator/warehouse/statements.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view unknown_route = "(no such endpoint)";

bool is_control(std::string_view path) { return path.starts_with("/sim/"); }

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// curl calls its bodies a form unless told otherwise, and the service reads them as JSON all the
/// same.
bool carries_json(const http::Request& request) {
  if (request.body.empty() || request.method == http::Method::head) return false;
  if ((request.path.starts_with("/api/2.0/fs/") && request.method == http::Method::put) ||
      request.path.starts_with("/presigned/") ||
      request.path.starts_with("/api/2.0/workspace-files/import-file/"))
    return false;
  if (contains(request.content_type, "octet-stream") ||
      contains(request.content_type, "multipart/"))
    return false;
  if (contains(request.content_type, "x-www-form-urlencoded")) return request.body.front() == '{';
  return true;
}

/// What the service says when a handler met a field that is missing or of the wrong type.
http::Response bad_field(const json::exception& problem) {
  const std::string text = problem.what();
  const std::size_t from = text.find("key '");
  if (problem.id == 403 && from != std::string::npos) {
    const std::string key = text.substr(from + 5, text.find('\'', from + 5) - from - 5);
    return error(400, "INVALID_PARAMETER_VALUE", "Missing required field: " + key);
  }
  return error(400, "INVALID_PARAMETER_VALUE", "Could not parse request object: " + text);
}

http::Response run(const Handler& handler, Call& call) {
  try {
    return handler(call);
  } catch (const json::exception& problem) {
    return bad_field(problem);
  } catch (const std::exception& problem) {
    return error(500, "INTERNAL_ERROR", problem.what());
  }
}

http::Response throttled(std::int64_t wait_millis) {
  auto response = error(429, "REQUEST_LIMIT_EXCEEDED",
                        "The current request has exceeded the rate limit. Please try again later.");
  response.headers.emplace_back(
      "Retry-After", std::to_string(std::max<std::int64_t>(1, (wait_millis + 999) / 1000)));
  return response;
}

/// The front of the service answers for hosts that it does not know.
Outcome nobody_there() {
  Outcome outcome;
  outcome.response = {404, "<html><body><h2>404 Not Found</h2></body></html>", "text/html"};
  return outcome;
}

Outcome lost(Delivery delivery) {
  Outcome outcome;
  outcome.delivery = delivery;
  return outcome;
}
}  // namespace

std::int64_t Ids::number() {
  for (;;) {
    const auto value = static_cast<std::int64_t>(random_() >> 2U);
    if (value > 0 && used_.insert(value).second) return value;
  }
}

std::string Ids::letters(std::string_view alphabet, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += alphabet[random_() % alphabet.size()];
  return out;
}

std::string Ids::digits(int count) {
  return letters("123456789", 1) + letters("0123456789", count - 1);
}
std::string Ids::hex(int count) { return letters("0123456789abcdef", count); }
std::string Ids::upper_hex(int count) { return letters("0123456789ABCDEF", count); }
std::string Ids::uuid() {
  return hex(8) + "-" + hex(4) + "-4" + hex(3) + "-" + letters("89ab", 1) + hex(3) + "-" + hex(12);
}

Region::Region(RegionOptions options)
    : options_(std::move(options)),
      ids_(options_.seed),
      request_ids_(options_.seed + 1),
      faults_(std::make_unique<Faults>()),
      limiter_(std::make_unique<Limiter>()),
      freshness_(std::make_unique<Freshness>()) {
  make_services();
}

Region::~Region() = default;

/// The one list of what a region consists of. Later services use earlier ones.
void Region::make_services() {
  services_.push_back(std::make_unique<Identity>(*this));
  services_.push_back(std::make_unique<AuditLog>(*this));
  services_.push_back(std::make_unique<Permissions>(*this));
  services_.push_back(std::make_unique<Auth>(*this));
  services_.push_back(std::make_unique<Control>(*this));
  services_.push_back(std::make_unique<Tree>(*this));
  services_.push_back(std::make_unique<Compute>(*this));
  services_.push_back(std::make_unique<Jobs>(*this));
  services_.push_back(std::make_unique<Secrets>(*this));
  services_.push_back(std::make_unique<Lookups>(*this));
  services_.push_back(std::make_unique<StorageAccounts>(*this));
  services_.push_back(std::make_unique<Mounts>(*this));
  services_.push_back(std::make_unique<Dbfs>(*this));
  services_.push_back(std::make_unique<Commands>(*this));
  services_.push_back(std::make_unique<UnityCatalog>(*this));
  services_.push_back(std::make_unique<VolumeFiles>(*this));
  services_.push_back(std::make_unique<InitScripts>(*this));
  services_.push_back(std::make_unique<WorkspaceConf>(*this));
  services_.push_back(std::make_unique<IpAccessLists>(*this));
  services_.push_back(std::make_unique<Settings>(*this));
  services_.push_back(std::make_unique<Tokens>(*this));
  services_.push_back(std::make_unique<GitFolders>(*this));
  services_.push_back(std::make_unique<Statements>(*this));
  services_.push_back(std::make_unique<Metastore>(*this));
  let_commands_read_secrets();
}

/// What runs on a cluster reads secrets as its caller.
void Region::let_commands_read_secrets() {
  Secrets& secrets = get<Secrets>();
  SecretsAccess access;
  access.value_of = [&secrets](const std::string& scope, const std::string& key) {
    return secrets.value(scope, key);
  };
  access.keys_of = [&secrets](const std::string& scope) { return secrets.keys(scope); };
  get<Commands>().use_secrets(std::move(access));
}

void Region::catch_up() {
  for (const auto& service : services_) service->catch_up();
}

json Region::world() const {
  json all = json::object();
  for (const auto& service : services_) {
    json part = service->world();
    for (auto entry = part.begin(); entry != part.end(); ++entry)
      all[entry.key()] = std::move(entry.value());
  }
  return all;
}

Outcome Region::serve(const http::Request& request, std::int64_t now_micros) {
  now_micros_ = now_micros + std::chrono::microseconds(ahead_).count();
  try {
    catch_up();
    if (is_control(request.path)) {
      Outcome outcome;
      outcome.response = work(request, router_.find(request.method, request.path));
      return outcome;
    }
    Outcome outcome;
    if (faults_->has_page_tokens()) {
      http::Request restored = request;  // a copy only where it is needed: bodies may be large
      faults_->restore_page_token(restored);
      outcome = serve_checked(restored);
    } else {
      outcome = serve_checked(request);
    }
    outcome.response.headers.emplace_back("x-request-id", request_ids_.uuid());
    return outcome;
  } catch (const std::exception& problem) {
    Outcome outcome;
    outcome.response = error(500, "INTERNAL_ERROR", problem.what());
    return outcome;
  }
}

Outcome Region::serve_checked(const http::Request& request) {
  const Router::Match match = router_.find(request.method, request.path);
  Outcome outcome = outcome_of(request, match);
  outcome.extra_delay += std::exchange(held_, std::chrono::milliseconds(0));
  traffic_.count(request, match.handler != nullptr ? match.route : unknown_route, outcome);
  return outcome;
}

Outcome Region::outcome_of(const http::Request& request, const Router::Match& match) {
  if (faults_->in_outage(now_millis())) return lost(Delivery::unreachable);
  if (options_.absent) return nobody_there();
  FaultManners manners;
  manners.answer = [&](const FaultRule& rule) { return faults_->answer_of(rule, request); };
  manners.expire_token = [&] { get<Auth>().expire_token_of(request); };
  return faults_->serve(request, manners, [&] { return work_within_limits(request, match); });
}

void Region::scale_limits(double factor) { limiter_->scale(factor); }

http::Response Region::work_within_limits(const http::Request& request,
                                          const Router::Match& match) {
  if (options_.enforce_limits)
    if (const auto wait =
            limiter_->refuse(http::lane_of(request.method, request.path), now_micros_))
      return throttled(*wait);
  return work(request, match);
}

http::Response Region::work(const http::Request& request, const Router::Match& match) {
  std::string caller;
  if (!Auth::is_open(request.path)) {
    auto who = get<Auth>().caller_of(request);
    if (auto* refusal = std::get_if<http::Response>(&who)) return std::move(*refusal);
    caller = std::get<std::string>(std::move(who));
    if (auto refusal = get<IpAccessLists>().refuse_caller()) return std::move(*refusal);
  }
  if (match.handler == nullptr)
    return error(404, "ENDPOINT_NOT_FOUND",
                 "No API found for '" + std::string(http::name_of(request.method)) + " " +
                     request.path + "'");
  json body;
  if (carries_json(request)) {
    body = json::parse(request.body, nullptr, false);
    if (body.is_discarded())
      return error(400, "MALFORMED_REQUEST",
                   "Invalid JSON given in the body of the request - failed to parse given JSON");
  }
  if (options_.eventual_consistency && freshness_->hides(request))
    return error(404, "RESOURCE_DOES_NOT_EXIST", "The object does not exist (yet).");
  Call call{*this, request, std::move(caller), match.arguments, std::move(body)};
  http::Response response = run(*match.handler, call);
  if (options_.eventual_consistency) freshness_->created(request, response);
  return response;
}

}  // namespace twinlake::simulator
