#pragma once
// Room in a subnet. Pure. Facts, azure 5.1.
#include <cstdint>
#include <optional>

#include <nlohmann/json_fwd.hpp>

namespace twinlake::azure {

/// Most machines that a subnet has room for, over all its ranges: Azure keeps five addresses of
/// each, and machines have addresses of IPv4. Nothing: it does not say.
[[nodiscard]] std::optional<std::int64_t> room_in(const nlohmann::json& subnet);

}  // namespace twinlake::azure
