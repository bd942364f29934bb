#pragma once
#include <string_view>

namespace twinlake::model {

/// The two workspaces of a failover group, fixed for ever; home is where one started.
enum class Side { home, away };
/// What a side is now; it changes at failover.
enum class Role { primary, secondary };

[[nodiscard]] constexpr std::string_view name_of(Side side) { return side == Side::home ? "home" : "away"; }
[[nodiscard]] constexpr Side other(Side side) { return side == Side::home ? Side::away : Side::home; }

}  // namespace twinlake::model
