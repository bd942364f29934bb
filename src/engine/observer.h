#pragma once
// What only running something on a side tells: kept in the state, looked at again when it is old, on a
// helper machine that is gone when the run ends.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/plan.h"
#include "events/events.h"
#include "model/kind.h"
#include "state/store.h"
#include "workspace/helper_cluster.h"
#include "workspace/workspace.h"

namespace twinlake::engine {

/// Intents of this kind are machines, not objects.
inline constexpr std::string_view helper_kind = "helper_machine";

/// What the configuration says about it.
struct ObserveRules {
  std::set<std::string, std::less<>> kinds;  ///< the other kinds that need it are left out entirely
  /// Where commands may run. The primary's is the operator's opt-in (rule 6 of the design).
  std::optional<workspace::HelperOptions> primary;
  std::optional<workspace::HelperOptions> secondary;
  Micros every = std::chrono::hours(24);
  /// What the primary has by word of the configuration, by kind: nothing has to run to know it.
  std::map<std::string, std::vector<nlohmann::json>, std::less<>> declared;
  /// Adds to an item of the primary what cannot be read there.
  std::function<void(const model::Kind&, nlohmann::json& item)> complete;
};

class Observer {
 public:
  Observer(workspace::Workspace& primary, workspace::Workspace& secondary, state::Store& store, events::Sink& sink,
           ObserveRules rules, std::string group);

  /// The kinds that this run deals with.
  [[nodiscard]] std::vector<const model::Kind*> relevant(std::span<const model::Kind* const> kinds) const;
  /// Gives both sides what was seen last.
  void recall(std::span<const model::Kind* const> kinds);
  /// From here on something may run; `run` is the journal's.
  void allow_running(std::int64_t run);
  /// Removes what a killed run left running, and looks again at what is old.
  [[nodiscard]] Task<void> refresh();
  /// Looks again where something was done: while the helper runs that costs nothing.
  [[nodiscard]] Task<void> look_at_changes();
  /// Ends the helpers and keeps what was seen. What could not be ended is told.
  [[nodiscard]] Task<void> finish();
  /// What a sync would run, for people who read the plan.
  [[nodiscard]] std::vector<model::Finding> announcements(const Plan& plan) const;

 private:
  struct Side {
    workspace::Workspace* workspace = nullptr;
    std::string_view role;
    const std::optional<workspace::HelperOptions>* options = nullptr;
    std::optional<workspace::HelperCluster> helper;
    std::int64_t intent = 0;  ///< of the helper that may be running; 0: none
    std::vector<std::int64_t> left;  ///< of helpers of killed runs
  };

  void recall_on(Side& side, const model::Kind& kind);
  [[nodiscard]] bool is_old(const Side& side, const model::Kind& kind) const;
  [[nodiscard]] Error never_seen(const Side& side) const;
  [[nodiscard]] Task<void> remove_leftovers(Side* side);
  [[nodiscard]] Task<void> refresh_side(Side* side);
  [[nodiscard]] Task<void> look(Side* side, const model::Kind* kind);
  [[nodiscard]] Task<void> finish_side(Side* side);
  [[nodiscard]] workspace::HelperJournal journal_of(Side& side);
  void add_declared(const model::Kind& kind);

  state::Store& store_;
  events::Sink& sink_;
  ObserveRules rules_;
  std::string owner_;  ///< what tells our helpers from those of other groups and pairs
  std::int64_t run_ = 0;
  Side primary_;
  Side secondary_;
  std::vector<const model::Kind*> kinds_;  ///< that need it, of this run
};

}  // namespace twinlake::engine
