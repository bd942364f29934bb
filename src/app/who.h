#pragma once
// Who commands this program, for locks and records. Not a claim that anybody checks.
#include <string>

namespace twinlake::app {

struct Person {
  std::string user;  ///< as the environment says; "user 1000" where it does not
  std::string host;  ///< "?" where it has no name
};

[[nodiscard]] Person who_is_here();

}  // namespace twinlake::app
