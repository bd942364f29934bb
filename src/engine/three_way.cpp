#include "engine/three_way.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"

namespace twinlake::engine {

using nlohmann::json;

namespace {

/// 64 bits: it is compared with one other hash, not looked up among many.
std::string mark_of(const json& value, const std::string& key) { return hmac_sha256_hex(key, to_text(value)).substr(0, 16); }

/// The first member that a pointer leads through, as a pointer of its own; "" for the whole.
std::string member_of(const std::string& pointer) {
  const std::size_t end = pointer.find('/', 1);
  return pointer.substr(0, end);
}

const json* value_at(const json& definition, const std::string& member) {
  return member.empty() ? &definition : find_at(definition, member);
}

std::string name_in_marks(const std::string& member) {
  return member.empty() ? member : json::json_pointer(member).back();
}

/// Does this side have something else in a member than both had? Nothing: nobody kept what they had.
enum class Since { same, changed, unknown };
Since since(const json& marks, const json* now, const json* other, const std::string& member, const std::string& key) {
  const auto then = marks.find(name_in_marks(member));
  if (then == marks.end()) {
    // Where both have it by now, nobody knows who had it first: content is not read in order to be copied.
    if (now != nullptr && other != nullptr) return Since::unknown;
    return now != nullptr ? Since::changed : Since::same;
  }
  if (now == nullptr) return Since::changed;
  return *then == mark_of(*now, key) ? Since::same : Since::changed;
}

}  // namespace

std::string_view name_of(OnConflict policy) {
  switch (policy) {
    case OnConflict::primary: return "primary";
    case OnConflict::keep: return "keep";
    case OnConflict::ask: return "ask";
  }
  return "?";
}

std::string marks_of(const json& definition, const std::string& key) {
  json marks = json::object();
  if (!definition.is_object()) {
    marks[""] = mark_of(definition, key);
  } else {
    for (const auto& [name, value] : definition.items()) marks[name] = mark_of(value, key);
  }
  return to_text(marks);
}

state::Agreed agreed_on(std::string uuid, std::string parent, model::Side secondary, std::string marks, std::string unrewritten) {
  if (unrewritten.empty()) unrewritten = marks;
  if (secondary == model::Side::away) std::swap(marks, unrewritten);
  return state::Agreed{.uuid = std::move(uuid), .parent = std::move(parent), .home = std::move(marks), .away = std::move(unrewritten)};
}

ChangedBy who_changed(const std::string& agreed, const std::string& key, const json& desired, const json& current,
                      const std::vector<model::Change>& changes) {
  ChangedBy changed;
  const json marks = json::parse(agreed, nullptr, false);
  if (!marks.is_object()) {
    changed.is_partly_unknown = true;
    return changed;
  }
  std::set<std::string> members;
  for (const model::Change& change : changes) members.insert(member_of(change.pointer));
  for (const std::string& member : members) {
    const json* const mine = value_at(desired, member);
    const json* const theirs = value_at(current, member);
    const Since primary = since(marks, mine, theirs, member, key);
    const Since secondary = since(marks, theirs, mine, member, key);
    if (primary == Since::changed) changed.on_primary.push_back(member);
    if (secondary == Since::changed) changed.on_secondary.push_back(member);
    changed.is_partly_unknown |= primary == Since::unknown;
  }
  changed.primary = !changed.on_primary.empty();
  changed.secondary = !changed.on_secondary.empty();
  return changed;
}

std::string told_by_member(const ChangedBy& changed) {
  std::string told;
  const auto add = [&](const std::string& member, std::string_view where) {
    if (!member.empty()) told += (told.empty() ? "" : ", ") + member + " on " + std::string(where);
  };
  const auto is_in = [](const std::vector<std::string>& members, const std::string& member) {
    return std::ranges::find(members, member) != members.end();
  };
  for (const std::string& member : changed.on_primary)
    add(member, is_in(changed.on_secondary, member) ? "both" : "the primary");
  for (const std::string& member : changed.on_secondary)
    if (!is_in(changed.on_primary, member)) add(member, "the secondary");
  return told;
}

}  // namespace twinlake::engine
