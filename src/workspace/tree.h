#pragma once
// The workspace tree of one side: folders, notebooks, files and whatever else shows there.
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// Every entry of the tree, as the service lists it, or an error: a tree that could not be read
/// whole is no tree at all. What lies inside a git folder or in a trash is not looked at, nor our
/// own folder. Git folders are given the type REPO and alerts that show as files the type ALERT, so
/// that nobody takes them for what they are not.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_tree(Workspace& side);

/// The entries of one folder alone, in the same form.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_place(Workspace& side, std::string place);

/// Folders that the service makes and keeps by itself: the roots, and the homes of users.
[[nodiscard]] bool is_protected_path(std::string_view path);
/// The user or application id whose home this is; empty when it is no home.
[[nodiscard]] std::string home_owner(std::string_view path);

}  // namespace twinlake::workspace
