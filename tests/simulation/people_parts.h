#pragma once
// What the files of People share.
#include <initializer_list>
#include <string>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"

namespace twinlake::simulation {

inline constexpr const char* nothing_there = "nothing is there";

/// An array, whatever its elements look like.
inline nlohmann::json numbered(std::initializer_list<nlohmann::json> elements) { return nlohmann::json(nlohmann::json::array_t(elements)); }

}  // namespace twinlake::simulation
