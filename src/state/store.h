#pragma once
// What Twinlake knows of one failover group: one SQLite file, written object by object, so that a
// crash loses nothing. No secret ever enters it; content is kept only as keyed fingerprints.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/loop.h"
#include "base/result.h"
#include "model/side.h"
#include "state/drill.h"
#include "state/provision.h"
#include "state/reconciliation.h"
#include "state/swept.h"

namespace twinlake::state {

enum class Origin {
  created,  ///< by us: may be deleted when the primary's object goes
  adopted,  ///< was there before: never deleted
};

/// One object's names on both sides.
struct Binding {
  std::string uuid;
  std::string kind;
  std::string key;     ///< natural key when last seen, for `ids` and messages
  std::string parent;  ///< uuid of the parent, for child kinds; else empty
  std::optional<std::string> home_id;
  std::optional<std::string> away_id;
  /// What it is on each side. Nothing: it is not known; where it is put, what is on record stays.
  std::optional<Origin> home_origin = {};
  std::optional<Origin> away_origin = {};
  /// Made by us there, or as far as we know by somebody else.
  [[nodiscard]] Origin origin_on(model::Side side) const {
    return (side == model::Side::home ? home_origin : away_origin).value_or(Origin::adopted);
  }
  [[nodiscard]] std::optional<Origin>& origin_at(model::Side side) {
    return side == model::Side::home ? home_origin : away_origin;
  }
  [[nodiscard]] const std::optional<std::string>& on(model::Side side) const {
    return side == model::Side::home ? home_id : away_id;
  }
  [[nodiscard]] std::optional<std::string>& on(model::Side side) {
    return side == model::Side::home ? home_id : away_id;
  }
};

/// What was true of an object when both sides were last found or made equal.
struct Known {
  std::string home_indicator;  ///< change indicator of the listing; empty: unknown
  std::string away_indicator;
  std::string fingerprint;  ///< keyed hash of the standby form that both agreed on
};

/// What an object was when both sides were last found or made equal, as whoever compares wrote it
/// down (engine/three_way.h): in the words of each side, and without content.
struct Agreed {
  std::string uuid;
  std::string parent;  ///< uuid of the parent, for child kinds; else empty
  std::string home;
  std::string away;
  [[nodiscard]] const std::string& on(model::Side side) const {
    return side == model::Side::home ? home : away;
  }
};

struct HoldRecord {
  std::string uuid;
  std::string place;  ///< concrete pointer, or for arrays of triggers the content without its state
  std::string live;   ///< JSON text of the value on the primary
  Time seen;
};

/// What stood in a text before a one-way rewrite replaced it.
struct OriginalRecord {
  std::string uuid;
  std::string place;     ///< in the rewritten definition
  bool is_name = false;  ///< the name of a member of what lies there
  std::string after;     ///< the rewritten text; empty where it holds a secret
  std::string mark;      ///< the keyed hash of it where it does
  std::string pieces;    ///< JSON: [[position, length, what stood there], ...]
  bool operator==(const OriginalRecord&) const = default;
  auto operator<=>(const OriginalRecord&) const = default;
};

/// A write that was begun. Without an outcome it is in doubt: it may have been done or not.
struct Intent {
  std::int64_t id = 0;
  std::int64_t run = 0;
  std::string uuid;
  std::string kind;
  std::string key;
  model::Side side = model::Side::away;
  std::string action;     ///< "create", "update", "delete", "hold", ...
  std::string target_id;  ///< id on `side` when known
  Time started;
};

/// What running something on a side told (Kind::observe).
struct Observed {
  model::Side side = model::Side::home;
  std::string kind;
  Time taken;
  std::string items;  ///< JSON array, free of secrets
};

struct RunRecord {
  std::int64_t id = 0;
  std::string command;  ///< "sync", "reconcile"
  Time started;
  std::optional<Time> finished;
  std::string outcome;  ///< complete | partial | failed | "" while it runs or after a crash
  std::string summary;  ///< JSON text: counts by kind and action
};

/// The primary role on its way to the other side. A planned one holds the triggers of the old
/// primary before the role moves; after a forced one that is a debt, paid when the old primary
/// answers again.
struct Failover {
  enum class Type { planned, forced };
  enum class Fence {
    open,  ///< the old primary may still start things
    done,  ///< all its triggers are held
  };
  std::int64_t id = 0;  ///< 0: not kept yet
  Type type = Type::planned;
  model::Side to = model::Side::away;  ///< who becomes primary
  std::string phase;  ///< what is under way; the words are those of failover/turnover.h
  Fence fence = Fence::open;
  Time started;
  std::optional<Time> turned;     ///< when the role moved
  std::optional<Time> finished;   ///< everything was released; or it was given up
  std::optional<Time> committed;  ///< the operator said that it stays so
  /// Of the group when the role moved: what the new primary had. Nothing: nobody wrote it down.
  std::optional<Time> replication_point = {};
  std::string program = {};        ///< that began it, with its version; empty: not known
  std::string operator_name = {};  ///< as whom, on the new primary; empty: not known
};
[[nodiscard]] std::string_view name_of(Failover::Type type);    ///< "planned", "forced"
[[nodiscard]] std::string_view name_of(Failover::Fence fence);  ///< "open", "done"

/// Something that a failover or a drill did: a phase, an action of the recovery plan, or what
/// became of one object.
struct ActionRecord {
  enum class Subject { failover, drill };
  std::int64_t id = 0;  ///< 0: not kept yet
  Subject subject = Subject::failover;
  std::int64_t subject_id = 0;
  std::string type =
      {};  ///< "phase", "object", or the type of an action: "release", "command", ...
  std::string name = {};  ///< of the phase or action; of an object "hold" or "release"
  std::string place =
      {};  ///< group of the recovery plan, or address of the object; empty for a phase
  Time started = {};
  std::optional<Time> ended = {};
  std::string outcome = {};  ///< done | failed | ...; empty: begun, and its end is not known
  std::string detail = {};   ///< for people, without secrets; may be empty
};
[[nodiscard]] std::string_view name_of(ActionRecord::Subject subject);  ///< "failover", "drill"

/// Who the group is. Written at the first run, checked at every later one.
struct Identity {
  std::string group;
  std::string home_workspace_id;  ///< numeric workspace id, as text
  std::string away_workspace_id;
  model::Side primary = model::Side::home;
  std::string home_host;
  std::string away_host;
};

/// The state can no longer be written or read: disk full, device gone, file damaged. Thrown by all
/// of Store after open(): without its journal a run must end.
class StateFailure : public std::runtime_error {
 public:
  explicit StateFailure(Error error);
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
};

class Store {
 public:
  /// Opens or creates `<folder>/<group>.sqlite`. A folder that cannot be written, a full disk, a
  /// file of a newer version or a damaged one are errors with a remedy. `memory` as folder: nothing
  /// on disk.
  static Result<std::unique_ptr<Store>> open(const std::string& folder, const std::string& group);
  /// Is there a state of that group, so that opening it makes none?
  [[nodiscard]] static bool exists(const std::string& folder, const std::string& group);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] std::optional<Identity> identity() const;
  void set_identity(const Identity& identity);
  /// Grows with each change of bindings, holds or roles; a plan is bound to it.
  [[nodiscard]] std::int64_t generation() const;
  /// Grows with each run, on whatever machine: the lock of a later run has the larger number.
  [[nodiscard]] std::int64_t fencing() const;
  [[nodiscard]] std::optional<Time> replication_point() const;
  void set_replication_point(Time moment);
  /// Key of the fingerprints: 32 random bytes, hex, in `<folder>/<group>.key` (0600), never in the
  /// database or the mirror.
  [[nodiscard]] const std::string& fingerprint_key() const;
  [[nodiscard]] const std::string& folder() const;

