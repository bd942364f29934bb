#include "app/rewrites.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
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

/// A rule as it is used in one direction.
struct Pair {
  std::string_view from;
  std::string_view to;
  const RewriteRule* rule = nullptr;
};
using Pairs = std::vector<Pair>;

struct Replaced {
  std::string text;
  std::vector<model::Piece> pieces;
  std::vector<const RewriteRule*> rules;  ///< of each piece
  [[nodiscard]] bool is_one_way() const {
    return std::any_of(rules.begin(), rules.end(),
                       [](const RewriteRule* rule) { return rule->one_way; });
  }
};

/// One pass, the longest that fits first, so that no replacement is replaced again.
Replaced replace_all(std::string_view text, const Pairs& pairs) {
  Replaced out;
  std::size_t at = 0;
  while (at < text.size()) {
    const Pair* best = nullptr;
    for (const Pair& pair : pairs) {
      if (!text.substr(at).starts_with(pair.from) || !is_bounded(text, at, pair.from)) continue;
      if (best == nullptr || pair.from.size() > best->from.size()) best = &pair;
    }
    if (best == nullptr) {
      out.text += text[at++];
      continue;
    }
    out.pieces.push_back({out.text.size(), best->to.size(), std::string(best->from)});
    out.rules.push_back(best->rule);
    out.text += best->to;
    at += best->from.size();
  }
  return out;
}

bool holds_any(std::string_view text, const Pairs& pairs) {
  return !pairs.empty() && !replace_all(text, pairs).pieces.empty();
}

using Rules = std::vector<const RewriteRule*>;

Pairs pairs_there(const Rules& rules) {
  Pairs pairs;
  for (const RewriteRule* rule : rules) pairs.push_back({rule->from, rule->to, rule});
  return pairs;
}

/// Those with a way back of their own; or the others.
Pairs pairs_back(const Rules& rules, bool one_way) {
  Pairs pairs;
  for (const RewriteRule* rule : rules)
    if (rule->one_way == one_way) pairs.push_back({rule->to, rule->from, rule});
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
  if (rule.same) return {};
  if (rule.from == rule.to)
    return fail(Fault::config, "`from` and `to` are the same text",
                "Remove the rule, or write `same` if both sides shall use it");
  if (rule.one_way) return {};
  const bool edges_alike = is_word(rule.from.front()) == is_word(rule.to.front()) &&
                           is_word(rule.from.back()) == is_word(rule.to.back());
  if (!edges_alike)
    return fail(
        Fault::config, "`from` and `to` begin or end differently, so the way back is not certain",
        "Let both begin and end with a letter or digit, or both with the same kind of sign, or say "
        "`one_way: true`");
  return {};
}

Result<void> check_against(const RewriteRule& rule, const RewriteRule& other) {
  if (!share_a_kind(rule, other)) return {};
  const std::string lines =
      ", in lines " + std::to_string(other.line) + " and " + std::to_string(rule.line);
  if (rule.from == other.from)
    return fail(Fault::config, "`" + rule.from + "` is rewritten twice" + lines,
                "Keep one of the rules");
  if (rule.to == other.to && !rule.one_way && !other.one_way)
    return fail(
        Fault::config,
        "`" + rule.to + "` stands for two texts" + lines + ", so the way back is not certain",
        "Give each text a target of its own, or say `one_way: true`");
  return {};
}

Rules rules_for(const std::vector<RewriteRule>& rules, std::string_view kind) {
  Rules ours;
  for (const RewriteRule& rule : rules)
    if (rule.kinds.empty() ||
        std::find(rule.kinds.begin(), rule.kinds.end(), kind) != rule.kinds.end())
      ours.push_back(&rule);
  return ours;
}

/// There and back, among the rules of one kind: each text that they speak of, alone and side by
/// side.
bool comes_back(const Rules& rules, const RewriteRule& rule) {
  Rules certain;
  std::copy_if(rules.begin(), rules.end(), std::back_inserter(certain),
               [](const RewriteRule* other) { return !other->one_way; });
  std::vector<std::string> samples = {rule.from, "/" + rule.from + "/", ": " + rule.from + "-"};
  for (const RewriteRule* other : certain) samples.push_back(rule.from + "." + other->from);
  return std::all_of(samples.begin(), samples.end(), [&](const std::string& sample) {
    const std::string there = replace_all(sample, pairs_there(certain)).text;
    return replace_all(there, pairs_back(certain, false)).text == sample;
  });
}

/// A rule for all kinds meets the rules of each single one.
bool comes_back_for_every_kind(const std::vector<RewriteRule>& rules, const RewriteRule& rule) {
  if (rule.one_way) return true;
  std::set<std::string> kinds = {rule.kinds.begin(), rule.kinds.end()};
  if (rule.kinds.empty()) {
    kinds.insert("");
    for (const RewriteRule& other : rules) kinds.insert(other.kinds.begin(), other.kinds.end());
  }
  return std::all_of(kinds.begin(), kinds.end(), [&](const std::string& kind) {
    return comes_back(rules_for(rules, kind), rule);
  });
}

/// Rewrites one definition.
class Walk {
 public:
  Walk(const model::Kind& kind, const json& definition, const Rules& rules, model::Way way,
       const model::Recall& recall, std::set<std::string>& used)
      : is_back_(way == model::Way::back),
        pairs_(is_back_ ? pairs_back(rules, false) : pairs_there(rules)),
        uncertain_(is_back_ ? pairs_back(rules, true) : Pairs()),
        recall_(recall),
        used_(used) {
    for (const model::Unordered& array : kind.unordered)
      JsonPath(array.path).visit(definition, [&](const json&, const std::string& pointer) {
        names_.emplace(pointer, array.sort_by);
      });
  }

