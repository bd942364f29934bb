#pragma once
// Two simulated regions, the real engine, state and kinds, one loop in virtual time: what most
// tests of behaviour are made of.
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/loop.h"
#include "engine/recorder.h"
#include "engine/restore.h"
#include "engine/session.h"
#include "failover/drill.h"
#include "failover/readiness.h"
#include "failover/turnover.h"
#include "http/throttle.h"
#include "http/transport.h"
#include "simulator/identity/account.h"
#include "simulator/region.h"
#include "simulator/transport.h"
#include "state/store.h"
#include "workspace/connection.h"
#include "workspace/given.h"
#include "workspace/workspace.h"

namespace twinlake::test {

/// The process is killed: nothing catches it, everything that waits is dropped where it stands.
struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

/// Counts what passes, and kills the process after a given number of exchanges.
class Wire : public http::Transport {
 public:
  Wire(http::Transport& inner) : inner_(inner) {}
  [[nodiscard]] Task<Result<http::Response>> send(http::Request request) override;

  struct Log {
    std::vector<std::string> writes;  ///< "POST /api/2.2/jobs/create" of everything that is not a read
    std::int64_t total = 0;
    std::map<std::string, std::int64_t> by_route;  ///< method and path, ids as {id}
  };
  Log log;
  /// Told before each exchange; may be empty.
  std::function<void()> on_exchange;
  /// Told of each write that succeeded; may be empty.
  std::function<void(const http::Request&)> on_write;
  /// Exchanges left to live, shared by both wires; unset: for ever.
  std::shared_ptr<std::optional<int>> life = std::make_shared<std::optional<int>>();

 private:
  http::Transport& inner_;
};

/// A connection of the program to a region over a wire that somebody else owns.
[[nodiscard]] Result<workspace::Connection> connect_wire(Loop& loop, Wire& wire, const simulator::Region& region, http::Effect allowed,
                                                         bool may_execute, bool oauth);

class Lab {
 public:
  struct Options {
    std::uint64_t seed = 1;
    bool limits = false;
    Millis latency{5};
    std::string state_folder;  ///< empty: in memory, lost with the lab
    std::shared_ptr<simulator::Account> account = nullptr;  ///< one account behind both: federation
    bool oauth = false;              ///< log in by OAuth machine-to-machine instead of a token
    std::int64_t token_seconds = 3600;
  };
  Lab();
  explicit Lab(Options options);
  ~Lab();

  /// A request to a region's own API as its admin; throws with the body on an answer that is no success.
  nlohmann::json primary(std::string_view method, std::string path, const nlohmann::json& body = nullptr);
  nlohmann::json secondary(std::string_view method, std::string path, const nlohmann::json& body = nullptr);
  /// The same to any region.
  nlohmann::json ask(simulator::Region& region, const std::string& token, std::string_view method, std::string path, const nlohmann::json& body);
  /// The same to the primary, as whoever has that token there.
  nlohmann::json as(const std::string& token, std::string_view method, std::string path, const nlohmann::json& body = nullptr);
  /// And to the secondary.
  nlohmann::json as_there(const std::string& token, std::string_view method, std::string path, const nlohmann::json& body = nullptr);

  [[nodiscard]] Result<engine::SyncReport> sync(engine::Session::SyncOptions options = {});
  [[nodiscard]] engine::Reading read(bool everything);
  /// Verdicts after reading everything again.
  [[nodiscard]] std::vector<engine::Verdict> reconcile();
  /// Addresses that are not in sync, with the reason, one per line; empty when all are.
  [[nodiscard]] std::string not_in_sync();

