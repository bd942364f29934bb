#pragma once
// How old what a run knows is, where it is read in turns: for people and for machines. Pure.
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/terminal.h"
#include "engine/sweep.h"
#include "state/swept.h"

namespace twinlake::app {

using Ages = std::map<std::string, engine::SweepAge>;

/// One line for each kind of which something was not read now; empty when everything was.
[[nodiscard]] std::string ages_text(const Ages& ages, Time now, const Style& style);
/// By kind: `read`, `trusted`, `oldest`, `max_age_seconds`.
[[nodiscard]] nlohmann::json ages_json(const Ages& ages);
/// What the state knows of one kind: "1,200, the oldest as of 3 h 2 min ago".
[[nodiscard]] std::string age_line(const state::SweptKind& kind, Time now);

}  // namespace twinlake::app
