#pragma once
// Recovery points in words and for machines. Pure, but for what is read of a form.
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/terminal.h"
#include "engine/report.h"
#include "history/points.h"
#include "model/kind.h"

namespace twinlake::app {

/// One object between two points, field by field.
struct ObjectChange {
  std::string address;
  std::string what;  ///< "came", "went", "changed"
  std::vector<model::Change> fields;
};

[[nodiscard]] std::string points_text(const std::vector<history::Point>& points, std::int64_t bytes,
                                      bool encrypted, const Style& style);
[[nodiscard]] nlohmann::json point_json(const history::Point& point);
[[nodiscard]] std::string changes_text(const std::vector<ObjectChange>& changes,
                                       const history::Point& before, const history::Point& after,
                                       const Style& style);
[[nodiscard]] nlohmann::json change_json(const ObjectChange& change);
[[nodiscard]] std::string pruned_text(const history::Pruned& pruned, bool dry_run,
                                      const Style& style);
[[nodiscard]] std::string checked_text(const history::Checked& checked, const Style& style);
/// "12.3 MB".
[[nodiscard]] std::string size_text(std::int64_t bytes);
/// One line about what a sync left; empty: no history is kept.
[[nodiscard]] std::string recovery_point_text(const engine::SyncReport& report);

}  // namespace twinlake::app
