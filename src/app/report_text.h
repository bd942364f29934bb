#pragma once
// Plans, reports and verdicts in words. Pure.
#include <string>

#include "app/terminal.h"
#include "engine/report.h"

namespace twinlake::app {

[[nodiscard]] std::string plan_text(const engine::Plan& plan, const std::string& group,
                                    const Style& style,
                                    std::string_view what = "what sync would do to the secondary");
/// `what`: what was brought back.
[[nodiscard]] std::string restore_text(const engine::SyncReport& report, std::string_view what,
                                       Time now, const Style& style);
[[nodiscard]] std::string sync_text(const engine::SyncReport& report, const std::string& group,
                                    Time now, const Style& style);
/// Only what is not in sync, unless `all`.
[[nodiscard]] std::string verdicts_text(const std::vector<engine::Verdict>& verdicts,
                                        const std::string& group, bool all, const Style& style);

}  // namespace twinlake::app
