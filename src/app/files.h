#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace twinlake::app {

enum class Privacy { everybody, owner_only };

/// The whole file or none of it: written beside it, flushed, then renamed.
[[nodiscard]] Result<void> write_atomically(const std::string& path, std::string_view content,
                                            Privacy privacy);

/// The same, but never in the place of something that is there already: that is Fault::refused.
[[nodiscard]] Result<void> write_new_atomically(const std::string& path, std::string_view content,
                                                Privacy privacy);

/// "~" and "~/..." in paths that people write into files, where no shell expands them.
[[nodiscard]] std::string expand_home(const std::string& path);

}  // namespace twinlake::app
