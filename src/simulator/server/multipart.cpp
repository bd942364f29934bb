#include "simulator/server/multipart.h"

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
/// The value of name=value or name="value" in a header; nothing when absent.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
  const std::string key = ";" + std::string(name) + "=";
  std::string packed;  // without the spaces between parameters, which are optional
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    if (quoted || c != ' ') packed += c;
  }
  const std::size_t at = lower(packed).find(key);
  if (at == std::string::npos) return std::nullopt;
  std::string_view value = std::string_view(packed).substr(at + key.size());
  if (!value.starts_with('"')) return std::string(value.substr(0, value.find(';')));
  value.remove_prefix(1);
  const std::size_t end = value.find('"');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(value.substr(0, end));
}

/// The line of a part's head that says what it is.
std::string_view disposition_of(std::string_view head) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    if (lower(line.substr(0, 20)) == "content-disposition:") return line;
    if (line.size() == head.size()) break;
    head.remove_prefix(line.size() + 2);
  }
  return {};
}

std::optional<Part> part_from(std::string_view text) {
  const std::size_t blank = text.find("\r\n\r\n");
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view disposition = disposition_of(text.substr(0, blank));
  Part part;
  const auto name = parameter(disposition, "name");
  if (!name) return std::nullopt;
  part.name = *name;
  part.filename = parameter(disposition, "filename").value_or("");
  part.content = text.substr(blank + 4);
  return part;
}
}  // namespace

bool is_multipart(const http::Request& request) {
  return lower(request.content_type).starts_with("multipart/form-data");
}

std::optional<std::vector<Part>> parse_multipart(const http::Request& request) {
  if (!is_multipart(request)) return std::nullopt;
  const auto boundary = parameter(request.content_type, "boundary");
  if (!boundary || boundary->empty()) return std::nullopt;
  // Every boundary but the first follows a line end; with one put in front they are all alike.
  const std::string mark = "\r\n--" + *boundary;
  std::string_view rest = request.body;
  if (!rest.starts_with(std::string_view(mark).substr(2))) return std::nullopt;
  rest.remove_prefix(mark.size() - 2);
  std::vector<Part> out;
  while (!rest.starts_with("--")) {
    if (!rest.starts_with("\r\n")) return std::nullopt;
    rest.remove_prefix(2);
    const std::size_t end = rest.find(mark);
    if (end == std::string_view::npos) return std::nullopt;
    auto part = part_from(rest.substr(0, end));
    if (!part) return std::nullopt;
    out.push_back(std::move(*part));
    rest.remove_prefix(end + mark.size());
  }
  return out;
}

}  // namespace twinlake::simulator
