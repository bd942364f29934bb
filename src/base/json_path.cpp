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

bool array_index(std::string_view segment, std::size_t size, std::size_t& index) {
  if (segment.empty() || segment.find_first_not_of("0123456789") != std::string_view::npos || segment.size() > 9)
    return false;
  index = 0;
  for (const char digit : segment) index = index * 10 + static_cast<std::size_t>(digit - '0');
  return index < size;
}

template <class Json>
Json* step(Json& value, std::string_view segment) {
  if (value.is_object()) {
    const auto found = value.find(segment);
    return found == value.end() ? nullptr : &*found;
  }
  std::size_t index = 0;
  if (value.is_array() && array_index(segment, value.size(), index)) return &value[index];
  return nullptr;
}

/// The same for a segment as it is written in a pointer. Asked so often that none is copied which is written as it is.
template <class Json>
Json* step_escaped(Json& value, std::string_view segment) {
  return segment.find('~') == std::string_view::npos ? step(value, segment) : step(value, unescape(segment));
}

/// `pointer` is longer by the child's segment while that is visited.
template <class Json, class Visit>
void for_each_child(Json& value, std::string& pointer, const Visit& visit) {
  const std::size_t length = pointer.size();
  if (value.is_object()) {
    for (auto it = value.begin(); it != value.end(); ++it) {
      pointer.append("/").append(pointer_segment(it.key()));
      visit(it.value());
      pointer.resize(length);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      pointer.append("/").append(std::to_string(i));
      visit(value[i]);
      pointer.resize(length);
    }
  }
}

/// Where `path`, "/a/b" or nothing, leads to from `value`, which lies at `pointer`.
template <class Json, class Visit>
void walk(Json& value, std::string_view path, std::string& pointer, const Visit& visit) {
  if (path.empty()) {
    visit(value, pointer);
    return;
  }
  const std::size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(1, end - 1);
  const std::string_view rest = path.substr(end);
  if (segment == "**") {
    walk(value, rest, pointer, visit);
    for_each_child(value, pointer, [&](Json& child) { walk(child, path, pointer, visit); });
  } else if (segment == "*") {
    for_each_child(value, pointer, [&](Json& child) { walk(child, rest, pointer, visit); });
  } else if (Json* next = step_escaped(value, segment)) {
    const std::size_t length = pointer.size();
    pointer.append("/").append(segment);
    walk(*next, rest, pointer, visit);
    pointer.resize(length);
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
  for (std::size_t start = pointer.empty() ? std::string_view::npos : 1; value != nullptr && start != std::string_view::npos;) {
    const std::size_t end = pointer.find('/', start);
    value = step_escaped(*value, pointer.substr(start, end - start));
    start = end == std::string_view::npos ? end : end + 1;
  }
  return value;
}

}  // namespace

JsonPath::JsonPath(std::string_view text) : text_(text) {}

void JsonPath::visit(json& document, const std::function<void(json&, const std::string&)>& visit) const {
  std::string pointer;
  walk(document, text_, pointer, visit);
}

void JsonPath::visit(const json& document,
                     const std::function<void(const json&, const std::string&)>& visit) const {
  std::string pointer;
  walk(document, text_, pointer, visit);
}

void JsonPath::erase_from(json& document) const {
  std::vector<std::string> places;
  visit(document, [&](json&, const std::string& pointer) { places.push_back(pointer); });
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
