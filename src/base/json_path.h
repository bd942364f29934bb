#pragma once
// Places in a JSON document, with wildcards: "/tasks/*/notebook_task/notebook_path".
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace twinlake {

/// `*` stands for any array element or object member, `**` for any depth, nothing included.
/// Segments are written as in RFC 6901 (~0 and ~1 escapes).
class JsonPath {
 public:
  explicit JsonPath(std::string_view text);

  /// Calls `visit` with each place that exists and its concrete pointer ("/tasks/0/...").
  void visit(nlohmann::json& document,
             const std::function<void(nlohmann::json& value, const std::string& pointer)>& visit) const;
  void visit(const nlohmann::json& document,
             const std::function<void(const nlohmann::json& value, const std::string& pointer)>& visit) const;
  /// Removes every place that matches. Arrays close up.
  void erase_from(nlohmann::json& document) const;

 private:
  std::string text_;
};

/// Removes exact places, in an order in which none shifts another. Places named twice count once.
void erase_all(nlohmann::json& document, std::vector<std::string> pointers);

/// The value at an exact pointer such as "/settings/name"; nullptr when it is not there.
[[nodiscard]] const nlohmann::json* find_at(const nlohmann::json& document, std::string_view pointer);
[[nodiscard]] nlohmann::json* find_at(nlohmann::json& document, std::string_view pointer);
/// Text at a pointer: strings as they are, numbers and booleans as JSON writes them, "" when absent.
[[nodiscard]] std::string text_at(const nlohmann::json& document, std::string_view pointer);
/// One segment of a pointer, escaped.
[[nodiscard]] std::string pointer_segment(std::string_view key);
/// Can these bytes stand in JSON as a text?
[[nodiscard]] bool is_utf8(std::string_view bytes);
/// JSON text for logs, bodies and hashes: invalid UTF-8 is replaced, never thrown.
[[nodiscard]] std::string to_text(const nlohmann::json& value);

}  // namespace twinlake
