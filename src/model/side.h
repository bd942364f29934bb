#pragma once
#include <string>
#include <string_view>

namespace twinlake::model {

/// The two workspaces of a failover group, fixed for ever; home is where one started.
enum class Side { home, away };
/// What a side is now; it changes at failover.
enum class Role { primary, secondary };

[[nodiscard]] constexpr std::string_view name_of(Side side) { return side == Side::home ? "home" : "away"; }
[[nodiscard]] constexpr Side other(Side side) { return side == Side::home ? Side::away : Side::home; }

/// What one side calls an object. It knows its side, so that an id never reaches the other one:
/// the workspaces check it (roles change at run time, so this is a value and not two types; see
/// docs/adr/0012).
struct ObjectId {
  Side side = Side::home;
  std::string text;  ///< as the API writes it; int64 ids in decimal
  friend bool operator==(const ObjectId&, const ObjectId&) = default;
  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

}  // namespace twinlake::model
