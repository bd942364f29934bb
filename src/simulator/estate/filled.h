#pragma once
// For tests: two regions with an estate.
#include "simulator/estate/estate.h"
#include "simulator/region.h"

namespace twinlake::simulator {

struct Filled {
  explicit Filled(EstateSize size = {})
      : primary(options("primary", 11)), secondary(options("secondary", 22)) {
    fill_estate(primary, secondary, size);
  }
  static RegionOptions options(const char* name, std::uint64_t seed) {
    RegionOptions made;
    made.name = name;
    made.seed = seed;
    made.workspace_id += static_cast<std::int64_t>(seed);
    return made;
  }
  Region primary, secondary;
};

}  // namespace twinlake::simulator
