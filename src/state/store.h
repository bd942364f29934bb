#pragma once
// What Twinlake knows of one failover group: one SQLite file, written object by object, so that a
// crash loses nothing. No secret ever enters it; content is kept only as keyed fingerprints.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/loop.h"
#include "base/result.h"
#include "model/side.h"

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
  Origin origin = Origin::created;
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

struct HoldRecord {
  std::string uuid;
  std::string place;  ///< concrete pointer, or for arrays of triggers the content without its state
  std::string live;   ///< JSON text of the value on the primary
  Time seen;
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
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] std::optional<Identity> identity() const;
  void set_identity(const Identity& identity);
  /// Grows with each change of bindings, holds or roles; a plan is bound to it.
  [[nodiscard]] std::int64_t generation() const;
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

  [[nodiscard]] std::vector<HoldRecord> holds() const;
  /// Replaces all records of an object. Equal records keep their generation.
  void put_holds(const std::string& uuid, const std::vector<HoldRecord>& holds);

  /// Before writes: their ids, in the same order. All are durable when it returns, or none is there.
  /// The disk is waited for once, however many there are.
  std::vector<std::int64_t> intend(std::span<const Intent> intents);
  std::int64_t intend(const Intent& intent) { return intend(std::span(&intent, 1)).front(); }
  /// After a write: the outcome and what it changes in the id map, in one transaction.
  void settle(std::int64_t intent, const std::string& outcome,
              const std::optional<Binding>& binding,
              const std::optional<Error>& error = std::nullopt);
  /// After a delete.
  void settle_removal(std::int64_t intent, const std::string& uuid, model::Side side);
  [[nodiscard]] std::vector<Intent> in_doubt() const;

  [[nodiscard]] std::vector<Observed> observations() const;
  void put_observation(const Observed& observed);

  std::int64_t begin_run(const std::string& command, Time now);
  void finish_run(std::int64_t run, Time now, const std::string& outcome,
                  const std::string& summary);
  [[nodiscard]] std::vector<RunRecord> last_runs(int count) const;

  /// Verdicts of the last reconcile or sync, for `status`: state name -> count.
  void put_verdicts(const std::map<std::string, std::int64_t>& counts, Time when);
  [[nodiscard]] std::map<std::string, std::int64_t> verdicts() const;

  /// Everything another machine needs to take over: identity, bindings, holds, replication point,
  /// generation and `fencing`. Free of secrets, fingerprints and content. Stable text for equal
  /// state.
  [[nodiscard]] nlohmann::json to_mirror() const;
  /// Replaces bindings, holds, identity. Malformed input changes nothing.
  Result<void> load_mirror(const nlohmann::json& mirror);

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  static Result<std::unique_ptr<Store>> open_once(const std::string& folder, const std::string& group);
  std::unique_ptr<Impl> impl_;
};

/// Two runs of one group on one machine exclude each other (flock on `<folder>/<group>.lock`).
class LocalLock {
 public:
  /// Fault::refused with pid and start of the owner when somebody else holds it.
  static Result<LocalLock> take(const std::string& folder, const std::string& group);
  LocalLock(LocalLock&& other) noexcept;
  LocalLock& operator=(LocalLock&&) = delete;
  ~LocalLock();

 private:
  explicit LocalLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace twinlake::state
