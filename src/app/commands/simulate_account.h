#pragma once
// The account console that `simulate --account` puts above the two regions.
#include <memory>
#include <string>

#include "simulator/account/console.h"

namespace twinlake::app {

/// With both workspaces in it, each where the demo has it.
[[nodiscard]] std::unique_ptr<simulator::AccountConsole> make_console(
    std::shared_ptr<simulator::Entra> entra, const simulator::Region& primary,
    const simulator::Region& secondary);

/// A section of databrickscfg that signs in there as an account admin.
[[nodiscard]] std::string account_profile_text(const simulator::AccountConsole& console,
                                               const std::string& url);

}  // namespace twinlake::app
