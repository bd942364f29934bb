#include "engine/originals.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"

namespace twinlake::engine {

using model::Piece;
using model::Recalled;
using nlohmann::json;
using state::OriginalRecord;

namespace {

std::string mark_of(const std::string& key, const std::string& text) {
  return hmac_sha256_hex(key, "rewritten " + text).substr(0, 32);
}

std::string written(const std::vector<Piece>& pieces) {
  json list = json::array();
  for (const Piece& piece : pieces) list.push_back(json::array({piece.at, piece.length, piece.was}));
  return to_text(list);
}

std::vector<Piece> read_pieces(const std::string& text) {
  std::vector<Piece> pieces;
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return pieces;
  for (const json& entry : list)
    if (entry.is_array() && entry.size() == 3 && entry[0].is_number_unsigned() && entry[1].is_number_unsigned() && entry[2].is_string())
    pieces.push_back({entry.at(0).get<std::size_t>(), entry.at(1).get<std::size_t>(), entry.at(2).get<std::string>()});
  return pieces;
}

/// An element that has no name of its own: which one it was is told by its text.
bool is_anywhere(const std::string& place) { return place.ends_with("/*") || place.find("/*/") != std::string::npos; }

struct Matches {
  bool is_known = false;   ///< something at this place has an original
  bool is_locked = false;  ///< a secret, of which nothing proves that it is the same
  std::vector<const OriginalRecord*> same;
};

Matches matches_in(const std::vector<OriginalRecord>& originals, const std::string& key, const std::string& place,
                   bool is_name, const std::string& text) {
  Matches matches;
  for (const OriginalRecord& original : originals) {
    if (original.place != place || original.is_name != is_name) continue;
    // Each name of an object stands for itself.
    matches.is_known = matches.is_known || !is_name;
    if (original.after.empty() && original.mark.empty()) matches.is_locked = true;
    const bool is_same = original.mark.empty() ? !original.after.empty() && original.after == text
                                               : original.mark == mark_of(key, text);
    if (is_same) matches.same.push_back(&original);
  }
  return matches;
}

}  // namespace

std::vector<OriginalRecord> originals_of(const std::vector<model::Replacement>& replaced, const model::Kind& kind,
                                         const json& before, const model::LiteralRules& literals, const std::string& key) {
  std::vector<OriginalRecord> originals;
  const model::Secrecy secrecy(kind, before, literals);
  for (const model::Replacement& one : replaced) {
    OriginalRecord original{.uuid = {}, .place = one.place, .is_name = one.is_name, .after = one.after, .mark = {}, .pieces = written(one.pieces)};
    const json* const leaf = one.is_name ? nullptr : find_at(before, one.pointer);
    const bool is_secret = leaf != nullptr && (secrecy.touches(one.pointer, *leaf) || secrecy.touches(one.pointer, json(one.after)));
    if (is_secret) {
      original.mark = mark_of(key, one.after);
      original.after.clear();
    }
    originals.push_back(std::move(original));
  }
  std::sort(originals.begin(), originals.end());
  originals.erase(std::unique(originals.begin(), originals.end()), originals.end());
  return originals;
}

model::Recall recall_from(const std::vector<OriginalRecord>& originals, const std::string& key) {
  return [&originals, &key](const std::string& place, bool is_name, const std::string& text) -> Recalled {
    const Matches matches = matches_in(originals, key, place, is_name, text);
    if (!matches.same.empty()) {
      const auto differs = [&](const OriginalRecord* other) { return other->pieces != matches.same.front()->pieces; };
      if (std::any_of(matches.same.begin(), matches.same.end(), differs)) return {Recalled::Case::ambiguous, {}};
      return {Recalled::Case::original, model::put_back(text, read_pieces(matches.same.front()->pieces))};
    }
    if (!matches.is_known) return {Recalled::Case::nothing, {}};
    if (matches.is_locked) return {Recalled::Case::locked, {}};
    return {is_anywhere(place) ? Recalled::Case::elsewhere : Recalled::Case::changed, {}};
  };
}

void forget_lost_originals(state::Store& store, const World& world) {
  const auto is_whole = [](const auto& entry) { return !entry.second.error && entry.second.holes.empty(); };
  for (const auto* inventory : {&world.primary, &world.secondary})
    if (!std::all_of(inventory->kinds.begin(), inventory->kinds.end(), is_whole)) return;
  const auto originals = store.originals();
  if (originals.empty()) return;
  std::set<std::string> bound;
  for (const state::Binding& binding : store.bindings()) bound.insert(binding.uuid);
  for (const auto& [uuid, records] : originals)
    if (!world.by_uuid.contains(uuid) && !bound.contains(uuid)) store.put_originals(uuid, {});
}

}  // namespace twinlake::engine
