#pragma once
// Reading request bodies without surprises, and the refusals that several services share.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "simulator/router.h"

namespace twinlake::simulator {

/// A check gives nothing when all is well, or the answer that refuses the request.
using Refusal = std::optional<http::Response>;

/// The member of an object; nullptr when it is absent or null, or when `object` is no object.
[[nodiscard]] const json* field(const json& object, std::string_view key);
const json* field(const json&& object, std::string_view key) = delete;  // would dangle
/// The member as text; a number is written out. `otherwise` when absent.
[[nodiscard]] std::string text_of(const json& object, std::string_view key,
                                  std::string_view otherwise = "");
/// The member as an integer, also when it was sent as text ("42"), as some clients do.
[[nodiscard]] std::optional<std::int64_t> integer_of(const json& object, std::string_view key);
[[nodiscard]] bool flag_of(const json& object, std::string_view key, bool otherwise = false);
/// How many members or elements; 0 when absent.
[[nodiscard]] std::size_t count_of(const json& object, std::string_view key);
/// The member's elements as an array; an empty array when absent or of another type.
[[nodiscard]] const json& list_of(const json& object, std::string_view key);
const json& list_of(const json&& object, std::string_view key) = delete;  // would dangle
/// Moves the members of `from` into `object`, leaving those already there untouched.
void fill(json& object, const json& defaults);
/// Text of a document that holds a JSON object; nothing when it does not.
[[nodiscard]] std::optional<json> parse_object(std::string_view text);

[[nodiscard]] http::Response invalid(std::string message);        ///< 400 INVALID_PARAMETER_VALUE
[[nodiscard]] http::Response invalid_state(std::string message);  ///< 400 INVALID_STATE
[[nodiscard]] http::Response absent(std::string message);         ///< 404 RESOURCE_DOES_NOT_EXIST
[[nodiscard]] http::Response done();                              ///< 200 {}

/// The body's bytes, wherever the request carries them.
[[nodiscard]] std::string bytes_of(const http::Request& request);

/// Strict, unlike the one of base/hash.h: nothing when the text is no base64, as the service checks
/// it.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

/// Page tokens are opaque to clients: the position is wrapped so that nobody is tempted to count.
[[nodiscard]] std::string token_for(std::int64_t position);
[[nodiscard]] std::optional<std::int64_t> position_of(std::string_view token);

/// How much of a list a request asks for.
struct PageWish {
  std::size_t limit = 0;
  std::optional<std::int64_t> after;  ///< the position in the token; nothing on the first page
};
/// Reads the size and token parameters. `refusal` is set when the service would refuse them.
[[nodiscard]] PageWish page_wish(const Call& call, std::string_view size_parameter,
                                 std::int64_t otherwise, std::int64_t maximum, Refusal& refusal);

/// RFC 3339 as the newer APIs write times.
[[nodiscard]] std::string instant(std::int64_t millis);
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string upper(std::string_view text);

}  // namespace twinlake::simulator
