#include "http/message.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <strings.h>
#include <system_error>

namespace twinlake::http {

namespace {
constexpr std::array<std::pair<Method, std::string_view>, 6> method_names{{{Method::get, "GET"},
                                                                           {Method::head, "HEAD"},
                                                                           {Method::post, "POST"},
                                                                           {Method::put, "PUT"},
                                                                           {Method::patch, "PATCH"},
                                                                           {Method::del, "DELETE"}}};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

std::string_view name_of(Method method) {
  for (const auto& [value, name] : method_names)
    if (value == method) return name;
  return "?";
}

std::optional<Method> method_from(std::string_view name) {
  for (const auto& [value, text] : method_names)
    if (text == name) return value;
  return std::nullopt;
}

const std::string* find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0)
      return &value;
  return nullptr;
}

std::shared_ptr<SpoolFile> SpoolFile::create(const std::string& folder) {
  std::string name = folder + "/spool-XXXXXX";
  const int descriptor = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0)
    throw std::system_error(errno, std::generic_category(), "cannot create a temporary file in " + folder);
  unlink(name.c_str());
  return std::shared_ptr<SpoolFile>(new SpoolFile(descriptor));
}

SpoolFile::~SpoolFile() { close(descriptor_); }

void SpoolFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "cannot write a temporary file");
    }
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::size_t SpoolFile::read(std::uint64_t offset, char* to, std::size_t size) const {
  for (;;) {
    const ssize_t got = pread(descriptor_, to, size, static_cast<off_t>(offset));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "cannot read a temporary file");
  }
}

Request Request::send_json(Method method, std::string path, std::string json, Effect effect,
                           Repeat repeat) {
  Request request(method, std::move(path));
  request.body = std::move(json);
  request.content_type = "application/json";
  request.effect = effect;
  request.repeat = repeat;
  return request;
}

Request Request::post(std::string path, std::string json) {
  return send_json(Method::post, std::move(path), std::move(json), Effect::writes, Repeat::unsafe);
}

Response::Response(int code, std::string text, std::string type) : status(code), body(std::move(text)) {
  headers.emplace_back("Content-Type", std::move(type));
}

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

std::string percent_encode_path(std::string_view path) {
  std::string out;
  while (true) {
    const std::size_t slash = path.find('/');
    out += percent_encode(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    out += '/';
    path.remove_prefix(slash + 1);
  }
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string encode_query(const std::vector<std::pair<std::string, std::string>>& query) {
  std::string out;
  for (const auto& [name, value] : query) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + '=' + percent_encode(value);
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> decode_query(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view part = text.substr(0, end);
    const std::size_t equals = part.find('=');
    if (!part.empty())
      out.emplace_back(percent_decode(part.substr(0, equals), true),
                       equals == std::string_view::npos
                           ? std::string()
                           : percent_decode(part.substr(equals + 1), true));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace twinlake::http
