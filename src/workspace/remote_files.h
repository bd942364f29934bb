#pragma once
// Small files of our own in a workspace: the mirror of the state and the run lock.
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "workspace/tree_content.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

enum class Overwrite {
  no,  ///< Fault::already_exists when something is there: the service decides who was first
  yes,
};

/// The file's bytes; nothing when it is not there.
[[nodiscard]] Task<Result<std::optional<std::string>>> get_file(Workspace& side, std::string path);
/// Makes the folders above it when they are missing, and then sends the content twice. With
/// Overwrite::no an answer that was lost is Fault::in_doubt: look what is there.
[[nodiscard]] Task<Result<void>> put_file(Workspace& side, std::string path, Content content,
                                          Overwrite overwrite);
[[nodiscard]] inline Task<Result<void>> put_file(Workspace& side, std::string path,
                                                 std::string text, Overwrite overwrite) {
  return put_file(side, std::move(path), Content(std::move(text)), overwrite);
}
/// Gone already is as good.
[[nodiscard]] Task<Result<void>> delete_file(Workspace& side, std::string path);

}  // namespace twinlake::workspace
