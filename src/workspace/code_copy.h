#pragma once
// Copies of notebooks and files within one workspace, below a folder of our own. Originals are only
// read.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

enum class EntryType { notebook, file, directory, other };

/// What lies at a path of the tree; nothing when nothing does.
struct Entry {
  std::string path;
  EntryType type = EntryType::other;
  std::string id;
  std::string language;  ///< of a notebook
};
[[nodiscard]] Task<Result<std::optional<Entry>>> entry_at(Workspace& side, std::string path);
/// Notebooks and files below a folder, at any depth.
[[nodiscard]] Task<Result<std::vector<Entry>>> code_below(Workspace& side, std::string folder);

/// Copies a notebook or file to another path, in place of what is there. Gives the paths of other
/// code that it names relative to itself (`%run ./x`, `dbutils.notebook.run("../y", ...)`), as
/// absolute ones.
[[nodiscard]] Task<Result<std::vector<std::string>>> copy_code(Workspace& side, Entry from,
                                                               std::string to);
/// The same without the copy.
[[nodiscard]] Task<Result<std::vector<std::string>>> code_named_by(Workspace& side, Entry from);

/// Makes a folder, with those above it. What is there stays.
[[nodiscard]] Task<Result<void>> make_folder(Workspace& side, std::string path);
/// Lets these principals run what lies in a folder; what they may do already stays.
/// `principals`: [{"user_name": ...} | {"service_principal_name": ...} | {"group_name": ...}, ...]
[[nodiscard]] Task<Result<void>> let_run(Workspace& side, std::string folder,
                                         std::vector<nlohmann::json> principals);
/// Removes a folder with everything in it. Gone already is as good.
[[nodiscard]] Task<Result<void>> remove_folder(Workspace& side, std::string path);

/// Paths that a source names relative to its own folder. Pure; of the first megabyte only.
[[nodiscard]] std::vector<std::string> relative_uses(std::string_view source,
                                                     std::string_view folder);

}  // namespace twinlake::workspace
