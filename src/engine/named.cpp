#include "engine/named.h"

#include <nlohmann/json.hpp>

namespace twinlake::engine {

using model::Kind;
using nlohmann::json;

namespace {

/// Where a path within a longer text ends.
constexpr std::string_view path_ends = "\"'`\\ \t\r\n,;|<>(){}[]";

struct Search {
  const Kind& kind;
  std::set<std::string>& names;

  void take(std::string_view path) const {
    if (std::string key = model::path_key(path); key.starts_with(kind.found_by.front())) names.insert(std::move(key));
  }

  /// Texts that begin with a prefix are a path as a whole, blanks and all; inside others it ends at a sign
  /// that paths in commands do not have.
  void look_through(std::string_view text) const {
    for (const std::string_view prefix : kind.found_by) {
      if (text.starts_with(prefix)) take(text);
      for (std::size_t at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at + 1))
        take(text.substr(at, text.find_first_of(path_ends, at) - at));
    }
  }

  void look_through(const json& value) const {
    if (value.is_string()) {
      look_through(std::string_view(value.get_ref<const std::string&>()));
    } else if (value.is_structured()) {
      for (const json& child : value) look_through(child);
    }
  }
};

}  // namespace

Names named_objects(const workspace::Inventory& primary, std::span<const Kind* const> kinds, const Memory& memory) {
  Names names;
  for (const Kind* kind : kinds) {
    if (kind->find_verb == nullptr) continue;
    std::set<std::string>& found = names[kind];
    for (const auto& [name, listing] : primary.kinds) {
      if (name == kind->name) continue;
      for (const workspace::Item& item : listing.items) Search{*kind, found}.look_through(item.raw);
    }
    for (const state::Binding& binding : memory.bindings)
      if (binding.kind == kind->name) found.insert(binding.key);
  }
  return names;
}

}  // namespace twinlake::engine
