#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/ages_text.h"
#include "app/commands/commands.h"
#include "app/drill_text.h"
#include "app/failover_text.h"
#include "app/known_state.h"
#include "app/output.h"
#include "app/report_json.h"
#include "app/watch_mark.h"
#include "failover/recovery.h"
#include "failover/turnover.h"

namespace twinlake::app {

namespace {

using model::Side;
using nlohmann::json;

constexpr int runs_shown = 5;

struct Status {
  std::optional<state::Identity> identity;
  std::optional<Time> point;
  Time now;
  std::int64_t generation = 0;
  std::map<std::string, std::int64_t> objects;  ///< bound on both sides, by kind
  std::size_t holds = 0;
  std::size_t in_doubt = 0;
  std::map<std::string, std::int64_t> verdicts;
  std::vector<state::SweptKind> swept;
  std::vector<engine::AuditTold> audit;
  std::vector<state::RunRecord> runs;
  std::optional<state::Failover> failover;
  std::vector<state::ActionRecord> open_actions;  ///< of its recovery plan, while it is unfinished
  std::optional<state::Drill> drill;
  std::optional<WatchSeen> watch;
  [[nodiscard]] double lag() const { return std::chrono::duration<double>(now - *point).count(); }
  [[nodiscard]] std::string host(bool primary) const {
    return (identity->primary == Side::home) == primary ? identity->home_host : identity->away_host;
  }
};

Status read_status(const state::Store& store) {
  Status status;
  status.now = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
  status.identity = store.identity();
  status.point = store.replication_point();
  status.generation = store.generation();
  for (const state::Binding& binding : store.bindings())
    if (binding.home_id && binding.away_id) ++status.objects[binding.kind];
  status.holds = store.holds().size();
  status.in_doubt = store.in_doubt().size();
  status.verdicts = store.verdicts();
  status.swept = store.swept_kinds();
  status.runs = store.last_runs(runs_shown);
  status.failover = store.last_failover();
  if (failover::is_unfinished(status.failover))
    status.open_actions = failover::open_actions(store, status.failover->id);
  status.drill = store.last_drill();
  return status;
}

/// Of those sides where the configuration still asks.
std::vector<engine::AuditTold> read_audit(const state::Store& store, const GroupConfig& group) {
  std::vector<engine::AuditTold> told;
  const auto identity = store.identity();
  for (state::AuditReading& reading : store.audit_readings()) {
    const bool is_primary = identity && identity->primary == reading.side;
    if ((is_primary ? group.audit.primary : group.audit.secondary).has_value())
      told.push_back({is_primary ? "primary" : "secondary", std::move(reading)});
  }
  return told;
}

json run_json(const state::RunRecord& run) {
  json entry = json::object();
  entry["command"] = run.command;
  entry["started"] = to_rfc3339(run.started);
  entry["finished"] = moment_json(run.finished);
  entry["outcome"] = run.outcome.empty() ? json() : json(run.outcome);
  const json summary = json::parse(run.summary, nullptr, false);
  entry["summary"] = summary.is_discarded() ? json() : summary;
  return entry;
}

json status_json(const Status& status, const std::string& group) {
  json document = json::object();
  document["group"] = group;
  document["primary"] = status.identity ? json(status.host(true)) : json();
  document["secondary"] = status.identity ? json(status.host(false)) : json();
  document["replication_point"] = moment_json(status.point);
  document["lag_seconds"] = status.point ? json(status.lag()) : json();
  document["generation"] = status.generation;
  document["objects"] = status.objects;
  document["holds"] = status.holds;
  document["in_doubt"] = status.in_doubt;
  document["verdicts"] = status.verdicts;
  if (!status.audit.empty()) document["audit_log"] = audit_json(status.audit);
  document["read_in_turns"] = json::object();
  for (const state::SweptKind& kind : status.swept) {
    json& entry = document["read_in_turns"][kind.kind];
    entry["count"] = kind.count;
    entry["oldest"] = to_rfc3339(kind.oldest);
  }
  document["failover"] = status.failover ? failover_json(*status.failover) : json();
  document["open_actions"] = json::array();
  for (const state::ActionRecord& action : status.open_actions) {
    json entry = json::object();
    entry["action"] = action.name;
    entry["group"] = action.place;
    entry["type"] = action.type;
    entry["outcome"] = action.outcome.empty() ? json() : json(action.outcome);
    entry["detail"] = action.detail;
    document["open_actions"].push_back(std::move(entry));
  }
  document["watch"] = json();
  if (status.watch) {
    document["watch"] = json::object();
    document["watch"]["owner"] = status.watch->owner;
    document["watch"]["next_run"] = moment_json(status.watch->next);
  }
  document["drill"] = status.drill ? drill_json(*status.drill) : json();
  document["runs"] = json::array();
  for (const state::RunRecord& run : status.runs) document["runs"].push_back(run_json(run));
  return document;
}

/// What became of the last failover, and what has to be done next.
std::string failover_line(const state::Failover& failover) {
  std::string text = std::string(state::name_of(failover.type)) + ", begun " +
                     to_rfc3339(failover.started) + ", " + failover.phase;
  if (failover.turned && failover.fence == state::Failover::Fence::open)
    return text +
           "; the old primary may still start things: run `twinlake sync` as soon as it answers";
  if (!failover.finished) return text + "; run the same command again to go on";
  if (failover.turned && !failover.committed) return text + "; not committed";
  return text;
}

std::string line(std::string_view name, const std::string& value) {
  return fmt::format("  {:<20}{}\n", name, value);
}

std::string watch_text(const WatchSeen& watch, Time now) {
  const bool waits = watch.next && *watch.next > now;
  const double seconds = waits ? std::chrono::duration<double>(*watch.next - now).count() : 0;
  return watch.owner + (waits ? "; next run in " + duration_text(seconds) : "; a run is under way");
}

std::string run_text(const state::RunRecord& run) {
  if (run.outcome.empty() || !run.finished) return "under way, or broken off";
  return run.outcome + ", took " +
         duration_text(std::chrono::duration<double>(*run.finished - run.started).count());
}

std::string status_text(const Status& status, const std::string& group, const Style& style) {
  std::string text = style(Tone::bold, "Failover group " + group) + "\n";
  if (status.identity)
    text += line("primary", status.host(true)) + line("secondary", status.host(false));
  text += line("replication point",
               status.point ? to_rfc3339(*status.point) : "none yet, no sync was complete");
  if (status.point) text += line("replication lag", duration_text(status.lag()));
  std::int64_t objects = 0;
  std::string kinds;
  for (const auto& [kind, count] : status.objects) {
    objects += count;
    kinds += (kinds.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
  }
  text += line("objects", std::to_string(objects) + " on both sides");
  text += wrapped(kinds, 22, style.columns());
  text += line("held", std::to_string(status.holds) + " triggers, pins and idle machines");
  if (status.watch) text += line("watch", watch_text(*status.watch, status.now));
  for (const state::SweptKind& kind : status.swept)
    text += line("read in turns", age_line(kind, status.now));
  for (const auto& [role, reading] : status.audit)
    text += line("audit log", role + ": " + audit_line(reading, status.now));
  if (status.failover) text += line("last failover", failover_line(*status.failover));
  for (const state::ActionRecord& action : status.open_actions)
    text += line("  not done", printable(action.name + ": " +
                                         (action.outcome.empty() ? "begun" : action.outcome) +
                                         (action.detail.empty() ? "" : ", " + action.detail)));
  text += line("last drill", status.drill ? drill_line(*status.drill) : "none yet");
  if (status.in_doubt > 0)
    text += line("in doubt", style(Tone::warn, counted(static_cast<std::int64_t>(status.in_doubt),
                                                       "write", "writes") +
                                                   "; the next sync looks them up"));
  std::string verdicts;
  for (const auto& [state, count] : status.verdicts)
    verdicts += (verdicts.empty() ? "" : ", ") + std::to_string(count) + " " + state;
  if (!verdicts.empty()) text += line("at the last run", verdicts);
  if (status.runs.empty()) return text;
  Table table({{"last runs"}, {"command"}, {"outcome"}});
  for (const state::RunRecord& run : status.runs)
    table.add({to_rfc3339(run.started), run.command, run_text(run)});
  return text + "\n" + table.text(style, 2, 2);
}

Result<ExitCode> run_status(const Globals& globals) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  TRY(const auto store, open_existing_state(settings));
  Status status = read_status(*store);
  status.audit = read_audit(*store, settings.group);
  status.watch = watch_at_work(settings.state_folder, settings.group.name);
  if (settings.json) {
    print_json(status_json(status, settings.group.name));
  } else {
    print(status_text(status, settings.group.name, settings.out));
  }
  return ExitCode::good;
}

}  // namespace

Command status_command() {
  Command command;
  command.name = "status";
  command.about = "Show replication point, lag, counts and the last runs";
  command.details =
      "From the state on this machine alone: works when neither workspace can be reached.";
  command.examples = {"twinlake status", "twinlake --group analytics -o json status"};
  command.run = run_status;
  return command;
}

}  // namespace twinlake::app
