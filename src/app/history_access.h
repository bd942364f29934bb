#pragma once
// The history of a group, opened with its key.
#include <memory>

#include "app/settings.h"
#include "history/history.h"

namespace twinlake::app {

/// Refused when there is none: looking at it must not make one.
[[nodiscard]] Result<std::unique_ptr<history::History>> open_existing_history(
    const Settings& settings);
/// Makes it where there is none.
[[nodiscard]] Result<std::unique_ptr<history::History>> open_history(const Settings& settings);

}  // namespace twinlake::app