  [[nodiscard]] std::vector<Binding> bindings() const;
  void put_binding(const Binding& binding);
  void remove_binding(const std::string& uuid);

  [[nodiscard]] std::map<std::string, Known> known() const;  ///< by uuid
  void put_known(const std::string& uuid, const Known& known);
  void forget_known(const std::string& uuid);

  [[nodiscard]] std::optional<Agreed> agreed(const std::string& uuid) const;
  /// All or none; equal ones write nothing.
  void put_agreed(std::span<const Agreed> agreed);

  [[nodiscard]] std::vector<HoldRecord> holds() const;
  /// Replaces all records of an object. Equal records keep their generation.
  void put_holds(const std::string& uuid, const std::vector<HoldRecord>& holds);

  [[nodiscard]] std::map<std::string, std::vector<OriginalRecord>> originals() const;  ///< by uuid
  /// Replaces all records of an object. Equal records keep their generation.
  void put_originals(const std::string& uuid, std::vector<OriginalRecord> originals);

  /// Before writes: their ids, in the same order. All are durable when it returns, or none is
  /// there. The disk is waited for once, however many there are.
  std::vector<std::int64_t> intend(std::span<const Intent> intents);
  std::int64_t intend(const Intent& intent) { return intend(std::span(&intent, 1)).front(); }
  /// After a write: the outcome and what it changes in the id map, in one transaction. `leaves`:
  /// the old place of what moved, so that nobody takes it for a stranger's before it is removed.
  void settle(std::int64_t intent, const std::string& outcome,
              const std::optional<Binding>& binding,
              const std::optional<Error>& error = std::nullopt, const Binding* leaves = nullptr);
  /// After a delete.
  void settle_removal(std::int64_t intent, const std::string& uuid, model::Side side);
  [[nodiscard]] std::vector<Intent> in_doubt() const;

