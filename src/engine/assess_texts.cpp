// What the configuration makes of texts on their way to the other side, and what people should know of
// them.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "base/secret_text.h"
#include "engine/assess.h"
#include "engine/originals.h"

namespace twinlake::engine {

using nlohmann::json;

model::Way Assessor::way() const {
  if (options_.way) return *options_.way;
  return world_.primary.side == model::Side::home ? model::Way::there : model::Way::back;
}

/// What names something by its name may name something else afterwards: that is on the secondary, or will come
/// there from the primary.
void Assessor::rewrite(const Pair& pair, Assessment& result) {
  if (!options_.rewrite) return look_at_texts(pair, *result.desired, *result.desired, {});
  const json before = *result.desired;
  const auto known = options_.originals.find(pair.uuid);
  static const std::vector<state::OriginalRecord> none;
  const auto& originals = known == options_.originals.end() ? none : known->second;
  auto rewritten = options_.rewrite(*pair.kind, *result.desired, way(), recall_from(originals, options_.fingerprint_key));
  look_at_texts(pair, before, *result.desired, rewritten.same);
  settle_rewritten(pair, before, std::move(rewritten), result);
  result.rewritten = model::differences(*pair.kind, before, *result.desired, options_.literals);
  if (result.rewritten.empty()) return;
  json held = before;
  (void)model::hold(*pair.kind, held);
  result.marks_unrewritten = marks_of(held, options_.fingerprint_key);
  for (model::Use& use : result.primary.uses) {
    if (use.reference->match != model::Match::key && use.reference->match != model::Match::path) continue;
    const std::string now = text_at(*result.desired, use.place);
    if (now.empty() || now == text_at(before, use.place)) continue;
    use.text = use.reference->match == model::Match::path ? model::path_key(now) : now;
    use.uuid.reset();
    for (const Index* index : {&world_.secondary_index, &world_.primary_index})
      for (const std::string_view kind : use.reference->kinds)
        if (!use.uuid) use.uuid = index->by_key(kind, use.text);
  }
}

void Assessor::settle_rewritten(const Pair& pair, const json& before, model::Rewritten rewritten, Assessment& result) const {
  result.conflicts = std::move(rewritten.conflicts);
  result.losses = std::move(rewritten.losses);
  if (way() == model::Way::there) {
    // What is not written becomes no original.
    if (!result.losses.empty()) return;
    auto originals = originals_of(rewritten.one_way, *pair.kind, before, options_.literals, options_.fingerprint_key);
    for (state::OriginalRecord& original : originals) original.uuid = pair.uuid;
    const auto known = options_.originals.find(pair.uuid);
    if (known == options_.originals.end() ? !originals.empty() : known->second != originals) result.originals = std::move(originals);
    return;
  }
  // What the side that is written has already is compared with it.
  if (pair.secondary != nullptr) return;
  for (const std::string& place : rewritten.unknown)
    findings_.push_back(model::Finding{pair.address(), "has at " + place + " what a one_way rule makes of something else; it was made on this "
                                       "side, so there is no original, and it stays",
                                       "Check that the other side can use it, or change it there"});
}

bool Assessor::stopped_by_rewriting(const Pair& pair, Assessment& result) const {
  const bool is_allowed = options_.may_overwrite && options_.may_overwrite(*pair.kind, pair.key);
  const bool loses = !result.losses.empty();
  if (!loses && (result.conflicts.empty() || is_allowed)) return false;
  Verdict& verdict = result.verdict;
  verdict.stop = Stop::conflict;
  verdict.standing = pair.secondary == nullptr ? Standing::missing : Standing::lagging;
  verdict.spoils = true;
  for (const auto* clauses : {&result.losses, &result.conflicts})
    for (const std::string& clause : *clauses) verdict.say_also(clause);
  verdict.what_to_do = loses ? "Let the rewrites give them different names, or remove one of the two settings"
                             : "Change it so that it is clear what the other side shall have, or allow `adopt: overwrite` "
                               "for it in twinlake.yml, which takes it as it is";
  return true;
}

namespace {

/// A text that leads to a resource of Azure, which lies in a region.
bool leads_to_azure(const std::string& text) {
  return text.find("://") != std::string::npos || text.starts_with("/subscriptions/");
}

std::string line_of(const std::string& text, std::size_t at) {
  return std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

}  // namespace

void Assessor::look_at_texts(const Pair& pair, const json& before, const json& now, const std::vector<std::string>& same) const {
  const auto tell = [&](std::string message, std::string what_to_do) {
    findings_.push_back(model::Finding{pair.address(), std::move(message), std::move(what_to_do)});
  };
  const auto look = [&](std::string_view path, const auto& at) {
    JsonPath(path).visit(before, [&](const json& value, const std::string& place) {
      if (value.is_string()) at(value.get_ref<const std::string&>(), text_at(now, place), place);
    });
  };
  for (const std::string_view path : pair.kind->free_text)
    look(path, [&](const std::string& text, const std::string& becomes, const std::string& place) {
      if (const auto parts = secret_parts(text); !parts.empty())
        tell("holds what looks like a secret, in line " + line_of(text, parts.front().begin) + " of " + place,
             "Keep it in a secret scope, and give it to clusters as an environment variable {{secrets/SCOPE/KEY}}");
      if (becomes != text && !becomes.empty())
        tell("a rewrite changes " + place + ", which is text that people wrote", "Check that it still says what it should");
    });
  for (const std::string_view path : pair.kind->region_bound)
    look(path, [&](const std::string& text, const std::string& becomes, const std::string& place) {
      if (becomes == text && leads_to_azure(text) && std::find(same.begin(), same.end(), place) == same.end())
        tell("uses " + hide_secrets(text) + " at " + place + ", which no rewrite replaces: both sides use the same",
             "Add a rewrite for it in twinlake.yml, with `from` and `to`, or with `same` if it is right for both regions");
    });
  if (pair.kind->doubts == nullptr) return;
  const model::Offers offers = [this](std::string_view kind, const std::string& key) {
    const auto uuid = world_.secondary_index.by_key(kind, key);
    return uuid && world_.pairs[world_.by_uuid.at(*uuid)].secondary != nullptr;
  };
  for (std::string& doubt : pair.kind->doubts(now, offers)) tell(std::move(doubt), "Change it on " + options_.words.from() + ", or add a rewrite in twinlake.yml");
}

}  // namespace twinlake::engine
