#pragma once
// Compute: policies and their families, instance pools, all-purpose clusters and their libraries.
#include <string_view>

#include "simulator/compute/clusters.h"
#include "simulator/compute/libraries.h"
#include "simulator/compute/policies.h"
#include "simulator/compute/pools.h"
#include "simulator/service.h"

namespace twinlake::simulator {

class Compute : public Service {
 public:
  explicit Compute(Region& region);
  [[nodiscard]] json world() const override;

  [[nodiscard]] Policies& policies() { return policies_; }
  [[nodiscard]] Pools& pools() { return pools_; }
  [[nodiscard]] Clusters& clusters() { return clusters_; }
  [[nodiscard]] Libraries& libraries() { return libraries_; }

  /// Policies and pools that a cluster or job cluster definition names must exist.
  [[nodiscard]] Refusal check_references(const json& definition) const;

 private:
  Pools pools_;
  Policies policies_;
  Libraries libraries_;
  Clusters clusters_;
};

}  // namespace twinlake::simulator
