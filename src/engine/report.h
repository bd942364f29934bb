#pragma once
// A run summed up, for people and for machines. Pure.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/shared_text.h"
#include "engine/audit_hints.h"
#include "engine/executor.h"
#include "engine/plan.h"
#include "engine/sweep.h"
#include "history/points.h"

namespace twinlake::engine {

/// Both sides as read, with the plan made from it.
struct Reading {
  World world;
  Plan plan;
  KnownState known;
  ReadErrors errors;
  std::vector<std::size_t> late;  ///< positions of pairs that are read and decided while the plan is applied
  std::vector<std::string> doubtful;  ///< uuids: see doubtful_after_recreation
  SweepMemory swept;
  std::vector<std::size_t> in_turn;  ///< positions of pairs whose own read had its turn although they do not come late
  std::vector<std::size_t> equal;  ///< positions of late pairs that were read, and are equal now or once their step is done
  std::map<std::string, SweepAge> ages;  ///< by kind, of what is read in turns
  std::vector<AuditTold> audit;          ///< see SyncReport
  Time moment;  ///< when the reading of the primary began: what the standby will equal
};

struct ObjectReport {
  std::string address;
  std::string kind;
  std::string action;   ///< "create", ..., "none" when nothing could be planned
  std::string outcome;  ///< done | failed | blocked | in_doubt | skipped | conflict | kept
  SharedText error;
  SharedText what_to_do;
  bool asks = false;  ///< see Verdict
};

struct KindCounts {
  std::int64_t created = 0, updated = 0, deleted = 0, adopted = 0, unchanged = 0, failed = 0, blocked = 0, skipped = 0;
  std::int64_t turned = 0;  ///< triggers held or released
};

struct SyncReport {
  std::string outcome;  ///< complete | partial | failed
  std::optional<Time> replication_point;
  std::map<std::string, KindCounts> kinds;
  std::vector<ObjectReport> objects;  ///< each one that is not unchanged
  std::vector<model::Finding> findings;
  std::vector<ObjectReport> left_out;  ///< what is not replicated, and why; among the findings too
  std::map<std::string, SweepAge> ages;  ///< by kind, of what is read in turns
  std::vector<AuditTold> audit;  ///< what audit logs told of changes, of those sides where they are asked
  double seconds = 0;
  std::optional<history::Point> recovery_point;  ///< what it left; nothing where no history is kept
  std::optional<Error> history_trouble;          ///< why it left none
};

/// Sums up one pass.
[[nodiscard]] SyncReport make_report(const Reading& reading, const std::vector<StepResult>& results);
/// Later passes see what earlier ones did as unchanged; the report tells of the whole run. The first one
/// meets an empty report.
void merge_passes(SyncReport& whole, SyncReport pass);
/// Counts by kind as JSON text, kept with the run.
[[nodiscard]] std::string summary_text(const SyncReport& report);

/// Verdicts counted by state.
[[nodiscard]] std::map<std::string, std::int64_t> count_verdicts(const std::vector<Verdict>& verdicts);
/// What the state keeps of a run, for whoever asks afterwards.
[[nodiscard]] state::Reconciliation reconciliation_of(const SyncReport& report, Time moment, Time ended);
[[nodiscard]] state::Reconciliation reconciliation_of(const Plan& plan, Time moment, Time ended);
/// Is everything in sync? `unsupported` does not spoil it.
[[nodiscard]] bool all_in_sync(const std::vector<Verdict>& verdicts);

}  // namespace twinlake::engine
