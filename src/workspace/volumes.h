#pragma once
// Files of Unity Catalog volumes, by the Files API: whole files in one request each way, streamed.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/tree_content.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// None: a volume is data, and only what other objects name in it is looked at.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_no_volume(Workspace& side);
/// Those of these files that exist: {"path", "file_size", "last_modified"}.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> find_volume_files(
    Workspace& side, std::vector<std::string> paths);

[[nodiscard]] Task<Result<std::string>> hash_volume_file(Workspace& side, std::string path);
/// Folders above are made. Up to 5 GiB.
[[nodiscard]] Task<Result<void>> put_volume_file(Workspace& to, std::string path, Content content,
                                                 bool overwrite);
/// Through a temporary file.
[[nodiscard]] Task<Result<void>> copy_volume_file(Workspace& from, Workspace& to, std::string path,
                                                  std::string new_path, bool overwrite);
[[nodiscard]] Task<Result<void>> delete_volume_file(Workspace& side, std::string path);

}  // namespace twinlake::workspace
