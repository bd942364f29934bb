#include "azure/arm.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/hash.h"
#include "http/classify.h"
#include "http/link.h"

namespace twinlake::azure {

namespace {

using nlohmann::json;
using Query = std::vector<std::pair<std::string, std::string>>;

std::string text_of(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// "https://Name:443/" and "https://name" are one place.
std::string normal_host(std::string_view url) {
  std::string host(url.substr(0, url.find_first_of("/?#", url.find("://") + 3)));
  host = lower_case(host);
  if (host.starts_with("https://") && host.ends_with(":443")) host.resize(host.size() - 4);
  return host;
}

struct CodeRow {
  std::string_view code;
  Fault fault;
  std::string_view hint;
};

// What the status alone would get wrong.
constexpr std::array codes{
    CodeRow{"SubscriptionNotFound", Fault::forbidden,
            "Give the principal the role Reader on that subscription, or correct its id"},
    CodeRow{"InvalidSubscriptionId", Fault::config, "Correct the id of the subscription"},
    CodeRow{"InvalidResourceType", Fault::disabled, ""},
    CodeRow{"NoRegisteredProviderFound", Fault::disabled, ""},
    CodeRow{"MissingSubscriptionRegistration", Fault::disabled,
            "Register the resource provider in that subscription"},
    CodeRow{"InvalidApiVersionParameter", Fault::disabled, ""},
    CodeRow{"AnotherOperationInProgress", Fault::unavailable, "Wait for it and try again"},
    CodeRow{"RequestDisallowedByPolicy", Fault::refused,
            "Change what the policy forbids, or have the policy exempt that resource group"},
    CodeRow{"QuotaExceeded", Fault::invalid, "Ask for more quota in that region"},
    CodeRow{"SkuNotAvailable", Fault::invalid, "Choose another SKU or another region"},
    CodeRow{"ScopeLocked", Fault::refused, "Remove the lock, or have its owner do it"},
};

http::Request request_for(http::Method method, std::string path, const std::string& api_version,
                          Query query) {
  http::Request request(method, std::move(path));
  request.with_query("api-version", api_version);
  for (auto& [name, value] : query) request.with_query(std::move(name), std::move(value));
  return request;
}

http::Request write_request(http::Method method, std::string path, const std::string& api_version,
                            const json& body, Query query, http::Repeat repeat) {
  http::Request request = request_for(method, std::move(path), api_version, std::move(query));
  request.effect = http::Effect::writes;
  request.repeat = repeat;
  if (body.is_null()) return request;
  request.body = body.dump();
  request.content_type = "application/json";
  return request;
}

Result<json> parsed(const http::Request& request, http::Response response) {
  if (!response.ok()) return fail(arm_error(request, response));
  return http::parse_answer(request, std::move(response));
}

Error incomplete(const http::Request& request, std::string message) {
  Error error(Fault::bad_answer, "the listing is incomplete: " + std::move(message));
  error.method = "GET";
  error.path = request.path;
  return error;
}

/// Appends the items of a page; gives the link to the next one, or nothing.
Result<std::string> take_page(const http::Request& request, json page, std::vector<json>& items) {
  // Some lists are the bare array.
  const bool bare = page.is_array();
  if (!bare && !page.is_object()) return fail(incomplete(request, "the answer is not an object"));
  json& values = bare ? page : page["value"];
  if (values.is_null()) values = json::array();
  if (!values.is_array()) return fail(incomplete(request, "`value` is not an array"));
  for (json& value : values) items.push_back(std::move(value));
  return bare ? std::string() : text_of(page, "nextLink");
}

}  // namespace

std::string arm_message(const json& error, std::string& code) {
  code = http::tidy_message(text_of(error, "code"), 80);
  std::string message = text_of(error, "message");
  if (const std::string target = text_of(error, "target"); !target.empty())
    message += " (" + target + ")";
  const auto details = error.is_object() ? error.find("details") : error.end();
  if (details != error.end() && details->is_array()) {
    constexpr std::size_t most_details = 5;
    for (std::size_t i = 0; i < std::min(most_details, details->size()); ++i) {
      const std::string inner_code = text_of((*details)[i], "code");
      const std::string inner = text_of((*details)[i], "message");
      if (!inner.empty() && message.find(inner) == std::string::npos)
        message += "; " + (inner_code.empty() ? "" : inner_code + ": ") + inner;
    }
  }
  constexpr std::size_t longest = 1000;  // a denial by policy is long, and all of it counts
  return http::tidy_message(message, longest);
}

Error arm_error(const http::Request& request, const http::Response& response) {
  Error error = http::classify(request, response);
  error.path = request.path;
  const json body = json::parse(response.body, nullptr, false);
  if (body.is_object() && body.contains("error") && body["error"].is_object()) {
    const std::string message = arm_message(body["error"], error.service_code);
    if (!message.empty()) error.message = message;
  }
  for (const CodeRow& row : codes) {
    if (row.code != error.service_code) continue;
    error.fault = row.fault;
    error.hint = row.hint;
  }
  if (error.fault == Fault::forbidden && error.hint.empty())
    error.hint = "Give the principal that signs in to Azure the right to do this";
  return error;
}

std::optional<std::string> target_on(std::string_view host, std::string_view url) {
  if (url.starts_with('/')) return std::string(url);
  if (url.find("://") == std::string_view::npos || normal_host(url) != normal_host(host))
    return std::nullopt;
  const std::size_t path = url.find('/', url.find("://") + 3);
  if (path == std::string_view::npos) return std::nullopt;
  return std::string(url.substr(path, url.find('#', path) - path));
}

Task<Result<http::Response>> Arm::send(http::Request request) {
  // Microsoft's support finds a request by it; unlike x-ms-request-id it is known without an
  // answer.
  request.headers.emplace_back("x-ms-client-request-id",
                               uuid_from(std::to_string(loop_.random()())));
  request.headers.emplace_back("x-ms-return-client-request-id", "true");
  co_return co_await transport_.send(std::move(request));
}

Task<Result<json>> Arm::get(std::string path, std::string api_version) {
  Query none;
  co_return co_await get(std::move(path), std::move(api_version), std::move(none));
}

Task<Result<json>> Arm::get(std::string path, std::string api_version, Query query) {
  const http::Request request =
      request_for(http::Method::get, std::move(path), api_version, std::move(query));
  http::Request copy = request;
  CO_TRY(http::Response response, co_await send(std::move(copy)));
  co_return parsed(request, std::move(response));
}

Task<Result<std::optional<json>>> Arm::find(std::string path, std::string api_version) {
  auto found = co_await get(std::move(path), std::move(api_version));
  if (found) co_return std::optional<json>(std::move(*found));
  if (found.error().fault == Fault::not_found) co_return std::optional<json>();
  co_return fail(std::move(found).error());
}

Task<Result<std::vector<json>>> Arm::list(std::string path, std::string api_version, Query query) {
  std::vector<json> items;
  std::set<std::string> seen;
  http::Request request =
      request_for(http::Method::get, std::move(path), api_version, std::move(query));
  for (;;) {
    http::Request copy = request;
    CO_TRY(http::Response response, co_await send(std::move(copy)));
    CO_TRY(json page, parsed(request, std::move(response)));
    CO_TRY(const std::string next, take_page(request, std::move(page), items));
    if (next.empty()) co_return items;
    if (!seen.insert(next).second)
      co_return fail(incomplete(request, "the service gave the same nextLink again"));
    const auto target = target_on(host_, next);
    // The token would go along to wherever the link leads.
    if (!target) co_return fail(incomplete(request, "its nextLink leads to another host"));
    request = http::request_to_link(*target);
  }
}

Task<Result<json>> Arm::ask(std::string path, std::string api_version, json body) {
  const Query none;
  http::Request request = write_request(http::Method::post, std::move(path), api_version, body,
                                        none, http::Repeat::safe);
  request.effect = http::Effect::reads;
  const http::Request about(request.method, request.path);
  CO_TRY(http::Response response, co_await send(std::move(request)));
  co_return parsed(about, std::move(response));
}

Task<Result<Operation>> Arm::begin(http::Request request, std::string api_version) {
  const http::Method verb = request.method;
  http::Request about(verb, request.path);
  about.repeat = request.repeat;
  CO_TRY(const http::Response response, co_await send(std::move(request)));
  if (verb == http::Method::del && response.status == 404) {
    Operation gone;
    gone.verb = verb;
    gone.path = about.path;
    gone.api_version = api_version;
    co_return gone;
  }
  if (!response.ok()) co_return fail(arm_error(about, response));
  co_return operation_begun(verb, about.path, api_version, response, loop_.now(), host_);
}

Task<Result<Operation>> Arm::put(std::string path, std::string api_version, json body) {
  const Query none;
  http::Request request = write_request(http::Method::put, std::move(path), api_version, body, none,
                                        http::Repeat::safe);
  co_return co_await begin(std::move(request), std::move(api_version));
}

Task<Result<Operation>> Arm::patch(std::string path, std::string api_version, json body) {
  const Query none;
  http::Request request = write_request(http::Method::patch, std::move(path), api_version, body,
                                        none, http::Repeat::safe);
  co_return co_await begin(std::move(request), std::move(api_version));
}

Task<Result<Operation>> Arm::post(std::string path, std::string api_version, json body,
                                  Query query) {
  http::Request request = write_request(http::Method::post, std::move(path), api_version, body,
                                        std::move(query), http::Repeat::unsafe);
  co_return co_await begin(std::move(request), std::move(api_version));
}

Task<Result<Operation>> Arm::remove(std::string path, std::string api_version) {
  const Query none;
  http::Request request = write_request(http::Method::del, std::move(path), api_version, nullptr,
                                        none, http::Repeat::safe);
  co_return co_await begin(std::move(request), std::move(api_version));
}

Task<Result<http::Response>> Arm::fetch(std::string url) {
  const auto target = target_on(host_, url);
  if (!target)
    co_return fail(Fault::bad_answer, "a URL of the service leads to another host than " + host_);
  http::Request request = http::request_to_link(*target);
  co_return co_await send(std::move(request));
}

}  // namespace twinlake::azure
