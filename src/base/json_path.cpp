#include "base/json_path.h"

#include <algorithm>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace twinlake {

using nlohmann::json;

namespace {

std::string unescape(std::string_view segment) {
  if (segment.find('~') == std::string_view::npos) return std::string(segment);
  std::string out;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] == '~' && i + 1 < segment.size()) {
      ++i;
      out += segment[i] == '1' ? '/' : '~';
    } else {
      out += segment[i];
    }
  }
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> segments;
  if (text.empty()) return segments;
  std::size_t start = 1;
  while (true) {
    const std::size_t end = text.find('/', start);
    segments.push_back(unescape(text.substr(start, end - start)));
    if (end == std::string_view::npos) return segments;
    start = end + 1;
  }
}

bool array_index(const std::string& segment, std::size_t size, std::size_t& index) {
  if (segment.empty() || segment.find_first_not_of("0123456789") != std::string::npos || segment.size() > 9)
    return false;
  index = static_cast<std::size_t>(std::stoul(segment));
  return index < size;
}

template <class Json>
Json* step(Json& value, const std::string& segment) {
  if (value.is_object()) {
    const auto found = value.find(segment);
    return found == value.end() ? nullptr : &*found;
  }
  std::size_t index = 0;
  if (value.is_array() && array_index(segment, value.size(), index)) return &value[index];
  return nullptr;
}

template <class Json, class Visit>
void for_each_child(Json& value, const std::string& pointer, const Visit& visit) {
  if (value.is_object()) {
    for (auto it = value.begin(); it != value.end(); ++it)
      visit(it.value(), pointer + "/" + pointer_segment(it.key()));
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) visit(value[i], pointer + "/" + std::to_string(i));
  }
}

template <class Json, class Visit>
void walk(Json& value, const std::vector<std::string>& segments, std::size_t at,
          const std::string& pointer, const Visit& visit) {
  if (at == segments.size()) {
    visit(value, pointer);
    return;
  }
  const std::string& segment = segments[at];
  if (segment == "**") {
    walk(value, segments, at + 1, pointer, visit);
    for_each_child(value, pointer, [&](Json& child, const std::string& where) {
      walk(child, segments, at, where, visit);
    });
  } else if (segment == "*") {
    for_each_child(value, pointer, [&](Json& child, const std::string& where) {
      walk(child, segments, at + 1, where, visit);
    });
  } else if (Json* next = step(value, segment)) {
    walk(*next, segments, at + 1, pointer + "/" + pointer_segment(segment), visit);
  }
}

void erase_pointer(json& document, const std::string& pointer) {
  const std::size_t slash = pointer.rfind('/');
  json* parent = find_at(document, std::string_view(pointer).substr(0, slash));
  const std::string last = unescape(std::string_view(pointer).substr(slash + 1));
  if (parent == nullptr) return;
  std::size_t index = 0;
  if (parent->is_object()) {
    parent->erase(last);
  } else if (parent->is_array() && array_index(last, parent->size(), index)) {
    parent->erase(index);
  }
}

template <class Json>
Json* find(Json& document, std::string_view pointer) {
  Json* value = &document;
  for (const std::string& segment : split(pointer)) {
    value = step(*value, segment);
    if (value == nullptr) return nullptr;
  }
  return value;
}

}  // namespace

JsonPath::JsonPath(std::string_view text) : segments_(split(text)) {}

void JsonPath::visit(json& document, const std::function<void(json&, const std::string&)>& visit) const {
  walk(document, segments_, 0, "", visit);
}

void JsonPath::visit(const json& document,
                     const std::function<void(const json&, const std::string&)>& visit) const {
  walk(document, segments_, 0, "", visit);
}

void JsonPath::erase_from(json& document) const {
  std::vector<std::string> places;
  walk(document, segments_, 0, "", [&](json&, const std::string& pointer) { places.push_back(pointer); });
  erase_all(document, std::move(places));
}

namespace {
/// Array positions compare as numbers: 10 comes after 9.
bool pointer_less(const std::string& a, const std::string& b) {
  const auto left = split(a);
  const auto right = split(b);
  return std::lexicographical_compare(
      left.begin(), left.end(), right.begin(), right.end(), [](const std::string& x, const std::string& y) {
        std::size_t i = 0;
        std::size_t j = 0;
        const bool numbers = array_index(x, SIZE_MAX, i) && array_index(y, SIZE_MAX, j);
        return numbers ? i < j : x < y;
      });
}
}  // namespace

void erase_all(json& document, std::vector<std::string> pointers) {
  std::sort(pointers.begin(), pointers.end(), pointer_less);
  pointers.erase(std::unique(pointers.begin(), pointers.end()), pointers.end());
  for (auto place = pointers.rbegin(); place != pointers.rend(); ++place)
    if (!place->empty()) erase_pointer(document, *place);
}

const json* find_at(const json& document, std::string_view pointer) { return find(document, pointer); }
json* find_at(json& document, std::string_view pointer) { return find(document, pointer); }

std::string text_at(const json& document, std::string_view pointer) {
  const json* value = find_at(document, pointer);
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? value->get<std::string>() : to_text(*value);
}

std::string pointer_segment(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

bool is_utf8(std::string_view bytes) {
  try {
    static_cast<void>(json(bytes).dump());
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

std::string to_text(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace twinlake
