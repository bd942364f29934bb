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
  const std::string lines =
      ", in lines " + std::to_string(other.line) + " and " + std::to_string(rule.line);
  if (rule.from == other.from)
    return fail(Fault::config, "`" + rule.from + "` is rewritten twice" + lines,
                "Keep one of the rules");
  if (rule.to == other.to)
    return fail(
        Fault::config,
        "`" + rule.to + "` stands for two texts" + lines + ", so the way back is not certain",
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

void rewrite_texts(json& value, const Pairs& pairs, std::set<std::string>& used);

/// Names of members are texts as well: settings of Spark carry the storage account in theirs. What
/// is a single word is a field of the API, and stays.
void rewrite_members(json& object, const Pairs& pairs, std::set<std::string>& used) {
  json rewritten = json::object();
  for (auto member = object.begin(); member != object.end(); ++member) {
    json key = member.key();
    if (!std::all_of(member.key().begin(), member.key().end(), is_word))
      rewrite_texts(key, pairs, used);
    rewrite_texts(member.value(), pairs, used);
    rewritten[key.get<std::string>()] = std::move(member.value());
  }
  object = std::move(rewritten);
}

/// Every text below; `used` gets what was replaced.
void rewrite_texts(json& value, const Pairs& pairs, std::set<std::string>& used) {
  if (value.is_string()) {
    std::string& text = value.get_ref<std::string&>();
    for (const auto& [from, to] : pairs)
      if (text.find(from) != std::string::npos && replace_all(text, {{from, to}}) != text)
        used.emplace(from);
    text = replace_all(text, pairs);
  } else if (value.is_array()) {
    for (json& element : value) rewrite_texts(element, pairs, used);
  } else if (value.is_object()) {
    // A reference is an object of its own: the uuid in it is nobody's text.
    if (value.contains(model::ref_member) || value.contains(model::unresolved_member)) return;
    rewrite_members(value, pairs, used);
  }
}

/// Where a definition says what the object is called.
std::vector<std::string> places_of_name(const model::Kind& kind) {
  if (!kind.named_by.empty()) return {kind.named_by.begin(), kind.named_by.end()};
  std::string_view place = kind.key_at;
  if (place.starts_with(kind.definition_at)) place.remove_prefix(kind.definition_at.size());
  if (place.empty()) return {};
  return {std::string(place)};
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
  std::vector<std::pair<std::string, json>> kept;
  for (std::string& place : places_of_name(kind))
    if (json* const name = find_at(definition, place)) kept.emplace_back(std::move(place), *name);
  rewrite_texts(definition, pairs_of(ours, true), used_);
  for (auto& [place, name] : kept)
    if (json* const now = find_at(definition, place)) *now = std::move(name);
}

std::vector<const RewriteRule*> Rewrites::unused() const {
  std::vector<const RewriteRule*> rules;
  for (const RewriteRule& rule : rules_)
    if (!used_.contains(rule.from)) rules.push_back(&rule);
  return rules;
}

}  // namespace twinlake::app
