#pragma once
// What both sides changed, told on a terminal one by one, and whose counts by the word of whoever
// sits there.
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "engine/report.h"
#include "engine/three_way.h"

namespace twinlake::app {

/// By address; what is not in it stays undecided.
using ConflictAnswers = std::map<std::string, engine::OnConflict, std::less<>>;

/// The objects of a report of which somebody has to say whose counts.
[[nodiscard]] std::vector<engine::ObjectReport> undecided_of(const engine::SyncReport& report);

/// Asks for each: primary, secondary, skip, or one of the first two for all that follow. What ends
/// before it is answered stays undecided.
[[nodiscard]] ConflictAnswers ask_about(const std::vector<engine::ObjectReport>& undecided,
                                        std::istream& from, std::ostream& to);

}  // namespace twinlake::app
