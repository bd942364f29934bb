#pragma once
// Looks through the code of a side for what it names in Azure: notebooks and files of the tree, and
// scripts on DBFS and in volumes that something names. What is left out is told.
#include <cstdint>

#include "azure/estate_reading.h"

namespace twinlake::azure {

struct CodeOptions {
  /// Larger files are left out: they are data or libraries.
  std::uint64_t most_bytes = std::uint64_t{1} << 20;
};

/// Adds to `uses` what code names, and to the unread of `reading` what could not be looked through,
/// or is not: libraries, large files, files that are no text. `reading`, `uses` must outlive the
/// task.
[[nodiscard]] Task<void> look_through_code(workspace::Workspace& side, EstateReading* reading,
                                           Of of, EstateUses* uses, CodeOptions options);

}  // namespace twinlake::azure
