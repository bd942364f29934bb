#include "simulator/faults.h"

#include <algorithm>
#include <array>

namespace twinlake::simulator {

namespace {
constexpr std::array<std::pair<FaultAction, std::string_view>, 7> action_names{{
    {FaultAction::status, "status"},
    {FaultAction::drop, "drop"},
    {FaultAction::delay, "delay"},
    {FaultAction::html, "html"},
    {FaultAction::truncate, "truncate"},
    {FaultAction::expire_token, "expire_token"},
    {FaultAction::empty_page, "empty_page"},
}};

std::string_view usual_code(int status) {
  switch (status) {
    case 400: return "BAD_REQUEST";
    case 401: return "UNAUTHENTICATED";
    case 403: return "PERMISSION_DENIED";
    case 404: return "RESOURCE_DOES_NOT_EXIST";
    case 409: return "RESOURCE_CONFLICT";
    case 429: return "REQUEST_LIMIT_EXCEEDED";
    case 500: return "INTERNAL_ERROR";
    case 501: return "NOT_IMPLEMENTED";
    case 503: return "TEMPORARILY_UNAVAILABLE";
    case 504: return "DEADLINE_EXCEEDED";
    default: return "UNKNOWN";
  }
}

/// The page of a workspace that may not be reached this way: 200, but no JSON.
constexpr std::string_view login_page =
    "<!doctype html><html><head><title>Databricks - Sign In</title></head>"
    "<body><pre>private-link-validation-error</pre></body></html>";

/// Old listings call the token by the same name in both directions.
std::string_view token_parameter(std::string_view path) {
  return path.ends_with("/repos") ? "next_page_token" : "page_token";
}

/// A misspelt member would break other calls than those that were meant.
std::string unknown_member(const json& rule) {
  constexpr std::array<std::string_view, 11> known{
      "method",     "path",    "nth",         "times",    "action", "status",
      "error_code", "message", "retry_after", "delay_ms", "when"};
  for (const auto& [name, value] : rule.items())
    if (std::find(known.begin(), known.end(), name) == known.end()) return name;
  return {};
}

template <class T>
T field(const json& rule, const char* name, T otherwise) {
  const auto found = rule.find(name);
  return found == rule.end() || found->is_null() ? otherwise : found->get<T>();
}
}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(),
                     [](char c) { return c == '*'; });
}

namespace {

/// What is wrong with a rule; empty: nothing, and `out` is that rule. Throws json::exception for a
/// member of the wrong type.
std::string read_rule(const json& rule, FaultRule& out) {
  const bool only_late = rule.contains("delay_ms") && !rule.contains("status");
  const auto action = field<std::string>(rule, "action", only_late ? "delay" : "status");
  const auto* known = std::find_if(action_names.begin(), action_names.end(),
                                   [&](const auto& row) { return row.second == action; });
  if (known == action_names.end()) return "unknown action: " + action;
  out.action = known->first;
  out.method = field<std::string>(rule, "method", "*");
  if (out.method != "*" && !http::method_from(out.method)) return "unknown method: " + out.method;
  out.path = field<std::string>(rule, "path", "*");
  out.nth = field(rule, "nth", 1);
  out.times = field(rule, "times", 1);
  out.status = field(rule, "status", out.action == FaultAction::html ? 200 : 503);
  out.error_code = field<std::string>(rule, "error_code", "");
  out.message = field<std::string>(rule, "message", "");
  out.retry_after = field<std::int64_t>(rule, "retry_after", -1);
  out.delay_ms = field<std::int64_t>(rule, "delay_ms", 0);
  const auto when = field<std::string>(rule, "when", "before");
  if (when != "before" && when != "after") return "when is neither before nor after: " + when;
  out.after = when == "after";
  return {};
}

}  // namespace

std::optional<FaultRule> fault_rule_from(const json& rule, std::string& problem) {
  if (!rule.is_object()) {
    problem = "a rule is an object";
    return std::nullopt;
  }
  if (const std::string name = unknown_member(rule); !name.empty()) {
    problem = "a rule has no member " + name +
              "; it knows method, path, nth, times, action, status, error_code, message, "
              "retry_after, delay_ms and when";
    return std::nullopt;
  }
  FaultRule out;
  std::string wrong;
  try {
    wrong = read_rule(rule, out);
  } catch (const json::exception& mistyped) {
    wrong = mistyped.what();
  }
  if (wrong.empty()) return out;
  problem = std::move(wrong);
  return std::nullopt;
}

