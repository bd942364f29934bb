#include "workspace/network_access.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/pager.h"
#include "workspace/inventory.h"
#include "workspace/workspace_conf.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr std::string_view switch_key = "enableIpAccessLists";

/// An address or network; IPv4 and IPv6 never contain each other.
struct Network {
  std::array<unsigned char, 16> bytes{};
  int family = 0;
  int bits = 0;  ///< of the prefix
};

std::optional<Network> parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  Network network;
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, address.c_str(), network.bytes.data()) != 1) continue;
    network.family = family;
    network.bits = family == AF_INET ? 32 : 128;
  }
  if (network.family == 0) return std::nullopt;
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  int bits = -1;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (problem != std::errc{} || end != digits.data() + digits.size() || bits < 0 ||
      bits > network.bits)
    return std::nullopt;
  network.bits = bits;
  return network;
}

bool share_prefix(const Network& a, const Network& b, int bits) {
  for (int i = 0; i < bits; ++i) {
    const auto byte = static_cast<std::size_t>(i) / 8;
    const int mask = 0x80 >> (i % 8);
    if ((a.bytes[byte] & mask) != (b.bytes[byte] & mask)) return false;
  }
  return true;
}

/// Does any entry of an enabled list of that type hold the address, or a part of the network?
bool names(const json& list, std::string_view type, const std::string& own, bool partly) {
  if (text_at(list, "/list_type") != type || text_at(list, "/enabled") == "false") return false;
  const json* entries = find_at(list, "/ip_addresses");
  if (entries == nullptr || !entries->is_array()) return false;
  return std::any_of(entries->begin(), entries->end(), [&](const json& entry) {
    const std::string text = entry.is_string() ? entry.get<std::string>() : std::string();
    return is_within(own, text) || (partly && is_within(text, own));
  });
}

json switch_item(const json& conf, const std::vector<json>& lists) {
  json item = json::object();
  item["object"] = "SWITCH";
  item["name"] = switch_key;
  item["value"] = text_at(conf, "/" + std::string(switch_key)) == "true" ? "true" : "false";
  item["lists"] = json::array();
  for (const json& list : lists) item["lists"].push_back(text_at(list, "/list_id"));
  return item;
}

}  // namespace

bool is_within(std::string_view inner, std::string_view outer) {
  const auto a = parse(inner);
  const auto b = parse(outer);
  return a && b && a->family == b->family && a->bits >= b->bits && share_prefix(*a, *b, b->bits);
}

std::string locked_out(const std::vector<json>& lists, const std::vector<std::string>& own) {
  const auto some = [&](std::string_view type, const std::string& address, bool partly) {
    return std::any_of(lists.begin(), lists.end(),
                       [&](const json& list) { return names(list, type, address, partly); });
  };
  const bool only_some = std::any_of(lists.begin(), lists.end(), [](const json& list) {
    return text_at(list, "/list_type") == "ALLOW" && text_at(list, "/enabled") != "false";
  });
  for (const std::string& address : own)
    if (some("BLOCK", address, true) || (only_some && !some("ALLOW", address, false)))
      return address;
  return {};
}

Task<Result<std::vector<json>>> list_network_access(Workspace& side) {
  // Where the feature is not there both kinds are not there, which is no reason to delete a list.
  CO_TRY(std::vector<json> items,
         co_await http::list_all(side.transport(), http::Request::get("/api/2.0/ip-access-lists"),
                                 http::PageStyle::none, "/ip_access_lists"));
  std::vector<std::string> keys(1, std::string(switch_key));
  CO_TRY(const json conf, co_await read_conf(side, std::move(keys)));
  json switched = switch_item(conf, items);
  for (json& list : items) {
    list["object"] = "LIST";
    list["name"] = text_at(list, "/label") + " (" + text_at(list, "/list_type") + ")";
  }
  items.push_back(std::move(switched));
  co_return items;
}

}  // namespace twinlake::workspace
