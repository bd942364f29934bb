#pragma once
// Bugs that can be planted in the product, to see that the simulation finds them. The product itself knows nothing of them:
// tests/simulation/plant.py makes copies of a few of its files with the bugs of plants.txt in them, and twinlake-sim-planted is
// built of these.
#include <span>
#include <string_view>

namespace twinlake::simulation {

struct Plant {
  std::string_view name;
  std::string_view rule;  ///< of the design
  std::string_view what;  ///< the mistake, for people
};

/// Those of this program: none but in twinlake-sim-planted.
[[nodiscard]] std::span<const Plant> plants();
/// From now on that one is there and no other; none with an empty name. False: there is none of that name.
bool plant_bug(std::string_view name);
/// Asked by the copies.
[[nodiscard]] bool is_planted(std::string_view name);

}  // namespace twinlake::simulation
