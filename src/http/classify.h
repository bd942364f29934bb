#pragma once
// What an answer means. A status alone does not tell: many errors arrive as 400 with a code, some
// gateways answer in HTML, and a login page comes with status 200. This is the one place that
// knows.
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/loop.h"
#include "base/result.h"
#include "http/message.h"

namespace twinlake::http {

/// The facts of an error answer, whatever its form.
struct ErrorBody {
  std::string code;        ///< error_code; SCIM_<status> for SCIM; empty when there is none
  std::string message;     ///< cut to a sane length, control characters and credentials removed
  std::string request_id;  ///< from a header or from details
  std::optional<Micros> retry_delay;  ///< RetryInfo of the details
};

[[nodiscard]] ErrorBody read_error(const Response& response);

/// What a code of the service means; nothing for codes that say nothing by themselves.
[[nodiscard]] std::optional<Fault> fault_of_code(std::string_view code);

/// The meaning of an answer that is no success.
[[nodiscard]] Error classify(const Request& request, const Response& response);

/// The JSON of a good answer, or the error. An answer without content is an empty object, except to
/// a GET: there it would pass for an empty list.
[[nodiscard]] Result<nlohmann::json> parse_answer(const Request& request, Response response);

/// For answers that are not JSON (exports, files): the answer itself when it is a success.
[[nodiscard]] Result<Response> expect_ok(const Request& request, Response response);

/// Refused by a rate limit, before any work: 429, or REQUEST_LIMIT_EXCEEDED with any status.
[[nodiscard]] bool is_throttled(const Response& response);

/// Text of a service made fit for people: one line, no control characters, at most `limit` bytes
/// (and "..." when it was cut), and whatever looks like a credential blacked out.
[[nodiscard]] std::string tidy_message(std::string_view text, std::size_t limit = 400);

}  // namespace twinlake::http
