#include "simulator/settings/ip_access_lists.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "simulator/collection.h"
#include "simulator/identity/identity.h"
#include "simulator/settings/workspace_conf.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t entry_limit = 1000;  ///< of all lists together
constexpr const char* route = "/api/2.0/ip-access-lists";

http::Response no_list(const std::string& id) {
  return absent("IP access list with id " + id + " does not exist.");
}

/// A decimal number up to `most`; nothing for any other text.
std::optional<std::uint32_t> number_in(const std::string& text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size() || value > most)
    return std::nullopt;
  return value;
}

std::optional<std::uint32_t> address_of(const std::string& text) {
  const std::vector<std::string> parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  std::uint32_t address = 0;
  for (const std::string& part : parts) {
    const auto byte = number_in(part, 255);
    if (!byte) return std::nullopt;
    address = (address << 8U) | *byte;
  }
  return address;
}

/// Addresses that begin alike: "203.0.113.0/24", or a single one.
struct Range {
  std::uint32_t address = 0;
  std::uint32_t mask = 0;
  [[nodiscard]] bool has(std::uint32_t other) const { return ((other ^ address) & mask) == 0; }
};

std::optional<Range> range_of(const std::string& text) {
  const std::vector<std::string> parts = split(text, '/');
  if (parts.size() > 2) return std::nullopt;
  const auto address = address_of(parts[0]);
  const auto bits = parts.size() == 1 ? std::optional<std::uint32_t>(32) : number_in(parts[1], 32);
  if (!address || !bits) return std::nullopt;
  return Range{*address, *bits == 0 ? 0 : ~std::uint32_t{0} << (32 - *bits)};
}

bool has(const json& list, const std::string& address) {
  const auto wanted = address_of(address);
  if (!wanted) return false;
  const json& ranges = list_of(list, "ip_addresses");
  return std::any_of(ranges.begin(), ranges.end(), [&](const json& text) {
    const auto range = range_of(text.get<std::string>());
    return range && range->has(*wanted);
  });
}

/// A block list wins over all others; with an allow list, only what is on one may come.
bool let_in(const std::vector<const json*>& lists, const std::string& address) {
  bool some_allow = false;
  bool allowed = false;
  for (const json* list : lists) {
    if (!flag_of(*list, "enabled")) continue;
    const bool listed = has(*list, address);
    if (text_of(*list, "list_type") == "BLOCK") {
      if (listed) return false;
      continue;
    }
    some_allow = true;
    allowed = allowed || listed;
  }
  return allowed || !some_allow;
}

Refusal check_fields(const json& item) {
  if (text_of(item, "label").empty()) return invalid("Missing required field: label");
  const std::string type = text_of(item, "list_type");
  if (type != "ALLOW" && type != "BLOCK") return invalid("list_type must be ALLOW or BLOCK.");
  for (const json& text : list_of(item, "ip_addresses"))
    if (!text.is_string() || !range_of(text.get<std::string>()))
      return invalid(text.dump() + " is no IPv4 address and no range of them.");
  return std::nullopt;
}
}  // namespace

IpAccessLists::IpAccessLists(Region& region) : region_(region) {
  using http::Method;
  Router& router = region.router();
  const auto admin = [](auto handler) {
    return [handler](Call& call) {
      if (auto refusal = admins_only(call)) return *refusal;
      return handler(call);
    };
  };
  const std::string root = route;
  router.add(Method::get, root, admin([this](Call& call) { return list(call); }));
  router.add(Method::post, root, admin([this](Call& call) { return create(call); }));
  router.add(Method::get, root + "/{id}", admin([this](Call& call) { return get(call); }));
  router.add(Method::put, root + "/{id}", admin([this](Call& call) { return replace(call); }));
  router.add(Method::patch, root + "/{id}", admin([this](Call& call) { return patch(call); }));
  router.add(Method::del, root + "/{id}", admin([this](Call& call) { return remove(call); }));
}

bool IpAccessLists::are_on() const {
  return region_.get<WorkspaceConf>().value("enableIpAccessLists") == "true";
}

Refusal IpAccessLists::refuse_caller() const {
  const std::string& address = region_.options().caller_address;
  if (lists_.size() == 0 || !are_on() || let_in(lists_.all(), address)) return std::nullopt;
  return error(403, "PERMISSION_DENIED",
               "Source IP address: " + address +
                   " is blocked by Databricks IP ACL for workspace: " +
                   std::to_string(region_.options().workspace_id));
}

