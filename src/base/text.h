#pragma once
// Small things about texts.
#include <cstdint>
#include <string>
#include <string_view>

namespace twinlake {

/// Without blanks at its ends: spaces, tabs, and what else separates words within a line.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\f\v";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// "1 run", "2 runs".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view one, std::string_view many);

}  // namespace twinlake
