// Which objects of a recovery point come back: those that were asked for, and what they stand on as far as that is not there.
#include <deque>

#include <nlohmann/json.hpp>

#include "engine/assess.h"
#include "engine/restore.h"

namespace twinlake::engine {

using history::Entry;
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
    taken[position] = true;
    if (!needed_by.empty()) restore.because_of_.emplace(pair.uuid, needed_by);
    open.push_back(position);
    for (const std::size_t child : children[pair.uuid]) take(child, needed_by);
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
    findings.push_back({world.pairs[i].address(), "its content is not in the recovery point; it stays as it is",
                        "Values of secrets, files outside the workspace tree, what is larger than `max_file_mb`, and without a key of the history "
                        "what looks like it holds a secret, are not kept"});
  }
  return std::move(selection.taken);
}

}  // namespace twinlake::engine
