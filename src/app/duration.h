#pragma once
// Spans of time as people write them on a command line.
#include <string>
#include <string_view>

#include "base/loop.h"
#include "base/result.h"

namespace twinlake::app {

/// "5m", "90s", "1.5h", "200ms" or "2d". Fault::config, naming the option, for anything else and
/// for what is not above zero or longer than `most`.
[[nodiscard]] Result<Micros> duration_of(const std::string& text, std::string_view option,
                                         Micros most);

}  // namespace twinlake::app
