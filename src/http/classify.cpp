#include "http/classify.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace twinlake::http {

namespace {

using nlohmann::json;

struct CodeRow {
  std::string_view code;
  Fault fault;
};

// These override the status: many of them arrive as 400.
constexpr std::array codes{
    CodeRow{"BAD_REQUEST", Fault::invalid},
    CodeRow{"MALFORMED_REQUEST", Fault::invalid},
    CodeRow{"INVALID_PARAMETER_VALUE", Fault::invalid},
    CodeRow{"INVALID_STATE", Fault::invalid},
    CodeRow{"INVALID_STATE_TRANSITION", Fault::invalid},
    CodeRow{"QUOTA_EXCEEDED", Fault::invalid},
    CodeRow{"RESOURCE_LIMIT_EXCEEDED", Fault::invalid},
    CodeRow{"UNAUTHENTICATED", Fault::unauthenticated},
    CodeRow{"CUSTOMER_UNAUTHORIZED", Fault::forbidden},
    CodeRow{"PERMISSION_DENIED", Fault::forbidden},
    CodeRow{"PERMISSION_NOT_PROPAGATED", Fault::forbidden},
    CodeRow{"PRIVATE_LINK_VALIDATION_ERROR", Fault::forbidden},
    CodeRow{"NOT_FOUND", Fault::not_found},
    CodeRow{"RESOURCE_DOES_NOT_EXIST", Fault::not_found},
    CodeRow{"FEATURE_DISABLED", Fault::disabled},
    CodeRow{"ENDPOINT_NOT_FOUND", Fault::disabled},
    CodeRow{"NOT_IMPLEMENTED", Fault::disabled},
    // An unknown principal in a body is a wrong request, not an absent object.
    CodeRow{"PRINCIPAL_DOES_NOT_EXIST", Fault::invalid},
    CodeRow{"RESOURCE_CONFLICT", Fault::already_exists},
    CodeRow{"ABORTED", Fault::unavailable},
    CodeRow{"COULD_NOT_ACQUIRE_LOCK", Fault::unavailable},
    CodeRow{"GIT_CONFLICT", Fault::invalid},
    CodeRow{"REQUEST_LIMIT_EXCEEDED", Fault::throttled},
    CodeRow{"RESOURCE_EXHAUSTED", Fault::throttled},
    CodeRow{"INTERNAL_ERROR", Fault::unavailable},
    CodeRow{"UNKNOWN", Fault::unavailable},
    CodeRow{"DATA_LOSS", Fault::unavailable},
    CodeRow{"TEMPORARILY_UNAVAILABLE", Fault::unavailable},
    CodeRow{"UNAVAILABLE", Fault::unavailable},
    CodeRow{"SERVICE_UNDER_MAINTENANCE", Fault::unavailable},
    CodeRow{"WORKSPACE_TEMPORARILY_UNAVAILABLE", Fault::unavailable},
    CodeRow{"DEADLINE_EXCEEDED", Fault::unavailable},
};

Fault fault_of_status(int status) {
  if (status >= 300 && status < 400) return Fault::bad_answer;
  if (status == 401) return Fault::unauthenticated;
  if (status == 403) return Fault::forbidden;
  if (status == 404 || status == 410) return Fault::not_found;
  if (status == 409 || status == 412) return Fault::already_exists;
  if (status == 429) return Fault::throttled;
  if (status == 408 || status == 499) return Fault::unavailable;
  if (status == 501) return Fault::disabled;
  if (status >= 500) return Fault::unavailable;
  return status >= 400 ? Fault::invalid : Fault::bad_answer;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Forms of "it is not there" that come as 400 with a code of its own meaning.
bool says_gone(const Request& request, const ErrorBody& facts) {
  const std::string_view message = facts.message;
  if (facts.code == "INVALID_STATE")
    return contains(message, "Cannot access cluster") &&
           contains(message, "terminated or unpinned");
  if (facts.code != "INVALID_PARAMETER_VALUE" && facts.code != "BAD_REQUEST") return false;
  if (request.method != Method::get) return false;
  const bool absent = contains(message, "does not exist") || contains(message, "doesn't exist");
  if (request.path.ends_with("/clusters/get")) return absent && contains(message, "Cluster ");
  if (request.path.ends_with("/jobs/get")) return absent && contains(message, "Job ");
  return request.path.ends_with("/jobs/runs/get") && absent && contains(message, "Run");
}

/// An import over an existing notebook is a 400 with an empty code; others use the general code.
bool says_exists(const Response& response, const ErrorBody& facts) {
  const bool vague =
      facts.code.empty() || facts.code == "INVALID_PARAMETER_VALUE" || facts.code == "BAD_REQUEST";
  return response.status == 400 && vague &&
         (contains(facts.message, "already exists") || contains(facts.message, "ALREADY_EXISTS"));
}

bool is_private_link_page(const Response& response) {
  const std::string* const location = find_header(response.headers, "Location");
  return (location != nullptr && contains(*location, "private-link-validation-error")) ||
         contains(std::string_view(response.body).substr(0, 64 * 1024),
                  "private-link-validation-error");
}

bool is_html(const Response& response) {
  const std::string* const type = find_header(response.headers, "Content-Type");
  if (type != nullptr && contains(*type, "text/html")) return true;
  const std::size_t first = response.body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && response.body[first] == '<';
}

Error with_facts(Error error, const Request& request, const Response& response,
                 const ErrorBody& facts) {
  error.method = std::string(name_of(request.method));
  error.path = request.path;
  error.status = response.status;
  if (error.service_code.empty()) error.service_code = facts.code;
  error.request_id = facts.request_id;
  error.attempts = 1;
  return error;
}

/// Answers that no API gives: a login page, a redirect to it, a proxy's page.
Error strange_answer(const Response& response) {
  if (is_private_link_page(response)) {
    Error error(Fault::forbidden, "the workspace does not accept this network",
                "it is reached by Private Link only: run from a network with its private endpoint");
    error.service_code = "PRIVATE_LINK_VALIDATION_ERROR";
    return error;
  }
  const std::string* const location = find_header(response.headers, "Location");
  if (location != nullptr && response.status >= 300 && response.status < 400) {
    const std::string where =
        tidy_message(std::string_view(*location).substr(0, location->find('?')), 200);
    return Error(Fault::bad_answer, "redirected to " + where + " instead of an answer",
                 contains(*location, "login") ? "check the host and the credentials of the profile"
                                              : "check the host of the profile");
  }
  return Error(
      Fault::bad_answer, "an HTML page instead of an answer: " + read_error(response).message,
      "check that the host of the profile is a workspace and that no proxy stands between");
}

std::string_view hint_of(Fault fault, const ErrorBody& facts) {
  if (fault == Fault::unauthenticated) return "check the credentials of the profile";
  if (facts.code == "PRIVATE_LINK_VALIDATION_ERROR")
    return "it is reached by Private Link only: run from a network with its private endpoint";
  return {};
}

}  // namespace

std::optional<Fault> fault_of_code(std::string_view code) {
  for (const CodeRow& row : codes)
    if (row.code == code) return row.fault;
  // CATALOG_ALREADY_EXISTS, SCHEMA_DOES_NOT_EXIST and so on.
  if (code.ends_with("ALREADY_EXISTS")) return Fault::already_exists;
  if (code.ends_with("_DOES_NOT_EXIST")) return Fault::not_found;
  return std::nullopt;
}

bool is_throttled(const Response& response) {
  if (response.status == 429) return true;
  // SCIM says so with 500. Only error answers are searched: a notebook may contain the words.
  return response.status >= 400 && contains(response.body, "REQUEST_LIMIT_EXCEEDED");
}

Error classify(const Request& request, const Response& response) {
  const ErrorBody facts = read_error(response);
  if (response.status < 400) return with_facts(strange_answer(response), request, response, facts);
  Fault fault = fault_of_code(facts.code).value_or(fault_of_status(response.status));
  if (is_throttled(response)) fault = Fault::throttled;
  // An object-count quota is answered with 429 too; waiting does not help there.
  if (facts.code == "QUOTA_EXCEEDED" || facts.code == "RESOURCE_LIMIT_EXCEEDED")
    fault = Fault::invalid;
  if (says_gone(request, facts)) fault = Fault::not_found;
  if (says_exists(response, facts)) fault = Fault::already_exists;
  // A server that failed midway, or a gateway that lost patience, may still have done the work.
  const bool midway = response.status >= 500 || response.status == 408 || response.status == 499;
  if (request.repeat == Repeat::unsafe && midway && fault == Fault::unavailable) {
    Error error(Fault::in_doubt, facts.message, "it may have been done all the same");
    return with_facts(std::move(error), request, response, facts);
  }
  Error error(fault, facts.message, std::string(hint_of(fault, facts)));
  return with_facts(std::move(error), request, response, facts);
}

Result<Response> expect_ok(const Request& request, Response response) {
  if (!response.ok()) return fail(classify(request, response));
  return response;
}

Result<json> parse_answer(const Request& request, Response response) {
  if (!response.ok()) return fail(classify(request, response));
  if (response.file)
    return fail(with_facts(Error(Fault::bug, "an answer in a file cannot be parsed"), request,
                           response, {}));
  const bool blank = response.body.find_first_not_of(" \t\r\n") == std::string::npos;
  if (blank && (request.method != Method::get || response.status == 204)) return json::object();
  const auto broken = [&](std::string message) {
    // A create that was answered was probably done; what it made cannot be told from this answer.
    const Fault fault = request.repeat == Repeat::unsafe ? Fault::in_doubt : Fault::bad_answer;
    Error error(fault, std::move(message), "a proxy may have cut or changed the answer");
    return fail(
        with_facts(std::move(error), request, response, read_error(Response(response.status, {}))));
  };
  if (blank) return broken("an empty answer instead of JSON");
  try {
    return json::parse(response.body);
  } catch (const json::parse_error& error) {
    if (is_html(response))
      return fail(with_facts(strange_answer(response), request, response, read_error(response)));
    // The parser's own text quotes the answer, which may hold secrets: only the place is told.
    return broken("the answer is not JSON: wrong at byte " + std::to_string(error.byte) + " of " +
                  std::to_string(response.body.size()));
  } catch (const json::out_of_range&) {
    // Well-formed, but 1e999 is more than a number can be.
    return broken("the answer has a number that is too large to be read");
  }
}

}  // namespace twinlake::http
