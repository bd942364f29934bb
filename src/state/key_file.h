#pragma once
// The key of the fingerprints: 32 random bytes as 64 hex digits, readable by its owner only.
#include <string>

#include "base/result.h"

namespace twinlake::state {

/// Reads the key, or makes it when the file is not there. Two processes that make it at once get
/// the same one, and no reader ever sees half of it.
[[nodiscard]] Result<std::string> read_or_make_key(const std::string& path);

}  // namespace twinlake::state
