#pragma once
#include <memory>

#include "app/settings.h"
#include "state/store.h"

namespace twinlake::app {

[[nodiscard]] bool has_state(const Settings& settings);
/// The state of the group as it lies on this machine; never makes an empty one.
[[nodiscard]] Result<std::unique_ptr<state::Store>> open_existing_state(const Settings& settings);

}  // namespace twinlake::app
