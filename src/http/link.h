#pragma once

#include <string_view>

#include "http/message.h"

namespace twinlake::http {

/// A GET of a link that somebody gave as text: path and, after the first '?', a query. The query
/// goes out as it came, for it may be signed or hold a token that being taken apart would change;
/// only spaces, which no request line can hold, become %20.
[[nodiscard]] Request request_to_link(std::string_view target);

}  // namespace twinlake::http
