#include "model/own_words.h"

namespace twinlake::model {

namespace {
// No uuid begins like this.
constexpr std::string_view text_word = "id:";
constexpr std::string_view number_word = "number:";
}  // namespace

std::set<std::string_view> kinds_with_number_ids(std::span<const Kind* const> kinds) {
  std::set<std::string_view> names;
  for (const Kind* kind : kinds)
    if (kind->id_is_number) names.insert(kind->name);
  return names;
}

std::string own_word(const std::string& id, bool is_number) { return std::string(is_number ? number_word : text_word) + id; }

std::optional<std::string> id_in_own_word(std::string_view text, bool& is_number) {
  for (const std::string_view word : {text_word, number_word}) {
    if (!text.starts_with(word)) continue;
    is_number = word == number_word;
    return std::string(text.substr(word.size()));
  }
  return std::nullopt;
}

CanonicalContext own_words(std::set<std::string_view> number_kinds) {
  CanonicalContext context;
  context.uuid_of = [numbers = std::move(number_kinds)](std::string_view kind, const std::string& id) {
    return std::optional(own_word(id, numbers.contains(kind)));
  };
  return context;
}

}  // namespace twinlake::model
