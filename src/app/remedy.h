#pragma once
// What to do about an object that was not done, where its cause does not say so itself.
#include <string>

#include "engine/report.h"

namespace twinlake::app {

/// Empty for what was done.
[[nodiscard]] std::string remedy_of(const engine::ObjectReport& object);

}  // namespace twinlake::app
