#pragma once
// Files of the DBFS root, read and written in blocks of 1 MB, which is the most that the API takes.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/tree_content.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// Files in the folders that are copied as a whole (Given::dbfs_roots), at any depth: {"path":
/// "dbfs:/FileStore/jars/a.jar", "file_size", "modification_time"}. A folder that is not there has
/// none.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_dbfs(Workspace& side);
/// Those of these files that exist; a folder of that name is none.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> find_dbfs(Workspace& side,
                                                                  std::vector<std::string> paths);

/// What lies directly in a folder, as paths ("/user/hive/warehouse/sales.db"). A folder that is not
/// there has nothing in it.
[[nodiscard]] Task<Result<std::vector<std::string>>> list_dbfs_folder(Workspace& side,
                                                                      std::string folder);

/// SHA-256 of a file's bytes, read block by block.
[[nodiscard]] Task<Result<std::string>> hash_dbfs(Workspace& side, std::string path);

/// Writes a file, block by block where it is large.
[[nodiscard]] Task<Result<void>> put_dbfs(Workspace& to, std::string path, Content content,
                                          bool overwrite);
/// Copies one file block by block. `overwrite` false: refused where there is one already. A block
/// whose answer was lost must not be sent twice, so the file is begun again, a few times.
[[nodiscard]] Task<Result<void>> copy_dbfs(Workspace& from, Workspace& to, std::string path,
                                           std::string new_path, bool overwrite);
[[nodiscard]] Task<Result<void>> delete_dbfs(Workspace& side, std::string path);

}  // namespace twinlake::workspace
