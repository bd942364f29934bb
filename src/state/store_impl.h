#pragma once
// What store.cpp, journal.cpp and mirror.cpp share. Inside src/state only.
#include <functional>
#include <stdexcept>

#include "state/database.h"
#include "state/statements.h"
#include "state/store.h"

namespace twinlake::state {

struct Store::Impl {
  Impl(std::unique_ptr<SQLite::Database> opened, std::string path_of_database)
      : database(std::move(opened)), path(std::move(path_of_database)) {}

  std::unique_ptr<SQLite::Database> database;
  std::string path;
  std::string folder;
  std::string group;
  std::string key;
  Statements sql{*database};

  /// Runs `work` with SQLite's exceptions turned into StateFailure.
  template <class Work>
  auto guarded(const Work& work) {
    try {
      return work();
    } catch (const SQLite::Exception& exception) {
      throw StateFailure(error_from(exception, path, database->getHandle()));
    }
  }
  /// The same, all or nothing.
  template <class Work>
  void in_transaction(const Work& work) {
    guarded([&] {
      SQLite::Transaction transaction(*database, SQLite::TransactionBehavior::IMMEDIATE);
      work();
      transaction.commit();
    });
  }

  // For use inside guarded() or in_transaction().
  /// As they come from the file, never all of them in memory.
  void for_each_binding(const std::function<void(Binding binding)>& take);
  void write(const Identity& identity);
  void write(const Binding& binding);
  void write(const HoldRecord& hold);
  void write(const OriginalRecord& original);
  /// Gives its id.
  std::int64_t write(const Failover& failover);
  [[nodiscard]] std::optional<Failover> read_last_failover();
  [[nodiscard]] static std::optional<Failover> read_failover(Use& row);
  /// Gives its id.
  std::int64_t write(const ActionRecord& action);
  [[nodiscard]] std::vector<ActionRecord> read_actions(ActionRecord::Subject subject,
                                                       std::int64_t id);
};

[[nodiscard]] inline std::int64_t to_number(Time time) { return time.time_since_epoch().count(); }
[[nodiscard]] inline Time to_time(std::int64_t micros) { return Time(Micros(micros)); }
[[nodiscard]] inline std::optional<std::int64_t> to_number(const std::optional<Time>& time) {
  return time ? std::optional(to_number(*time)) : std::nullopt;
}
[[nodiscard]] inline std::optional<Time> time_of(const std::optional<std::int64_t>& micros) {
  return micros ? std::optional(to_time(*micros)) : std::nullopt;
}

[[nodiscard]] std::string_view name_of(Origin origin);
[[nodiscard]] model::Side side_named(std::string_view name);

}  // namespace twinlake::state