json to_json(const FaultRule& rule) {
  json out = json::object();
  out["id"] = rule.id;
  out["method"] = rule.method;
  out["path"] = rule.path;
  out["nth"] = rule.nth;
  out["times"] = rule.times;
  for (const auto& [action, name] : action_names)
    if (action == rule.action) out["action"] = name;
  out["status"] = rule.status;
  out["delay_ms"] = rule.delay_ms;
  out["when"] = rule.after ? "after" : "before";
  out["seen"] = rule.seen;
  out["fired"] = rule.fired;
  return out;
}

std::int64_t Faults::add(FaultRule rule) {
  rule.id = ++last_id_;
  rules_.push_back(std::move(rule));
  return last_id_;
}

bool Faults::remove(std::int64_t id) {
  return std::erase_if(rules_, [id](const FaultRule& rule) { return rule.id == id; }) > 0;
}

void Faults::start_outage(std::optional<std::int64_t> until_millis) {
  outage_ = true;
  outage_until_ = until_millis;
}

bool Faults::in_outage(std::int64_t now_millis) const {
  return outage_ && (!outage_until_ || now_millis < *outage_until_);
}

std::vector<FaultRule> Faults::firing(http::Method method, std::string_view path) {
  std::vector<FaultRule> out;
  for (FaultRule& rule : rules_) {
    if (rule.method != "*" && rule.method != http::name_of(method)) continue;
    if (!glob_match(rule.path, path)) continue;
    ++rule.seen;
    if (rule.seen < rule.nth || (rule.times > 0 && rule.fired >= rule.times)) continue;
    ++rule.fired;
    out.push_back(rule);
  }
  return out;
}

namespace {
/// Applies the rules of one moment (before or after the work); true when one of them is the answer.
bool apply_rules(const std::vector<FaultRule>& rules, bool after, const FaultManners& manners,
                 Outcome& outcome) {
  for (const FaultRule& rule : rules) {
    if (rule.after != after) continue;
    outcome.extra_delay += std::chrono::milliseconds(rule.delay_ms);
    switch (rule.action) {
      case FaultAction::delay: break;
      case FaultAction::expire_token: manners.expire_token(); break;
      case FaultAction::drop:
        outcome.delivery = after ? Delivery::lost_after_work : Delivery::lost_before_work;
        return true;
      case FaultAction::truncate: outcome.delivery = Delivery::truncated; return true;
      case FaultAction::status:
      case FaultAction::html:
      case FaultAction::empty_page: outcome.response = manners.answer(rule); return true;
    }
  }
  return false;
}
}  // namespace

Outcome Faults::serve(const http::Request& request, const FaultManners& manners,
                      const std::function<http::Response()>& work) {
  const std::vector<FaultRule> rules = firing(request.method, request.path);
  Outcome outcome;
  if (apply_rules(rules, false, manners, outcome)) {
    // A broken-off answer needs an answer, so the work is done first.
    if (outcome.delivery == Delivery::truncated) outcome.response = work();
    return outcome;
  }
  outcome.response = work();
  apply_rules(rules, true, manners, outcome);
  return outcome;
}

http::Response Faults::answer_of(const FaultRule& rule, const http::Request& request) {
  if (rule.action == FaultAction::html) return {rule.status, std::string(login_page), "text/html"};
  if (rule.action == FaultAction::empty_page) return empty_page(request);
  const std::string code =
      rule.error_code.empty() ? std::string(usual_code(rule.status)) : rule.error_code;
  const std::string message = rule.message.empty() ? "A fault was asked for." : rule.message;
  http::Response response = error(rule.status, code, message);
  if (rule.retry_after >= 0)
    response.headers.emplace_back("Retry-After", std::to_string(rule.retry_after));
  return response;
}

http::Response Faults::empty_page(const http::Request& request) {
  std::optional<std::string> real;
  for (const auto& [name, value] : request.query)
    if (name == token_parameter(request.path)) real = value;
  const std::string token = "empty-page-" + std::to_string(page_tokens_.size() + 1);
  page_tokens_[token] = real;
  json body = json::object();
  body["next_page_token"] = token;
  body["has_more"] = true;
  return answer(body);
}

void Faults::restore_page_token(http::Request& request) const {
  for (auto place = request.query.begin(); place != request.query.end(); ++place) {
    if (place->first != token_parameter(request.path)) continue;
    const auto found = page_tokens_.find(place->second);
    if (found == page_tokens_.end()) return;
    if (found->second)
      place->second = *found->second;
    else
      request.query.erase(place);
    return;
  }
}

}  // namespace twinlake::simulator
