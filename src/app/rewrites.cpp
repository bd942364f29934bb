#include "app/rewrites.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "model/object.h"

namespace twinlake::app {

using nlohmann::json;

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// An end of a word in a rule must be an end of a word in the text: `west` is not in `western`.
bool is_bounded(std::string_view text, std::size_t at, std::string_view part) {
  const std::size_t end = at + part.size();
  if (is_word(part.front()) && at > 0 && is_word(text[at - 1])) return false;
  return !(is_word(part.back()) && end < text.size() && is_word(text[end]));
}

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

/// One pass, the longest that fits first, so that no replacement is replaced again.
std::string replace_all(std::string_view text, const Pairs& pairs) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::pair<std::string_view, std::string_view>* best = nullptr;
    for (const auto& pair : pairs) {
      if (!text.substr(at).starts_with(pair.first) || !is_bounded(text, at, pair.first)) continue;
      if (best == nullptr || pair.first.size() > best->first.size()) best = &pair;
    }
    if (best == nullptr) {
      out += text[at++];
    } else {
      out += best->second;
      at += best->first.size();
    }
  }
  return out;
}

Pairs pairs_of(const std::vector<RewriteRule>& rules, bool forward) {
  Pairs pairs;
  for (const RewriteRule& rule : rules)
    forward ? pairs.emplace_back(rule.from, rule.to) : pairs.emplace_back(rule.to, rule.from);
  return pairs;
}

bool share_a_kind(const RewriteRule& a, const RewriteRule& b) {
  if (a.kinds.empty() || b.kinds.empty()) return true;
  return std::any_of(a.kinds.begin(), a.kinds.end(), [&](const std::string& kind) {
    return std::find(b.kinds.begin(), b.kinds.end(), kind) != b.kinds.end();
  });
}

Result<void> check_alone(const RewriteRule& rule) {
  if (rule.from.empty() || rule.to.empty())
    return fail(Fault::config, "`from` and `to` must not be empty", "Give both texts");
  if (rule.from == rule.to)
    return fail(Fault::config, "`from` and `to` are the same text", "Remove the rule");
  const bool edges_alike = is_word(rule.from.front()) == is_word(rule.to.front()) &&
                           is_word(rule.from.back()) == is_word(rule.to.back());
  if (!edges_alike)
    return fail(
        Fault::config, "`from` and `to` begin or end differently, so the way back is not certain",
        "Let both begin and end with a letter or digit, or both with the same kind of sign");
  return {};
}

Result<void> check_against(const RewriteRule& rule, const RewriteRule& other) {
  if (!share_a_kind(rule, other)) return {};
  if (rule.from == other.from)
    return fail(Fault::config, "`" + rule.from + "` is rewritten twice", "Keep one of the rules");
  if (rule.to == other.to)
    return fail(Fault::config,
                "`" + rule.to + "` stands for two texts, so the way back is not certain",
                "Give each text a target of its own");
  return {};
}

std::vector<RewriteRule> rules_for(const std::vector<RewriteRule>& rules, std::string_view kind) {
  std::vector<RewriteRule> ours;
  for (const RewriteRule& rule : rules)
    if (rule.kinds.empty() ||
        std::find(rule.kinds.begin(), rule.kinds.end(), kind) != rule.kinds.end())
      ours.push_back(rule);
  return ours;
}

/// There and back, among the rules of one kind: each text that they speak of, alone and side by
/// side.
bool comes_back(const std::vector<RewriteRule>& rules, const RewriteRule& rule) {
  std::vector<std::string> samples = {rule.from, "/" + rule.from + "/", ": " + rule.from + "-"};
  for (const RewriteRule& other : rules) samples.push_back(rule.from + "." + other.from);
  return std::all_of(samples.begin(), samples.end(), [&](const std::string& sample) {
    return replace_all(replace_all(sample, pairs_of(rules, true)), pairs_of(rules, false)) ==
           sample;
  });
}

/// A rule for all kinds meets the rules of each single one.
bool comes_back_for_every_kind(const std::vector<RewriteRule>& rules, const RewriteRule& rule) {
  std::set<std::string> kinds = {rule.kinds.begin(), rule.kinds.end()};
  if (rule.kinds.empty()) {
    kinds.insert("");
    for (const RewriteRule& other : rules) kinds.insert(other.kinds.begin(), other.kinds.end());
  }
  return std::all_of(kinds.begin(), kinds.end(), [&](const std::string& kind) {
    return comes_back(rules_for(rules, kind), rule);
  });
}

void rewrite_texts(json& value, const Pairs& pairs) {
  if (value.is_string()) {
    value = replace_all(value.get_ref<const std::string&>(), pairs);
  } else if (value.is_array()) {
    for (json& element : value) rewrite_texts(element, pairs);
  } else if (value.is_object()) {
    // A reference is an object of its own: the uuid in it is nobody's text.
    if (value.contains(model::ref_member) || value.contains(model::unresolved_member)) return;
    for (json& member : value) rewrite_texts(member, pairs);
  }
}

/// Where a definition says what the object is called.
std::string place_of_key(const model::Kind& kind) {
  std::string_view place = kind.key_at;
  if (place.starts_with(kind.definition_at)) place.remove_prefix(kind.definition_at.size());
  return std::string(place);
}

}  // namespace

Result<Rewrites> Rewrites::make(std::vector<RewriteRule> rules, std::size_t& wrong) {
  Rewrites made;
  made.rules_ = std::move(rules);
  for (wrong = 0; wrong < made.rules_.size(); ++wrong) {
    const RewriteRule& rule = made.rules_[wrong];
    CHECK(check_alone(rule));
    for (std::size_t before = 0; before < wrong; ++before)
      CHECK(check_against(rule, made.rules_[before]));
  }
  for (wrong = 0; wrong < made.rules_.size(); ++wrong)
    if (!comes_back_for_every_kind(made.rules_, made.rules_[wrong]))
      return fail(Fault::config,
                  "`" + made.rules_[wrong].from + "` does not come back: the rules overlap",
                  "Make the texts longer, so that none is part of another one");
  return made;
}

std::string Rewrites::forward(std::string_view text) const {
  return replace_all(text, pairs_of(rules_, true));
}
std::string Rewrites::backward(std::string_view text) const {
  return replace_all(text, pairs_of(rules_, false));
}

void Rewrites::apply(const model::Kind& kind, json& definition) const {
  const std::vector<RewriteRule> ours = rules_for(rules_, kind.name);
  if (ours.empty()) return;
  json* const key = kind.key_at.empty() ? nullptr : find_at(definition, place_of_key(kind));
  const json kept = key != nullptr ? *key : json();
  rewrite_texts(definition, pairs_of(ours, true));
  if (key != nullptr) *key = kept;
}

}  // namespace twinlake::app
