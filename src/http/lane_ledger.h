#pragma once
// Where the records of lanes lie: in this process alone, or in a file that several processes share
// (ADR 0035).
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/loop.h"
#include "http/lane_control.h"
#include "http/limits.h"

namespace twinlake::http {

class LaneLedger {
 public:
  virtual ~LaneLedger() = default;
  /// Nobody else sees or changes that record meanwhile. Does not block. `look` must not throw.
  virtual void visit(std::size_t lane, const std::function<void(LaneRecord&)>& look) = 0;
  /// The moment by the clock of all who share it.
  [[nodiscard]] virtual Time shared(Time now) const = 0;
};

class OwnLedger final : public LaneLedger {
 public:
  explicit OwnLedger(std::size_t lanes) : records_(lanes) {}
  void visit(std::size_t lane, const std::function<void(LaneRecord&)>& look) override {
    look(records_[lane]);
  }
  [[nodiscard]] Time shared(Time now) const override { return now; }

 private:
  std::vector<LaneRecord> records_;
};

struct SharedLedgerOptions {
  std::string file;
  /// Told once, in a sentence, when the file cannot be used and this process goes on alone.
  std::function<void(const std::string& why)> on_trouble;
};

/// Records in `file`, which is made when it is missing. Whatever is wrong with it, requests go on:
/// with records of this process alone.
[[nodiscard]] std::unique_ptr<LaneLedger> make_shared_ledger(const Loop& loop,
                                                             std::span<const Lane> table,
                                                             SharedLedgerOptions options);

/// The name of the file for a workspace and a table: those who go by other lanes share nothing.
/// `workspace`: its id, or its host.
[[nodiscard]] std::string shared_ledger_name(const std::string& workspace,
                                             std::span<const Lane> table);

}  // namespace twinlake::http