  /// The newest one, whatever became of it.
  [[nodiscard]] std::optional<Failover> last_failover() const;
  [[nodiscard]] std::optional<Failover> failover(std::int64_t id) const;
  /// Keeps it; gives its id, which is new when it had none. `begun`: what it begins with, whose
  /// subject it becomes; all or none.
  std::int64_t put_failover(const Failover& failover, std::span<const ActionRecord> begun = {});
  /// The role moves: identity and failover in one transaction.
  void turn_role(const Failover& failover);
  /// Objects whose triggers are about to be turned in a failover, written down before that is done.
  void put_turned(std::int64_t failover, std::string_view action,
                  std::span<const std::string> uuids);
  [[nodiscard]] std::set<std::string> turned(std::int64_t failover, std::string_view action) const;

  /// The newest one, whatever became of it. Drills are no part of the mirror: they change nothing
  /// that is replicated, and make no plan stale.
  [[nodiscard]] std::optional<Drill> last_drill() const;
  /// Keeps it; gives its id, which is new when it had none.
  std::int64_t put_drill(const Drill& drill);
  [[nodiscard]] std::vector<DrillCopy> drill_copies(std::int64_t drill) const;
  void put_drill_copies(std::int64_t drill, std::span<const DrillCopy> copies);
  [[nodiscard]] std::vector<DrillRun> drill_runs(std::int64_t drill) const;
  void put_drill_run(std::int64_t drill, const DrillRun& run);
  /// Before things are done: their ids, in the same order. Durable when it returns; all or none.
  std::vector<std::int64_t> begin_actions(std::span<const ActionRecord> actions);
  std::int64_t begin_action(const ActionRecord& action) {
    return begin_actions(std::span(&action, 1)).front();
  }
  /// Afterwards, by id: end, outcome and detail. All or none.
  void finish_actions(std::span<const ActionRecord> actions);
  void finish_action(const ActionRecord& action) { finish_actions(std::span(&action, 1)); }
  /// In the order in which they were begun.
  [[nodiscard]] std::vector<ActionRecord> actions(ActionRecord::Subject subject,
                                                  std::int64_t id) const;

