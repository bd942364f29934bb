#pragma once
// A side's warehouse for what only SQL tells or does: a few statements at a time, and stopped again
// where nothing may be left running.
#include <functional>
#include <optional>
#include <string>

#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"
#include "workspace/statements.h"

namespace twinlake::workspace {

struct WarehouseOptions {
  std::string warehouse;  ///< its name, or its id
  /// What becomes of one that our statements started. On a side where people work others may use it
  /// by then: there its own time-out stops it.
  enum class Afterwards { stop, leave };
  Afterwards afterwards = Afterwards::stop;
};

/// Told before a warehouse is started that will have to be stopped, and when that was done.
struct WarehouseJournal {
  std::function<void(const std::string& id)> starting;
  std::function<void()> stopped;
};

/// "the warehouse shared-sql", for people.
[[nodiscard]] std::string describe(const WarehouseOptions& options);
/// What using it costs, a sentence for people.
[[nodiscard]] std::string cost_of(const WarehouseOptions& options);

/// Stops a warehouse. One that is stopped, or gone, is as good.
[[nodiscard]] Task<Result<void>> stop_warehouse(Workspace& side, std::string id);

class SqlRunner {
 public:
  SqlRunner(Workspace& side, WarehouseOptions options, WarehouseJournal journal);

  /// See run_statement(). The first one looks for the warehouse; where there is none of that name,
  /// every call says so.
  [[nodiscard]] Task<Result<SqlRows>> run(Statement statement);
  /// Stops the warehouse if it was not running before. What comes later starts it again.
  [[nodiscard]] Task<Result<void>> close();
  /// Has one of our statements started it?
  [[nodiscard]] bool is_open() const { return !started_.empty(); }
  /// Ran something since it was closed last.
  [[nodiscard]] bool is_ready() const { return warehouse_ && warehouse_->has_value(); }

 private:
  [[nodiscard]] Task<Result<std::string>> ready();
  [[nodiscard]] Task<Result<std::string>> find();

  Workspace& side_;
  WarehouseOptions options_;
  WarehouseJournal journal_;
  Semaphore turn_;        ///< the first one looks for the warehouse, the others wait for it
  Semaphore statements_;  ///< a warehouse runs about ten at a time, and the rest would queue
  std::optional<Result<std::string>> warehouse_;
  std::string started_;  ///< the id of one that has to be stopped
};

}  // namespace twinlake::workspace
