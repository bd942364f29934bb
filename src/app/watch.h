#pragma once
// `sync --watch` without the runs themselves: when the next one comes, when the watch has to end,
// and what is told of each. Pure: time comes in.
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/terminal.h"
#include "base/loop.h"
#include "base/result.h"
#include "engine/report.h"

namespace twinlake::app {

/// When runs come. The first one comes at once, each later one `every` after the beginning of the
/// one before it, or up to a tenth earlier: groups that were started together drift apart, and none
/// gets older than `every` promises.
class WatchTimes {
 public:
  /// `who`: differs between the watches of one workspace.
  WatchTimes(Micros every, std::string who) : every_(every), who_(std::move(who)) {}

  /// A run that took longer than `every` is followed after a pause, so that others come to the run
  /// lock in between; what was missed is not made up for.
  [[nodiscard]] Time next(Time began, Time ended);
  /// The last run left no time for the one that was due.
  [[nodiscard]] bool was_late() const { return was_late_; }

 private:
  Micros every_;
  std::string who_;
  std::uint64_t runs_ = 0;
  bool was_late_ = false;
};

struct WatchedRun {
  Time began{};
  Time ended{};
  std::optional<engine::SyncReport> report;  ///< nothing: it could not run
  std::optional<Error> error;                ///< why it could not
  std::vector<Error> troubles;               ///< beside the report
  std::optional<Time> point;  ///< what the standby equals now; nothing: no run was complete yet
};

/// Can no later run go better, because a person has to do something first? What passes by itself is
/// a line of the watch: a service that does not answer, a lock that somebody else holds, a full
/// disk.
[[nodiscard]] bool ends_watch(const Error& error);

/// One line, with its end. `rpo`: what the configuration aims at.
[[nodiscard]] std::string watch_line(const WatchedRun& run, std::optional<Micros> rpo,
                                     const Style& style);
/// The same for machines. Field names are part of the interface.
[[nodiscard]] nlohmann::json watch_json(const WatchedRun& run, std::optional<Micros> rpo);

}  // namespace twinlake::app