  /// What was done in Azure for a resource of the secondary. No part of the mirror: there is no
  /// workspace yet, and what is there Azure tells itself.
  [[nodiscard]] std::optional<ProvisionStep> provision_step(const std::string& target,
                                                            const std::string& name) const;
  void put_provision_step(const ProvisionStep& step);

  /// Where a workspace answers, as Azure told for its resource id. No part of the mirror: who has a
  /// profile without a host can ask Azure, and a failover should not have to.
  [[nodiscard]] std::optional<std::string> known_host(const std::string& resource_id) const;
  void put_known_host(const std::string& resource_id, const std::string& host);

  [[nodiscard]] std::vector<Observed> observations() const;
  void put_observation(const Observed& observed);

  /// By uuid, when objects were last read and found equal on both sides, if that was under these
  /// rules; under others nothing is known. No part of the mirror, and gone when the role moves.
  [[nodiscard]] std::map<std::string, Time> swept(const std::string& rules) const;
  /// All or none. What was found under other rules is forgotten.
  void put_swept(const std::string& rules, std::span<const Swept> swept);
  void forget_swept(std::span<const std::string> uuids);
  void forget_swept_before(const std::string& kind, Time moment);
  /// Whatever the rules, by kind.
  [[nodiscard]] std::vector<SweptKind> swept_kinds() const;

  [[nodiscard]] std::vector<AuditReading> audit_readings() const;
  /// Together with forgetting when those were read, so that a kill in between loses no change.
  void put_audit_reading(const AuditReading& reading, std::span<const std::string> changed);

  std::int64_t begin_run(const std::string& command, Time now);
  void finish_run(std::int64_t run, Time now, const std::string& outcome,
                  const std::string& summary);
  [[nodiscard]] std::vector<RunRecord> last_runs(int count) const;

  /// Verdicts of the last reconcile or sync, for `status`: state name -> count.
  void put_verdicts(const std::map<std::string, std::int64_t>& counts, Time when);
  [[nodiscard]] std::map<std::string, std::int64_t> verdicts() const;

  /// Keeps it, and forgets those that no failover and no drill needs any more. No part of the
  /// mirror: it is about what this machine has seen.
  void put_reconciliation(const Reconciliation& done);
  /// The last one that had ended by then.
  [[nodiscard]] std::optional<Reconciliation> reconciliation_before(Time moment) const;
  /// The first one that began to read then or later.
  [[nodiscard]] std::optional<Reconciliation> reconciliation_after(Time moment) const;

  /// Everything another machine needs to take over: identity, bindings, holds, originals,
  /// replication point, generation and `fencing`. Free of secrets and fingerprints. Stable text for
  /// equal state.
  [[nodiscard]] nlohmann::json to_mirror() const;
  /// The same as text, byte for byte, in pieces: of a hundred thousand objects the text takes 30 MB,
  /// and the document ten times that. What `take` throws comes out of here.
  void give_mirror_text(const std::function<void(std::string_view piece)>& take) const;
  /// Replaces bindings, holds, originals, identity. Malformed input changes nothing.
  Result<void> load_mirror(const nlohmann::json& mirror);

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  /// Its list of bindings, nearly all of it, is empty. Within a transaction.
  [[nodiscard]] nlohmann::json mirror_without_bindings() const;
  static Result<std::unique_ptr<Store>> open_once(const std::string& folder,
                                                  const std::string& group);
  std::unique_ptr<Impl> impl_;
};

/// Two runs of one group on one machine exclude each other (flock on `<folder>/<group>.lock`).
class LocalLock {
 public:
  /// Fault::refused with pid and start of the owner when somebody else holds it.
  static Result<LocalLock> take(const std::string& folder, const std::string& group);
  /// Who holds it now, as "process 4711, since ..."; nothing: nobody. Makes no file.
  [[nodiscard]] static std::optional<std::string> owner(const std::string& folder,
                                                        const std::string& group);
  LocalLock(LocalLock&& other) noexcept;
  LocalLock& operator=(LocalLock&&) = delete;
  ~LocalLock();

 private:
  explicit LocalLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace twinlake::state
