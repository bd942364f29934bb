#pragma once
// Resources that the estate names by id and that are of no service we know: where they are, as
// Azure tells it of any type. Only reads.
#include <vector>

#include "azure/arm.h"
#include "azure/dependencies.h"

namespace twinlake::azure {

/// Each one in the newest api-version that its provider offers for its type (facts, azure 3.1).
/// What cannot be read has the reason in its evidence. `wanted`, `into` must outlive the task.
[[nodiscard]] Task<void> look_at_others(Arm& arm, std::vector<const Used*> wanted,
                                        DependencySight* into);

}  // namespace twinlake::azure
