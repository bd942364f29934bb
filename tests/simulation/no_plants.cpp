// The simulation of the product as it is.
#include "simulation/planted.h"

namespace twinlake::simulation {

std::span<const Plant> plants() { return {}; }
bool plant_bug(std::string_view name) { return name.empty(); }
bool is_planted(std::string_view /*name*/) { return false; }

}  // namespace twinlake::simulation
