// Which objects of a recovery point come back: those that were asked for, and what they stand on as far as that is not there.
#include <algorithm>
#include <deque>

#include <nlohmann/json.hpp>

#include "engine/assess.h"
#include "engine/restore.h"

namespace twinlake::engine {

using history::Entry;
using model::Kind;
using model::Support;

/// Chosen objects and what they stand on, as far as that is not there.
struct Restore::Selection {
  Restore& restore;
  const World& world;
  std::vector<bool> taken;
  std::deque<std::size_t> open;
  std::unordered_map<std::string_view, std::vector<std::size_t>> children = {};

  void take(std::size_t position, const std::string& needed_by) {
    const Pair& pair = world.pairs[position];
    if (taken[position] || pair.primary == nullptr || pair.kind->support != Support::replicated) return;
    if (leaves_children_of(pair.parent_uuid)) return;
    taken[position] = true;
    if (!needed_by.empty()) restore.because_of_.emplace(pair.uuid, needed_by);
    open.push_back(position);
    for (const std::size_t child : children[pair.uuid]) take(child, needed_by);
  }
  /// What belongs to an object of others is theirs, too: nobody but they may say who may use it.
  [[nodiscard]] bool leaves_children_of(const std::string& parent_uuid) const {
    const auto parent = world.by_uuid.find(parent_uuid);
    return restore.is_outside() && parent != world.by_uuid.end() && is_of_others(world.pairs[parent->second]);
  }
  void take_if_gone(const std::string& uuid, const std::string& needed_by) {
    const auto found = world.by_uuid.find(uuid);
    if (found != world.by_uuid.end() && world.pairs[found->second].secondary == nullptr) take(found->second, needed_by);
  }
};

std::vector<bool> Restore::select(const World& world, std::vector<model::Finding>& findings) {
  because_of_.clear();
  Selection selection{*this, world, std::vector<bool>(world.pairs.size(), false), {}};
  for (std::size_t i = 0; i < world.pairs.size(); ++i)
    if (!world.pairs[i].parent_uuid.empty()) selection.children[world.pairs[i].parent_uuid].push_back(i);
  for (std::size_t i = 0; i < world.pairs.size(); ++i) {
    const Pair& pair = world.pairs[i];
    const bool is_in_scope = !rules_.in_scope || rules_.in_scope(*pair.kind, pair.key) || !pair.kind->child_of.empty();
    if (is_in_scope && (!options_.selected || options_.selected(*pair.kind, pair.key))) selection.take(i, "");
  }
  for (; !selection.open.empty(); selection.open.pop_front()) {
    const Pair& pair = world.pairs[selection.open.front()];
    if (!pair.parent_uuid.empty()) selection.take_if_gone(pair.parent_uuid, pair.address());
    const auto form = form_of(pair);
    if (!form) continue;  // it is told when it is planned
    for (const model::Use& use : model::uses_of(*pair.kind, *form, context_on(world, true)))
      if (use.uuid) selection.take_if_gone(*use.uuid, pair.address());
  }
  for (std::size_t i = 0; i < world.pairs.size(); ++i) {
    const Entry* const entry = selection.taken[i] ? entry_of(world.pairs[i]) : nullptr;
    if (entry == nullptr || !entry->lacks_content) continue;
    selection.taken[i] = false;
    const bool is_there = world.pairs[i].secondary != nullptr;
    findings.push_back({world.pairs[i].address(),
                        is_there ? "its content is not in the recovery point; it stays as it is"
                                 : "its content is not in the recovery point; it does not come back",
                        "Values of secrets, what is larger than `max_file_mb` or lies outside the tree and was not copied since there is a history, "
                        "and without a key of the history what looks like it holds a secret, are not kept"});
  }
  tell_what_stays_out(findings);
  return std::move(selection.taken);
}

void Restore::count_what_stays_out(const Entry& entry) {
  const auto kind = std::ranges::find(not_restorable_, entry.kind, &Kind::name);
  if (kind == not_restorable_.end() || entry.form == 0) return;
  if (!options_.selected || options_.selected(**kind, entry.key)) ++stays_out_[*kind];
}

/// What only a command or SQL in the workspace can make is no write that a restore may do.
void Restore::tell_what_stays_out(std::vector<model::Finding>& findings) const {
  for (const auto& [kind, count] : stays_out_)
    findings.push_back({model::address_of(kind->name, "*"),
                        std::string(kind->plural) + " are in the recovery point (" + std::to_string(count) +
                            ") and do not come back: to make them, something has to run in the workspace",
                        "`twinlake sync` makes those of the primary on the secondary; elsewhere make them by hand"});
}

/// Where something has a name that would be written, nobody knows whose it is and whether it is the same.
Result<void> Restore::check_empty(const World& world, const std::vector<bool>& taken) const {
  std::vector<std::string> others;
  for (std::size_t i = 0; i < taken.size(); ++i)
    if (taken[i] && is_of_others(world.pairs[i])) others.push_back(world.pairs[i].address());
  if (others.empty()) return {};
  constexpr std::size_t most = 3;
  std::string some;
  for (std::size_t i = 0; i < std::min(others.size(), most); ++i) some += (i == 0 ? "" : ", ") + others[i];
  if (others.size() > most) some += " and " + std::to_string(others.size() - most) + " more";
  return fail(Fault::refused, "the workspace is not empty: it has " + some + " already, not made by Twinlake",
              "Take an empty one, or leave what is there as it is with --beside-others");
}

}  // namespace twinlake::engine
