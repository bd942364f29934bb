#pragma once
// What somebody should know of a thing in Azure, and what to do about it.
#include <string>
#include <string_view>

namespace twinlake::azure {

enum class Gravity {
  note,     ///< good to know
  warning,  ///< a failover would go, and lack something or lose more than it needs to
  problem,  ///< what needs it would not work in the other region
};
[[nodiscard]] constexpr std::string_view name_of(Gravity gravity) {
  switch (gravity) {
    case Gravity::note: return "note";
    case Gravity::warning: return "warning";
    case Gravity::problem: return "problem";
  }
  return "?";
}

struct Advice {
  Gravity gravity = Gravity::note;
  std::string message;     ///< one clause
  std::string what_to_do;  ///< empty: nothing
};

}  // namespace twinlake::azure
