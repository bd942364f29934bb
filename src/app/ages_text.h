#pragma once
// How old what a run knows is, where it is read in turns: for people and for machines. Pure.
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/terminal.h"
#include "engine/audit_hints.h"
#include "engine/sweep.h"
#include "state/swept.h"

namespace twinlake::app {

using Ages = std::map<std::string, engine::SweepAge>;

/// One line for each kind of which something was not read now; empty when everything was.
[[nodiscard]] std::string ages_text(const Ages& ages, Time now, const Style& style);
/// By kind: `read`, `trusted`, `oldest`, `max_age_seconds`.
[[nodiscard]] nlohmann::json ages_json(const Ages& ages);
/// A line for each side whose audit log is asked what changed, and when it was; empty when none is.
[[nodiscard]] std::string audit_text(const std::vector<engine::AuditTold>& told, Time now,
                                     const Style& style);
/// What such a line says after the name of the side.
[[nodiscard]] std::string audit_line(const state::AuditReading& reading, Time now);
/// By role: `known_until`, `events`, `changed`, `unknown`, `unnamed`, and `not_read` with
/// `what_to_do` where the last run did not read it.
[[nodiscard]] nlohmann::json audit_json(const std::vector<engine::AuditTold>& told);
/// What the state knows of one kind: "1,200, the oldest as of 3 h 2 min ago".
[[nodiscard]] std::string age_line(const state::SweptKind& kind, Time now);

}  // namespace twinlake::app
