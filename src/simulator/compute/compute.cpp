#include "simulator/compute/compute.h"

namespace twinlake::simulator {

Compute::Compute(Region& region)
    : pools_(region),
      policies_(region, pools_),
      libraries_(region),
      clusters_(region, *this, libraries_) {
  libraries_.watch(clusters_);
}

json Compute::world() const {
  json all = pools_.world();
  all.update(policies_.world());
  all.update(clusters_.world());
  all.update(libraries_.world());
  return all;
}

Refusal Compute::check_references(const json& definition) const {
  if (const std::string id = text_of(definition, "policy_id"); !id.empty() && !policies_.exists(id))
    return invalid("Cluster policy " + id + " does not exist");
  for (const char* key : {"instance_pool_id", "driver_instance_pool_id"})
    if (const std::string id = text_of(definition, key); !id.empty() && !pools_.exists(id))
      return invalid("Can't find an instance pool with ID: " + id + ".");
  return std::nullopt;
}

}  // namespace twinlake::simulator
