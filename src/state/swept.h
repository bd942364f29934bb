#pragma once
// When objects were read whose changes no listing tells.
#include <cstdint>
#include <string>

#include "base/loop.h"

namespace twinlake::state {

/// An object that was read and found equal on both sides.
struct Swept {
  std::string uuid;
  std::string kind;
  Time read;
};

/// All of one kind.
struct SweptKind {
  std::string kind;
  std::int64_t count = 0;
  Time oldest;
};

}  // namespace twinlake::state
