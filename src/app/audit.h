#pragma once
// The account of a failover or a drill for an auditor, out of the state alone: it must be there
// while a region is out.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/terminal.h"
#include "base/loop.h"
#include "base/result.h"
#include "state/store.h"

namespace twinlake::app {

struct AuditRequest {
  std::string group;
  Time now;  ///< told as the moment of writing
  std::optional<std::int64_t>
      failover;               ///< by number; nothing: the last one, or else the last drill
  bool is_drill = false;      ///< the last drill, whatever failovers there were
  std::optional<Micros> rpo;  ///< what was aimed at
  std::optional<Micros> rto;
  std::vector<std::string> include;  ///< scope of the group in words; empty: everything
  std::vector<std::string> exclude;
};

/// The whole account: everything that the page shows comes from here. Field names are part of the
/// interface. What nobody recorded is null, with the reason beside it. Fault::refused when there is
/// nothing to tell of.
[[nodiscard]] Result<nlohmann::json> audit_json(const state::Store& store,
                                                const AuditRequest& request);

/// What a person at the terminal wants to know of it.
[[nodiscard]] std::string audit_text(const nlohmann::json& audit, const Style& style);

}  // namespace twinlake::app
