#pragma once
#include <cctype>
#include <cstddef>
#include <string_view>

namespace twinlake {

/// "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa", in any case. Of names of principals only application ids
/// look so: user names are mail addresses.
inline bool is_uuid(std::string_view text) {
  constexpr std::size_t length = 36;
  if (text.size() != length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0)
      return false;
  }
  return true;
}

}  // namespace twinlake
