#pragma once
// multipart/form-data, as browsers and some clients send uploads.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace twinlake::simulator {

struct Part {
  std::string name;
  /// Not empty for a file. Clients do not agree on what to call that part ("file", "content").
  std::string filename;
  std::string content;
};

[[nodiscard]] bool is_multipart(const http::Request& request);
/// Nothing when the body is not what its content type says. The body must be in memory.
[[nodiscard]] std::optional<std::vector<Part>> parse_multipart(const http::Request& request);

}  // namespace twinlake::simulator
