#pragma once
// The triggers of one side, held or given back without a look at the other side: when a region is lost
// there is no other side.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/executor.h"
#include "engine/plan.h"
#include "model/starts.h"
#include "state/store.h"
#include "workspace/inventory.h"
#include "workspace/workspace.h"

namespace twinlake::failover {

/// Starts of one object that were due in a time in which nobody, or both sides, could start it.
struct Due {
  std::string address;
  model::DueStarts starts;
};

/// What is to be turned on one side, and why that is all.
struct TriggerPlan {
  engine::World world;  ///< the side stands in it as the secondary: as what is written
  std::vector<Due> due;  ///< since TriggerOptions::due_since; told once there is nothing left to turn
  engine::Plan plan;    ///< steps `hold` or `release`; verdicts of objects that could not be read
  std::vector<std::string> left;  ///< addresses of what TriggerOptions::without keeps held
};

struct TriggerOptions {
  std::string group;
  workspace::InScope in_scope;
  /// What the configuration replaces between this side and the one that the records speak of; may be empty.
  std::function<void(const model::Kind&, nlohmann::json&)> rewrite;
  model::LiteralRules literals;  ///< what must not be shown
  /// Holding: what was live is kept, so that it can be given back. Not when the standby's records count.
  bool keep_records = false;
  /// Objects that this failover has paused already, by uuid: what they were is known, and no longer to be read.
  std::set<std::string> held_before;
  /// Releasing: these objects and no others. Nothing: all that have records.
  std::optional<std::set<std::string>> only;
  std::optional<Time> due_since;  ///< nothing: nobody wants to know what was due
  /// Until when nobody started it, by address. What is not named: until now.
  std::map<std::string, Time> due_until;
  /// Releasing: of these, only what it takes, by canonical form. Empty: all.
  std::function<bool(const model::Kind& kind, const std::string& key, const nlohmann::json& definition)> takes;
  /// Releasing: addresses of what stays held, because somebody said so.
  std::set<std::string> without;
};

/// Holds what would start by itself, what would start soonest first. Machines that wait in a pool
/// are no danger, and stay.
[[nodiscard]] Task<Result<TriggerPlan>> plan_hold(workspace::Workspace& side, std::span<const model::Kind* const> kinds,
                                                  const state::Store& store, TriggerOptions options);

/// Gives each trigger exactly what the records say, what starts soonest first; what has no record
/// stays held and is told.
[[nodiscard]] Task<Result<TriggerPlan>> plan_release(workspace::Workspace& side,
                                                     std::span<const model::Kind* const> kinds,
                                                     const state::Store& store, TriggerOptions options);

/// What the side calls the objects that we know and that may start by themselves.
[[nodiscard]] std::set<std::string> ids_of_what_starts(const workspace::Workspace& side,
                                                       std::span<const model::Kind* const> kinds,
                                                       const state::Store& store);

}  // namespace twinlake::failover
