#include "simulator/identity/scim_filter.h"

#include <algorithm>

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
struct Word {
  std::string text;
  bool quoted = false;
};

/// Nothing when a quotation mark is missing.
std::optional<std::vector<Word>> words_of(std::string_view text) {
  std::vector<Word> words;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    Word word;
    if (text[i] == '"') {
      word.quoted = true;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        word.text += text[i];
      }
      if (i >= text.size()) return std::nullopt;
      ++i;
    } else {
      while (i < text.size() && text[i] != ' ' && text[i] != '"') word.text += text[i++];
    }
    words.push_back(std::move(word));
  }
  return words;
}
}  // namespace

std::optional<ScimFilter::Op> ScimFilter::op_from(const std::string& word) {
  const std::string name = lower(word);
  if (name == "eq") return Op::eq;
  if (name == "ne") return Op::ne;
  if (name == "co") return Op::co;
  if (name == "sw") return Op::sw;
  return std::nullopt;
}

std::optional<ScimFilter> ScimFilter::parse(std::string_view text) {
  const auto words = words_of(text);
  if (!words) return std::nullopt;
  ScimFilter filter;
  filter.any_of_all_.emplace_back();
  for (std::size_t i = 0;; ++i) {
    if (i + 2 >= words->size()) return std::nullopt;
    const auto op = op_from((*words)[i + 1].text);
    if (!op || (*words)[i].quoted) return std::nullopt;
    filter.any_of_all_.back().push_back(
        {lower((*words)[i].text), *op, lower((*words)[i + 2].text)});
    i += 3;
    if (i == words->size()) return filter;
    const std::string join = lower((*words)[i].text);
    if (join == "or")
      filter.any_of_all_.emplace_back();
    else if (join != "and")
      return std::nullopt;
  }
}

bool ScimFilter::holds(const Term& term, const std::vector<std::string>& values) {
  const auto any = [&](const auto& test) {
    return std::any_of(values.begin(), values.end(),
                       [&](const std::string& value) { return test(lower(value)); });
  };
  switch (term.op) {
    case Op::eq: return any([&](const std::string& value) { return value == term.value; });
    case Op::ne: return !any([&](const std::string& value) { return value == term.value; });
    case Op::co:
      return any(
          [&](const std::string& value) { return value.find(term.value) != std::string::npos; });
    case Op::sw:
      return any([&](const std::string& value) { return value.starts_with(term.value); });
  }
  return false;
}

std::optional<bool> ScimFilter::matches(const ScimAttribute& attribute) const {
  bool any = false;
  for (const auto& terms : any_of_all_) {
    bool all = true;
    for (const Term& term : terms) {
      const auto values = attribute(term.attribute);
      if (!values) return std::nullopt;  // looked at to the end: an unknown name is always refused
      all = all && holds(term, *values);
    }
    any = any || all;
  }
  return any;
}

}  // namespace twinlake::simulator
