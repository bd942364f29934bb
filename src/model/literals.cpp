#include "model/literals.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/hide.h"
#include "base/json_path.h"
#include "base/secret_text.h"

namespace twinlake::model {

using nlohmann::json;

namespace {

std::string parent_of(const std::string& pointer) { return pointer.substr(0, pointer.rfind('/')); }
std::string last_of(const std::string& pointer) {
  return pointer.empty() ? pointer : pointer.substr(pointer.rfind('/') + 1);
}

/// "/a/b" is in `places`, or "/a" or "" is.
bool is_within(const std::set<std::string>& places, std::string pointer) {
  while (true) {
    if (places.contains(pointer)) return true;
    if (pointer.empty()) return false;
    pointer = parent_of(pointer);
  }
}

bool is_index(const std::string& segment) {
  return !segment.empty() && segment.find_first_not_of("0123456789") == std::string::npos;
}

/// `["--password", "x"]`: an option names what comes after it.
std::string option_before(const json& definition, const std::string& pointer) {
  const std::string index = last_of(pointer);
  if (!is_index(index) || index == "0" || index.size() > 9) return {};
  const std::string before = text_at(definition, parent_of(pointer) + "/" + std::to_string(std::stoul(index) - 1));
  return before.starts_with('-') ? before : std::string();
}

/// What a value is called: its member, or where that only says "value", the name beside or above it.
std::string name_of_place(const json& definition, const std::string& pointer) {
  static constexpr std::array<std::string_view, 6> values{"value", "default", "defaultValue", "default_value", "values", "pattern"};
  std::string place = pointer;
  while (!place.empty()) {
    std::string segment = last_of(place);
    const std::string above = parent_of(place);
    if (is_index(segment)) {
      place = above;
      continue;
    }
    if (std::find(values.begin(), values.end(), segment) == values.end()) return segment;
    for (const char* name : {"/name", "/key"})
      if (std::string text = text_at(definition, above + name); !text.empty()) return text;
    place = above;
  }
  return {};
}

void visit_leaves(const json& value, const std::string& pointer,
                  const std::function<void(const json&, const std::string&)>& visit) {
  if (value.is_object()) {
    for (auto member = value.begin(); member != value.end(); ++member)
      visit_leaves(member.value(), pointer + "/" + pointer_segment(member.key()), visit);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) visit_leaves(value[i], pointer + "/" + std::to_string(i), visit);
  } else {
    visit(value, pointer);
  }
}

/// What stands for nothing that anybody could use.
bool says_nothing(const json& leaf) {
  if (leaf.is_null() || leaf.is_boolean()) return true;
  if (!leaf.is_string()) return false;
  const std::string& text = leaf.get_ref<const std::string&>();
  return text.empty() || text == "true" || text == "false" || is_secret_reference(text);
}

/// What stands before the "..." of a message, where it is how the literal begins.
void hide_beginning(std::string& message, const std::string& literal) {
  if (literal.size() <= shortest_secret) return;
  const std::size_t end = message.size() - 3;
  for (std::size_t length = std::min(literal.size(), end + 1) - 1; length >= shortest_secret; --length) {
    if (message.compare(end - length, length, literal, 0, length) != 0) continue;
    message.replace(end - length, length, secret_mark);
    return;
  }
}

}  // namespace

Secrecy::Secrecy(const Kind& kind, const json& definition, const LiteralRules& rules)
    : definition_(definition), rules_(rules) {
  const auto collect = [&](std::string_view path, std::set<std::string>& into) {
    JsonPath(path).visit(definition, [&](const json&, const std::string& pointer) { into.insert(pointer); });
  };
  for (const std::string_view path : kind.sensitive) collect(path, hidden_);
  for (const LiteralRules::Place& place : rules.places)
    if (place.kind == kind.name) collect(place.path, hidden_);
  for (const std::string_view path : kind.settings) collect(path, settings_);
}

bool Secrecy::is_named_so(const std::string& pointer) const {
  const std::string name = name_of_place(definition_, pointer);
  if (rules_.is_secret_name && !name.empty() && rules_.is_secret_name(name)) return true;
  if (!is_within(settings_, pointer)) return false;
  return names_secret(name) || names_secret(option_before(definition_, pointer));
}

bool Secrecy::hides(const std::string& pointer, const json& leaf) const {
  if (says_nothing(leaf)) return false;
  return is_within(hidden_, pointer) || is_named_so(pointer);
}

bool Secrecy::touches(const std::string& pointer, const json& leaf) const {
  return hides(pointer, leaf) || (leaf.is_string() && holds_secret(leaf.get_ref<const std::string&>()));
}

json Secrecy::masked(const std::string& pointer, const json& value) const {
  json copy = value;
  visit_leaves(value, pointer, [&](const json& leaf, const std::string& place) {
    if (!touches(place, leaf)) return;
    const bool whole = hides(place, leaf);
    *find_at(copy, place.substr(pointer.size())) =
        whole ? std::string(hidden_text) : hide_secrets(leaf.get_ref<const std::string&>());
  });
  return copy;
}

std::string Secrecy::shown(const std::string& pointer, const json& value) const {
  if (!value.is_structured() && hides(pointer, value)) return std::string(hidden_text);
  return to_text(masked(pointer, value));
}

std::vector<std::string> Secrecy::literals() const {
  std::vector<std::string> found;
  visit_leaves(definition_, "", [&](const json& leaf, const std::string& pointer) {
    if (!leaf.is_string() && !leaf.is_number()) return;
    const std::string text = leaf.is_string() ? leaf.get<std::string>() : to_text(leaf);
    if (hides(pointer, leaf)) {
      found.push_back(text);
    } else if (leaf.is_string()) {
      for (const SecretPart& part : secret_parts(text)) found.push_back(text.substr(part.begin, part.end - part.begin));
    }
  });
  return found;
}

std::string without_literals(std::string message, const std::vector<std::string>& literals) {
  for (const std::string& literal : literals) {
    hide(message, literal);
    // A message that was cut may end within one.
    if (message.ends_with("...")) hide_beginning(message, literal);
  }
  return message;
}

}  // namespace twinlake::model
