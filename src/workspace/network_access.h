#pragma once
// Who may reach a workspace by its network address, and who would be locked out.
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

/// Each IP access list ({"object": "LIST", "name": "label (ALLOW)", ...}) and the switch that makes
/// them count ({"object": "SWITCH", "name", "value": "true" or "false", "lists": [ids]}).
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_network_access(Workspace& side);

/// Is the address (or network) `inner` within `outer`? Both as "203.0.113.7", "203.0.113.0/24",
/// IPv6 alike. What is no address is within nothing.
[[nodiscard]] bool is_within(std::string_view inner, std::string_view outer);

/// The first of `own` that these lists (as the service lists them) would lock out once they count;
/// empty: none. An ALLOW list that is enabled admits only what it names; BLOCK lists win.
[[nodiscard]] std::string locked_out(const std::vector<nlohmann::json>& lists,
                                     const std::vector<std::string>& own);

}  // namespace twinlake::workspace
