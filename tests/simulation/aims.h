#pragma once
// Beginnings of histories that lead to what chance alone meets too seldom: each is a coincidence in which a rule could be broken.
#include <optional>
#include <span>
#include <string_view>

#include "simulation/history.h"

namespace twinlake::simulation {

struct Beat {
  Act act = Act::sync;
  std::string_view edit = {};                 ///< of people: which; else chance has the choice
  std::optional<unsigned> when = std::nullopt;  ///< as the operation has it; else chance has the choice
  std::optional<unsigned> what = std::nullopt;
  std::optional<unsigned> which = std::nullopt;
};

struct Aim {
  std::string_view name;
  std::span<const Beat> beats;
  bool asks = false;  ///< what was changed on both sides waits for the operator
};

[[nodiscard]] std::span<const Aim> aims();
/// Of a history with this seed; nullptr: chance alone makes it.
[[nodiscard]] const Aim* aim_of(std::uint64_t seed);
[[nodiscard]] bool is_asked_in(std::uint64_t seed);
/// What the beat leaves open is left as it is.
void follow(const Beat& beat, Operation& operation);

}  // namespace twinlake::simulation
