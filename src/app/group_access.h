#pragma once
// A failover group ready for work: both workspaces, the state, and who has which role.
#include <cstdint>
#include <memory>
#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "app/settings.h"
#include "app/side_access.h"
#include "azure/managed_dr_coverage.h"
#include "engine/recorder.h"
#include "engine/session.h"
#include "failover/drill.h"
#include "failover/turnover.h"
#include "state/store.h"
#include "workspace/given.h"

namespace twinlake::engine {
class Restore;
struct RestoreOptions;
}  // namespace twinlake::engine

namespace twinlake::app {

enum class Purpose {
  read,   ///< neither side is written
  write,  ///< the secondary is; one run at a time
  turn,   ///< the primary role moves: the old primary is written where that needs it
  drill,  ///< copies on the secondary are tried; the primary is not asked, and nobody waits for it
  force,  ///< it moves without the old primary, which is not even asked who we are there
  back,   ///< the same: who just got the role is lost, and who had it takes it again
  restore,  ///< the secondary is written from what was kept, and the primary is not asked
  look,     ///< nothing is written, and the primary is not asked: it is lost
};

/// Is neither side written?
[[nodiscard]] bool only_reads(Purpose purpose);

/// In a command that moves the role, the primary is the side that it leaves or has left, from the
/// beginning of the failover to its end. In all others it is the side that has the role.
[[nodiscard]] std::optional<state::Identity> seen_for(Purpose purpose, const state::Store& store);

/// The side that is primary now. Refused when the profiles contradict what the group is.
[[nodiscard]] Result<model::Side> primary_side(const std::optional<state::Identity>& identity,
                                               const std::string& primary_workspace,
                                               const std::string& secondary_workspace);

/// A side that Databricks itself keeps.
struct ManagedSide {
  azure::ManagedGroup group;
  std::string host;
};

class GroupAccess {
 public:
  /// Connects, opens the state and brings it up to the mirror. With Purpose::write it holds the
  /// local lock from then on.
  static Result<std::unique_ptr<GroupAccess>> open(const Settings& settings, Purpose purpose);

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] http::CurlEngine& engine() { return engine_; }
  [[nodiscard]] SideAccess& primary() { return primary_; }
  [[nodiscard]] SideAccess& secondary() { return secondary_; }
  [[nodiscard]] state::Store& store() { return *store_; }
  /// Of the side that has the primary role in this command.
  [[nodiscard]] const std::string& primary_workspace_id() const {
    return primary_.self().workspace_id;
  }
  /// Of the mirror on the secondary as it was found; nothing when there was none.
  [[nodiscard]] std::optional<std::int64_t> mirrored() const { return mirrored_; }
  [[nodiscard]] bool asks_account() const { return !settings_.group.account.empty(); }
  /// Nothing: nobody governs, or nobody was asked, or it is not known.
  [[nodiscard]] const std::optional<ManagedSide>& managed() const { return managed_; }
  /// Only what that service leaves out is written, and no file of ours.
  [[nodiscard]] bool covers() const { return covers_; }
  [[nodiscard]] const std::optional<Error>& managed_unknown() const { return managed_unknown_; }
  [[nodiscard]] const std::set<std::string, std::less<>>& covered_kinds() const {
    return settings_.group.managed_dr.cover;
  }
  /// `options`: all but group, scope, rewrites and the role guard, which are filled in.
  [[nodiscard]] failover::Turnover turnover(events::Sink& sink, const engine::Rules& rules,
                                            failover::TurnoverOptions options);
  /// Pays what a forced failover owes: here the old primary has the secondary role already.
  [[nodiscard]] failover::Turnover debt(events::Sink& sink, const engine::Rules& rules);
  /// `options`: all but group and scope, which are filled in.
  [[nodiscard]] failover::Drill drill(events::Sink& sink, const engine::Rules& rules,
                                      failover::DrillOptions options);
  [[nodiscard]] engine::Session session(events::Sink& sink, engine::Rules rules);
  /// Lets each sync of the session leave a recovery point, where the configuration does not say
  /// otherwise. A history that cannot be opened is no reason not to sync.
  [[nodiscard]] Result<void> record(engine::Session& session, const engine::Rules& rules);
  [[nodiscard]] engine::Restore restore(events::Sink& sink, engine::Rules rules,
                                        history::History& history, engine::RestoreOptions options);
  /// Fixes for ever which workspace is home and which is away. At the first sync.
  void remember_identity();

 private:
  explicit GroupAccess(const Settings& settings);
  [[nodiscard]] Result<void> reach(Purpose purpose);
  /// Of profiles that name a resource of Azure instead of a host: what was told earlier, else Azure
  /// is asked, both sides at once. Who stays without one is told when it is needed.
  [[nodiscard]] Result<void> find_hosts();
  void keep_hosts(Purpose purpose);
  /// One that nobody tells: the group knows where its sides were. It is asked nothing before it
  /// returns.
  void take_host_of_lost_primary();
  /// Do the profiles stand the wrong way round for what this command calls primary and secondary?
  [[nodiscard]] Result<bool> are_swapped(Purpose purpose) const;
  [[nodiscard]] Result<model::Side> find_primary_side(Purpose purpose) const;
  /// What the service keeps of an object.
  [[nodiscard]] std::optional<Error> kept_by_managed(const model::Kind& kind,
                                                     const std::string& key) const;
  static Result<std::unique_ptr<GroupAccess>> resolve(const Settings& settings);
  /// Refuses where Databricks itself keeps a side that this purpose would write.
  [[nodiscard]] Result<void> check_managed(Purpose purpose);
  /// Refuses what is covered as long as that service and this group do not agree.
  [[nodiscard]] Result<void> check_cover() const;
  [[nodiscard]] Result<void> read_given();
  [[nodiscard]] std::string fingerprint_of_given() const;
  [[nodiscard]] Result<void> open_state(Purpose purpose);
  [[nodiscard]] Result<void> connect(Purpose purpose);
  [[nodiscard]] Result<void> read_mirror(Purpose purpose);
  [[nodiscard]] Result<void> look_at_primary_too(std::optional<nlohmann::json>* mirror);
  void warn_of_rights() const;
  /// The same with what the configuration says about limits.
  [[nodiscard]] SideAccess::May within_limits(SideAccess::May may);

  Settings settings_;
  workspace::Given given_;
  Loop loop_;
  http::CurlEngine engine_;
  SideAccess primary_;
  SideAccess secondary_;
  std::optional<state::LocalLock> lock_;
  std::unique_ptr<state::Store> store_;
  model::Side primary_side_ = model::Side::home;
  std::optional<std::int64_t> mirrored_;
  std::optional<ManagedSide> managed_;
  std::vector<azure::ManagedGroup> catalog_keepers_;  ///< of catalogs that either side sees
  bool covers_ = false;  ///< writes what that service leaves out, and nothing else
  std::optional<Error> managed_unknown_;
  bool warned_of_budget_ = false;
  std::unique_ptr<history::History> history_;
  std::optional<engine::Recorder> recorder_;
};

}  // namespace twinlake::app
