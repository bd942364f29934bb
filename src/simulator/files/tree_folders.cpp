// What other services do with entries of the tree that are theirs: git folders.
#include "simulator/files/tree.h"

namespace twinlake::simulator {

const std::string* Tree::place_of(std::int64_t object_id) const {
  const auto found = path_of_id_.find(object_id);
  return found == path_of_id_.end() ? nullptr : &found->second;
}

void Tree::annotate(std::int64_t object_id, json extra) {
  if (const std::string* path = place_of(object_id)) nodes_.at(*path).extra = std::move(extra);
}

std::map<std::string, TreeNode> Tree::content_of(const std::string& path) const {
  std::map<std::string, TreeNode> found;
  const std::string prefix = path + "/";
  for (auto at = nodes_.lower_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix);
       ++at)
    if (at->second.type != "DIRECTORY") found.emplace(at->first.substr(prefix.size()), at->second);
  return found;
}

void Tree::replace_content(const std::string& path,
                           const std::map<std::string, TreeNode>& content) {
  for (const std::string& child : children(path)) erase_subtree(child);
  for (const auto& [name, node] : content) {
    const std::string place = path + "/" + name;
    (void)make_path(parent_of(place), "");  // nothing is in the way: all was just removed
    insert(place, node, "");
  }
}

}  // namespace twinlake::simulator
