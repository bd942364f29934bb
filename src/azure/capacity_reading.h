#pragma once
// Asks Azure Resource Manager what the region of the standby has, and how both regions are. Only
// reads.
#include <nlohmann/json.hpp>

#include "azure/arm.h"
#include "azure/capacity.h"
#include "azure/sight.h"

namespace twinlake::azure {

struct ReadinessSight {
  RegionCapacity capacity;
  Result<std::vector<nlohmann::json>> events = fail(Fault::not_found, "nobody asked");
};

/// `sight` must outlive the task. Whatever could not be read stands in its place.
[[nodiscard]] Task<ReadinessSight> look_at_capacity(Arm& arm, const AzureSight* sight);

}  // namespace twinlake::azure