Refusal IpAccessLists::check(const std::string& id, const json* wanted) const {
  std::vector<const json*> after;
  for (const json* other : lists_.all())
    if (text_of(*other, "list_id") != id) after.push_back(other);
  if (wanted != nullptr) {
    if (auto refusal = check_fields(*wanted)) return refusal;
    after.push_back(wanted);
  }
  std::size_t entries = 0;
  for (const json* each : after) entries += count_of(*each, "ip_addresses");
  if (wanted != nullptr && entries > entry_limit)
    return error(400, "QUOTA_EXCEEDED", "All lists together may have at most 1000 entries.");
  const std::string& address = region_.options().caller_address;
  const bool matters = are_on() || region_.options().unsettled.ip_lists_always_checked;
  if (matters && !let_in(after, address))
    return invalid_state(
        "Your current IP " + address +
        " will not be allowed to access the workspace under current configuration");
  return std::nullopt;
}

void IpAccessLists::stamp(json& item, const Call& call, std::string_view moment) const {
  const Principal* caller = region_.get<Identity>().find_any(call.caller);
  const std::string prefix(moment);
  item[prefix + "_at"] = region_.now_millis();
  item[prefix + "_by"] = caller == nullptr ? 0 : std::stoll(caller->id);
}

http::Response IpAccessLists::list(Call&) const {
  json body = json::object();
  for (const json* each : lists_.all()) body["ip_access_lists"].push_back(*each);
  return answer(body);
}

http::Response IpAccessLists::get(Call& call) const {
  const std::string& id = call.arguments.at("id");
  const json* found = lists_.find(id);
  return found == nullptr ? no_list(id) : answer(json::object({{"ip_access_list", *found}}));
}

http::Response IpAccessLists::create(Call& call) {
  json item = json::object({{"label", text_of(call.body, "label")},
                            {"list_type", text_of(call.body, "list_type")},
                            {"ip_addresses", list_of(call.body, "ip_addresses")},
                            {"enabled", true}});
  if (auto refusal = check("", &item)) return *refusal;
  const std::string id = region_.ids().uuid();
  item["list_id"] = id;
  item["address_count"] = count_of(item, "ip_addresses");
  stamp(item, call, "created");
  stamp(item, call, "updated");
  return answer(json::object({{"ip_access_list", lists_.add(id, std::move(item))}}));
}

http::Response IpAccessLists::store(Call& call, json changed) {
  const std::string& id = call.arguments.at("id");
  if (auto refusal = check(id, &changed)) return *refusal;
  changed["address_count"] = count_of(changed, "ip_addresses");
  stamp(changed, call, "updated");
  *lists_.find(id) = std::move(changed);
  return done();
}

http::Response IpAccessLists::replace(Call& call) {
  const std::string& id = call.arguments.at("id");
  const json* old = lists_.find(id);
  if (old == nullptr) return no_list(id);
  if (field(call.body, "enabled") == nullptr) return invalid("Missing required field: enabled");
  json item = *old;
  item["label"] = text_of(call.body, "label");
  item["list_type"] = text_of(call.body, "list_type");
  item["enabled"] = flag_of(call.body, "enabled");
  item["ip_addresses"] = list_of(call.body, "ip_addresses");
  return store(call, std::move(item));
}

http::Response IpAccessLists::patch(Call& call) {
  const std::string& id = call.arguments.at("id");
  const json* old = lists_.find(id);
  if (old == nullptr) return no_list(id);
  json item = *old;
  for (const char* key : {"label", "list_type", "enabled", "ip_addresses"})
    if (const json* wanted = field(call.body, key)) item[key] = *wanted;
  return store(call, std::move(item));
}

http::Response IpAccessLists::remove(Call& call) {
  const std::string& id = call.arguments.at("id");
  if (lists_.find(id) == nullptr) return no_list(id);
  if (auto refusal = check(id, nullptr)) return *refusal;
  lists_.erase(id);
  return done();
}

json IpAccessLists::world() const {
  json all = json::array();
  for (const json* each : lists_.all()) all.push_back(*each);
  return json::object({{"ip_access_lists", std::move(all)}});
}

}  // namespace twinlake::simulator
