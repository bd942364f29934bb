#include "azure/subnets.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

std::optional<std::int64_t> room_in_range(const std::string& range) {
  const std::size_t slash = range.find('/');
  if (slash == std::string::npos || range.find(':') != std::string::npos) return std::nullopt;
  int bits = -1;
  const char* const end = range.data() + range.size();
  const auto [stop, error] = std::from_chars(range.data() + slash + 1, end, bits);
  if (error != std::errc() || stop != end || bits < 0 || bits > 32) return std::nullopt;
  constexpr std::int64_t kept_by_azure = 5;
  return std::max<std::int64_t>(0, (std::int64_t{1} << (32 - bits)) - kept_by_azure);
}

}  // namespace

std::optional<std::int64_t> room_in(const json& subnet) {
  if (const auto room = room_in_range(text_at(subnet, "/properties/addressPrefix"))) return room;
  const json* const ranges = find_at(subnet, "/properties/addressPrefixes");
  if (ranges == nullptr || !ranges->is_array()) return std::nullopt;
  std::optional<std::int64_t> all;
  for (const json& range : *ranges)
    if (const auto room = room_in_range(range.is_string() ? range.get<std::string>() : ""))
      all = all.value_or(0) + *room;
  return all;
}

}  // namespace twinlake::azure
