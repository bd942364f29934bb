#pragma once
// A plan on disk: what a person looked at and what exactly may be carried out. Without bodies.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/plan.h"

namespace twinlake::app {

struct SavedPlan {
  std::string group;
  std::int64_t generation = 0;  ///< of the state it was made from
  std::string fingerprint;
  std::optional<Time> created;      ///< the moment of the reading; nothing: an older file
  std::int64_t allow_deletes = -1;  ///< what the plan was made with; below 0: the usual threshold
  std::vector<std::string> take;    ///< and where the operator said that the primary's counts
};

[[nodiscard]] nlohmann::json plan_document(const engine::Plan& plan, const std::string& group,
                                           std::int64_t generation, std::int64_t allow_deletes,
                                           const std::vector<std::string>& take, Time created);
[[nodiscard]] Result<SavedPlan> parse_plan(const std::string& text, const std::string& file);
[[nodiscard]] Result<SavedPlan> load_plan(const std::string& file);
/// Fault::refused when it is of another group or the state has changed since.
[[nodiscard]] Result<void> check_plan(const SavedPlan& plan, const std::string& group,
                                      std::int64_t generation);

}  // namespace twinlake::app
