#include "simulator/body.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace twinlake::simulator {

namespace {
constexpr std::string_view token_mark = "simulated-page:";

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

unsigned char* writable_bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* readable_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
}  // namespace

const json* field(const json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const json& object, std::string_view key, std::string_view otherwise) {
  const json* value = field(object, key);
  if (value == nullptr) return std::string(otherwise);
  if (value->is_string()) return value->get<std::string>();
  return value->is_number() || value->is_boolean() ? value->dump() : std::string(otherwise);
}

std::optional<std::int64_t> integer_of(const json& object, std::string_view key) {
  const json* value = field(object, key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_integer()) return value->get<std::int64_t>();
  if (value->is_string()) return whole_number(value->get_ref<const std::string&>());
  return std::nullopt;
}

bool flag_of(const json& object, std::string_view key, bool otherwise) {
  const json* value = field(object, key);
  if (value == nullptr) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  return value->is_string() ? lower(value->get<std::string>()) == "true" : otherwise;
}

std::size_t count_of(const json& object, std::string_view key) {
  const json* value = field(object, key);
  return value != nullptr && value->is_structured() ? value->size() : 0;
}

const json& list_of(const json& object, std::string_view key) {
  static const json nothing = json::array();
  const json* value = field(object, key);
  return value != nullptr && value->is_array() ? *value : nothing;
}

void fill(json& object, const json& defaults) {
  for (const auto& [key, value] : defaults.items())
    if (!object.contains(key)) object[key] = value;
}

std::optional<json> parse_object(std::string_view text) {
  json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

http::Response invalid(std::string message) {
  return error(400, "INVALID_PARAMETER_VALUE", std::move(message));
}
http::Response invalid_state(std::string message) {
  return error(400, "INVALID_STATE", std::move(message));
}
http::Response absent(std::string message) {
  return error(404, "RESOURCE_DOES_NOT_EXIST", std::move(message));
}
http::Response done() { return answer(json::object()); }

std::string bytes_of(const http::Request& request) {
  if (!request.upload) return request.body;
  std::string bytes(static_cast<std::size_t>(request.upload->size()), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const std::size_t got =
        request.upload->read(filled, bytes.data() + filled, bytes.size() - filled);
    if (got == 0) break;
    filled += got;
  }
  bytes.resize(filled);
  return bytes;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return std::string();
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(writable_bytes(bytes), readable_bytes(text), static_cast<int>(text.size())) <
      0)
    return std::nullopt;
  // EVP_DecodeBlock counts the padding as bytes.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

std::string token_for(std::int64_t position) {
  return base64_encode(std::string(token_mark) + std::to_string(position));
}

std::optional<std::int64_t> position_of(std::string_view token) {
  const auto plain = base64_decode(token);
  if (!plain || !plain->starts_with(token_mark)) return std::nullopt;
  return whole_number(std::string_view(*plain).substr(token_mark.size()));
}

PageWish page_wish(const Call& call, std::string_view size_parameter, std::int64_t otherwise,
                   std::int64_t maximum, Refusal& refusal) {
  PageWish wish;
  std::int64_t size = otherwise;
  if (const std::string text = call.query(size_parameter); !text.empty()) {
    const auto given = whole_number(text);
    if (!given || *given < 0 || *given > maximum)
      refusal = invalid(std::string(size_parameter) + " must be between 1 and " +
                        std::to_string(maximum) + ", was " + text + ".");
    else if (*given > 0)  // 0 means: the size that the server likes
      size = *given;
  }
  wish.limit = static_cast<std::size_t>(size);
  if (const std::string token = call.query("page_token"); !token.empty()) {
    wish.after = position_of(token);
    if (!wish.after) refusal = invalid("Invalid page token: " + token);
  }
  return wish;
}

std::string instant(std::int64_t millis) {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{milliseconds(millis)};
  const auto midnight = floor<days>(moment);
  const year_month_day date(midnight);
  const hh_mm_ss<milliseconds> time(moment - midnight);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

}  // namespace twinlake::simulator
