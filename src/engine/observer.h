#pragma once
// What only running something on a side tells: kept in the state, looked at again when it is old, by
// Python on a helper machine that is gone when the run ends, or by SQL.
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
#include "workspace/sql_runner.h"
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
  /// Where SQL may run, in the same way.
  std::optional<workspace::WarehouseOptions> primary_sql;
  std::optional<workspace::WarehouseOptions> secondary_sql;
  Micros every = std::chrono::hours(24);
  /// By kind, where it is another one.
  std::map<std::string, Micros, std::less<>> every_of;
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
  /// Looks again where something was done: while the helper runs that costs nothing. Verbs in SQL have
  /// looked at what they changed themselves. Nothing of ours runs on the secondary afterwards that what
  /// is read back could show.
  [[nodiscard]] Task<void> look_at_changes();
  /// Ends the helpers and keeps what was seen. What could not be ended is told.
  [[nodiscard]] Task<void> finish();
  /// What a sync would run, for people who read the plan.
  [[nodiscard]] std::vector<model::Finding> announcements(const Plan& plan) const;

 private:
  using Kinds = std::vector<const model::Kind*>;
  struct Left {
    std::int64_t intent = 0;
    std::string id;  ///< of what runs, where it is known
  };
  struct Side {
    workspace::Workspace* workspace = nullptr;
    std::string_view role;
    const std::optional<workspace::HelperOptions>* options = nullptr;
    const std::optional<workspace::WarehouseOptions>* sql_options = nullptr;
    std::optional<workspace::HelperCluster> helper;
    std::optional<workspace::SqlRunner> sql;
    std::int64_t intent = 0;      ///< of the helper that may be running; 0: none
    std::int64_t sql_intent = 0;  ///< of what SQL has started
    std::vector<std::int64_t> left;  ///< of helpers of killed runs
    std::vector<Left> left_sql;      ///< what SQL of killed runs has started
    std::set<std::string, std::less<>> in_doubt;  ///< kinds of which a killed run may have changed something
  };

  void recall_on(Side& side, const model::Kind& kind);
  [[nodiscard]] bool may_run(const Side& side, const model::Kind& kind) const;
  [[nodiscard]] bool is_old(const Side& side, const model::Kind& kind) const;
  /// Those that are observed at once, each such group once.
  [[nodiscard]] std::vector<Kinds> groups() const;
  [[nodiscard]] Error never_seen(const Side& side, const model::Kind& kind) const;
  [[nodiscard]] Task<void> remove_leftovers(Side* side);
  [[nodiscard]] Task<void> refresh_side(Side* side);
  [[nodiscard]] Task<void> look(Side* side, Kinds kinds);
  void keep(Side& side, const model::Kind& kind);
  void take_error(Side& side, const Kinds& kinds, Error error);
  void allow_sql(Side& side, const std::vector<state::Intent>& open);
  [[nodiscard]] bool last_run_was_killed() const;
  void note_killed_run(Side& side, const std::vector<state::Intent>& open);
  [[nodiscard]] Task<void> finish_side(Side* side);
  [[nodiscard]] workspace::HelperJournal journal_of(Side& side);
  [[nodiscard]] workspace::WarehouseJournal sql_journal_of(Side& side);
  [[nodiscard]] state::Intent intent_of(const Side& side, std::string_view what) const;
  [[nodiscard]] Task<void> stop_sql(Side* side);
  [[nodiscard]] Task<void> stop_left_sql(Side* side);
  [[nodiscard]] model::Finding finding_of(const Side& side, const model::Kind& kind, const std::string& why) const;
  void announce_looks(const Side& side, std::vector<model::Finding>& into) const;
  void announce_steps(const Plan& plan, std::vector<model::Finding>& into) const;
  void add_declared(const model::Kind& kind);

  state::Store& store_;
  events::Sink& sink_;
  ObserveRules rules_;
  std::string owner_;  ///< what tells our helpers from those of other groups and pairs
  std::int64_t run_ = 0;
  Side primary_;
  Side secondary_;
  Kinds kinds_;  ///< that need it, of this run
  std::set<std::string, std::less<>> written_in_sql_;  ///< names of kinds, children too
};

}  // namespace twinlake::engine