  /// Sync, killed after `exchanges`; true when it got to its end before that.
  bool sync_killed_after(int exchanges);
  /// The role moves in the state alone, without a failover. primary() and secondary() still ask home and away.
  void turn_roles();
  /// Moves the primary role away from whoever has it. A lost region is asked nothing.
  [[nodiscard]] Result<failover::TurnoverReport> fail_over(state::Failover::Type type);
  [[nodiscard]] Result<failover::TurnoverReport> pay();
  [[nodiscard]] Result<failover::TurnoverReport> abort_failover();
  /// Forced, to the side that an unfinished failover left.
  [[nodiscard]] Result<failover::TurnoverReport> turn_back();
  void commit();
  /// A drill on whoever is the standby; group and scope come from `rules`.
  [[nodiscard]] Result<failover::DrillReport> drill(const std::function<Task<Result<failover::DrillReport>>(failover::Drill&)>& how);
  failover::DrillOptions drill_options;
  /// What stands in the way of a failover; whether tables are known comes from `rules`.
  [[nodiscard]] std::vector<failover::Check> readiness();
  failover::SurroundingsOptions surroundings;
  /// The mirror of the state on the standby, as the end of a run of the program writes it.
  void write_mirror();
  /// Another machine begins with the mirror that lies on the standby.
  void take_mirror();
  /// Runs `work`, killed after so many exchanges of both sides; true when it came to its end before.
  bool killed_after(int exchanges, const std::function<void()>& work);
  /// Runs `work`, during which a region is lost before that exchange of both sides; true when it came to that. A login
  /// that fails because of it, where an operator would read an error, ends the work.
  bool lost_at(simulator::Region& region, int exchange, const std::function<void()>& work);
  /// The side that has the role now.
  [[nodiscard]] model::Side primary_side() const;
  simulator::Region& with_primary_role() { return primary_side() == model::Side::home ? *home_ : *away_; }
  simulator::Region& with_secondary_role() { return primary_side() == model::Side::home ? *away_ : *home_; }
  failover::TurnoverOptions turnover;  ///< group, scope and rewrites come from `rules`

  /// Each sync leaves a recovery point from now on, beside the state.
  void keep_history(engine::RecorderOptions options = {}, std::string key = {});
  [[nodiscard]] history::History& history() { return *history_; }
  /// Brings back what the options say to the side that they say, as `twinlake restore --yes` does.
  [[nodiscard]] Result<engine::SyncReport> restore(engine::RestoreOptions options);
  [[nodiscard]] engine::Reading plan_restore(engine::RestoreOptions options);

  /// Another process: the state is opened again, everything in memory is new.
  void restart();

  [[nodiscard]] const Options& options() const { return options_; }
  simulator::Region& home() { return *home_; }
  simulator::Region& away() { return *away_; }
  Loop& loop() { return *loop_; }
  state::Store& store() { return *store_; }
  engine::Rules rules;
  workspace::Given given;  ///< what the operator gave, for both sides
  Wire& primary_wire() { return *primary_wire_; }
  Wire& secondary_wire() { return *secondary_wire_; }
  void reset_logs();

 private:
  void start();
  void open_history();
  template <class Work>
  auto with_restore(engine::RestoreOptions options, const Work& work);
  [[nodiscard]] Result<failover::TurnoverReport> turn(
      const std::function<Task<Result<failover::TurnoverReport>>(failover::Turnover&, engine::Session&)>& how);

  Options options_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<simulator::Region> home_;
  std::unique_ptr<simulator::Region> away_;
  std::unique_ptr<state::Store> store_;
  std::optional<engine::RecorderOptions> recording_;
  std::string history_key_;
  std::unique_ptr<history::History> history_;
  std::unique_ptr<simulator::InProcessTransport> home_transport_;
  std::unique_ptr<simulator::InProcessTransport> away_transport_;
  std::unique_ptr<Wire> primary_wire_;
  std::unique_ptr<Wire> secondary_wire_;
  std::unique_ptr<events::Sink> sink_;
};

/// A rule that replaces values on their way, whichever way that is.
[[nodiscard]] inline model::Rewrite rewritten_by(std::function<void(const model::Kind&, nlohmann::json&)> rule) {
  return [rule = std::move(rule)](const model::Kind& kind, nlohmann::json& definition, model::Way, const model::Recall&) {
    rule(kind, definition);
    return model::Rewritten();
  };
}

/// The outcome of a sync and what was not done, for messages of tests.
[[nodiscard]] std::string told(const Result<engine::SyncReport>& report);
[[nodiscard]] std::string told(const Result<failover::TurnoverReport>& report);
[[nodiscard]] std::string told(const Result<failover::DrillReport>& report);

/// Triggers of a region that would fire, as "job name: place", from its own world.
[[nodiscard]] std::vector<std::string> live_triggers(simulator::Region& region);
/// Clusters, warehouses and pipelines of a region that are not stopped.
[[nodiscard]] std::vector<std::string> running_compute(simulator::Region& region);

}  // namespace twinlake::test