  /// Every text at and below `value`, which lies at `pointer` of the definition as it came and at
  /// `place` of the one that the side away has.
  void rewrite(json& value, const std::string& pointer, const std::string& place) {
    if (value.is_string()) {
      value = rewritten(value.get_ref<const std::string&>(), pointer, place, false);
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i)
        rewrite(value[i], pointer + "/" + std::to_string(i),
                place + "/" + element_name(value[i], i, pointer));
    } else if (value.is_object()) {
      // A reference is an object of its own: the uuid in it is nobody's text.
      if (value.contains(model::ref_member) || value.contains(model::unresolved_member)) return;
      rewrite_members(value, pointer, place);
    }
  }

  [[nodiscard]] model::Rewritten take_result() { return std::move(result_); }

 private:
  /// Names of members are texts as well: settings of Spark carry the storage account in theirs.
  /// What is a single word is a field of the API, and stays.
  void rewrite_members(json& object, const std::string& pointer, const std::string& place) {
    json made = json::object();
    for (auto member = object.begin(); member != object.end(); ++member) {
      std::string name = member.key();
      if (!std::all_of(name.begin(), name.end(), is_word))
        name = rewritten(name, pointer, place, true);
      const std::string& rewritten_name = is_back_ ? member.key() : name;
      rewrite(member.value(), pointer + "/" + pointer_segment(member.key()),
              place + "/" + pointer_segment(rewritten_name));
      if (made.contains(name))
        result_.losses.push_back("two settings at " + (place.empty() ? "/" : place) +
                                 " would have the same name, " + name);
      made[name] = std::move(member.value());
    }
    object = std::move(made);
  }

  /// Elements come and go: one is named by its name, else it may be any of them. An order that
  /// means something is kept by the number.
  [[nodiscard]] std::string element_name(const json& element, std::size_t index,
                                         const std::string& array) const {
    const auto found = names_.find(array);
    if (found == names_.end()) return std::to_string(index);
    const std::string name = found->second.empty() ? "" : text_at(element, found->second);
    if (name.empty()) return "*";
    return "=" + pointer_segment(is_back_ ? name : replace_all(name, pairs_).text);
  }

  std::string rewritten(const std::string& text, const std::string& pointer,
                        const std::string& place, bool is_name) {
    if (is_back_)
      if (auto original = recalled(text, place, is_name)) return std::move(*original);
    Replaced replaced = replace_all(text, pairs_);
    for (const RewriteRule* rule : replaced.rules) {
      used_.insert(rule->from);
      if (rule->same) result_.same.push_back(pointer);
    }
    if (replaced.is_one_way())
      result_.one_way.push_back({pointer, place, is_name, replaced.text, replaced.pieces});
    return std::move(replaced.text);
  }

  /// What the text was before a one-way rule replaced something in it, if it is known.
  std::optional<std::string> recalled(const std::string& text, const std::string& place,
                                      bool is_name) {
    model::Recalled found = recall_(place, is_name, text);
    const bool is_touched = holds_any(text, uncertain_);
    const auto conflict = [&](const std::string& why) {
      result_.conflicts.push_back("a one_way rule made " + place + ", and " + why);
    };
    using Case = model::Recalled::Case;
    switch (found.which) {
      case Case::nothing:
        if (is_touched) result_.unknown.push_back(place);
        break;
      case Case::original:
        for (const Pair& pair : uncertain_)
          if (holds_any(text, {pair})) used_.emplace(pair.rule->from);
        return std::move(found.text);
      case Case::changed: conflict("it has been changed since"); break;
      case Case::elsewhere:
        if (is_touched) conflict("no original fits what stands there now");
        break;
      case Case::ambiguous: conflict("several originals became the same"); break;
      case Case::locked:
        conflict(
            "it holds a secret: whether it is unchanged only the key of the machine tells that "
            "made it");
        break;
    }
    return std::nullopt;
  }

  bool is_back_;
  Pairs pairs_;
  Pairs uncertain_;  ///< on the way back: what one-way rules make
  const model::Recall& recall_;
  std::set<std::string>& used_;
  std::map<std::string, std::string> names_;  ///< arrays without order, and what names an element
  model::Rewritten result_;
};

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

namespace {
Rules all_of_them(const std::vector<RewriteRule>& rules) {
  Rules all;
  for (const RewriteRule& rule : rules) all.push_back(&rule);
  return all;
}
}  // namespace

std::string Rewrites::forward(std::string_view text) const {
  return replace_all(text, pairs_there(all_of_them(rules_))).text;
}
std::string Rewrites::backward(std::string_view text) const {
  return replace_all(text, pairs_back(all_of_them(rules_), false)).text;
}

model::Rewritten Rewrites::apply(const model::Kind& kind, json& definition, model::Way way,
                                 const model::Recall& recall) const {
  const Rules ours = rules_for(rules_, kind.name);
  if (ours.empty()) return {};
  std::vector<std::pair<std::string, json>> kept;
  for (std::string& place : places_of_name(kind))
    if (json* const name = find_at(definition, place)) {
      kept.emplace_back(std::move(place), std::move(*name));
      *name = nullptr;
    }
  Walk walk(kind, definition, ours, way, recall, used_);
  walk.rewrite(definition, "", "");
  for (auto& [place, name] : kept)
    if (json* const now = find_at(definition, place)) *now = std::move(name);
  return walk.take_result();
}

std::vector<const RewriteRule*> Rewrites::unused() const {
  std::vector<const RewriteRule*> rules;
  for (const RewriteRule& rule : rules_)
    if (!used_.contains(rule.from)) rules.push_back(&rule);
  return rules;
}

}  // namespace twinlake::app
